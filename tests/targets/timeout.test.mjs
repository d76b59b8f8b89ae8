// `timeout`: one for the call with all of its targets, and no reason to ask another one. The timeouts of an attempt
// are each target's own.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "../package/unhandled.mjs";
import { delta } from "../package/sockets.mjs";
import { collect, rejection, settled, until } from "../package/waiting.mjs";
import { breaksAfter, clientOf, fleet, holds, late, says, silent, slowly, status } from "./fleet.mjs";

const request = { prompt: "Hi." };
const timeout = 2000;
const reads = {
  "invoke()": (target, options) => target.invoke(request, options),
  events: (target, options) => collect(target.stream(request, options)),
  "textStream()": (target, options) => collect(target.stream(request, options).textStream()),
  "text()": (target, options) => target.stream(request, options).text(),
  "toReadableStream()": (target, options) =>
    new Response(target.stream(request, options).toReadableStream()).text(),
  "tee()": (target, options) => target.stream(request, options).tee()[0].text(),
};
const halfway = { response: (asked) => late(300, status(503))(asked) };

const chains = {
  "of a fallback": (client) => client.fallback(["a", "b", "c"]),
  "of a fallback that continues": (client) => client.fallback(["a", "b", "c"], { midStream: "continue" }),
  "of a fallback that always goes on": (client) =>
    client.fallback(["a", "b", "c"], { shouldFallback: () => true }),
  "of a hedge": (client) => client.hedge(["a", "b", "c"], { delay: 60_000 }),
  "of a chain in a chain": (client) => client.fallback([client.fallback(["a", "b"]), "c"]),
  "of a hedge in a chain": (client) => client.fallback([client.hedge(["a", "b"], { delay: 10 }), "c"]),
};
describe("timeouts that run side by side", { concurrency: true }, () => {
  for (const [what, make] of Object.entries(chains)) {
    test(`the total timeout ${what} covers all targets, and is no FallbackError`, async (t) => {
      const server = await fleet(t, { a: halfway.response, b: silent, c: says("Hello") });
      const all = Object.entries(reads).map(async ([how, read]) => {
        const error = await rejection(read(make(clientOf(server)), { timeout }));
        assert.deepEqual(
          [error.name, error.phase, error.timeoutMs],
          ["APITimeoutError", "total", timeout],
          how,
        );
        assert.deepEqual(
          error.attempts.map(({ target }) => target).sort(),
          ["a", "b"],
          `${how} has the attempts of both`,
        );
      });
      await Promise.all(all);
      await until(() => server.of("b").every(({ connection }) => connection === "closed"), "b is let go");
      assert.deepEqual(server.of("c"), []);
    });
  }
});

test("the total timeout runs on through a break in mid-stream", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: holds(delta("lo")), c: says("!") });
  for (const midStream of ["continue", "restart"]) {
    const target = clientOf(server).fallback(["a", "b", "c"], { midStream });
    const error = await rejection(target.stream(request, { timeout }).text());
    assert.deepEqual([error.name, error.phase], ["APITimeoutError", "total"]);
    assert.equal(error.partialText, midStream === "continue" ? "Hello" : "lo");
  }
  assert.deepEqual(server.of("c"), []);
});

test("the total timeout of the client holds for its targets, and a call's replaces it", async (t) => {
  const server = await fleet(t, { a: silent, b: late(400, says("Hello")) });
  const client = clientOf(server, { timeout: 200 });
  assert.equal((await rejection(client.fallback(["a"]).invoke(request))).timeoutMs, 200);
  assert.equal((await settled(client.fallback(["b"]).invoke(request, { timeout: 0 }))).text, "Hello");
});

test("headersTimeout, firstTextTimeout and idleTimeout are each target's own", async (t) => {
  const server = await fleet(t, {
    a: silent,
    b: silent,
    c: late(300, slowly(300, delta("Hel"), delta("lo", "stop"))),
  });
  const limits = { headersTimeout: 500, firstTextTimeout: 1500, idleTimeout: 1500 };
  const stream = clientOf(server).fallback(["a", "b", "c"]).stream(request, limits);
  assert.equal(await settled(stream.text()), "Hello");
  const { attempts } = await settled(stream.completion());
  assert.deepEqual(
    attempts.map(({ error }) => error?.phase),
    ["headers", "headers", undefined],
  );
});

test("a slow reader is no idle timeout behind a failed target, nor before its first read", async (t) => {
  const server = await fleet(t, { a: status(404), b: slowly(50, delta("Hel"), delta("lo", "stop")) });
  const stream = clientOf(server)
    .fallback(["a", "b"])
    .stream(request, { idleTimeout: 250, firstTextTimeout: 400 });
  await settled(stream.response);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal((await settled(stream.next())).value.text, "Hel");
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal((await settled(stream.next())).value.text, "lo");
});
