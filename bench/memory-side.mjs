// What runs in the process whose memory is looked at: a stream is read, none of it kept by the reader, and at each
// eighth of it all garbage is collected and what is left is told.

import { PureRouter } from "purerouter";
import { fromMemory } from "./bodies.mjs";
import { makeCycle } from "./data.mjs";

const [way, events, chunkBytes] = process.argv.slice(2);
const EIGHTHS = 8;

const cycle = makeCycle("ascii", Number(events) / EIGHTHS, Number(chunkBytes));
const client = new PureRouter({ baseUrl: "http://service.test", fetch: fromMemory(cycle, EIGHTHS) });
const gc = /** @type {() => void} */ (globalThis.gc);

/** @type {number[]} */
const left = [];

/** Reads it all; `look` is called at each eighth. @param {() => void} look */
async function read(look) {
  let characters = 0;
  let next = 0;
  const seen = (/** @type {string} */ text) => {
    characters += text.length;
    if (characters < next) return;
    look();
    next += cycle.text.length;
  };
  const stream = client.deployments.stream("bench", { prompt: "Hi." });
  if (way === "textStream") for await (const text of stream.textStream()) seen(text);
  else for await (const event of stream) seen(event.text);
  if (characters !== cycle.text.length * EIGHTHS) throw new Error(`${characters} characters were read`);
  return characters;
}

// Once for the engine's own sake, which compiles and reserves.
await read(() => {});
const text = await read(() => {
  // Twice: what finalizers and weak references let go comes with the second.
  gc();
  gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  left.push(heapUsed + external + arrayBuffers);
});
process.send?.({ left, text });
process.disconnect();
