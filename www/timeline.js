// A call drawn to scale: a row for each attempt (until its head, until its first text, while it writes), the waits
// between them, and below them the deltas over time. SVG with lengths in percent, so that it needs no measuring.

const ROW = 44;
const TOP = 28;
const CURVE = 88;
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
 * @param {HTMLElement} place
 * @param {import("./trace.js").Trace} trace
 */
export function drawTimeline(place, trace) {
  const total = Math.max(trace.now, 500) * 1.02;
  const x = (/** @type {number} */ ms) => `${((100 * Math.min(ms, total)) / total).toFixed(2)}%`;
  const { steps, texts } = trace;
  const narrow = place.clientWidth < 480;
  const rows = steps.length * ROW;
  const height = TOP + rows + CURVE + 2;
  const svg = element("svg", { class: "chart", width: "100%", height, role: "img" });
  svg.setAttribute("aria-label", describe(trace));
  svg.append(...axis(total, x, height, narrow ? 3 : 6));
  steps.forEach((step, index) =>
    svg.append(...row(step, TOP + index * ROW, x, trace.now, steps, index, narrow)),
  );
  svg.append(...curve(texts, TOP + rows, total, x));
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
 * @param {number} now
 * @param {import("./trace.js").Step[]} steps
 * @param {number} index
 * @param {boolean} narrow
 */
function row(step, y, x, now, steps, index, narrow) {
  const end = step.endMs ?? now;
  const head = step.headersMs ?? end;
  const text = step.firstTextMs ?? end;
  const bar = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) => {
    const width = `calc(max(${x(Math.max(0, to - from))}, 1px))`;
    const rect = element("rect", { class: kind, x: x(from), y: y + 20, height: 14, rx: 3 });
    rect.style.width = width;
    return rect;
  };
  const failed = step.error !== null;
  const parts = [bar("sent", step.startedMs, head)];
  if (text > head) parts.push(bar("head", head, text));
  if (step.firstTextMs !== null) parts.push(bar("writing", text, end));
  if (failed) parts.push(bar("fault", Math.max(step.startedMs, end - 1), end + 1));
  const next = steps[index + 1];
  if (step.retryInMs !== null) {
    const until = next?.startedMs ?? Math.min(now, end + step.retryInMs);
    parts.push(element("line", { class: "wait", x1: x(end), x2: x(until), y1: y + 27, y2: y + 27 }));
  }
  // A label that begins late ends with its bar, or where a small screen has room for it.
  const late = step.startedMs / Math.max(now, 1) > (narrow ? 0.2 : 0.5);
  parts.push(
    words(outcome(step, steps, index), {
      class: failed ? "label bad" : "label",
      x: late ? x(Math.max(end, narrow ? now * 0.8 : 0)) : x(step.startedMs),
      y: y + 14,
      "text-anchor": late ? "end" : "start",
    }),
  );
  return parts;
}

/**
 * @param {import("./trace.js").Step} step
 * @param {import("./trace.js").Step[]} steps
 * @param {number} index
 */
function outcome({ target, status, error, endMs, retryInMs, text, join }, steps, index) {
  const before = steps.slice(0, index).some((step) => step.text > 0);
  const what = error
    ? `${status !== null && status >= 400 ? status : (endings[error.name] ?? error.name)}${text > 0 ? ` after ${text} deltas` : ""}${
        retryInMs === null ? "" : `, again in ${Math.round(retryInMs)} ms`
      }`
    : endMs === null
      ? text > 0
        ? `${text} deltas`
        : "waiting"
      : text > 0
        ? `${text} deltas`
        : "ended";
  return `${target} · ${before && !error ? `${join} · ` : ""}${what}`;
}

/**
 * @param {{ ms: number, deltas: number }[]} texts
 * @param {number} y
 * @param {number} total
 * @param {(ms: number) => string} x
 */
function curve(texts, y, total, x) {
  const inner = element("svg", {
    x: 0,
    y: y + 26,
    width: "100%",
    height: CURVE - 26,
    viewBox: "0 0 1000 100",
    preserveAspectRatio: "none",
  });
  const most = texts.at(-1)?.deltas ?? 1;
  const points = texts.map(({ ms, deltas }) => `${(1000 * ms) / total},${100 - (96 * deltas) / most}`);
  if (texts.length > 0) {
    const last = (1000 * texts[texts.length - 1].ms) / total;
    const first = (1000 * texts[0].ms) / total;
    inner.append(
      element("path", { class: "area", d: `M${first},100 L${points.join(" L")} L${last},100 Z` }),
      element("path", { class: "curve", d: `M${first},100 L${points.join(" L")}` }),
    );
  }
  const label = texts.length > 0 ? `${most} deltas of text over time` : "Deltas of text over time";
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
