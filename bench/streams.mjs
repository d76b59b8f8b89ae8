// The main figures: reading streams, and making calls, in one engine.

import { EngineHung } from "./engines/engine.mjs";
import { measure } from "./rounds.mjs";

const TRIES = 3;

/** In the order of the tables. The names are those of `subjects.mjs`, which only the engines load. */
export const readers = [
  "reading only",
  "known texts",
  "known events",
  "known JSON",
  "minimal JS",
  "template in JS",
  "eventsource-parser",
  "openai",
  "AI SDK doStream",
  "textStream",
  "events .text",
  "events .data",
  "events .json",
];

/** @param {string} name */
const isOurs = (name) => /^(textStream$|events \.|invoke$)/.test(name);

export const callers = ["fetch + json()", "openai", "invoke"];

/**
 * @param {import("./engines/engine.mjs").Engine} engine
 * @param {string[]} names
 * @param {Omit<import("./trial.mjs").Trial, "subject">} what
 * @param {{ packageFolder: string, against?: string }} packages `against`: another build, measured in the same rounds
 * @param {number} items
 * @param {import("./cases.mjs").Effort} effort
 */
export async function compare(engine, names, what, { packageFolder, against }, items, effort) {
  const trials = names.map((subject) => ({ name: subject, trial: { ...what, subject, packageFolder } }));
  if (against) {
    for (const subject of names.filter(isOurs)) {
      trials.push({
        name: `${subject}, against`,
        trial: { ...what, subject, packageFolder: against },
      });
    }
  }
  for (let tries = 1; ; tries++) {
    const running = await engine.start(trials.map(({ trial }) => trial));
    try {
      const contestants = trials.map(({ name }, i) => ({ name, run: running.runs[i], items }));
      return await measure(contestants, effort);
    } catch (error) {
      if (!(error instanceof EngineHung) || tries === TRIES) throw error;
    } finally {
      await running.stop();
    }
  }
}
