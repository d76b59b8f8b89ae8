// `npm run test:everywhere [WORD…]`: the packed package in every environment (or in those with one of the words in
// their names), a line for each. `--readme` writes the README's table from the same run; `--package FOLDER` takes another
// package than pkg/, such as one broken on purpose.

import { join, resolve } from "node:path";
import { build } from "../../scripts/build.mjs";
import { command, CommandError } from "../../scripts/command.mjs";
import { setup } from "../../scripts/setup.mjs";
import { root } from "../../scripts/tools.mjs";
import { breaks, broken } from "./broken.mjs";
import { browser, browserNames, closeBrowsers } from "./browsers.mjs";
import { environments } from "./environments.mjs";
import { matrix } from "./matrix.mjs";
import { writeReadme } from "./readme.mjs";

async function everywhere() {
  const words = process.argv.slice(2);
  const readme = take(words, "--readme", false);
  const breaking = take(words, "--broken", false);
  const folder = take(words, "--package", true);
  const chosen = environments.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())),
  );
  if (chosen.length === 0)
    throw new CommandError(
      `No environment is named so; there are: ${environments.map(({ name }) => name).join(" · ")}`,
    );
  if (readme && (breaking || chosen.length < environments.length))
    throw new CommandError("--readme writes the whole table: run it without words");
  if (!folder) {
    await setup({ tests: true });
    await build();
  }
  const source = folder ? resolve(String(folder)) : join(root, "pkg");
  const failed = breaking ? await stillGreen(chosen, source) : await work(chosen, source, Boolean(readme));
  await closeBrowsers();
  if (failed > 0) process.exitCode = 1;
}

/** @typedef {import("./environments.mjs").Environment} Environment */

/** @param {Environment[]} chosen @param {string} source @param {boolean} readme @returns {Promise<number>} how many fail */
async function work(chosen, source, readme) {
  const results = await matrix(chosen, source, (result) => {
    const { name, version, problem, seconds } = result;
    console.log(
      `${problem ? "✗" : "✓"} ${name} (${version}) … ${problem ? "FAILED" : "ok"}, ${seconds.toFixed(1)} s`,
    );
    if (problem) console.log(problem.replace(/^/gm, "      "));
  });
  const failed = results.filter(({ problem }) => problem).length;
  console.log(`\n${results.length - failed} of ${results.length} environments work`);
  if (readme) {
    const versions = browserNames.map(async (name) => `${name} ${(await browser(name)).version}`);
    writeReadme(results, await Promise.all(versions));
  }
  return failed;
}

/** @param {Environment[]} chosen @param {string} source @returns {Promise<number>} how many no broken package fails in */
async function stillGreen(chosen, source) {
  /** @type {Map<string, string[]>} */
  const seenRed = new Map(chosen.map(({ name }) => [name, []]));
  for (const way of Object.keys(breaks)) {
    console.log(`\n${way}:`);
    const tell = (/** @type {import("./matrix.mjs").Result} */ { name, problem }) => {
      if (problem) seenRed.get(name)?.push(way);
      console.log(problem ? `✗ ${name}\n${problem.replace(/^/gm, "      ")}` : `✓ ${name}`);
    };
    await broken(source, way, (folder) => matrix(chosen, folder, tell));
  }
  console.log("\nSeen to fail where");
  for (const [name, ways] of seenRed)
    console.log(`${ways.length ? "✓" : "✗"} ${name}: ${ways.join("; ") || "NEVER"}`);
  const never = [...seenRed.values()].filter((ways) => ways.length === 0).length;
  console.log(`\n${chosen.length - never} of ${chosen.length} environments fail with a broken package`);
  return never;
}

/** @param {string[]} words @param {string} option @param {boolean} valued */
function take(words, option, valued) {
  const at = words.indexOf(option);
  if (at < 0) return undefined;
  const [, value] = words.splice(at, valued ? 2 : 1);
  return valued ? value : true;
}

command(import.meta.url, everywhere);
