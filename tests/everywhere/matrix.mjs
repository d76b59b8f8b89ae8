// Runs environments, two at a time: most of their time is one thread's.

import { tools, versionOf } from "./installs.mjs";
import { pack, project } from "./project.mjs";
import { TEXT, startService } from "./servers.mjs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * @typedef {import("./environments.mjs").Environment} Environment
 * @typedef {{ name: string, pages: boolean, version: string, problem: string, seconds: number }} Result
 */

/**
 * @param {Environment[]} chosen
 * @param {string} source the package's folder
 * @param {(result: Result) => void} tell as each one ends
 * @returns {Promise<Result[]>} in the order of `chosen`
 */
export async function matrix(chosen, source, tell) {
  const tarball = await pack(source);
  const service = await startService();
  /** @type {Result[]} */
  const results = [];
  const waiting = [...chosen.entries()];
  const lane = async () => {
    for (let next; (next = waiting.shift());) {
      const [index, environment] = next;
      const result = await run(environment, tarball, service.url);
      results[index] = result;
      tell(result);
    }
  };
  await Promise.all([lane(), lane()]);
  await service.close();
  await rm(dirname(tarball), { recursive: true });
  return results;
}

/** @param {Environment} environment @param {string} tarball @param {string} service @returns {Promise<Result>} */
async function run({ name, group, tool, project: source, pages = false, run }, tarball, service) {
  const bin = await tools(group);
  const version = tool
    ? `${tool} ${await versionOf(group, tool)}`
    : pages
      ? ""
      : `Node ${process.versions.node}`;
  const made = await project(source, { group, tarball, service });
  const started = Date.now();
  let problem = "";
  try {
    const text = await run({ folder: made.folder, bin, service });
    if (text !== TEXT) problem = text || "it shows nothing";
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const seconds = (Date.now() - started) / 1000;
  await made.remove();
  return { name, pages, version: version || "no tool", problem, seconds };
}
