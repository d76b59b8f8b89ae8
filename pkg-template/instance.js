// The one wasm instance behind all entries of the package. The entries differ in how they come by the compiled
// module; from there on it is the same, and a program that loads two of them still has one instance.
import * as glue from "./purerouter_bg.js";
import { imports } from "./purerouter_imports.js";

let started = false;

/** Says so where there is none, rather than that a name is not defined. */
export function needWebAssembly() {
  if (typeof WebAssembly === "object") return;
  throw new Error(
    "purerouter needs WebAssembly, which this runtime does not have or has switched off: use one that has it, or " +
      "switch it on (in Node, run without --jitless)",
  );
}

/** @param {unknown} cause @param {string} advice for an edge host */
export const refusedToCompile = (cause, advice) =>
  new Error(
    `purerouter could not compile its WebAssembly (${cause}). In a page, the Content-Security-Policy has to allow ` +
      `it: add 'wasm-unsafe-eval' to script-src. On an edge host that forbids compiling, ${advice}`,
    { cause },
  );

/**
 * The price list, once the wasm has started.
 * @type {import("./index.js").InstanceType[]}
 */
export let instanceTypes;

/** @param {WebAssembly.Module} module */
export function start(module) {
  if (started) return;
  const { exports } = new WebAssembly.Instance(module, imports);
  glue.__wbg_set_wasm(exports);
  /** @type {() => void} */ (exports.__wbindgen_start)();
  instanceTypes = /** @type {any} */ (Object.freeze(glue.instanceTypes()));
  started = true;
}

/**
 * Until `start`, whatever needs the wasm throws an error with this message.
 * @param {string} message
 */
export function refuseUntilStarted(message) {
  if (started) return;
  const get = () => {
    throw new Error(message);
  };
  glue.__wbg_set_wasm(new Proxy({}, { get }));
}
