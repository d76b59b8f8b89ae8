// The circuit breaker: a target that failed for good is skipped for 30 s, and then tried by one call, its probe.
//
// The package's clock is `performance.now()`, which is put forward here between calls: no test waits.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import "../package/unhandled.mjs";
import { delta } from "../package/sockets.mjs";
import { rejection, settled, until } from "../package/waiting.mjs";
import { breaksAfter, clientOf, fleet, holds, says, silent, status } from "./fleet.mjs";

const request = { prompt: "Hi." };
const now = performance.now.bind(performance);
let ahead = 0;
performance.now = () => now() + ahead;
afterEach(() => (ahead = 0));
const pass = (ms) => (ahead += ms);

const calls = {
  "invoke()": async (target, options) => (await settled(target.invoke(request, options))).target,
  "stream()": async (target, options) => (await settled(target.stream(request, options).completion())).target,
};

for (const [how, call] of Object.entries(calls)) {
  test(`a target that failed for good is skipped by ${how} for 30 s, and then tried`, async (t) => {
    const server = await fleet(t, { a: status(503), b: says("Hello") });
    const target = clientOf(server, { maxRetries: 1 }).fallback(["a", "b"]);
    assert.equal(await call(target), "b");
    assert.deepEqual(server.labels(), ["a", "a", "b"]);
    server.asked.length = 0;
    assert.equal(await call(target), "b");
    pass(25_000);
    assert.equal(await call(target), "b");
    assert.deepEqual(server.labels(), ["b", "b"]);
    server.answers.a = says("Hello");
    pass(5001);
    assert.equal(await call(target), "a", "the probe");
    assert.equal(await call(target), "a", "which closed the circuit");
  });

  test(`half-open, one call of ${how} tries it while the others skip it`, async (t) => {
    const server = await fleet(t, { a: status(503), b: says("Hello") });
    const target = clientOf(server).fallback(["a", "b"]);
    await call(target);
    pass(30_001);
    let answer;
    server.answers.a = (asked) => (answer = () => says("Hello")(asked));
    const probe = call(target);
    await until(() => answer, "the probe is there");
    for (let i = 0; i < 3; i++) assert.equal(await call(target), "b");
    answer();
    assert.equal(await probe, "a");
    server.answers.a = says("Hello");
    assert.equal(await call(target), "a");
    assert.equal(server.of("a").length, 3);
  });

  test(`half-open, of many calls of ${how} at once one is the probe`, async (t) => {
    const server = await fleet(t, { a: status(503), b: says("Hello") });
    const target = clientOf(server).fallback(["a", "b"]);
    await call(target);
    pass(30_001);
    await Promise.all(Array.from({ length: 10 }, () => call(target)));
    assert.equal(server.of("a").length, 2);
  });

  test(`a probe of ${how} that fails opens the circuit for another 30 s`, async (t) => {
    const server = await fleet(t, { a: status(503), b: says("Hello") });
    const target = clientOf(server).fallback(["a", "b"]);
    await call(target);
    pass(30_001);
    await call(target);
    pass(29_000);
    await call(target);
    assert.equal(server.of("a").length, 2);
    pass(1001);
    await call(target);
    assert.equal(server.of("a").length, 3);
  });

  test(`with all circuits open, ${how} tries all in order`, async (t) => {
    const server = await fleet(t, { a: status(503), b: status(404), c: status(400) });
    const target = clientOf(server).fallback(["a", "b", "c"]);
    for (let i = 0; i < 2; i++) {
      server.asked.length = 0;
      const error = await rejection(call(target));
      assert.equal(error.errors.length, 3);
      assert.deepEqual(server.labels(), ["a", "b", "c"]);
    }
    server.answers.b = says("Hello");
    assert.equal(await call(target), "b");
    server.asked.length = 0;
    assert.equal(await call(target), "b", "which is closed again, and the only one");
    assert.deepEqual(server.labels(), ["b"]);
  });

  test(`a call of ${how} that is cancelled says nothing about its target`, async (t) => {
    const server = await fleet(t, { a: silent, b: says("Hello") });
    const target = clientOf(server).fallback(["a", "b"]);
    const cancelled = async () => {
      const controller = new AbortController();
      const before = server.of("a").length;
      const calling = rejection(call(target, { signal: controller.signal }));
      await until(() => server.of("a").length > before, "a is asked");
      controller.abort("enough");
      assert.equal(await calling, "enough");
    };
    await cancelled();
    server.answers.a = says("Hello");
    assert.equal(await call(target), "a", "its circuit is closed");
    server.answers.a = status(503);
    await call(target);
    pass(30_001);
    server.answers.a = silent;
    await cancelled();
    server.answers.a = says("Hello");
    assert.equal(await call(target), "a", "the next call is the probe");
  });
}

test("an error that is the caller's own says nothing about its target", async (t) => {
  const server = await fleet(t, { a: status(401), b: says("Hello") });
  const client = clientOf(server);
  const target = client.fallback(["a", "b"]);
  await rejection(target.invoke(request));
  await rejection(target.invoke(request));
  assert.deepEqual(server.labels(), ["a", "a"]);
  server.asked.length = 0;
  server.answers.a = status(503);
  const strict = client.fallback(["a", "b"], { shouldFallback: () => false });
  await rejection(strict.invoke(request));
  await rejection(strict.invoke(request));
  assert.deepEqual(server.labels(), ["a", "a"]);
});

test("a break in mid-stream opens the circuit, and a stream that ends well closes it", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("lo") });
  for (const midStream of ["continue", "restart"]) {
    const target = clientOf(server).fallback(["a", "b"], { midStream });
    server.asked.length = 0;
    await settled(target.stream(request).text());
    assert.equal(await settled(target.stream(request).text()), "lo");
    assert.deepEqual(server.labels(), ["a", "b", "b"]);
  }
  const target = clientOf(server).fallback(["a", "b"]);
  await rejection(target.stream(request).text());
  assert.equal(await settled(target.stream(request).text()), "lo");
});

test("the breaker is the client's, shared by all of its targets and streams", async (t) => {
  const server = await fleet(t, { a: status(503), b: says("Hello") });
  const [one, other] = [clientOf(server), clientOf(server)];
  await settled(one.fallback(["a", "b"]).invoke(request));
  server.asked.length = 0;
  await settled(one.fallback(["a", "b"]).stream(request).text());
  await settled(one.fallback([one.deployment("a"), "b"]).invoke(request));
  assert.deepEqual(server.labels(), ["b", "b"]);
  server.asked.length = 0;
  await settled(other.fallback(["a", "b"]).invoke(request));
  assert.deepEqual(server.labels(), ["a", "b"]);
});

test("it is the chain that skips: a call of the deployment itself is sent", async (t) => {
  const server = await fleet(t, { a: status(503), b: says("Hello") });
  const client = clientOf(server);
  await settled(client.fallback(["a", "b"]).invoke(request));
  server.answers.a = says("Hello");
  assert.equal((await settled(client.deployment("a").invoke(request))).target, "a");
  assert.equal((await settled(client.hedge(["a", "b"], { delay: 9000 }).invoke(request))).target, "a");
});

test("deployments of the same id at two addresses have two circuits", async (t) => {
  const [one, other] = [await fleet(t, { a: status(503) }), await fleet(t, { a: says("Hello") })];
  const client = clientOf(one);
  const target = client.fallback(["a", clientOf(other).deployment("a")]);
  for (let i = 0; i < 3; i++) assert.equal((await settled(target.invoke(request))).text, "Hello");
  assert.deepEqual([one.asked.length, other.asked.length], [1, 3]);
});

test("a combination that failed is skipped as a whole", async (t) => {
  const server = await fleet(t, { a: status(503), b: status(503), c: says("Hello") });
  const client = clientOf(server);
  const target = client.fallback([client.hedge(["a", "b"], { delay: 0 }), client.fallback(["a", "b"]), "c"]);
  await settled(target.invoke(request));
  assert.equal(server.asked.length, 5);
  server.asked.length = 0;
  await settled(target.invoke(request));
  assert.deepEqual(server.labels(), ["c"]);
});

test("a probe that is left open does not keep its target from others for ever", async (t) => {
  const server = await fleet(t, { a: status(503), b: says("Hello") });
  const target = clientOf(server, { idleTimeout: 0, firstTextTimeout: 0 }).fallback(["a", "b"]);
  await settled(target.stream(request).text());
  pass(30_001);
  server.answers.a = holds(delta("Hel"));
  const probe = target.stream(request);
  await settled(probe.next());
  assert.equal(await settled(target.stream(request).text()), "Hello");
  assert.equal(server.of("a").length, 2);
  pass(30_001);
  server.answers.a = says("of a");
  assert.equal(await settled(target.stream(request).text()), "of a");
  probe.abort();
});
