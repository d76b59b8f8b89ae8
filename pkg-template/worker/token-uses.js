/**
 * How often tokens were used, in windows that start with a token's first use. It is known to this isolate only, so it
 * is exact where one process serves all, and a lower bound where many do.
 */
import { Refusal } from "./refusal.js";

/** @typedef {{ max: number, seconds: number }} Uses */

/** A count must not become a way to fill the memory, so the oldest are forgotten. */
const MOST_COUNTED = 10_000;

/** @param {any} value */
export const isCount = (value) => Number.isSafeInteger(value) && value > 0;

/** @param {any} uses */
export const isUses = (uses) =>
  typeof uses === "object" && uses !== null && isCount(uses.max) && isCount(uses.seconds);

export class TokenUses {
  /** @type {Map<string, { used: number, until: number }>} */
  #windows = new Map();

  /** @param {{ id: string, uses?: Uses }} token @param {number} now in seconds */
  count({ id, uses }, now) {
    if (uses === undefined) return;
    let window = this.#windows.get(id);
    if (window === undefined || window.until <= now) {
      window = { used: 0, until: now + uses.seconds };
      this.#windows.delete(id);
      this.#windows.set(id, window);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > MOST_COUNTED && oldest !== undefined) this.#windows.delete(oldest);
    }
    if (++window.used <= uses.max) return;
    const wait = Math.ceil(window.until - now);
    const message = `This token is for ${uses.max} requests in ${uses.seconds} s: try again in ${wait} s.`;
    throw new Refusal(429, "token_used_up", message, { "retry-after": `${wait}` });
  }
}
