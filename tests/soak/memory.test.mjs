// The soak in short: what hundreds of calls leave in the process, by every way in which one can end. `npm run soak`
// does the same with thousands, and prints what it sees.

import assert from "node:assert/strict";
import { getEventListeners, setMaxListeners } from "node:events";
import { after, test } from "node:test";
import { census, collectGarbage, decoders, references, wasmBytes } from "./census.mjs";
import { startServer } from "./serving.mjs";
import { clientOf, drops, open, small, uses } from "./uses.mjs";
import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { settled, until } from "../package/waiting.mjs";

const MiB = 2 ** 20;
// Where finalizers free in another order, or streams overlap otherwise, the allocator may need a page or two more; a
// thing lost with each of the thousands here needs more.
const PAGE = 65536;
const PAGES = 2 * PAGE;
const server = await startServer();
after(() => server.close());
const client = clientOf(server);
const { signal } = new AbortController();
// Node warns of more than ten, as if they had been forgotten.
setMaxListeners(0, signal);
const options = (i) => (i % 2 ? { signal } : undefined);
const live = (i) => settled(small[i % small.length](client, options(i)));

/** Waits until the garbage is collected, and with it what it kept at the server. */
async function over() {
  await until(async () => {
    await collectGarbage();
    return decoders() === 0 && (await server.counts()).open === 0;
  }, "the last answer is over");
}

async function nothingLeft() {
  await over();
  const counted = await census();
  const { decoders, sessions, streams, timers } = counted;
  const listeners = getEventListeners(signal, "abort").length;
  const nothing = { decoders: 0, sessions: 0, streams: 0, timers: 0, listeners: 0 };
  assert.deepEqual({ decoders, sessions, streams, timers, listeners }, nothing);
  return counted;
}

// The first, while nothing has left room.
test("the wasm's memory is the same after 1500 streams as after 300, and the heap is, too", async () => {
  for (let i = 0; i < 300; i++) await live(i);
  const before = await nothingLeft();
  for (let i = 300; i < 1500; i++) await live(i);
  const now = await nothingLeft();
  for (const what of ["references", "places"]) assert.equal(now[what], before[what], what);
  assert.ok(now.wasm - before.wasm <= PAGE, `it has grown by ${now.wasm - before.wasm} bytes`);
  // What the engine compiles meanwhile is in it.
  const grown = now.heap - before.heap;
  assert.ok(grown < 2 * MiB, `the heap has grown by ${grown / 1200} bytes a stream`);
});

for (const [how, drop] of Object.entries(drops)) {
  test(`nothing is left of a stream that is dropped ${how}`, async () => {
    await settled(drop(client));
    await over();
    const before = references();
    for (let i = 0; i < 10; i++) await settled(drop(client, options(i)));
    await over();
    await until(async () => {
      await collectGarbage();
      return references() <= before;
    }, "the wasm has let go of it");
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
}

test("the wasm's memory is the same after rounds of 200 streams at once", async () => {
  const round = (life) => settled(Promise.all(Array.from({ length: 200 }, (_, i) => life(i))), 60_000);
  let most = 0;
  await round(async (i) => {
    const stream = open(client, "held", options(i));
    await stream.next();
    most = Math.max(most, decoders());
    if (most === 200) return;
    await until(() => most === 200, "all are open");
  });
  await nothingLeft();
  const mixed = () => round((i) => small[i % small.length](client, options(i)));
  await mixed();
  const before = await nothingLeft();
  for (let i = 0; i < 4; i++) await mixed();
  const now = await nothingLeft();
  for (const what of ["references", "places"]) assert.equal(now[what], before[what], what);
  assert.ok(now.wasm - before.wasm <= PAGES, `it has grown by ${now.wasm - before.wasm} bytes`);
});

test("events of 300 KB use each other's memory", async () => {
  const large = uses["an event of 300 KB"];
  for (let i = 0; i < 20; i++) await settled(large(client));
  const before = wasmBytes();
  for (let i = 0; i < 100; i++) await settled(large(client));
  assert.ok(wasmBytes() - before <= PAGES, `it has grown by ${wasmBytes() - before} bytes`);
});

test("20000 clients that nobody frees are collected, and the wasm's memory with them", async () => {
  const make = () => {
    const one = new purerouter.PureRouter({
      baseUrl: server.url,
      routerKey: "sk_test",
      headers: { "x-a": "b" },
    });
    assert.ok(one.deployments && one.router);
    return one;
  };
  await over();
  const before = references();
  let grownTo = 0;
  for (let i = 1; i <= 8; i++) {
    let all = Array.from({ length: 2500 }, make);
    assert.ok(references() >= before + all.length);
    all = null;
    await until(async () => {
      await collectGarbage();
      return references() <= before;
    }, "all clients are collected");
    if (i === 2) grownTo = wasmBytes();
  }
  assert.ok(wasmBytes() - grownTo <= PAGES, `it has grown by ${wasmBytes() - grownTo} bytes`);
});

test("1000 streams dropped in mid-body: the server sees each close, and each leaves its decoder", async () => {
  let grownTo = 0;
  for (let i = 1; i <= 10; i++) {
    await Promise.all(
      Array.from({ length: 100 }, (_, j) => settled(open(client, "held", options(j)).next())),
    );
    assert.ok(decoders() <= 100, `${decoders()} decoders are open`);
    await over();
    if (i === 3) grownTo = wasmBytes();
  }
  assert.ok(wasmBytes() - grownTo <= PAGES, `it has grown by ${wasmBytes() - grownTo} bytes`);
});

test("a body that is passed on outlives its stream and its response, though nobody reads it yet", async () => {
  const pass = async () => (await open(client, "whole").toResponse()).body;
  const bodies = await Promise.all([pass(), pass(), pass()]);
  await collectGarbage();
  await collectGarbage();
  for (const body of bodies) assert.match(await settled(new Response(body).text()), /word 19 .*\[DONE\]/s);
});

test("a long stream takes no more of the wasm's memory, nor of the heap beside its text", async () => {
  let bytes = 0;
  let text = 0;
  let before;
  for await (const event of open(client, "flood")) {
    bytes += event.data.length;
    text += event.text.length;
    if (!before && bytes > 8 * MiB) before = { ...(await census()), text };
    if (bytes > 40 * MiB) break;
  }
  const now = await census();
  assert.equal(now.wasm, before.wasm);
  const grown = now.heap + now.external - before.heap - before.external - (text - before.text);
  assert.ok(grown < 4 * MiB, `${grown / MiB} MiB more are held after 32 MiB more of events`);
});

test("sockets that served thousands of calls are let go", async () => {
  await until(async () => (await census()).sockets === 0, "no socket keeps the process alive");
});

test("the text of large deltas is held once, not beside the pieces that it was joined of", async () => {
  const [deltas, length] = [256, 100_000];
  let sent = 0;
  const chunk = () =>
    sent++ < deltas ? `data: {"output_text":"${`${sent % 10}`.repeat(length)}"}\n\n` : "data: [DONE]\n\n";
  const pull = (controller) => {
    controller.enqueue(new TextEncoder().encode(chunk()));
    if (sent > deltas) controller.close();
  };
  const headers = { "content-type": "text/event-stream" };
  const fetch = async () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers });
  const stream = new purerouter.PureRouter({ fetch }).deployments.stream("a", { prompt: "Hi." });
  await collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for await (const text of stream.textStream()) assert.equal(text.length, length);
  const { text } = await stream.completion();
  await collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  assert.equal(text.length, deltas * length);
  assert.ok(
    grown < 1.5 * text.length,
    `${(grown / MiB).toFixed(1)} MiB for ${text.length / MiB} MiB of text`,
  );
  assert.ok(stream);
});
