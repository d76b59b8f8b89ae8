// A conversation: what was said so far, a system message before it, and how a question becomes the request's messages. As a
// plain prompt there is none of it.

/** @typedef {import("./call.js").Message} Message */

export class Conversation {
  /** @type {Message[]} */
  #turns = [];
  #parts;
  on = false;

  /** @param {{ place: HTMLElement, system: HTMLInputElement, turns: HTMLElement, clear: HTMLElement, changed: () => void }} parts */
  constructor(parts) {
    this.#parts = parts;
    parts.clear.addEventListener("click", () => {
      this.clear();
      parts.changed();
    });
  }

  /** @param {boolean} on */
  show(on) {
    this.on = on;
    this.#parts.place.hidden = !on;
    this.clear();
  }

  clear() {
    this.#turns = [];
    this.#draw();
  }

  /** @param {string} question @returns {{ prompt: string } | { messages: Message[] }} */
  ask(question) {
    if (!this.on) return { prompt: question };
    const system = this.#parts.system.value.trim();
    const before = system ? [{ role: "system", content: system }] : [];
    return { messages: [...before, ...this.#turns, { role: "user", content: question }] };
  }

  /** @param {Message[]} asked @param {string} answer */
  answered(asked, answer) {
    this.#turns = [...asked.filter(({ role }) => role !== "system"), { role: "assistant", content: answer }];
    this.#draw();
  }

  #draw() {
    const { turns, clear } = this.#parts;
    turns.replaceChildren(
      ...this.#turns.map(({ role, content }) => {
        const item = document.createElement("li");
        item.dataset.role = role;
        item.textContent = content;
        return item;
      }),
    );
    clear.hidden = this.#turns.length === 0;
  }
}
