// One subject on one kind of stream, in a process, page or isolate of its own: what a subject does to the engine's
// optimizer and heap must not be another's burden or gain.
//
// It runs inside the engine that is measured, so it uses what all of them have. The clock is outside.

import { fromMemory, overHttp } from "./bodies.mjs";
import { call } from "./calls.mjs";
import { makeCycle, makeSizedCycle, tailData } from "./data.mjs";
import { subjects } from "./subjects.mjs";

/**
 * What is tried. `events` are those of a cycle; `eventBytes` gives them that size. An amount is a number of cycles in
 * one stream, or, where `cycles` says how many those are, of streams. Without `data` it is a number of calls.
 *
 * @typedef {object} Trial
 * @property {string} subject
 * @property {string} [data]
 * @property {number} [events]
 * @property {number} [eventBytes]
 * @property {number} [chunkBytes] 0 for one event a chunk
 * @property {string} [url] of the server; without it the body comes out of memory
 * @property {number} [cycles]
 */

/** @param {Trial} trial */
export function start({ subject, data, events = 1, eventBytes, chunkBytes = 0, url, cycles: fixed }) {
  if (data === undefined) return { run: (/** @type {number} */ times) => call(subject, times), check() {} };

  const cycle = eventBytes
    ? makeSizedCycle(eventBytes, events, chunkBytes)
    : makeCycle(data, events, chunkBytes);
  const { reads, read } = subjects[subject];
  let cycles = 1;
  /** @type {string[]} */
  let results = [];

  return {
    /** @param {number} amount */
    async run(amount) {
      cycles = fixed ?? amount;
      const streams = fixed === undefined ? 1 : amount;
      const fetch = url ? overHttp(url, { data, events, chunkBytes }, cycles) : fromMemory(cycle, cycles);
      for (let i = 0; i < streams; i++) results.push(await read(fetch, { ...cycle, cycles }));
    },

    /** Throws unless every stream of the last run was read as it should be. Not measured. */
    check() {
      const expected = {
        text: () => cycle.text.repeat(cycles),
        data: () => cycle.datas.join("").repeat(cycles) + tailData,
        bytes: () => `${cycle.bytes * cycles + cycle.tail.length}`,
      }[reads]();
      for (const result of results) {
        if (result === expected) continue;
        let at = 0;
        while (result[at] === expected[at]) at++;
        const [is, should] = [result, expected].map((all) => JSON.stringify(all.slice(at, at + 40)));
        throw new Error(`${subject} is wrong from ${at} on: ${is} where ${should} belongs`);
      }
      results = [];
    },
  };
}
