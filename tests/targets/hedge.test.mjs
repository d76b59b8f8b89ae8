// Hedging: when the next target is started, who wins, and what becomes of those that lose.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { DONE, delta } from "../package/sockets.mjs";
import { collect, rejection, settled, sleep, until } from "../package/waiting.mjs";
import {
  breaksAfter,
  clientOf,
  fleet,
  holds,
  json,
  late,
  says,
  sends,
  silent,
  status,
  textsOf,
} from "./fleet.mjs";

const request = { prompt: "Hi." };
const role = 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n';
/** Longer than any answer of these tests takes. */
const LONG_MS = 60_000;

const calls = {
  "invoke()": (target, options) => target.invoke(request, options),
  "stream()": (target, options) => target.stream(request, options).completion(),
};
const closed = (server, label) =>
  until(() => server.of(label).every(({ connection }) => connection === "closed"), `${label} is let go`);

for (const [how, call] of Object.entries(calls)) {
  test(`${how} asks nobody else where the first answers within the delay`, async (t) => {
    const server = await fleet(t, { a: late(50, says("of a")), b: says("of b") });
    const { text, target, attempts } = await settled(
      call(clientOf(server).hedge(["a", "b"], { delay: LONG_MS })),
    );
    assert.deepEqual([text, target, attempts.length], ["of a", "a", 1]);
    await sleep(50);
    assert.deepEqual(server.labels(), ["a"]);
  });

  test(`${how} starts the next one after the delay, and each further one after another`, async (t) => {
    const server = await fleet(t, { a: silent, b: silent, c: says("of c") });
    const started = performance.now();
    const { text, target } = await settled(call(clientOf(server).hedge(["a", "b", "c"], { delay: 200 })));
    assert.deepEqual([text, target], ["of c", "c"]);
    assert.deepEqual(server.labels(), ["a", "b", "c"]);
    const [, b, c] = server.asked.map(({ at }) => at - started);
    assert.ok(b >= 200, `b after ${b} ms`);
    assert.ok(c >= 400, `c after ${c} ms`);
    await closed(server, "a");
    await closed(server, "b");
  });

  test(`${how} starts the next one at once where all before have failed`, async (t) => {
    const server = await fleet(t, { a: status(503), b: status(404), c: says("of c") });
    const { target, attempts } = await settled(
      call(clientOf(server).hedge(["a", "b", "c"], { delay: LONG_MS })),
    );
    assert.equal(target, "c");
    assert.deepEqual(
      attempts.map(({ target, status }) => [target, status]),
      [
        ["a", 503],
        ["b", 404],
        ["c", 200],
      ],
    );
  });

  test(`${how} goes on waiting for one that is under way where another has failed`, async (t) => {
    const server = await fleet(t, { a: late(400, says("of a")), b: status(404), c: says("of c") });
    const target = clientOf(server).hedge(["a", "b", "c"], { delay: 100 });
    const patient = clientOf(server).hedge(["a", "b"], { delay: 100 });
    assert.equal((await settled(call(patient))).target, "a");
    server.asked.length = 0;
    const started = performance.now();
    await settled(call(target));
    const c = server.of("c")[0];
    assert.ok(c === undefined || c.at - started >= 200, "c has its turn when its time has come");
  });

  test(`with a delay of 0, ${how} starts all at once, and the first to answer wins`, async (t) => {
    const server = await fleet(t, { a: silent, b: late(100, says("of b")), c: silent });
    const { text } = await settled(call(clientOf(server).hedge(["a", "b", "c"], { delay: 0 })));
    assert.equal(text, "of b");
    assert.deepEqual(server.labels().sort(), ["a", "b", "c"]);
    await closed(server, "a");
    await closed(server, "c");
    assert.equal(server.of("b")[0].connection, "answered");
  });

  test(`when all fail, ${how} rejects with a FallbackError of their errors in the order of the targets`, async (t) => {
    const server = await fleet(t, { a: late(200, status(503)), b: status(404), c: late(50, status(401)) });
    const error = await rejection(call(clientOf(server).hedge(["a", "b", "c"], { delay: 0 })));
    assert.equal(error.name, "FallbackError");
    assert.deepEqual(
      error.errors.map(({ status }) => status),
      [503, 404, 401],
    );
    for (const words of [/\ba: 503/, /\bb: 404/, /\bc: 401/]) assert.match(error.message, words);
    assert.equal(error.attempts.length, 3);
    assert.deepEqual(
      error.errors.map(({ attempts }) => attempts.map(({ target }) => target)),
      [["a"], ["b"], ["c"]],
    );
  });

  test(`retries of one target in ${how} do not keep the next one waiting`, async (t) => {
    const server = await fleet(t, { a: status(503, { "retry-after": "60" }), b: says("of b") });
    const { target, attempts } = await settled(
      call(clientOf(server, { maxRetries: 3 }).hedge(["a", "b"], { delay: 150 }), { timeout: 500_000 }),
    );
    assert.equal(target, "b");
    assert.ok(attempts[0].retryInMs >= 60_000);
  });
}

test("a stream's race is won by its first text: neither a head nor an event without text is one", async (t) => {
  const server = await fleet(t, { a: holds(role, ": comment\n\n"), b: late(150, says("of b")) });
  const events = await collect(clientOf(server).hedge(["a", "b"], { delay: 50 }).stream(request));
  assert.deepEqual(textsOf(events), ["of b"]);
  assert.equal(events.length, 2);
  await closed(server, "a");
});

test("the first text wins though another's head came long before", async (t) => {
  const server = await fleet(t, {
    a: async ({ response }) => {
      holds(role)({ response });
      await sleep(1500);
      response.end(delta("of a") + DONE);
    },
    b: says("of b"),
  });
  for (const read of [
    (stream) => stream.text(),
    async (stream) => (await collect(stream.textStream())).join(""),
    async (stream) => textsOf(await collect(stream)).join(""),
    async (stream) => (await new Response(stream.toReadableStream()).text()).match(/of ./)[0],
    async (stream) => (await (await stream.toResponse()).text()).match(/of ./)[0],
    async (stream) => (await Promise.all(stream.tee().map((branch) => branch.text()))).join("|"),
  ]) {
    const stream = clientOf(server).hedge(["a", "b"], { delay: 0 }).stream(request);
    assert.match(await settled(read(stream)), /^of b(\|of b)?$/);
    assert.equal((await settled(stream.completion())).target, "b");
  }
});

test("the losers are let go at the first text, while the winner goes on", async (t) => {
  const server = await fleet(t, { a: silent, b: holds(delta("Hel")), c: holds(role) });
  const stream = clientOf(server).hedge(["a", "b", "c"], { delay: 0 }).stream(request);
  assert.equal((await settled(stream.next())).value.text, "Hel");
  await closed(server, "a");
  await closed(server, "c");
  assert.equal(server.of("b")[0].connection, "open");
  stream.abort();
  await closed(server, "b");
});

test("after the first text nobody else is started, however slowly it goes on", async (t) => {
  const server = await fleet(t, {
    a: async ({ response }) => {
      holds(delta("Hel"))({ response });
      await sleep(400);
      response.end(delta("lo", "stop") + DONE);
    },
    b: says("of b"),
  });
  const text = await settled(clientOf(server).hedge(["a", "b"], { delay: 150 }).stream(request).text());
  assert.equal(text, "Hello");
  assert.deepEqual(server.labels(), ["a"]);
});

test("a winner that breaks later is the stream's error", async (t) => {
  const server = await fleet(t, { a: silent, b: breaksAfter("Hel"), c: says("of c") });
  const target = clientOf(server).hedge(["a", "b", "c"], { delay: 0 });
  server.answers.c = silent;
  const error = await rejection(target.stream(request).text());
  assert.deepEqual([error.name, error.partialText], ["TruncatedStreamError", "Hel"]);
  assert.equal(error.attempts.length, 3);
});

test("a winner that breaks later is taken over by a chain around the hedge", async (t) => {
  const server = await fleet(t, { a: silent, b: breaksAfter("Hel"), c: says("lo") });
  const client = clientOf(server);
  const hedge = client.hedge(["a", "b"], { delay: 0 });
  const stream = client.fallback([hedge, "c"], { midStream: "continue" }).stream(request);
  assert.equal(await settled(stream.text()), "Hello");
});

test("an answer without text wins when it is over, and not before", async (t) => {
  const server = await fleet(t, { a: sends(role, delta("", "stop"), DONE), b: silent });
  const { text, target } = await settled(
    clientOf(server).hedge(["a", "b"], { delay: 0 }).stream(request).completion(),
  );
  assert.deepEqual([text, target], ["", "a"]);
});

test("a stream that ends before its first text has lost, and says nothing", async (t) => {
  const server = await fleet(t, { a: sends(role), b: late(100, says("of b")) });
  const target = clientOf(server).hedge(["a", "b"], { delay: 0 });
  assert.equal(await settled(target.stream(request).text()), "of b");
});

test("costUsd is the winner's", async (t) => {
  const server = await fleet(t, { a: silent, b: json({ output_text: "of b", cost_usd: 0.5 }) });
  const client = clientOf(server);
  const target = client.hedge([client.deployment("a", { instance: "t4-small" }), "b"], { delay: 0 });
  assert.equal((await settled(target.invoke(request))).costUsd, 0.5);
});

test("hedges nest, and each race is decided on its own", async (t) => {
  const server = await fleet(t, { a: silent, b: silent, c: silent, d: says("of d") });
  const client = clientOf(server);
  const target = client.hedge(
    [client.hedge(["a", "b"], { delay: 50 }), client.hedge(["c", "d"], { delay: 50 })],
    { delay: 200 },
  );
  for (const call of Object.values(calls)) {
    server.asked.length = 0;
    assert.equal((await settled(call(target))).target, "d");
    for (const label of ["a", "b", "c"]) await closed(server, label);
  }
});
