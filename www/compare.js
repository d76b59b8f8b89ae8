// Two to four lanes on one prompt, side by side: which deployment on which instance, what each writes while it writes,
// and afterwards the figures as a table and as bars, to be taken away as JSON or CSV.

import { estimateCost, instanceTypes } from "/purerouter/index.js";

/**
 * @typedef {{ id: string, instance: string }} Lane
 * @typedef {{
 *   target: string,
 *   instance: string,
 *   firstTextMs: number | null,
 *   tokensPerSecond: number | null,
 *   totalMs: number,
 *   tokens: number | null,
 *   costUsd: number | null,
 *   error: string | null,
 *   text: string,
 * }} Result
 */

const LEAST = 2;
const MOST = 4;

/** @type {[keyof Result & ("firstTextMs" | "tokensPerSecond" | "totalMs" | "costUsd"), string][]} */
const measures = [
  ["firstTextMs", "First text"],
  ["tokensPerSecond", "Tokens/s"],
  ["totalMs", "Total"],
  ["costUsd", "Cost"],
];

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

/** Where the lanes write. */
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
      ...lanes.map(({ id, instance }) => {
        const lane = document.createElement("section");
        lane.className = "lane";
        const title = document.createElement("h3");
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

/**
 * @param {import("/purerouter/index.js").Comparison[]} comparisons
 * @param {Lane[]} lanes
 * @returns {Result[]}
 */
export function resultsOf(comparisons, lanes) {
  return comparisons.map(({ target, completion, error, timing }, index) => ({
    target,
    instance: lanes[index].instance,
    firstTextMs: timing?.firstTextMs ?? null,
    tokensPerSecond: timing?.tokensPerSecond ?? null,
    totalMs: timing?.totalMs ?? 0,
    tokens: completion?.usage?.completion_tokens ?? null,
    costUsd: completion
      ? (completion.costUsd ??
        estimateCost({ instance: lanes[index].instance, durationMs: timing?.totalMs ?? 0 }))
      : null,
    error: error === undefined || error === null ? null : error instanceof Error ? error.name : String(error),
    text: completion?.text ?? "",
  }));
}

/** @param {HTMLElement} place @param {Result[]} results */
export function showResults(place, results) {
  const table = document.createElement("table");
  const caption = table.createCaption();
  caption.className = "unseen";
  caption.textContent = "Figures of each lane";
  const head = table.createTHead().insertRow();
  for (const name of ["Lane", ...measures.map(([, name]) => name)]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const worst = Object.fromEntries(measures.map(([key]) => [key, worstOf(results, key)]));
  const body = table.createTBody();
  results.forEach((result, index) => {
    const row = body.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = result.target;
    const small = document.createElement("small");
    small.textContent = result.error ?? result.instance;
    name.append(small);
    if (index === worst.totalMs) name.append(mark("slowest"));
    if (index === worst.costUsd) name.append(mark("dearest"));
    row.append(name);
    for (const [key] of measures) row.append(figure(result[key], key, results, worst[key] === index));
  });
  place.replaceChildren(table);
}

/** @param {string} text */
function mark(text) {
  const badge = document.createElement("span");
  badge.className = "mark";
  badge.textContent = text;
  return badge;
}

/**
 * A figure with its bar: the chart is in the table, so that nobody has to look from one to the other.
 *
 * @param {number | null} value
 * @param {keyof Result} key
 * @param {Result[]} results
 * @param {boolean} worst
 */
function figure(value, key, results, worst) {
  const cell = document.createElement("td");
  const number = document.createElement("span");
  number.textContent =
    value === null
      ? "–"
      : key === "tokensPerSecond"
        ? value.toFixed(1)
        : key === "costUsd"
          ? `$${value.toFixed(6)}`
          : value < 1000
            ? `${value.toFixed(0)} ms`
            : `${(value / 1000).toFixed(2)} s`;
  const bar = document.createElement("span");
  bar.className = worst ? "bar worst" : "bar";
  const most = Math.max(...results.map((result) => Number(result[key] ?? 0)));
  bar.style.width = value === null || most === 0 ? "0" : `${(100 * value) / most}%`;
  cell.append(number, bar);
  return cell;
}

/** @param {Result[]} results @param {"firstTextMs" | "tokensPerSecond" | "totalMs" | "costUsd"} key */
function worstOf(results, key) {
  let worst = -1;
  results.forEach((result, index) => {
    const value = result[key];
    const other = worst < 0 ? null : results[worst][key];
    if (value === null || result.error) return;
    if (other === null || (key === "tokensPerSecond" ? value < other : value > other)) worst = index;
  });
  return worst;
}

/** @param {Result[]} results */
export function csvOf(results) {
  const columns = /** @type {(keyof Result)[]} */ (Object.keys(results[0] ?? {}));
  const cell = (/** @type {unknown} */ value) => {
    const text = value === null ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return (
    [columns.join(","), ...results.map((result) => columns.map((c) => cell(result[c])).join(","))].join(
      "\r\n",
    ) + "\r\n"
  );
}

/** @param {string} name @param {string} type @param {string} text */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
