// What one call did and when, written down as it happens: requests sent, heads, texts, ends, waits. `onAttempt` tells of
// an attempt when it is over; a look at fetch tells of it when it begins. Where neither can be told apart (lanes side by
// side, of which two may ask one deployment), the attempts are taken from the answer at its end. It draws nothing.

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
 *   note: string | null,
 *   skipped: boolean,
 * }} Step one attempt; all times from the start of the call. `note` is said in the place of how it went
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
   * @param {string} [label] what is asked, where that is not to be the target's name
   * @returns {typeof fetch}
   */
  watch(fetch, label) {
    return async (input, init) => {
      const step = this.begin(label ?? targetOf(input));
      const response = await fetch(input, init);
      step.headersMs = this.now;
      step.status = response.status;
      return response;
    };
  }

  /** @param {string} target */
  begin(target) {
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
      note: null,
      skipped: false,
    };
    this.steps.push(step);
    return step;
  }

  /** A target that is not asked, since its circuit is open. @param {string} target */
  skip(target) {
    Object.assign(this.begin(target), { endMs: 0, note: "skipped, its circuit is open", skipped: true });
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

  /**
   * The attempts as the client counted them, in the place of what was seen from outside; the last is the one that wrote.
   *
   * @param {readonly import("/purerouter/index.js").Attempt[]} attempts
   * @param {import("/purerouter/index.js").Timing | null | undefined} timing
   */
  settle(attempts, timing) {
    const seen = this.steps.at(-1);
    this.end();
    if (attempts.length === 0 || !seen) return;
    this.steps = attempts.map(({ target, status, error, startedMs, durationMs, retryInMs }) => ({
      ...seen,
      target,
      startedMs,
      headersMs: null,
      firstTextMs: null,
      endMs: startedMs + durationMs,
      status,
      error,
      retryInMs,
      text: 0,
    }));
    Object.assign(this.steps[this.steps.length - 1], {
      headersMs: timing?.headersMs ?? null,
      firstTextMs: timing?.firstTextMs ?? seen.firstTextMs,
      text: seen.text,
    });
  }
}

/** @param {RequestInfo | URL} input @returns {string} the label that attempts carry */
function targetOf(input) {
  const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
  const id = /\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname)?.[1];
  return id === undefined ? "router" : decodeURIComponent(id);
}
