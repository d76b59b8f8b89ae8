/**
 * A circuit breaker for the targets of one route: one that failed is skipped for a cool-down, so that a visitor does
 * not wait for it again. It is known to this isolate only: the network runs many, each finds out for itself, and none
 * has to ask another before it answers.
 */

/** As the client's own fallback has it. */
const COOL_DOWN_MS = 30_000;

/** @typedef {import("./routes.js").Target} Target */

export class Circuits {
  /** @type {Map<Target, number>} */
  #openUntil = new Map();

  /**
   * Those to ask, in order; all of them where none is left. Each is judged when its turn comes, since after a
   * cool-down whoever asks first is the probe, for whose result the others wait.
   * @param {Target[]} targets
   */
  *admitted(targets) {
    let some = false;
    for (const target of targets) {
      const until = this.#openUntil.get(target);
      if (until !== undefined) {
        if (Date.now() < until) continue;
        this.failed(target);
      }
      some = true;
      yield target;
    }
    if (!some) yield* targets;
  }

  /** @param {Target} target */
  failed(target) {
    this.#openUntil.set(target, Date.now() + COOL_DOWN_MS);
  }

  /** @param {Target} target */
  answered(target) {
    this.#openUntil.delete(target);
  }
}
