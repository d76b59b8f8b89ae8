// What this process holds because of the package: the wasm's memory, and what stands in it and around it.
//
// Imported before the package, as `instance.mjs` is. Totals (heap, RSS) are too coarse to find a leak of one small thing a
// stream, so the things themselves are counted: every JavaScript value that the wasm refers to, open decoders, sessions,
// timers, sockets.

import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decoders, places, references, wasmBytes } from "./instance.mjs";

export { decoders, references, wasmBytes };

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

// The package exports no session; what it registers a stream with, to be told of its end, is one. Where a runtime tells of
// no end, sessions are not counted.
let Session = class {};
if (globalThis.FinalizationRegistry) {
  globalThis.FinalizationRegistry = class extends FinalizationRegistry {
    register(target, held, ...rest) {
      if (target instanceof purerouter.CompletionStream) Session = held.deref().constructor;
      super.register(target, held, ...rest);
    }
  };
}

const { purerouter } = await import("../package/install.mjs");
new purerouter.PureRouter().deployments.stream("", {}).abort();
if (globalThis.FinalizationRegistry && Session.name !== "Session")
  throw new Error("No stream was registered");
const classes = [
  ["sessions", Session],
  ["streams", purerouter.CompletionStream],
];

/** Collects garbage, and lets what is called upon that (finalizers, and what they cancel) come to its end. */
export async function collectGarbage() {
  for (let i = 0; i < 2; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** How many handles of a kind keep the process alive. */
export const active = (kind) => process.getActiveResourcesInfo().filter((name) => name === kind).length;

export async function census() {
  await collectGarbage();
  const counted = classes.map(([name, of]) => [name, queryObjects(of, { format: "count" })]);
  // queryObjects collects garbage once more.
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    wasm: wasmBytes(),
    heap: heapUsed,
    external,
    rss,
    references: references(),
    places: places(),
    decoders: decoders(),
    ...Object.fromEntries(counted),
    sockets: active("TCPSocketWrap"),
    timers: active("Timeout"),
  };
}
