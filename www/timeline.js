// A call drawn to scale: a row for each attempt (until its head, until its first text, while it writes), the waits
// between them, and below them the deltas over time. SVG with lengths in percent, so that it needs no measuring.

const TOP = 28;
const CURVE = 88;
const PADDING = 20;
/** About how wide a letter is: what a label needs is not worth a layout for each frame. */
const LETTER = 7;
const NS = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} */
const endings = {
  AbortError: "stopped",
  APIConnectionError: "unreachable",
  APITimeoutError: "timed out",
  StreamError: "connection lost",
  TruncatedStreamError: "broke off",
};

/**
 * Several calls share one scale, and each has a colour of its own.
 *
 * @param {HTMLElement} place
 * @param {import("./trace.js").Trace[]} traces
 * @param {{ row?: number, curves?: boolean }} [size] the height of a row, and whether the deltas are drawn below
 */
export function drawTimeline(place, traces, { row: rowHeight = 44, curves = true } = {}) {
  const now = Math.max(...traces.map((trace) => trace.now));
  const total = Math.max(now, 500) * 1.02;
  const x = (/** @type {number} */ ms) => `${((100 * Math.min(ms, total)) / total).toFixed(2)}%`;
  const width = place.clientWidth - 2 * PADDING;
  const count = traces.reduce((sum, { steps }) => sum + steps.length, 0);
  const bottom = TOP + count * rowHeight;
  const height = bottom + (curves ? CURVE : 0) + 2;
  const svg = element("svg", { class: "chart", width: "100%", height, role: "img" });
  svg.setAttribute("aria-label", traces.map(describe).join(" "));
  svg.append(...axis(total, x, height, width < 440 ? 3 : 6));
  let y = TOP;
  traces.forEach((trace, lane) => {
    const group = element("g", traces.length > 1 ? { class: `lane-${lane + 1}` } : {});
    trace.steps.forEach((step, index) => {
      group.append(...row(step, y, x, { now: trace.now, total, steps: trace.steps, index, width }));
      y += rowHeight;
    });
    svg.append(group);
  });
  if (curves) svg.append(...deltas(traces, bottom, total, x));
  place.replaceChildren(svg);
}

/** @param {number} total @param {(ms: number) => string} x @param {number} height @param {number} most */
function axis(total, x, height, most) {
  const step =
    [100, 200, 250, 500, 1000, 2000, 5000, 10000, 30000, 60000].find((s) => total / s <= most) ?? 120000;
  const parts = [];
  for (let ms = 0; ms < total * 0.94; ms += step) {
    parts.push(element("line", { class: "grid", x1: x(ms), x2: x(ms), y1: 22, y2: height }));
    const label = ms === 0 ? "0" : step < 1000 ? `${ms} ms` : `${ms / 1000} s`;
    parts.push(words(label, { class: "tick", x: x(ms), dx: ms === 0 ? 0 : 4, y: 14 }));
  }
  return parts;
}

/**
 * @param {import("./trace.js").Step} step
 * @param {number} y
 * @param {(ms: number) => string} x
 * @param {{ now: number, total: number, steps: import("./trace.js").Step[], index: number, width: number }} among
 */
function row(step, y, x, { now, total, steps, index, width }) {
  const end = step.endMs ?? now;
  const head = step.headersMs ?? end;
  const text = step.firstTextMs ?? end;
  const bar = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) => {
    const length = `calc(max(${x(Math.max(0, to - from))}, 1px))`;
    const rect = element("rect", { class: kind, x: x(from), y: y + 20, height: 14, rx: 3 });
    rect.style.width = length;
    return rect;
  };
  if (step.skipped) return [words(outcome(step, steps, index), { class: "label muted", x: 0, y: y + 27 })];
  const failed = step.error !== null || step.note !== null;
  const parts = [bar("sent", step.startedMs, head)];
  if (text > head) parts.push(bar("head", head, text));
  if (step.firstTextMs !== null) parts.push(bar("writing", text, end));
  if (failed) parts.push(bar("fault", Math.max(step.startedMs, end - 1), end + 1));
  // A label begins with its bar, or ends with it where there is no room, or begins with the plot.
  /** @param {string} label @returns {Record<string, string | number>} */
  const place = (label) => {
    const needed = label.length * LETTER;
    if ((step.startedMs / total) * width + needed <= width) return { x: x(step.startedMs) };
    return (end / total) * width >= needed ? { x: x(end), "text-anchor": "end" } : { x: 0 };
  };
  const next = steps[index + 1];
  if (step.retryInMs !== null) {
    const until = next?.startedMs ?? Math.min(now, end + step.retryInMs);
    parts.push(element("line", { class: "wait", x1: x(end), x2: x(until), y1: y + 27, y2: y + 27 }));
  }
  const label = outcome(step, steps, index);
  parts.push(words(label, { class: failed ? "label bad" : "label", y: y + 14, ...place(label) }));
  return parts;
}

/**
 * @param {import("./trace.js").Step} step
 * @param {import("./trace.js").Step[]} steps
 * @param {number} index
 */
function outcome({ target, status, error, endMs, retryInMs, text, join, note }, steps, index) {
  if (note !== null) return `${target} · ${note}`;
  const written = `${text} deltas`;
  if (error) {
    const what = status !== null && status >= 400 ? status : (endings[error.name] ?? error.name);
    const after = text > 0 ? ` after ${written}` : "";
    const again = retryInMs === null ? "" : `, again in ${Math.round(retryInMs)} ms`;
    return `${target} · ${what}${after}${again}`;
  }
  const joins = steps.slice(0, index).some((step) => step.text > 0) ? `${join} · ` : "";
  return `${target} · ${joins}${text > 0 ? written : endMs === null ? "waiting" : "ended"}`;
}

/**
 * How much each call had written by when: steep is fast, level is silence.
 *
 * @param {import("./trace.js").Trace[]} traces
 * @param {number} y
 * @param {number} total
 * @param {(ms: number) => string} x
 */
function deltas(traces, y, total, x) {
  const inner = element("svg", {
    x: 0,
    y: y + 26,
    width: "100%",
    height: CURVE - 26,
    viewBox: "0 0 1000 100",
    preserveAspectRatio: "none",
  });
  const most = Math.max(0, ...traces.map(({ texts }) => texts.length));
  traces.forEach(({ texts }, lane) => {
    if (texts.length === 0) return;
    const at = (/** @type {number} */ ms) => (1000 * ms) / total;
    const first = at(texts[0].ms);
    const points = texts.map(({ ms, deltas }) => `${at(ms)},${100 - (96 * deltas) / most}`).join(" L");
    const line = element("path", { class: "curve", d: `M${first},100 L${points}` });
    if (traces.length === 1) {
      const last = at(texts[texts.length - 1].ms);
      inner.append(element("path", { class: "area", d: `M${first},100 L${points} L${last},100 Z` }));
    } else line.classList.add(`lane-${lane + 1}`);
    inner.append(line);
  });
  const label =
    most === 0 || traces.length > 1 ? "Deltas of text over time" : `${most} deltas of text over time`;
  return [
    words(label, { class: "tick", x: 0, y: y + 18 }),
    inner,
    element("line", { class: "base", x1: 0, x2: "100%", y1: y + CURVE, y2: y + CURVE }),
  ];
}

/** @param {import("./trace.js").Trace} trace */
function describe({ steps, texts, now }) {
  const each = steps.map(
    (step, index) => `${outcome(step, steps, index)} (from ${Math.round(step.startedMs)} ms)`,
  );
  return `${each.join("; ")}. ${texts.length} deltas in ${Math.round(now)} ms.`;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
export function element(name, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(NS, name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {string} text @param {Record<string, string | number>} attributes */
function words(text, attributes) {
  const made = element("text", attributes);
  made.textContent = text;
  return made;
}
