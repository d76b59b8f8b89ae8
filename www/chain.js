// The chain of a fallback, put together by hand: rows that are dragged, or moved by their buttons or Alt with an arrow,
// taken out and put in again, each with the fault the service in this page is to show. It holds the order and draws it.

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

/** @param {unknown} fault @returns {fault is Fault} */
export const isFault = (fault) => faults.some(([value]) => value === fault);

export class Chain {
  /** @type {Link[]} */
  links = [];
  #list;
  #spare;
  #changed;
  #circuits;
  /** @type {string[]} every deployment there is */
  #ids = [];
  #dragged = -1;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} spare where those stand that are not in the chain
   * @param {import("./circuits.js").Circuits} circuits
   * @param {() => void} changed
   */
  constructor(list, spare, circuits, changed) {
    this.#list = list;
    this.#spare = spare;
    this.#circuits = circuits;
    this.#changed = changed;
  }

  /** @param {Link[]} links @param {string[]} [ids] those that could be in it */
  show(links, ids = this.#ids) {
    this.#ids = ids;
    // Copies: a row changes its link.
    this.links = links.map((link) => ({ ...link }));
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
    const spare = this.#ids.filter((id) => !this.links.some((link) => link.id === id));
    this.#spare.replaceChildren(...spare.map((id) => this.#adder(id)));
    this.#spare.hidden = spare.length === 0;
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
    id.textContent = id.title = link.id;
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
    const buttons = document.createElement("div");
    buttons.className = "movers";
    buttons.append(this.#mover(link, index, -1), this.#mover(link, index, 1), this.#remover(link, index));
    row.append(grip, name, select, buttons);
    row.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || step === undefined) return;
      event.preventDefault();
      this.#move(index, index + step);
      this.#focus(link.id);
    });
    this.#drag(row, link, index);
    return row;
  }

  /** @param {HTMLElement} row @param {Link} link @param {number} index */
  #drag(row, link, index) {
    const over = (/** @type {boolean} */ on) => {
      row.classList.toggle("above", on && this.#dragged > index);
      row.classList.toggle("below", on && this.#dragged < index);
    };
    row.addEventListener("dragstart", (event) => {
      this.#dragged = index;
      event.dataTransfer?.setData("text/plain", link.id);
      row.classList.add("dragged");
    });
    row.addEventListener("dragend", () => {
      this.#dragged = -1;
      row.classList.remove("dragged");
    });
    row.addEventListener("dragover", (event) => {
      if (this.#dragged < 0) return;
      event.preventDefault();
      if (this.#dragged !== index) over(true);
    });
    row.addEventListener("dragleave", () => over(false));
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (this.#dragged >= 0) this.#move(this.#dragged, index);
    });
  }

  /** @param {Link} link @param {number} index @param {-1 | 1} step */
  #mover(link, index, step) {
    const button = icon(step < 0 ? "↑" : "↓", `Move ${link.id} ${step < 0 ? "up" : "down"}`);
    button.disabled = step < 0 ? index === 0 : index === this.links.length - 1;
    button.addEventListener("click", () => {
      const label = button.ariaLabel ?? "";
      this.#move(index, index + step);
      const same = /** @type {HTMLButtonElement | null} */ (
        this.#list.querySelector(`button[aria-label="${CSS.escape(label)}"]`)
      );
      if (same && !same.disabled) same.focus();
      else this.#focus(link.id);
    });
    return button;
  }

  /** @param {Link} link @param {number} index */
  #remover(link, index) {
    const button = icon("×", `Take ${link.id} out`);
    button.disabled = this.links.length === 1;
    button.addEventListener("click", () => {
      this.links.splice(index, 1);
      this.#draw();
      this.#changed();
      this.#spare.querySelector("button")?.focus();
    });
    return button;
  }

  /** @param {string} id */
  #adder(id) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = `Add ${id}`;
    button.addEventListener("click", () => {
      this.links.push({ id, fault: "none" });
      this.#draw();
      this.#changed();
      this.#focus(id);
    });
    return button;
  }

  /** @param {string} id */
  #focus(id) {
    const index = this.links.findIndex((link) => link.id === id);
    /** @type {HTMLElement | null} */ (this.#list.children[index]?.querySelector("select"))?.focus();
  }
}

/** @param {string} text @param {string} label */
function icon(text, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon";
  button.textContent = text;
  button.ariaLabel = label;
  return button;
}
