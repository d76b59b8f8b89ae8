// What a run gives, as it is written by --json, and how a figure is found in it.

import { difference, median, ratio } from "./rounds.mjs";

/**
 * @typedef {import("./rounds.mjs").Measured} Measured
 * @typedef {{ engine: string, stream: import("./cases.mjs").Case, measured: Measured[] }} StreamResult
 *
 * @typedef {object} Results
 * @property {string} date
 * @property {boolean} quick
 * @property {{ cpu: string, cores: number, engines: Record<string, string> }} machine
 * @property {Record<string, string>} peers versions
 * @property {StreamResult[]} streams
 * @property {{ engine: string, measured: Measured[] }[]} calls
 * @property {Measured[]} [passOn]
 * @property {import("./growth.mjs").Growth} [growth]
 * @property {import("./memory.mjs").Memory[]} [memory]
 * @property {import("./startup.mjs").Startup} [startup]
 * @property {import("./size.mjs").Sizes} [sizes]
 */

/**
 * The figures of one comparison, by name; `undefined` where it was not part of the run.
 *
 * @param {Measured[] | undefined} measured
 */
export function figures(measured) {
  const of = (/** @type {string} */ name) => measured?.find((one) => one.name === name);
  /** @param {string} a @param {string} b @param {(a: Measured, b: Measured) => number} how */
  const both = (a, b, how) => {
    const [one, other] = [of(a), of(b)];
    return one && other && how(one, other);
  };
  return {
    names: measured?.map(({ name }) => name) ?? [],
    ns: (/** @type {string} */ name) => {
      const found = of(name);
      return found && median(found.samples);
    },
    /** How many times as much `a` takes as `b`. */
    ratio: (/** @type {string} */ a, /** @type {string} */ b) => both(a, b, ratio),
    difference: (/** @type {string} */ a, /** @type {string} */ b) => both(a, b, difference),
  };
}

/**
 * @param {Results} results
 * @param {string} engine
 * @param {Partial<import("./cases.mjs").Case>} stream
 */
export function streamFigures({ streams }, engine, { data = "ascii", chunkBytes = 0, http = false, answer }) {
  const found = streams.find(
    ({ engine: on, stream }) =>
      on === engine &&
      stream.data === data &&
      stream.chunkBytes === chunkBytes &&
      stream.http === http &&
      stream.answer === answer,
  );
  return figures(found?.measured);
}

/** @param {Results} results @param {string} engine */
export const callFigures = ({ calls }, engine) =>
  figures(calls.find(({ engine: on }) => on === engine)?.measured);
