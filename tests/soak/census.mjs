// What this process holds because of the package: the wasm's memory, and what stands in it and around it.
//
// Imported before the package, since it keeps the wasm instance that the package makes; the package itself tells nobody
// about its memory. Totals (heap, RSS) are too coarse to find a leak of one small thing a stream, so the things
// themselves are counted: every JavaScript value that the wasm refers to, open decoders, sessions, timers, sockets.

import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

const instances = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

// The package exports no session; what it registers a stream with, to be told of its end, is one. Where a runtime tells of
// no end, sessions are not counted.
let Session = class {};
if (globalThis.FinalizationRegistry) {
  globalThis.FinalizationRegistry = class extends FinalizationRegistry {
    register(target, held, ...rest) {
      if (target instanceof purerouter.CompletionStream) Session = held.constructor;
      super.register(target, held, ...rest);
    }
  };
}

const { purerouter } = await import("../package/install.mjs");
if (instances.length !== 1) throw new Error(`The package made ${instances.length} wasm instances, not one`);
const wasm = instances[0].exports;
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

export const wasmBytes = () => wasm.memory.buffer.byteLength;

/** How many JavaScript values the wasm refers to, `undefined` among them; a free place of its table holds `null`. */
export function references() {
  const table = wasm.__wbindgen_externrefs;
  let count = 0;
  for (let i = 0; i < table.length; i++) if (table.get(i) !== null) count += 1;
  return count;
}

/** How long that table is: it never shrinks, and a place that is lost is lost for good. */
export const places = () => wasm.__wbindgen_externrefs.length;

/** How many decoders are open. A number at which none is has no buffer either. */
export function decoders() {
  let count = 0;
  for (let slot = 0; slot < 4096; slot++) if (wasm.decoder_reserve(slot, 0) !== 0) count += 1;
  return count;
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
