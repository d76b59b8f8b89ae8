// The soak's Worker in one isolate of the real workerd, and what can be seen of it from outside.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { openHeap } from "./isolate-heap.mjs";
import { call } from "./visitor.mjs";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));

/** @param {Record<string, unknown>} bindings @param {string[]} [compatibilityFlags] */
export async function openIsolate(bindings, compatibilityFlags = []) {
  let log = "";
  const workerd = new Miniflare({
    modulesRoot: pkg,
    modules: [
      { type: "ESModule", path: `${pkg}worker.mjs`, contents: await bundle() },
      {
        type: "CompiledWasm",
        path: `${pkg}purerouter.wasm?module`,
        contents: readFileSync(`${pkg}purerouter.wasm`),
      },
    ],
    compatibilityDate: "2026-04-01",
    compatibilityFlags,
    bindings,
    name: "soak",
    inspectorPort: 0,
    serviceBindings: { SELF: "soak" },
    handleRuntimeStdio(stdout, stderr) {
      for (const stream of [stdout, stderr]) stream.on("data", (chunk) => (log += chunk));
    },
  });
  const url = await workerd.ready;
  const held = async () => JSON.parse((await call(url, "/held")).body);
  const heap = await openHeap(workerd, "soak", held);
  return {
    url,
    /** MiB that are in use after a collection. */
    used: () => heap.used(),
    /** What the package's wasm holds: `decoders`, `references` to JavaScript values, `bytes`, and `intervals` that run. */
    held,
    /** What the runtime has said that it should not have to. */
    complaints: () =>
      log
        .split("\n")
        .filter((line) =>
          /different request|will never|hang|uncaught|unhandled|unexpected|illegal invocation/i.test(line),
        ),
    async close() {
      heap.close();
      await workerd.dispose();
    },
  };
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("gateway-worker.js", import.meta.url))],
    alias: { purerouter: `${pkg}edge.js`, "purerouter/worker": `${pkg}worker.js` },
    bundle: true,
    format: "esm",
    target: "esnext",
    external: ["cloudflare:workers", "*.wasm?module"],
    write: false,
  });
  return outputFiles[0].text;
}
