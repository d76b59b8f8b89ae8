// Which streams are measured, and how long. The quick run looks at few of them and shortly: its figures are for
// whoever changes the code, not for publication.

import { dataKinds } from "./data.mjs";

export const KIB = 1024;

// What a short answer is: streams are measured long, so that nothing but their events counts, and once as short as
// many are, where the cost of a call as such weighs most.
const ANSWER = 100;

/** @typedef {{ data: string, chunkBytes: number, http: boolean, answer?: number }} Case */

/** @param {number} bytes */
export const chunkName = (bytes) => (bytes === 0 ? "1 event" : `${bytes / KIB} KiB`);

/** @param {Case} stream */
export const caseName = ({ data, chunkBytes, http, answer }) =>
  `${data}, ${chunkName(chunkBytes)}, ${http ? "http" : "memory"}${answer ? `, answers of ${answer} events` : ""}`;

/** @type {Case} */
const answer = { data: "ascii", chunkBytes: 0, http: false, answer: ANSWER };

/** @type {Case[]} */
const full = [
  ...dataKinds.flatMap((data) =>
    [0, 16 * KIB, 64 * KIB].map((chunkBytes) => ({ data, chunkBytes, http: false })),
  ),
  ...[0, 16 * KIB, 64 * KIB].map((chunkBytes) => ({ data: "ascii", chunkBytes, http: true })),
  ...["multi-byte", "varying"].map((data) => ({ data, chunkBytes: 16 * KIB, http: true })),
  answer,
];

/** @type {Case[]} */
const quick = [
  { data: "ascii", chunkBytes: 0, http: false },
  { data: "ascii", chunkBytes: 16 * KIB, http: false },
  { data: "varying", chunkBytes: 16 * KIB, http: false },
  answer,
];

/**
 * How it is measured. `events` are in a cycle, the shortest stream; a sample of a fast subject has many cycles.
 *
 * @typedef {{ events: number, rounds: number, warmMs: number, sampleMs: number, processes: number, growth: number }} Effort
 */

/** @type {Effort} */
const fullEffort = {
  events: 20_000,
  rounds: 11,
  warmMs: 1000,
  sampleMs: 80,
  processes: 21,
  growth: 1_000_000,
};
/** @type {Effort} */
const quickEffort = { events: 5000, rounds: 5, warmMs: 150, sampleMs: 20, processes: 7, growth: 100_000 };

/** @param {boolean} isQuick @returns {{ cases: Case[], effort: Effort }} */
export const plan = (isQuick) =>
  isQuick ? { cases: quick, effort: quickEffort } : { cases: full, effort: fullEffort };
