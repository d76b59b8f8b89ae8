// What the run took, as the client measured it. The time to first text is shown when it is known, by the page's own
// clock, and replaced by the client's figure at the end; a run that is stopped or fails keeps what it had.

const UNKNOWN = "–";

/**
 * @param {HTMLElement} element
 * @param {import("./run.js").State} state
 */
export function showMetrics(element, state) {
  /**
   * @param {string} metric
   * @param {string | null | undefined} value
   * @param {string} [unit]
   */
  const set = (metric, value, unit) => {
    const cell = /** @type {HTMLElement} */ (element.querySelector(`[data-metric="${metric}"]`));
    cell.textContent = value ?? UNKNOWN;
    cell.className = value == null ? "unknown" : /^\d/.test(value) ? "" : "word";
    // A long model id is cut short.
    cell.title = cell.className === "word" ? cell.textContent : "";
    if (value == null || !unit) return;
    const small = document.createElement("small");
    small.textContent = unit;
    cell.append(" ", small);
  };

  if (state.phase === "waiting") {
    for (const cell of element.querySelectorAll("dd")) set(cell.dataset.metric ?? "", null);
  } else if (state.phase === "streaming") {
    set("firstText", ...time(state.firstTextMs));
  } else if (state.phase === "finished") {
    const { timing, usage, finishReason, model } = state.completion;
    set("firstText", ...time(timing.firstTextMs));
    set("tokensPerSecond", timing.tokensPerSecond?.toFixed(1), "tok/s");
    set("total", ...time(timing.totalMs));
    set("tokens", usage?.completion_tokens?.toString(), `out, ${usage?.prompt_tokens ?? "?"} in`);
    set("finishReason", finishReason);
    set("model", model);
  }
}

/**
 * @param {number | null} ms
 * @returns {[value: string | null, unit: string]}
 */
function time(ms) {
  if (ms === null) return [null, ""];
  return ms < 1000 ? [ms.toFixed(0), "ms"] : [(ms / 1000).toFixed(2), "s"];
}
