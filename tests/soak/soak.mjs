// `npm run soak`: what thousands of streams leave in the process, as a table and a verdict. The first argument is the
// number of streams (10000 by default).
//
// Flat means that from the second mark, when pools are filled and code is compiled, to the last: the wasm's memory and
// the values it refers to did not grow at all; nothing of a stream is still there (decoders, sessions, listeners, open
// answers at the server); the heap after garbage collection grew by less than 100 bytes a stream; and RSS, which the
// allocators own, by less than 64 MiB.

import { getEventListeners, setMaxListeners } from "node:events";
import { census, wasmBytes } from "./census.mjs";
import { startServer } from "./serving.mjs";
import { clientOf, open, small, uses } from "./uses.mjs";
import { settled, sleep, until } from "../package/waiting.mjs";

const MiB = 2 ** 20;
const HEAP_BYTES_A_STREAM = 100;
const RSS_BYTES = 64 * MiB;
const CONCURRENT = 500;
const ROUNDS = 8;

const total = Number(process.argv[2] ?? 10_000);
const step = Math.ceil(total / 10);
const server = await startServer();
const client = clientOf(server);
const { signal } = new AbortController();
// Node warns of more than ten, as if they had been forgotten.
setMaxListeners(0, signal);
/** Every other stream follows a signal that outlives it. */
const life = (lives, i) => settled(lives[i % lives.length](client, i % 2 ? { signal } : undefined), 120_000);
const failures = [];

const mib = (bytes) => (bytes / MiB).toFixed(2);

async function mark(name) {
  await until(async () => (await server.counts()).open === 0, "the server's answers are over");
  const counted = await census();
  const listeners = getEventListeners(signal, "abort").length;
  return { name, ...counted, listeners, ...(await server.counts()) };
}

function print(title, marks) {
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      marks.map((at) => [
        at.name,
        {
          "wasm MiB": mib(at.wasm),
          "heap MiB": mib(at.heap),
          "RSS MiB": mib(at.rss),
          "wasm → JS": `${at.references} of ${at.places}`,
          decoders: at.decoders,
          sessions: at.sessions,
          streams: at.streams,
          listeners: at.listeners,
          timers: at.timers,
          sockets: at.sockets,
          "open answers": at.open,
        },
      ]),
    ),
  );
}

function judge(title, first, last, streams) {
  const grown = [];
  for (const name of ["wasm", "references", "places"]) if (last[name] > first[name]) grown.push(name);
  for (const name of ["decoders", "sessions", "streams", "listeners", "open"]) {
    if (last[name] > 0) grown.push(name);
  }
  const heap = (last.heap - first.heap) / streams;
  if (heap > HEAP_BYTES_A_STREAM) grown.push("heap");
  if (last.rss - first.rss > RSS_BYTES) grown.push("RSS");
  const verdict = grown.length === 0 ? "flat" : `NOT FLAT: ${grown.join(", ")}`;
  console.log(`${title}: ${verdict} (heap ${heap.toFixed(0)} bytes a stream)`);
  failures.push(...grown);
}

async function oneAfterAnother() {
  const marks = [];
  for (let i = 1; i <= total; i++) {
    await life(small, i);
    if (i % step === 0 || i === total) marks.push(await mark(`after ${i}`));
  }
  print(`${total} streams, one after another`, marks);
  judge("one after another", marks[1], marks.at(-1), total - 2 * step);
}

async function atOnce() {
  const marks = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await Promise.all(Array.from({ length: CONCURRENT }, (_, i) => life(Object.values(uses), i)));
    marks.push(await mark(`round ${round}`));
  }
  print(`${ROUNDS} rounds of ${CONCURRENT} at once`, marks);
  // How many large events are pending at once is up to the network, so it takes some rounds until the most is seen.
  const settledRound = ROUNDS / 2;
  judge("at once", marks[settledRound - 1], marks.at(-1), (ROUNDS - settledRound) * CONCURRENT);
}

async function oneLong() {
  const marks = [];
  let bytes = 0;
  let text = 0;
  for await (const event of open(client, "long")) {
    bytes += event.data.length + 8;
    text += event.text.length;
    if (bytes < (marks.length + 1) * 20 * MiB) continue;
    const { wasm, heap, external, rss } = await census();
    marks.push({ wasm, heap: heap + external, rss, text, bytes });
  }
  console.log(`\none stream of ${mib(bytes)} MiB, read to its end`);
  console.table(
    marks.map((at) => ({
      "read MiB": mib(at.bytes),
      "text MiB": mib(at.text),
      "wasm MiB": mib(at.wasm),
      "heap + external MiB": mib(at.heap),
      "RSS MiB": mib(at.rss),
    })),
  );
  const [, first] = marks;
  const last = marks.at(-1);
  // The text is kept for completion() and an error's partialText: a byte a character, and as much again in small pieces.
  const kept = 2 * (last.text - first.text);
  const flat = last.wasm === first.wasm && last.heap - first.heap < kept + 4 * MiB;
  if (!flat) failures.push("long stream");
  console.log(`a long stream: ${flat ? "flat" : "NOT FLAT"} beside the text itself`);
}

async function asleep() {
  await server.reset();
  const before = wasmBytes();
  const stream = open(client, "flood");
  await stream.next();
  let written = -1;
  for (;;) {
    await sleep(500);
    const now = (await server.counts()).written;
    if (now === written) break;
    written = now;
  }
  stream.abort();
  console.log(
    `\na reader that sleeps after one event: the server could write ${mib(written)} MiB of 64 MiB,`,
  );
  console.log(
    `most of it in the kernel's socket buffers; the wasm's memory grew by ${wasmBytes() - before} bytes`,
  );
  if (written > 48 * MiB) failures.push("back-pressure");
}

const started = performance.now();
await oneAfterAnother();
await atOnce();
await oneLong();
await asleep();
await server.close();
console.log(
  `\n${failures.length === 0 ? "flat" : "NOT FLAT"}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
if (failures.length > 0) process.exitCode = 1;
