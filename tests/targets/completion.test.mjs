// A target's `Completion`: its fields in every shape of the wire, its price, its times and its attempts.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { DONE, delta } from "../package/sockets.mjs";
import { rejection, settled } from "../package/waiting.mjs";
import { clientOf, first, fleet, json, late, says, sends, silent, slowly, status } from "./fleet.mjs";

const { estimateCost } = purerouter;
const request = { prompt: "Hi." };
const FIELDS = [
  "text",
  "finishReason",
  "usage",
  "model",
  "provider",
  "target",
  "costUsd",
  "timing",
  "attempts",
  "raw",
];
const event = (value) => `data: ${JSON.stringify(value)}\n\n`;

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, cached: { tokens: 1 } };
const wire = {
  text: {
    answer: { choices: [{ text: "Hello", finish_reason: "stop" }], usage, model: "m-1" },
    expected: { text: "Hello", finishReason: "stop", usage, model: "m-1", provider: null, costUsd: null },
  },
  "a chat message": {
    answer: {
      choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "length" }],
      model: "m-2",
    },
    expected: {
      text: "Hello",
      finishReason: "length",
      usage: null,
      model: "m-2",
      provider: null,
      costUsd: null,
    },
  },
  "output_text, as infer has it": {
    answer: {
      output_text: "Hello",
      provider: "p",
      model_id: "m-3",
      task: "chat",
      profile: "balanced",
      latency_ms: 5,
      usage,
      cost_usd: 0.004,
      raw: { anything: 1 },
    },
    expected: { text: "Hello", finishReason: null, usage, model: "m-3", provider: "p", costUsd: 0.004 },
  },
  "nothing that is known": {
    answer: { choices: [] },
    expected: { text: "", finishReason: null, usage: null, model: null, provider: null, costUsd: null },
  },
  nulls: {
    answer: { choices: [{ text: null, finish_reason: null }], usage: null, model: null, cost_usd: null },
    expected: { text: "", finishReason: null, usage: null, model: null, provider: null, costUsd: null },
  },
};

for (const [shape, { answer, expected }] of Object.entries(wire)) {
  test(`invoke() with ${shape} gives a Completion with every field`, async (t) => {
    const server = await fleet(t, { a: json(answer), "profile:x": json(answer) });
    const client = clientOf(server);
    for (const target of [
      client.deployment("a"),
      client.profile("x"),
      client.fallback(["a"]),
      client.hedge(["a"], { delay: 0 }),
    ]) {
      const completion = await settled(target.invoke(request));
      assert.deepEqual(Object.keys(completion).sort(), [...FIELDS].sort());
      const { timing, attempts, raw, target: served, ...rest } = completion;
      assert.deepEqual(rest, expected);
      assert.equal(served, server.asked.at(-1).label);
      assert.deepEqual(raw, answer);
      assert.equal(attempts.length, 1);
      assert.equal(timing.firstTextMs, null);
      assert.equal(timing.tokensPerSecond, null);
      assert.ok(timing.headersMs > 0 && timing.totalMs >= timing.headersMs);
    }
  });
}

test("a lone surrogate of an answer's text stays what it is", async (t) => {
  const server = await fleet(t, {
    a: ({ response }) => response.writeHead(200).end('{"choices":[{"text":"a\\ud83db\\ud83d\\ude00"}]}'),
  });
  const { text, raw } = await settled(clientOf(server).deployment("a").invoke(request));
  assert.equal(raw.choices[0].text, "a\ud83db😀");
  assert.equal(text, "a\ud83db😀");
});

test("a stream's Completion has every field, and what its last events tell", async (t) => {
  const chunks = [
    event({ choices: [{ delta: { role: "assistant" } }], model: "m", provider: "p" }),
    event({ choices: [{ delta: { content: "Hel" } }] }),
    event({ choices: [{ delta: { content: "lo" }, finish_reason: "stop" }] }),
    event({ choices: [], usage, cost_usd: 0.5 }),
    DONE,
  ];
  const server = await fleet(t, { a: sends(...chunks), b: status(503) });
  const client = clientOf(server);
  for (const target of [
    client.deployment("a"),
    client.fallback(["b", "a"]),
    client.hedge(["a"], { delay: 0 }),
  ]) {
    const completion = await settled(target.stream(request).completion());
    assert.deepEqual(Object.keys(completion).sort(), [...FIELDS].sort());
    const { timing, attempts, raw, ...rest } = completion;
    assert.deepEqual(rest, {
      text: "Hello",
      finishReason: "stop",
      usage,
      model: "m",
      provider: "p",
      target: "a",
      costUsd: 0.5,
    });
    assert.deepEqual(raw, { choices: [], usage, cost_usd: 0.5 });
    assert.ok(
      timing.headersMs > 0 && timing.firstTextMs >= timing.headersMs && timing.totalMs >= timing.firstTextMs,
    );
    assert.equal(attempts.at(-1).status, 200);
  }
});

test("costUsd is the server's, else the instance's estimate, else null", async (t) => {
  const answers = {
    free: says("Hello"),
    priced: json({ output_text: "Hello", cost_usd: 0.25 }),
    gratis: json({ output_text: "", cost_usd: 0 }),
  };
  const server = await fleet(t, {
    ...answers,
    streamed: sends(event({ output_text: "Hello", cost_usd: 0.25 }), DONE),
  });
  const client = clientOf(server);
  const instance = "a10g-multi";
  const cost = async (id, options) => (await settled(client.deployment(id, options).invoke(request))).costUsd;
  assert.equal(await cost("free"), null);
  assert.equal(await cost("free", { instance: null }), null);
  assert.equal(await cost("priced"), 0.25);
  assert.equal(await cost("priced", { instance }), 0.25);
  assert.equal(await cost("gratis", { instance }), 0);
  for (const target of [
    client.deployment("free", { instance }),
    client.fallback([client.deployment("free", { instance })]),
  ]) {
    for (const completion of [
      await settled(target.invoke(request)),
      await settled(target.stream(request).completion()),
    ]) {
      const { costUsd, timing } = completion;
      const expected = estimateCost({ instance, durationMs: timing.totalMs });
      // By the target's own time, of which the call has a little more.
      assert.ok(costUsd > 0 && costUsd <= expected * 1.01, `${costUsd} of ${expected}`);
      assert.ok(costUsd > expected - estimateCost({ instance, durationMs: 1000 }));
    }
  }
  const stream = client.deployment("streamed", { instance }).stream(request);
  assert.equal((await settled(stream.completion())).costUsd, 0.25);
});

test("an estimate is of the target that served, from when it was first asked", async (t) => {
  const server = await fleet(t, { a: late(600, status(404)), b: says("Hello") });
  const client = clientOf(server);
  const backup = client.deployment("b", { instance: "t4-small" });
  const a = client.deployment("a", { instance: "a10g-multi" });
  const { costUsd, timing } = await settled(client.fallback([a, backup]).invoke(request));
  assert.ok(timing.totalMs >= 600);
  const whole = estimateCost({ instance: "t4-small", durationMs: timing.totalMs });
  const wait = estimateCost({ instance: "t4-small", durationMs: 590 });
  assert.ok(costUsd > 0 && costUsd <= whole - wait, `${costUsd} of ${whole}, where ${wait} was another's`);
});

test("timing counts from the call's start, the failed targets included", async (t) => {
  const server = await fleet(t, { a: late(300, status(404)), b: says("Hello") });
  const target = clientOf(server).fallback(["a", "b"]);
  for (const { timing } of [
    await settled(clientOf(server).fallback(["a", "b"]).invoke(request)),
    await settled(target.stream(request).completion()),
  ]) {
    assert.ok(timing.headersMs >= 300, `${timing.headersMs}`);
    assert.ok(timing.firstTextMs === null || timing.firstTextMs >= timing.headersMs);
    assert.ok(timing.totalMs >= timing.headersMs);
  }
});

test("tokensPerSecond is the usage's tokens, else the deltas, over the time since the first text", async (t) => {
  const server = await fleet(t, {
    counted: slowly(
      150,
      delta("one"),
      delta("two", "stop"),
      event({ choices: [], usage: { completion_tokens: 60 } }) + DONE,
    ),
    uncounted: slowly(150, delta("one"), delta("two"), delta("three", "stop") + DONE),
  });
  for (const [id, tokens] of [
    ["counted", 60],
    ["uncounted", 3],
  ]) {
    const stream = clientOf(server).fallback([id]).stream(request);
    const { timing } = await settled(stream.completion());
    const seconds = (timing.totalMs - timing.firstTextMs) / 1000;
    assert.ok(seconds > 0.25, `${seconds}`);
    assert.ok(Math.abs(timing.tokensPerSecond - tokens / seconds) < 1e-6, `${timing.tokensPerSecond}`);
  }
});

const ATTEMPT = ["target", "attempt", "status", "error", "startedMs", "durationMs", "retryInMs"];
const short = ({ target, attempt, status, error }) => [target, attempt, status, error?.name ?? null];

/** Retried once and then given up, refused at once, and answered at the second attempt. */
const answers = () => ({ a: status(503), b: status(404), c: first(status(503), says("Hello")) });
const story = [
  ["a", 1, 503, "InternalServerError"],
  ["a", 2, 503, "InternalServerError"],
  ["b", 1, 404, "NotFoundError"],
  ["c", 1, 503, "InternalServerError"],
  ["c", 2, 200, null],
];

for (const [how, call] of Object.entries({
  "invoke()": (target, options) => target.invoke(request, options),
  "stream()": (target, options) => target.stream(request, options).completion(),
})) {
  test(`attempts of ${how} are those of all targets in order, counted from 1 in each`, async (t) => {
    const server = await fleet(t, answers());
    const seen = [];
    const target = clientOf(server, { maxRetries: 1 }).fallback(["a", "b", "c"]);
    const { attempts } = await settled(call(target, { onAttempt: (attempt) => seen.push(attempt) }));
    assert.deepEqual(attempts.map(short), story);
    assert.deepEqual(seen, attempts);
    for (const attempt of attempts) assert.deepEqual(Object.keys(attempt), ATTEMPT);
    const waits = attempts.map(({ retryInMs }) => retryInMs !== null);
    assert.deepEqual(waits, [true, false, false, true, false]);
    let ended = 0;
    for (const { startedMs, durationMs, retryInMs } of attempts) {
      assert.ok(startedMs >= ended, `begun at ${startedMs}, the one before ended at ${ended}`);
      ended = startedMs + durationMs + (retryInMs ?? 0) * 0.9;
    }
  });

  test(`attempts of ${how} that fails are on its error; each error of a target has its own`, async (t) => {
    const server = await fleet(t, { ...answers(), c: status(400) });
    const seen = [];
    const options = { onAttempt: (attempt) => seen.push(attempt) };
    const target = clientOf(server, { maxRetries: 1 }).fallback(["a", "b", "c"]);
    const error = await rejection(call(target, options));
    assert.equal(error.name, "FallbackError");
    const expected = [...story.slice(0, 3), ["c", 1, 400, "BadRequestError"]];
    assert.deepEqual(error.attempts.map(short), expected);
    assert.deepEqual(seen, error.attempts);
    assert.deepEqual(
      error.errors.map(({ attempts }) => attempts.map(short)),
      [expected.slice(0, 2), expected.slice(2, 3), expected.slice(3)],
    );
    for (const [i, index] of [1, 2, 3].entries()) assert.equal(error.attempts[index].error, error.errors[i]);
  });

  test(`attempts of ${how} over a single deployment or profile`, async (t) => {
    const server = await fleet(t, { a: first(status(503), says("Hello")), "profile:x": status(404) });
    const client = clientOf(server, { maxRetries: 1 });
    const { attempts } = await settled(call(client.deployment("a")));
    assert.deepEqual(attempts.map(short), [
      ["a", 1, 503, "InternalServerError"],
      ["a", 2, 200, null],
    ]);
    const error = await rejection(call(client.profile("x")));
    assert.deepEqual(error.attempts.map(short), [["profile:x", 1, 404, "NotFoundError"]]);
  });
}

test("an error of a chain within a chain has the attempts of its own targets", async (t) => {
  const server = await fleet(t, { a: status(503), b: status(404), c: status(400) });
  const client = clientOf(server);
  const error = await rejection(client.fallback([client.fallback(["a", "b"]), "c"]).invoke(request));
  const labels = (error) => error.attempts.map(({ target }) => target);
  assert.deepEqual(labels(error), ["a", "b", "c"]);
  assert.deepEqual(error.errors.map(labels), [["a", "b"], ["c"]]);
  assert.equal(error.errors[0].name, "FallbackError");
});

test("what onAttempt throws changes nothing for the call", async (t) => {
  const log = t.mock.method(console, "error", () => {});
  const server = await fleet(t, { a: status(404), b: says("Hello") });
  const onAttempt = () => {
    throw new Error("broken observer");
  };
  const target = clientOf(server).fallback(["a", "b"]);
  assert.equal((await settled(target.invoke(request, { onAttempt }))).text, "Hello");
  assert.equal(log.mock.callCount(), 2);
});

test("an attempt of a target that lost its race is in the log, with the reason", async (t) => {
  const server = await fleet(t, { a: silent, b: says("Hello") });
  for (const call of [(target) => target.invoke(request), (target) => target.stream(request).completion()]) {
    const target = clientOf(server).hedge(["a", "b"], { delay: 0 });
    const { attempts, target: served } = await settled(call(target));
    assert.equal(served, "b");
    const lost = attempts.find(({ target }) => target === "a");
    assert.equal(lost.error.name, "AbortError");
    assert.equal(lost.retryInMs, null);
    assert.equal(attempts.find(({ target }) => target === "b").error, null);
  }
});
