// What the run is doing, in one short line that a screen reader is told of: a few sentences a run, never one a delta.

/**
 * @param {HTMLElement} element
 * @param {import("./run.js").State} state
 */
export function showStatus(element, state) {
  element.textContent = sentence(state);
}

/** @param {import("./run.js").State} state */
function sentence(state) {
  switch (state.phase) {
    case "idle":
      return "";
    case "waiting":
      return state.failed ? retrying(state.failed) : "Waiting for the first text";
    case "streaming":
      return "Writing";
    case "stopped":
      return "Stopped";
    case "failed":
      return "Failed";
    case "finished":
      return finished(state.completion);
  }
}

/** @param {import("./run.js").Attempt} attempt */
function retrying({ status, retryInMs }) {
  const what = status === null ? "No response" : `Status ${status}`;
  return `${what}, trying again in ${((retryInMs ?? 0) / 1000).toFixed(1)} s`;
}

/** @param {import("./run.js").Completion} completion */
function finished({ attempts, finishReason }) {
  const how = finishReason === "length" ? "Finished at the token limit" : "Finished";
  return attempts.length > 1 ? `${how}, after ${attempts.length} attempts` : how;
}
