// What the default entry does while it loads, once in a process of its own: an engine that has compiled the same
// bytes before would not do it again.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, what] = process.argv.slice(2);
const load = (/** @type {string} */ name) => import(pathToFileURL(join(folder, name)).href);

const { imports } = what === "wasm" ? await load("purerouter_imports.js") : { imports: {} };
const bytes = readFileSync(join(folder, "purerouter.wasm"));

const cpu = process.cpuUsage();
const started = performance.now();
if (what === "wasm") new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
else await load("index.js");
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
process.send?.({ ms, cpuMs: (user + system) / 1000 });
process.disconnect();
