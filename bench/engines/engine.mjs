// What an engine is to the bench: something that runs trials, each one apart from the others, and counts CPU time.

/**
 * @typedef {import("../trial.mjs").Trial & { packageFolder: string }} EngineTrial
 * @typedef {{ runs: ((amount: number) => Promise<number>)[], stop: () => Promise<void> }} Running a run for each trial
 * @typedef {(trials: EngineTrial[]) => Promise<Running>} StartEngine
 * @typedef {{ name: string, version: () => Promise<string>, start: StartEngine }} Engine
 */

export const engineNames = ["node", "chromium", "workerd"];

/** @param {string} name @returns {Promise<Engine>} */
export const loadEngine = (name) => import(`./${name}.mjs`);
