// How long the package takes to load in Node: compiling and instantiating the wasm, and the import as a whole; and beside
// them a wasm with nothing in it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median } from "./rounds.mjs";

const side = fileURLToPath(new URL("startup-side.mjs", import.meta.url));

/**
 * Milliseconds, medians over processes. `cpuMs` counts all threads, `ms` is what the importer waits.
 *
 * @typedef {Record<"empty" | "wasm" | "import", { ms: number, cpuMs: number }>} Startup
 */

/** @param {string} packageFolder @param {number} processes @returns {Promise<Startup>} */
export async function startup(packageFolder, processes) {
  /** @param {keyof Startup} what */
  const times = async (what) => {
    const found = [];
    for (let i = 0; i < processes; i++) {
      const child = fork(side, [packageFolder, what]);
      const ended = once(child, "exit");
      const time = await Promise.race([
        once(child, "message").then(([message]) => message),
        ended.then(([code]) => Promise.reject(new Error(`Loading the package ended with ${code}`))),
      ]);
      await ended;
      found.push(time);
    }
    return { ms: median(found.map(({ ms }) => ms)), cpuMs: median(found.map(({ cpuMs }) => cpuMs)) };
  };
  return { empty: await times("empty"), wasm: await times("wasm"), import: await times("import") };
}
