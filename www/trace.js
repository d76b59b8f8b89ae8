// What one call did and when, written down as it happens: requests sent, heads, texts, ends, waits. `onAttempt` tells of
// an attempt when it is over; a look at fetch tells of it when it begins. It draws nothing.

/**
 * @typedef {{
 *   target: string,
 *   startedMs: number,
 *   headersMs: number | null,
 *   firstTextMs: number | null,
 *   endMs: number | null,
 *   status: number | null,
 *   error: Error | null,
 *   retryInMs: number | null,
 *   text: number,
 *   join: string,
 * }} Step one attempt; all times from the start of the call
 */

export class Trace {
  #start = performance.now();
  #join;
  /** @type {Step[]} */
  steps = [];
  /** @type {{ ms: number, deltas: number }[]} */
  texts = [];
  /** @type {number | null} */
  endMs = null;

  /** @param {string} [join] what a target does that is asked after another one wrote */
  constructor(join = "goes on") {
    this.#join = join;
  }

  get now() {
    return this.endMs ?? performance.now() - this.#start;
  }

  /**
   * @param {typeof fetch} fetch
   * @returns {typeof fetch}
   */
  watch(fetch) {
    return async (input, init) => {
      const step = this.#begin(targetOf(input));
      const response = await fetch(input, init);
      step.headersMs = this.now;
      step.status = response.status;
      return response;
    };
  }

  /** @param {string} target */
  #begin(target) {
    /** @type {Step} */
    const step = {
      target,
      startedMs: this.now,
      headersMs: null,
      firstTextMs: null,
      endMs: null,
      status: null,
      error: null,
      retryInMs: null,
      text: 0,
      join: this.#join,
    };
    this.steps.push(step);
    return step;
  }

  /** A delta arrived; it is of the attempt that was begun last. */
  text() {
    const step = this.steps.at(-1);
    this.texts.push({ ms: this.now, deltas: this.texts.length + 1 });
    if (!step) return;
    step.firstTextMs ??= this.now;
    step.text++;
  }

  /** @param {import("/purerouter/index.js").Attempt} attempt */
  ended({ target, status, error, retryInMs }) {
    const step = this.steps.find(
      (step) => step.endMs === null && (step.target === target || step.target === "router"),
    );
    if (!step) return;
    Object.assign(step, { status, error, retryInMs, endMs: this.now });
  }

  end() {
    this.endMs ??= this.now;
    for (const step of this.steps) step.endMs ??= this.endMs;
  }
}

/** @param {RequestInfo | URL} input @returns {string} the label that attempts carry */
function targetOf(input) {
  const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
  const id = /\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname)?.[1];
  return id === undefined ? "router" : decodeURIComponent(id);
}
