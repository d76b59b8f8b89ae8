// The chain of a fallback, put together by hand: rows that are dragged, or moved by their buttons or Alt with an arrow,
// each with the fault the service in this page is to show. It holds the order and draws it.

/**
 * @typedef {import("./embedded.js").Fault} Fault
 * @typedef {{ id: string, fault: Fault }} Link
 */

/** @type {[Fault, string][]} */
const faults = [
  ["none", "Healthy"],
  ["503", "503 at once"],
  ["cut", "Cut midway"],
  ["stall", "Falls silent"],
];

export class Chain {
  /** @type {Link[]} */
  links = [];
  #list;
  #changed;
  #circuits;
  #dragged = -1;

  /**
   * @param {HTMLElement} list
   * @param {import("./circuits.js").Circuits} circuits
   * @param {() => void} changed
   */
  constructor(list, circuits, changed) {
    this.#list = list;
    this.#circuits = circuits;
    this.#changed = changed;
  }

  /** @param {Link[]} links */
  show(links) {
    this.links = links;
    this.#draw();
  }

  /** @returns {Record<string, Fault>} */
  get faults() {
    return Object.fromEntries(this.links.map(({ id, fault }) => [id, fault]));
  }

  /** The state of each circuit, which time changes too. */
  showCircuits() {
    for (const badge of /** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll(".circuit"))) {
      const { state, seconds } = this.#circuits.of(badge.dataset.id ?? "");
      badge.dataset.state = state;
      badge.textContent = state === "open" ? `circuit open, ${seconds} s` : `circuit ${state}`;
    }
  }

  /** @param {number} from @param {number} to */
  #move(from, to) {
    if (to < 0 || to >= this.links.length || from === to) return;
    this.links.splice(to, 0, ...this.links.splice(from, 1));
    this.#draw();
    this.#changed();
  }

  #draw() {
    this.#list.replaceChildren(...this.links.map((link, index) => this.#row(link, index)));
    this.showCircuits();
  }

  /** @param {Link} link @param {number} index */
  #row(link, index) {
    const row = document.createElement("li");
    row.draggable = true;
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.ariaHidden = "true";
    grip.textContent = String(index + 1);
    const name = document.createElement("div");
    name.className = "name";
    const id = document.createElement("code");
    id.textContent = link.id;
    const circuit = document.createElement("span");
    circuit.className = "circuit";
    circuit.dataset.id = link.id;
    name.append(id, circuit);
    const select = document.createElement("select");
    select.ariaLabel = `Fault of ${link.id}`;
    select.append(...faults.map(([value, label]) => new Option(label, value, false, value === link.fault)));
    select.addEventListener("change", () => {
      link.fault = /** @type {Fault} */ (select.value);
      this.#changed();
    });
    row.append(grip, name, select, this.#mover(link, index, -1), this.#mover(link, index, 1));
    row.addEventListener("dragstart", (event) => {
      this.#dragged = index;
      event.dataTransfer?.setData("text/plain", link.id);
      row.classList.add("dragged");
    });
    row.addEventListener("dragend", () => row.classList.remove("dragged"));
    row.addEventListener("dragover", (event) => {
      if (this.#dragged < 0) return;
      event.preventDefault();
    });
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      const from = this.#dragged;
      this.#dragged = -1;
      if (from >= 0) this.#move(from, index);
    });
    row.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || step === undefined) return;
      event.preventDefault();
      this.#move(index, index + step);
      this.#focus(link.id, "select");
    });
    return row;
  }

  /** @param {Link} link @param {number} index @param {-1 | 1} step */
  #mover(link, index, step) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon";
    button.textContent = step < 0 ? "↑" : "↓";
    button.ariaLabel = `Move ${link.id} ${step < 0 ? "up" : "down"}`;
    button.disabled = step < 0 ? index === 0 : index === this.links.length - 1;
    button.addEventListener("click", () => {
      const label = button.ariaLabel ?? "";
      this.#move(index, index + step);
      const same = /** @type {HTMLButtonElement | null} */ (
        this.#list.querySelector(`button[aria-label="${CSS.escape(label)}"]`)
      );
      if (same && !same.disabled) same.focus();
      else this.#focus(link.id, "select");
    });
    return button;
  }

  /** @param {string} id @param {string} what */
  #focus(id, what) {
    const index = this.links.findIndex((link) => link.id === id);
    /** @type {HTMLElement | null} */ (this.#list.children[index]?.querySelector(what))?.focus();
  }
}
