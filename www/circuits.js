// The client's circuit breaker, mirrored for the eye: it shows no state of its own, but what opens and closes a circuit
// is told by `onAttempt`. A target that failed for good is skipped for 30 s; the call after that probes it.

const COOL_DOWN_MS = 30_000;

export class Circuits {
  /** @type {Map<string, number>} when each opened */
  #opened = new Map();

  /** @param {import("/purerouter/index.js").Attempt} attempt */
  saw({ target, error, retryInMs }) {
    if (error === null) this.#opened.delete(target);
    else if (retryInMs === null && error.name !== "AbortError") this.#opened.set(target, performance.now());
  }

  reset() {
    this.#opened.clear();
  }

  /** @param {string[]} chain @returns {string[]} whom a call passes by; where all are open, it tries them all the same */
  skips(chain) {
    const open = chain.filter((id) => this.of(id).state === "open");
    return open.length === chain.length ? [] : open;
  }

  /** @param {string} target @returns {{ state: "closed" | "open" | "half-open", seconds: number }} */
  of(target) {
    const opened = this.#opened.get(target);
    if (opened === undefined) return { state: "closed", seconds: 0 };
    const left = opened + COOL_DOWN_MS - performance.now();
    return left > 0 ? { state: "open", seconds: Math.ceil(left / 1000) } : { state: "half-open", seconds: 0 };
  }
}
