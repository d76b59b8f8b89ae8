// What an engine is to the bench: something that runs trials, each one apart from the others, and counts CPU time.

/**
 * @typedef {import("../trial.mjs").Trial & { packageFolder: string }} EngineTrial
 * @typedef {{ runs: ((amount: number) => Promise<number>)[], stop: () => Promise<void> }} Running a run for each trial
 * @typedef {(trials: EngineTrial[]) => Promise<Running>} StartEngine
 * @typedef {{ name: string, version: () => Promise<string>, start: StartEngine }} Engine
 */

/** The engine no longer answers: what it was doing may succeed in a new one. */
export class EngineHung extends Error {}

/** @param {string} name @returns {Promise<Engine>} */
export const loadEngine = (name) => import(`./${name}.mjs`);
