// Prompts to begin with: those the service behind the page knows an answer to. Where it has none to offer (a model, the
// hosted service) there are none here.

// More of them would push Run below the fold of a small screen.
const SHOWN = 4;

/**
 * @param {HTMLElement} place
 * @param {string[]} prompts
 * @param {(prompt: string) => void} choose
 */
export function suggest(place, prompts, choose) {
  const items = prompts.slice(0, SHOWN).map((prompt) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.title = prompt;
    button.textContent = prompt;
    button.addEventListener("click", () => choose(prompt));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  place.replaceChildren(...items);
  place.hidden = prompts.length === 0;
}
