// The lanes of a comparison, two to four: which deployment on which instance, by whose price the cost is told.

import { instanceTypes } from "/purerouter/index.js";

/**
 * @typedef {{ id: string, instance: string }} Lane
 */

const LEAST = 2;
const MOST = 4;

export class Lanes {
  /** @type {Lane[]} */
  lanes = [];
  /** @type {string[]} */
  #ids = [];
  #list;
  #add;
  #changed;

  /** @param {HTMLElement} list @param {HTMLButtonElement} add @param {() => void} changed */
  constructor(list, add, changed) {
    this.#list = list;
    this.#add = add;
    this.#changed = changed;
    add.addEventListener("click", () => {
      const id = this.#ids[this.lanes.length % this.#ids.length] ?? "";
      this.lanes.push({ id, instance: instanceTypes[this.lanes.length % instanceTypes.length].id });
      this.#draw();
      changed();
    });
  }

  /** @param {string[]} ids @param {Lane[]} [lanes] */
  offer(ids, lanes) {
    this.#ids = ids;
    const known = (lanes ?? this.lanes)
      .filter(({ id }) => ids.length === 0 || ids.includes(id))
      .filter(({ instance }) => instanceTypes.some(({ id }) => id === instance))
      .slice(0, MOST);
    this.lanes =
      known.length >= LEAST
        ? known
        : [0, 1, 2].slice(0, Math.max(LEAST, Math.min(3, ids.length))).map((n) => ({
            id: ids[n % ids.length] ?? "",
            instance: instanceTypes[n % instanceTypes.length].id,
          }));
    this.#draw();
  }

  #draw() {
    this.#list.replaceChildren(...this.lanes.map((lane, index) => this.#row(lane, index)));
    this.#add.disabled = this.lanes.length >= MOST;
  }

  /** @param {Lane} lane @param {number} index */
  #row(lane, index) {
    const row = document.createElement("li");
    const choose = (
      /** @type {string} */ label,
      /** @type {Option[]} */ options,
      /** @type {keyof Lane} */ field,
    ) => {
      const select = document.createElement("select");
      select.ariaLabel = label;
      select.append(...options);
      select.value = lane[field];
      select.addEventListener("change", () => {
        lane[field] = select.value;
        this.#changed();
      });
      return select;
    };
    const ids = this.#ids.map((id) => new Option(id, id));
    const instances = instanceTypes.map(
      ({ id, usdPerHour }) => new Option(`${id} $${usdPerHour.toFixed(2)}/h`, id),
    );
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon";
    remove.textContent = "×";
    remove.ariaLabel = `Remove lane ${index + 1}`;
    remove.disabled = this.lanes.length <= LEAST;
    remove.addEventListener("click", () => {
      this.lanes.splice(index, 1);
      this.#draw();
      this.#changed();
      this.#add.focus();
    });
    const label = `Deployment of lane ${index + 1}`;
    row.append(
      ids.length > 0 ? choose(label, ids, "id") : this.#typed(label, lane),
      choose(`Instance of lane ${index + 1}`, instances, "instance"),
      remove,
    );
    return row;
  }

  /** Where nobody says which ids there are. @param {string} label @param {Lane} lane */
  #typed(label, lane) {
    const input = document.createElement("input");
    input.ariaLabel = label;
    input.placeholder = "Deployment id";
    input.required = true;
    input.spellcheck = false;
    input.value = lane.id;
    input.addEventListener("input", () => {
      lane.id = input.value.trim();
      this.#changed();
    });
    return input;
  }
}

/** @typedef {HTMLOptionElement} Option */
