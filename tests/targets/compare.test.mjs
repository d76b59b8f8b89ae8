// Comparing: all targets at once, their events as they arrive, and what became of each.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { DONE, delta } from "../package/sockets.mjs";
import { collect, rejection, settled, until } from "../package/waiting.mjs";
import {
  breaksAfter,
  clientOf,
  fleet,
  holds,
  late,
  says,
  silent,
  slowly,
  status,
  textsOf,
} from "./fleet.mjs";

const { PureRouter } = purerouter;
const request = { prompt: "Hi." };
const over = (server) =>
  until(() => server.asked.every(({ connection }) => connection !== "open"), "every request is over");
const textOf = (all, index) =>
  textsOf(all.filter((one) => one.index === index).map(({ event }) => event)).join("");

test("all targets are asked at once, by a stream each", async (t) => {
  const server = await fleet(t, {
    a: holds(delta("a")),
    b: holds(delta("b")),
    "profile:x": holds(delta("x")),
  });
  const client = clientOf(server);
  const asked = { prompt: "Hi.", max_tokens: 5 };
  const comparison = client.compare(["a", client.deployment("b"), client.profile("x")], asked);
  await until(() => server.asked.length === 3, "all are asked, before anybody reads");
  for (const { label, body } of server.asked) {
    const expected = { ...asked, stream: true, ...(label === "profile:x" ? { profile: "x" } : {}) };
    assert.deepEqual(body, expected);
  }
  for await (const _ of comparison) break;
  await over(server);
});

test("events come as they arrive, each with the place and the label of its target", async (t) => {
  const take = [];
  const turns = [0, 1, 2, 3, 4].map((n) => new Promise((resolve) => (take[n] = resolve)));
  const server = await fleet(t, {
    a: async ({ response }) => {
      holds(delta("1"))({ response });
      await turns[3];
      response.end(delta("3") + DONE);
    },
    b: async ({ response }) => {
      await turns[2];
      holds(delta("2"))({ response });
      await turns[4];
      response.end(delta("4") + DONE);
    },
  });
  const seen = [];
  for await (const one of clientOf(server).compare(["a", "b"], request)) {
    assert.deepEqual(Object.keys(one), ["index", "target", "event"]);
    seen.push([one.index, one.target, one.event.text]);
    take[seen.length + 1]?.();
  }
  assert.deepEqual(seen, [
    [0, "a", "1"],
    [1, "b", "2"],
    [0, "a", "3"],
    [1, "b", "4"],
  ]);
});

test("the same target twice is two lanes", async (t) => {
  const server = await fleet(t, { a: ({ count, ...asked }) => says(`answer ${count}`)(asked) });
  const comparison = clientOf(server).compare(["a", "a"], request);
  const texts = (await settled(comparison.results)).map(({ completion }) => completion.text);
  assert.deepEqual(texts.sort(), ["answer 1", "answer 2"]);
});

test("combinations are lanes like others, by their own labels", async (t) => {
  const server = await fleet(t, { a: status(503), b: says("of b"), c: silent });
  const client = clientOf(server);
  const targets = [client.fallback(["a", "b"]), client.hedge(["c", "b"], { delay: 0 }), "b"];
  const comparison = client.compare(targets, request);
  const all = await collect(comparison);
  const labels = ["fallback(a, b)", "hedge(c, b)", "b"];
  for (const { index, target } of all) assert.equal(target, labels[index]);
  for (const index of [0, 1, 2]) assert.equal(textOf(all, index), "of b");
  const results = await settled(comparison.results);
  assert.deepEqual(
    results.map(({ target }) => target),
    labels,
  );
  for (const { completion } of results) assert.equal(completion.target, "b");
  assert.equal(results[0].completion.attempts.length, 2);
});

const reads = {
  "without iterating": async (comparison) => settled(comparison.results),
  "after iterating": async (comparison) => {
    await collect(comparison);
    return settled(comparison.results);
  },
  "beside iterating": async (comparison) => {
    const { results } = comparison;
    await collect(comparison);
    return settled(results);
  },
};
for (const [how, read] of Object.entries(reads)) {
  test(`results, read ${how}, are those of the targets in order; one that fails does not disturb the others`, async (t) => {
    const server = await fleet(t, {
      a: late(200, says("of a")),
      b: status(404),
      c: says("of ", "c"),
      d: breaksAfter("Hel"),
    });
    const client = clientOf(server);
    const targets = ["a", "b", "c", "d", client.fallback(["b"])];
    const comparison = client.compare(targets, request);
    const results = await read(comparison);
    const told = results.map(({ target, completion, error }) => [target, completion?.text, error?.name]);
    assert.deepEqual(told, [
      ["a", "of a", undefined],
      ["b", undefined, "NotFoundError"],
      ["c", "of c", undefined],
      ["d", undefined, "TruncatedStreamError"],
      ["fallback(b)", undefined, "FallbackError"],
    ]);
    for (const result of results) {
      const { completion, error, timing } = result;
      assert.equal("completion" in result, error === undefined);
      assert.equal("error" in result, completion === undefined);
      assert.deepEqual(Object.keys(timing), ["headersMs", "firstTextMs", "totalMs", "tokensPerSecond"]);
      assert.ok(timing.totalMs > 0);
      if (completion) assert.deepEqual(timing, completion.timing);
    }
    assert.equal(results[3].error.partialText, "Hel");
    assert.ok(results[3].timing.firstTextMs >= results[3].timing.headersMs);
    assert.ok(results[0].timing.headersMs >= 200);
    assert.deepEqual([results[4].timing.headersMs, results[4].timing.firstTextMs], [null, null]);
    assert.equal(comparison.results, comparison.results, "asked again, they are the same");
  });
}

test("iterating gives the events of a lane up to its failure, and ends well", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: late(100, says("of b")), c: status(404) });
  const all = await collect(clientOf(server).compare(["a", "b", "c"], request));
  assert.deepEqual([textOf(all, 0), textOf(all, 1), textOf(all, 2)], ["Hel", "of b", ""]);
});

test("iterating where every lane fails ends without an event", async (t) => {
  const server = await fleet(t, {});
  const comparison = clientOf(server).compare(["a", "b"], request);
  assert.deepEqual(await collect(comparison), []);
  for (const { error } of await settled(comparison.results)) assert.equal(error.name, "NotFoundError");
});

test("a restart within a lane is one of its events", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("Good day") });
  const client = clientOf(server);
  const comparison = client.compare([client.fallback(["a", "b"], { midStream: "restart" })], request);
  const all = await collect(comparison);
  assert.deepEqual(
    all.map(({ event }) => event.event).filter((event) => event === "restart"),
    ["restart"],
  );
  const [{ completion }] = await settled(comparison.results);
  assert.equal(completion.text, "Good day");
});

for (const [what, reason, expected] of [
  ["its reason", "enough", (error) => error === "enough"],
  ["an AbortError", undefined, (error) => error instanceof DOMException && error.name === "AbortError"],
]) {
  test(`an abort ends every lane: iterating rejects with ${what}, results has it in each unfinished lane`, async (t) => {
    const server = await fleet(t, { a: says("of a"), b: holds(delta("Hel")), c: silent, d: status(404) });
    const controller = new AbortController();
    const { signal } = controller;
    const client = clientOf(server);
    const targets = ["a", "b", "c", "d", client.fallback(["c", "a"]), client.hedge(["c", "b"], { delay: 0 })];
    const comparison = client.compare(targets, request, { signal });
    const seen = [];
    const iterating = rejection(
      (async () => {
        for await (const one of comparison) seen.push(one);
      })(),
    );
    await until(() => [0, 1, 5].every((index) => textOf(seen, index) !== ""), "what can come has come");
    controller.abort(reason);
    assert.ok(expected(await iterating));
    const results = await settled(comparison.results);
    assert.equal(results[0].completion.text, "of a");
    assert.equal(results[3].error.name, "NotFoundError");
    for (const index of [1, 2, 4, 5]) assert.ok(expected(results[index].error), `lane ${index}`);
    for (const { timing } of results) assert.ok(timing.totalMs > 0);
    await over(server);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
}

test("an abort is in the results that nobody iterates for", async (t) => {
  const server = await fleet(t, { a: holds(delta("Hel")), b: silent });
  const controller = new AbortController();
  const { results } = clientOf(server).compare(["a", "b"], request, { signal: controller.signal });
  await until(() => server.asked.length === 2, "both are asked");
  controller.abort("enough");
  for (const { error } of await settled(results)) assert.equal(error, "enough");
  await over(server);
});

test("a signal that was aborted before lets nothing be sent", async () => {
  const client = new PureRouter({ fetch: () => assert.fail("nothing may be sent") });
  const { signal } = { signal: AbortSignal.abort("enough") };
  const comparison = client.compare(["a", client.fallback(["b"])], request, { signal });
  assert.equal(await rejection(collect(comparison)), "enough");
  for (const { error } of await settled(comparison.results)) assert.equal(error, "enough");
});

for (const [how, leave] of Object.entries({
  break: async (comparison) => {
    for await (const _ of comparison) break;
  },
  "an error in the loop": async (comparison) => {
    const thrown = new Error("of the loop");
    const looped = (async () => {
      for await (const _ of comparison) throw thrown;
    })();
    assert.equal(await rejection(looped), thrown);
  },
  "return()": async (comparison) => {
    const iterator = comparison[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return();
  },
})) {
  test(`leaving the loop by ${how} cancels what is under way`, async (t) => {
    const server = await fleet(t, { a: holds(delta("Hel")), b: silent, c: silent });
    const client = clientOf(server);
    const { signal } = new AbortController();
    const comparison = client.compare(["a", "b", client.hedge(["c", "b"], { delay: 0 })], request, {
      signal,
    });
    await settled(leave(comparison));
    await until(
      () => server.asked.length === 4 && server.asked.every((one) => one.connection === "closed"),
      "gone",
    );
    for (const { error } of await settled(comparison.results)) assert.equal(error.name, "AbortError");
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
}

test("a slow reader holds every lane back", async (t) => {
  const endless = ({ response }) => {
    holds()({ response });
    const more = () => {
      while (!response.destroyed && response.write(delta("x".repeat(1000))));
    };
    response.on("drain", more);
    more();
  };
  const server = await fleet(t, { a: endless, b: endless });
  const iterator = clientOf(server).compare(["a", "b"], request)[Symbol.asyncIterator]();
  for (let i = 0; i < 10; i++) await settled(iterator.next());
  const before = process.memoryUsage().arrayBuffers;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 22);
  await iterator.return();
  await over(server);
});

test("iterating once the results have read everything says so, and disturbs nothing", async (t) => {
  const server = await fleet(t, { a: late(100, says("of a")) });
  const comparison = clientOf(server).compare(["a"], request);
  const { results } = comparison;
  await Promise.resolve();
  const error = await rejection(collect(comparison));
  assert.equal(error.constructor, TypeError);
  const [{ completion }] = await settled(results);
  assert.equal(completion.text, "of a");
});

const offline = new PureRouter({ fetch: () => assert.fail("nothing may be sent") });
const wrong = {
  "no targets": [[undefined, request], TypeError, /compare\(\)/],
  "an empty list": [[[], request], RangeError, /compare\(\)/],
  "a target that is none": [[["a", 1], request], TypeError, /compare\(\).*number/],
  "a bad id": [[["a", ""], request], TypeError, /^id/],
  "no request": [[["a"]], TypeError, /request/],
  "an empty request": [[["a"], {}], TypeError, /prompt/],
  "a bad field": [[["a"], { prompt: "Hi.", top_p: "1" }], TypeError, /top_p/],
  "an unknown option": [[["a"], request, { delay: 5 }], TypeError, /delay/],
  "a bad option": [[["a"], request, { timeout: -1 }], RangeError, /timeout/],
};
for (const [what, [args, type, words]] of Object.entries(wrong)) {
  test(`${what} rejects where it is read, before anything is sent`, async () => {
    const check = (error) => {
      assert.equal(error.constructor, type, error.message);
      assert.match(error.message, words);
    };
    check(await rejection(collect(offline.compare(...args))));
    check(await rejection(offline.compare(...args).results));
    const comparison = offline.compare(...args);
    check(await rejection(collect(comparison)));
    check(await rejection(comparison.results));
    offline.compare(...args);
  });
}

test("the total timeout ends each lane by itself", async (t) => {
  const server = await fleet(t, {
    a: says("of a"),
    b: holds(delta("Hel")),
    c: slowly(20, delta("of c"), DONE),
  });
  const comparison = clientOf(server).compare(["a", "b", "c"], request, { timeout: 1500 });
  await collect(comparison);
  const results = await settled(comparison.results);
  assert.deepEqual(
    results.map(({ completion, error }) => completion?.text ?? error.phase),
    ["of a", "total", "of c"],
  );
});
