// Loads the package, or compiles its wasm, once in a process of its own: an engine that has compiled the same bytes
// before would not do it again.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, what] = process.argv.slice(2);
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const bytes = what === "empty" ? EMPTY : readFileSync(join(folder, "purerouter.wasm"));

/** Something to instantiate with: nothing of it is called. @param {WebAssembly.Module} module */
function imports(module) {
  /** @type {Record<string, Record<string, () => void>>} */
  const found = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (found[from] ??= {})[name] = () => {};
  return found;
}

const cpu = process.cpuUsage();
const started = performance.now();
if (what !== "import") {
  const module = new WebAssembly.Module(bytes);
  new WebAssembly.Instance(module, imports(module));
} else {
  await import(pathToFileURL(join(folder, "index.js")).href);
}
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
process.send?.({ ms, cpuMs: (user + system) / 1000 });
process.disconnect();
