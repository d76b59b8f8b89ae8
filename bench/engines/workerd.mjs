// workerd, the runtime of Cloudflare Workers, through miniflare: a Worker for each trial, each an isolate of its own,
// in one process, in which one runs at a time.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { WASM_MODULE, bundle, outputs } from "../bundle.mjs";
import { EngineHung } from "./engine.mjs";
import { childrenNamed, needLinux, processTime } from "./process-time.mjs";

export const name = "workerd";

export const version = async () => createRequire(import.meta.url)("workerd/package.json").version;

const COMPATIBILITY_DATE = "2026-04-20";

// At times workerd's garbage collector never ends (an incremental sweep that keeps posting itself): seen once
// in an hour on a busy machine. A sample takes some seconds at most.
const PATIENCE_MS = 120_000;

/** @returns {Promise<never>} */
const patience = () =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new EngineHung("workerd does not answer")), PATIENCE_MS).unref();
  });

// Passes each request on to the Worker that its path names.
const DOOR = `export default {
  fetch: (request, env) => env[new URL(request.url).pathname.slice(1)].fetch(request),
};`;

/** @type {import("./engine.mjs").StartEngine} */
export async function start(trials) {
  needLinux(name);
  const names = trials.map((_, i) => `trial${i}`);
  const workers = trials.map(async ({ packageFolder, ...trial }, i) => ({
    name: names[i],
    // Bindings are JSON, which has no undefined.
    bindings: { TRIAL: JSON.parse(JSON.stringify(trial)) },
    ...(await code("workerd", packageFolder)),
  }));
  const door = {
    name: "door",
    modules: true,
    script: DOOR,
    compatibilityDate: COMPATIBILITY_DATE,
    serviceBindings: Object.fromEntries(names.map((name) => [name, name])),
  };
  const { miniflare, pid } = await launch({ workers: [door, ...(await Promise.all(workers))] });
  const ask = async (/** @type {string} */ path) => {
    const answer = (async () => {
      const response = await miniflare.dispatchFetch(`http://door/${path}`);
      return { ok: response.ok, error: await response.text() };
    })();
    answer.catch(() => {});
    const { ok, error } = await Promise.race([answer, patience()]);
    if (!ok) throw new Error(error);
  };
  return {
    runs: names.map((name) => async (/** @type {number} */ amount) => {
      const before = processTime(pid);
      await ask(`${name}?amount=${amount}`);
      const ns = processTime(pid) - before;
      await ask(name);
      return ns;
    }),
    stop: () => miniflare.dispose(),
  };
}

/**
 * A Worker for another measurement, reached without miniflare's own Workers in front of it.
 *
 * @param {"passOn"} target
 * @param {string} packageFolder
 * @param {Record<string, string>} bindings
 */
export async function startWorker(target, packageFolder, bindings) {
  needLinux(name);
  const { miniflare, pid } = await launch({
    ...(await code(target, packageFolder)),
    bindings,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  return {
    url: await miniflare.unsafeGetDirectURL(),
    time: () => processTime(pid),
    stop: () => miniflare.dispose(),
  };
}

/** @param {import("miniflare").MiniflareOptions} options */
async function launch(options) {
  const others = new Set(childrenNamed("workerd"));
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  const [pid] = childrenNamed("workerd").filter((child) => !others.has(child));
  return { miniflare, pid };
}

/** What a Worker consists of. @param {"workerd" | "passOn"} target @param {string} packageFolder */
async function code(target, packageFolder) {
  /** @type {import("miniflare").ModuleDefinition[]} */
  const modules = [
    { type: "ESModule", path: await bundle(target, packageFolder) },
    {
      type: "CompiledWasm",
      path: join(outputs, WASM_MODULE),
      contents: await readFile(join(packageFolder, "purerouter.wasm")),
    },
  ];
  return {
    modulesRoot: outputs,
    modules,
    compatibilityDate: COMPATIBILITY_DATE,
    // The peers ask for it.
    compatibilityFlags: ["nodejs_compat"],
  };
}
