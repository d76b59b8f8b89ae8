// Cancelling a call of several targets: whoever is under way is let go, as its server sees, and nothing of the call
// stays behind.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { delta } from "../package/sockets.mjs";
import { rejection, settled, sleep, until } from "../package/waiting.mjs";
import { breaksAfter, clientOf, fleet, holds, says, silent, status } from "./fleet.mjs";

const request = { prompt: "Hi." };
const role = 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n';

const { setTimeout: set, clearTimeout: clear } = globalThis;
const timers = new Set();
globalThis.setTimeout = (run, ms, ...args) => {
  const timer = set(
    (...given) => {
      timers.delete(timer);
      run(...given);
    },
    ms,
    ...args,
  );
  // What the tests themselves wait for is shorter.
  if (ms > 25_000) timers.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
  clear(timer);
};
const limits = { timeout: 100_000, headersTimeout: 101_000, firstTextTimeout: 102_000, idleTimeout: 103_000 };

const answers = () => ({
  failing: status(503),
  breaking: breaksAfter("Hel"),
  silent,
  empty: holds(role),
  held: holds(delta("lo")),
});

/** Each state that a call can be in when it is cancelled: its target, and who is open then. */
const states = {
  "the first of a fallback": [(c) => c.fallback(["silent", "held"]), ["silent"]],
  "the second of a fallback": [(c) => c.fallback(["failing", "silent", "held"]), ["silent"]],
  "a fallback before the first text": [(c) => c.fallback(["failing", "empty"]), ["empty"]],
  "a fallback after the first text": [(c) => c.fallback(["failing", "held"]), ["held"]],
  "a continued stream": [(c) => c.fallback(["breaking", "held"], { midStream: "continue" }), ["held"]],
  "a stream that is to be continued": [
    (c) => c.fallback(["breaking", "silent"], { midStream: "continue" }),
    ["silent"],
  ],
  "a stream that starts over": [
    (c) => c.fallback(["breaking", "empty"], { midStream: "restart" }),
    ["empty"],
  ],
  "a hedge of several": [
    (c) => c.hedge(["silent", "empty", "silent"], { delay: 0 }),
    ["silent", "empty", "silent"],
  ],
  "a hedge that waits": [(c) => c.hedge(["silent", "held"], { delay: 104_000 }), ["silent"]],
  "a hedge after the first text": [(c) => c.hedge(["held", "silent"], { delay: 104_000 }), ["held"]],
  "a hedge in a fallback in a hedge": [
    (c) =>
      c.hedge([c.fallback(["failing", c.hedge(["silent", "empty"], { delay: 0 })]), "silent"], { delay: 20 }),
    ["silent", "empty", "silent"],
  ],
};

const drain = async (iterable) => {
  for await (const _ of iterable);
};

/** Who reads, and so learns of the end. */
const readers = {
  events: drain,
  "textStream()": (stream) => drain(stream.textStream()),
  "text()": (stream) => stream.text(),
  "completion() beside the events": (stream) => Promise.all([drain(stream), stream.completion()]),
  "toReadableStream()": (stream) => drain(stream.toReadableStream()),
  "toResponse()": async (stream) => drain((await stream.toResponse()).body),
  "tee()": (stream) => Promise.all(stream.tee().map(drain)),
};

const shown = (server, labels) =>
  until(() => {
    const open = server.asked.filter(({ connection }) => connection === "open").map(({ label }) => label);
    return String(open.sort()) === String([...labels].sort());
  }, `${labels} are asked, and no others`);

async function nothingLeft(server, signal, before) {
  await shown(server, []);
  await until(() => timers.size === 0, "no timer is left");
  assert.equal(getEventListeners(signal, "abort").length, 0, "no listener is left");
  await sleep(5);
  assert.equal(server.asked.length, before, "nobody else is asked");
}

/** Many lives of one state at once: each begun by `begin`, brought to its end by `act`, and then nothing is left. */
async function lives(t, [make, open], begin, act) {
  const server = await fleet(t, answers());
  const begun = begin.map((one) => {
    const controller = new AbortController();
    // A client each: what fails for one of them is not skipped by the next.
    const stream = make(clientOf(server)).stream(request, { signal: controller.signal, ...limits });
    return { stream, controller, one, reading: one.read && rejection(one.read(stream)) };
  });
  await shown(
    server,
    begun.flatMap(() => open),
  );
  const before = server.asked.length;
  for (const life of begun) await act(life);
  for (const { controller } of begun) await nothingLeft(server, controller.signal, before);
}

for (const [state, [make, open]] of Object.entries(states)) {
  const startsOver = state.includes("starts over");
  const reading = Object.entries(readers)
    // It ends where the stream would start over.
    .filter(([how]) => !startsOver || how !== "textStream()")
    .flatMap(([how, read]) => ["the signal", "abort()"].map((by) => ({ how, by, read })));
  test(`${state}: the signal and abort() end it with their reason, whoever reads`, async (t) => {
    await lives(t, [make, open], reading, async ({ stream, controller, one, reading }) => {
      const reason = new Error(`by ${one.by}`);
      if (one.by === "abort()") stream.abort(reason);
      else controller.abort(reason);
      assert.equal(await reading, reason, `${one.by}, ${one.how}`);
      assert.equal(await rejection(stream.completion()), reason);
    });
  });

  // Nobody sees the break of a stream that nobody reads.
  if (state.includes("continued") || startsOver) continue;
  test(`${state}: leaving it unread ends it`, async (t) => {
    const leaving = [
      (stream) => stream.return(),
      (stream) => stream[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")](),
      (stream) => stream.toReadableStream().cancel(),
      (stream) => Promise.all(stream.tee().map((branch) => branch.return())),
      (stream) => stream.textStream().return(),
    ];
    await lives(
      t,
      [make, open],
      leaving.map((leave) => ({ leave })),
      ({ stream, one }) => settled(one.leave(stream)),
    );
  });
}

for (const [how, loop] of Object.entries({
  "its events": async (stream) => {
    for await (const { text } of stream) if (text) break;
  },
  "its text": async (stream) => {
    for await (const _ of stream.textStream()) break;
  },
  "its bytes": async (stream) => {
    for await (const _ of stream.toReadableStream()) break;
  },
})) {
  test(`break out of ${how} ends the call`, async (t) => {
    const server = await fleet(t, answers());
    for (const make of [
      states["a fallback after the first text"][0],
      states["a hedge after the first text"][0],
    ]) {
      server.asked.length = 0;
      const { signal } = new AbortController();
      await settled(loop(make(clientOf(server)).stream(request, { signal, ...limits })));
      await nothingLeft(server, signal, server.asked.length);
    }
  });
}

for (const [state, make, open] of [
  ["the second of a fallback", (c) => c.fallback(["failing", "silent", "held"]), ["silent"]],
  ["a hedge", (c) => c.hedge(["silent", "silent"], { delay: 0 }), ["silent", "silent"]],
  ["a wait between attempts", (c) => c.fallback(["waiting", "held"]), []],
]) {
  test(`the signal ends invoke() of ${state} with its reason`, async (t) => {
    const server = await fleet(t, { ...answers(), waiting: status(503, { "retry-after": "50" }) });
    const controller = new AbortController();
    const { signal } = controller;
    const target = make(clientOf(server, { maxRetries: 2 }));
    server.answers.failing = status(404);
    const calling = rejection(target.invoke(request, { signal, ...limits }));
    await until(() => server.asked.length > 0, "it has begun");
    await shown(server, open);
    await sleep(50);
    const before = server.asked.length;
    controller.abort("enough");
    assert.equal(await calling, "enough");
    await nothingLeft(server, signal, before);
  });
}

test("a signal that was aborted before lets nothing be sent", async (t) => {
  const server = await fleet(t, answers());
  const signal = AbortSignal.abort("enough");
  for (const [make] of Object.values(states)) {
    assert.equal(await rejection(make(clientOf(server)).invoke(request, { signal })), "enough");
    assert.equal(await rejection(make(clientOf(server)).stream(request, { signal }).text()), "enough");
  }
  await sleep(50);
  assert.deepEqual(server.asked, []);
});

test("an abort is nobody's failure: shouldFallback is not asked", async (t) => {
  const server = await fleet(t, answers());
  const controller = new AbortController();
  const shouldFallback = t.mock.fn(() => true);
  const target = clientOf(server).fallback(["silent", "held"], { shouldFallback });
  const calling = rejection(target.stream(request, { signal: controller.signal }).text());
  await shown(server, ["silent"]);
  controller.abort("enough");
  assert.equal(await calling, "enough");
  assert.equal(shouldFallback.mock.callCount(), 0);
});

test("a call that ends by itself leaves nothing behind either", async (t) => {
  const server = await fleet(t, { ...answers(), whole: says("Hello") });
  const { signal } = new AbortController();
  const ends = (c) => [
    c.fallback(["failing", "whole"]),
    c.fallback(["breaking", "whole"], { midStream: "continue" }),
    c.fallback(["breaking", "whole"], { midStream: "restart" }),
    c.fallback(["failing", "breaking"]),
    c.hedge(["silent", "whole"], { delay: 0 }),
    c.hedge(["whole", "silent"], { delay: 104_000 }),
    c.hedge(["failing", "failing"], { delay: 104_000 }),
  ];
  for (const [how, read] of Object.entries(readers)) {
    for (const target of ends(clientOf(server))) {
      server.asked.length = 0;
      await settled(read(target.stream(request, { signal, ...limits })).catch(() => {}));
      await nothingLeft(server, signal, server.asked.length).catch((error) => {
        throw new Error(`${how} of ${target.label}: ${error.message}`);
      });
    }
  }
});
