// Waiting, in a way that ends at once when a request is cancelled. Everything the emulated service does with
// time goes through here, so a behaviour without any pace sets no timer at all and a cancelled request leaves
// none.

const LONGEST_TIMER_MS = 2 ** 31 - 1;

// Timers fire late. A schedule makes up for that, but only this much: beyond it the reader was slow, and a
// model held back by its reader does not speak faster afterwards.
const CATCH_UP_MS = 50;

/**
 * Resolves after `ms`, or rejects with the signal's reason as soon as that is aborted. `Infinity` waits for
 * the abort alone.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    let left = ms;
    const arm = () => {
      const next = Math.min(left, LONGEST_TIMER_MS);
      left -= next;
      timer = setTimeout(left > 0 ? arm : done, next);
      // An endless silence still needs a timer, since workerd ends a request that waits for nothing; but in
      // Node it must not keep the process alive.
      if (left === Infinity) /** @type {{ unref?(): void }} */ (/** @type {unknown} */ (timer)).unref?.();
    };
    const done = () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    };
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    arm();
  });
}

/**
 * The value of a promise, or a rejection with the signal's reason if that comes first. What is no promise is
 * returned as it is, so that text which is simply there costs nothing.
 *
 * @template T
 * @param {T | PromiseLike<T>} value
 * @param {AbortSignal} signal
 * @returns {T | Promise<T>}
 */
export function orAborted(value, signal) {
  if (!isThenable(value)) return value;
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    // Taken off again: a promise that raced with the signal itself would pile up one reaction for each delta.
    else signal.addEventListener("abort", aborted, { once: true });
    value.then(
      (result) => {
        signal.removeEventListener("abort", aborted);
        resolve(result);
      },
      (error) => {
        signal.removeEventListener("abort", aborted);
        reject(error);
      },
    );
  });
}

/** Spaces deltas out on a schedule, not by equal waits, so that late timers do not add up. */
export class Pace {
  #due = performance.now();
  #signal;

  /** @param {AbortSignal} [signal] */
  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * Waits until `ms` after the moment the previous call waited for.
   *
   * @param {number} ms
   */
  async next(ms) {
    const now = performance.now();
    this.#due = Math.max(this.#due + ms, now - CATCH_UP_MS);
    if (this.#due > now) await wait(this.#due - now, this.#signal);
  }
}

/**
 * @template T
 * @param {T | PromiseLike<T>} value
 * @returns {value is PromiseLike<T>}
 */
function isThenable(value) {
  return typeof (/** @type {any} */ (value)?.then) === "function";
}
