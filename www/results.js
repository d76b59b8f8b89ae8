// What came of a comparison: a table whose cells are the chart too, with the slowest and the dearest marked, and the same
// as JSON or CSV.

import { estimateCost } from "/purerouter/index.js";

/**
 * @typedef {import("./lanes.js").Lane} Lane
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

/** @type {[keyof Result & ("firstTextMs" | "tokensPerSecond" | "totalMs" | "costUsd"), string][]} */
const measures = [
  ["firstTextMs", "First text"],
  ["tokensPerSecond", "Tokens/s"],
  ["totalMs", "Total"],
  ["costUsd", "Cost"],
];

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
    name.append(result.target, document.createElement("br"));
    const small = document.createElement("small");
    small.textContent = result.error ?? result.instance;
    name.append(small);
    row.className = `lane-${index + 1}`;
    if (index === worst.totalMs) name.append(mark("slowest"));
    if (index === worst.costUsd) name.append(mark("dearest"));
    row.append(name);
    for (const [key] of measures) row.append(figure(result[key], key, results));
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
 */
function figure(value, key, results) {
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
  bar.className = "bar";
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
