// Where the lanes of a comparison write, side by side, each while it writes.

/** @typedef {import("./lanes.js").Lane} Lane */

export class Race {
  /** @type {HTMLElement[]} */
  #texts = [];
  #place;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /** @param {Lane[]} lanes @param {boolean} running */
  show(lanes, running) {
    this.#place.dataset.lanes = String(lanes.length);
    this.#texts = [];
    this.#place.replaceChildren(
      ...lanes.map(({ id, instance }, index) => {
        const lane = document.createElement("section");
        lane.className = "lane";
        const title = document.createElement("h3");
        title.className = `lane-${index + 1}`;
        title.textContent = id;
        const small = document.createElement("small");
        small.textContent = instance;
        title.append(small);
        const text = document.createElement("div");
        text.className = "lane-text";
        text.tabIndex = 0;
        text.role = "group";
        text.ariaLabel = `Answer of ${id} on ${instance}`;
        text.ariaBusy = String(running);
        this.#texts.push(text);
        lane.append(title, text);
        return lane;
      }),
    );
  }

  /** @param {number} index @param {string} text */
  write(index, text) {
    const element = this.#texts[index];
    element.append(text);
    element.scrollTop = element.scrollHeight;
  }

  /** @param {number} index @param {unknown} error */
  end(index, error) {
    const element = this.#texts[index];
    element.ariaBusy = "false";
    if (!error) return;
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.textContent = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    element.append(problem);
  }
}
