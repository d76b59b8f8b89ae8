// Why a run failed: the error's name and message, which say what happened and what to do, and the facts one needs to
// report it. The text that had arrived stays in the output.

/**
 * @param {HTMLElement} element
 * @param {import("./run.js").State} state
 */
export function showFailure(element, state) {
  element.hidden = state.phase !== "failed";
  element.replaceChildren();
  if (state.phase !== "failed") return;
  const error = state.error instanceof Error ? state.error : new Error(String(state.error));
  const name = document.createElement("strong");
  name.textContent = error.name;
  element.append(name, error.message);
  const known = facts(error);
  if (known === "") return;
  const small = document.createElement("small");
  small.textContent = known;
  element.append(small);
}

/** @param {Error & { status?: number, requestId?: string | null, attempts?: unknown[] }} error */
function facts({ status, requestId, attempts }) {
  return [
    status && `status ${status}`,
    requestId && `request ${requestId}`,
    attempts && attempts.length > 1 && `${attempts.length} attempts`,
  ]
    .filter(Boolean)
    .join(" · ");
}
