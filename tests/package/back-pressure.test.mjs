// A slow reader holds the server back, and what it has not read takes no memory.

import assert from "node:assert/strict";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, delta, http } from "./sockets.mjs";
import { settled, sleep, until } from "./waiting.mjs";

const { PureRouter } = purerouter;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const MiB = 2 ** 20;
const PIECE = 64 * 1024;
// The kernel alone may keep 36 MiB for a pair of sockets.
const OFFERED = 64 * MiB;
const MOST_AHEAD = 48 * MiB;
const MOST_HELD = 16 * MiB;

/** A server that sends text as fast as it is taken; `written` is how much of it has gone into the socket. */
async function flooding(t) {
  const flood = { written: 0 };
  async function* events() {
    const event = delta("x".repeat(PIECE));
    for (; flood.written < OFFERED; flood.written += PIECE) yield event;
    yield DONE;
  }
  const server = await http(t, (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    // A client that leaves is none of this test's business.
    return pipeline(events, response).catch(() => {});
  });
  flood.url = server.url;
  return flood;
}

const stream = (server) =>
  new PureRouter({ baseUrl: server.url, maxRetries: 0 }).deployments.stream("a", { prompt: "Hi." });

/** Waits until the server writes no more, and gives how much it has written. */
async function standstill(flood) {
  const seen = [];
  await until(async () => {
    seen.push(flood.written);
    await sleep(50);
    return (
      flood.written > 0 && seen.slice(-4).every((written) => written === flood.written) && seen.length > 4
    );
  }, "the server is held back");
  return flood.written;
}

/** What this process holds, which is client and server. */
function memory() {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Each takes one item, and gives a function that takes the next. */
const readers = {
  "the events": async (one) => {
    await one.next();
    return () => one.next();
  },
  "textStream()": async (one) => {
    const iterator = one.textStream();
    await iterator.next();
    return () => iterator.next();
  },
  "toReadableStream()": async (one) => {
    const reader = one.toReadableStream().getReader();
    await reader.read();
    return () => reader.read();
  },
  "toResponse()": async (one) => {
    const reader = (await one.toResponse()).body.getReader();
    await reader.read();
    return () => reader.read();
  },
  "toResponse() with completion()": async (one) => {
    one.completion().catch(() => {});
    const reader = (await one.toResponse()).body.getReader();
    await reader.read();
    return () => reader.read();
  },
  "the events, with completion()": async (one) => {
    one.completion().catch(() => {});
    await one.next();
    return () => one.next();
  },
  "both branches of tee()": async (one) => {
    const branches = one.tee();
    const next = () => Promise.all(branches.map((branch) => branch.next()));
    await next();
    return next;
  },
};

for (const [how, read] of Object.entries(readers)) {
  test(`a reader of ${how} pauses: the server stops, nothing piles up, and both go on`, async (t) => {
    const before = memory();
    const flood = await flooding(t);
    const one = stream(flood);
    const next = await settled(read(one));
    const written = await standstill(flood);
    assert.ok(written < MOST_AHEAD, `${written / MiB} MiB were written while one item was read`);
    const held = memory() - before;
    assert.ok(held < MOST_HELD, `${held / MiB} MiB are held while one item was read`);

    while (flood.written < written + 2 * MiB) await settled(next());
    one.abort();
  });
}

test("nobody reads at all: the server stops as well", async (t) => {
  const flood = await flooding(t);
  const one = stream(flood);
  await one.response;
  const written = await standstill(flood);
  assert.ok(written < MOST_AHEAD, `${written / MiB} MiB were written`);
  one.abort();
});

test("tee(): what only one branch reads is kept for the other, and no more than that", async (t) => {
  const before = memory();
  const flood = await flooding(t);
  const [fast, slow] = stream(flood).tee();
  await slow.next();
  let read = 0;
  while (read < 8 * MiB) read += (await settled(fast.next())).value.text.length;
  const ahead = (await standstill(flood)) - read;
  assert.ok(ahead < MOST_AHEAD, `the server is ${ahead / MiB} MiB ahead of the fast branch`);
  // The bytes for the slow branch, and the text of the fast one.
  const held = memory() - before - 2 * read;
  assert.ok(
    held < MOST_HELD,
    `${held / MiB} MiB are held beside what one branch has read and the other has not`,
  );
  let late = PIECE;
  while (late < read) late += (await settled(slow.next())).value.text.length;
  fast.abort();
  slow.abort();
});

test("a reader that pauses now and then: memory grows with what it has read, and not with the rest", async (t) => {
  const before = memory();
  const flood = await flooding(t);
  let read = 0;
  for await (const { text } of stream(flood)) {
    read += text.length;
    if (read !== 6 * MiB && read !== 12 * MiB) continue;
    const ahead = (await standstill(flood)) - read;
    assert.ok(ahead < MOST_AHEAD, `the server is ${ahead / MiB} MiB ahead`);
    // The text so far is kept, for completion() and for an error's partialText.
    const held = memory() - before - read;
    assert.ok(held < MOST_HELD, `${held / MiB} MiB are held beside the text that was read`);
  }
  assert.equal(read, OFFERED);
});
