// One answer being generated: text in, deltas out, one at a time and only as fast as they are asked for. It
// knows nothing of the wire. After its last delta it can say why it ended and what was used.

import { orAborted, Pace } from "./pace.js";
import { promptText } from "./request.js";

/** @typedef {import("../testing.js").DeploymentBehaviour} DeploymentBehaviour */
/** @typedef {import("../testing.js").GenerationEnd} GenerationEnd */
/** @typedef {import("../testing.js").Usage} Usage */

// A word with the white space before it, as tokenizers have it; a run without spaces (an id, Chinese) comes
// in pieces. With the u flag the class matches whole code points, so no piece ends inside a surrogate pair.
const WORD = /\s*\S{1,24}|\s+$/gu;

/**
 * @param {string} text
 * @returns {string[]}
 */
export function splitDeltas(text) {
  return text.match(WORD) ?? [];
}

export class Generation {
  /** Deltas given out so far. */
  count = 0;
  /** @type {string | null} */
  finishReason = null;
  #behaviour;
  #request;
  #signal;
  /** @type {Usage | undefined} */
  #reportedUsage;

  /**
   * @param {DeploymentBehaviour} behaviour
   * @param {Record<string, unknown>} request
   * @param {AbortSignal} signal
   */
  constructor(behaviour, request, signal) {
    this.#behaviour = behaviour;
    this.#request = request;
    this.#signal = signal;
  }

  /** @returns {AsyncGenerator<string, void, void>} */
  async *[Symbol.asyncIterator]() {
    const { text = "", tokensPerSecond = Infinity } = this.#behaviour;
    const limit = /** @type {number | null | undefined} */ (this.#request["max_tokens"]) ?? Infinity;
    const pace = new Pace(this.#signal);
    const iterator = await this.#open(text);
    let open = true;
    try {
      for (;;) {
        const next = await orAborted(iterator.next(), this.#signal);
        if (next.done) {
          open = false;
          this.#end(next.value);
          return;
        }
        if (typeof next.value !== "string") {
          throw new TypeError(`"text" must give strings, not ${typeof next.value}`);
        }
        if (this.count >= limit) {
          this.finishReason = "length";
          return;
        }
        await pace.next(1000 / tokensPerSecond);
        this.count += 1;
        yield next.value;
      }
    } finally {
      if (open) close(iterator);
    }
  }

  /**
   * What the answer used: the behaviour's `usage`, else what the text's own end reported, else an estimate.
   * Null where the behaviour says that this deployment reports none.
   *
   * @returns {Usage | null}
   */
  get usage() {
    if (this.#behaviour.usage !== undefined) return this.#behaviour.usage;
    if (this.#reportedUsage) return this.#reportedUsage;
    const prompt = splitDeltas(promptText(this.#request)).length;
    return { prompt_tokens: prompt, completion_tokens: this.count, total_tokens: prompt + this.count };
  }

  /**
   * How long the text takes at the configured speed. Calculated, since a measured time would differ between
   * runs.
   */
  get durationMs() {
    const { tokensPerSecond = Infinity, stallHeaders = 0 } = this.#behaviour;
    return Math.round(
      Math.min(stallHeaders, Number.MAX_SAFE_INTEGER) + (this.count * 1000) / tokensPerSecond,
    );
  }

  /** @param {NonNullable<DeploymentBehaviour["text"]>} text */
  async #open(text) {
    const source =
      typeof text === "function"
        ? await orAborted(text(this.#request, { signal: this.#signal }), this.#signal)
        : text;
    if (typeof source === "string") return splitDeltas(source)[Symbol.iterator]();
    const iterable = /** @type {any} */ (source);
    const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
    if (!iterator)
      throw new TypeError(`"text" must give a string or an iterable of strings, not ${typeof source}`);
    return /** @type {AsyncIterator<string, unknown> | Iterator<string, unknown>} */ (iterator);
  }

  /** @param {unknown} end */
  #end(end) {
    const { finish_reason: finishReason, usage } = /** @type {GenerationEnd} */ (end ?? {});
    this.finishReason = finishReason ?? "stop";
    this.#reportedUsage = usage;
  }
}

/**
 * Tells a text's iterator that no more is wanted. Not awaited: a generator in the middle of a wait of its own
 * answers only after it, and a cancelled request must not hang on that.
 *
 * @param {AsyncIterator<string, unknown> | Iterator<string, unknown>} iterator
 */
function close(iterator) {
  (async () => iterator.return?.())().catch(() => {});
}
