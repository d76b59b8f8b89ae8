// Where the text of the service in memory comes from, and how it becomes deltas: strings, arrays, functions, generators.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService } from "../../pkg-template/testing.js";
import { events, invoke, stream, texts } from "./calls.mjs";

const make = (behaviour) => createService({ deployments: { a: behaviour } });

/** The text deltas of a stream, without the finish event's. */
async function deltas(behaviour, body) {
  const all = await events(await stream(make(behaviour), body));
  return texts(all).slice(0, -2);
}

async function last(behaviour, body) {
  const all = await events(await stream(make(behaviour), body));
  return all.at(-2).data;
}

test("a string is cut into words, white space before them", async () => {
  const cases = {
    "Hello big world": ["Hello", " big", " world"],
    " \n\nTwo  gaps ": [" \n\nTwo", "  gaps", " "],
    "": [],
    " ": [" "],
  };
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(await deltas({ text }), expected);
});

test("long runs are cut too, never inside a character", async () => {
  for (const text of [
    "🙂".repeat(60),
    `x${"🙂".repeat(60)}`,
    "語".repeat(60),
    `\ud83d${"🙂".repeat(60)}\ude42`,
  ]) {
    const parts = await deltas({ text });
    assert.ok(parts.length > 1);
    assert.equal(parts.join(""), text);
    const cutPairs = parts.filter(
      (part, i) => /[\ud800-\udbff]$/.test(part) && /^[\udc00-\udfff]/.test(parts[i + 1]),
    );
    assert.deepEqual(cutPairs, []);
  }
});

test("an array is one delta each, empty ones and lone surrogates included", async () => {
  const text = ["one two", "", "\ud83d", "\ude42", "\u2028\u0000"];
  assert.deepEqual(await deltas({ text }), text);
  assert.equal((await (await invoke(make({ text }))).json()).choices[0].text, text.join(""));
});

test("a function gets the parsed body, and gives text in any form", async () => {
  const bodies = [];
  const text = (body) => {
    bodies.push(body);
    return `You said ${body.prompt}`;
  };
  assert.deepEqual(await deltas({ text }, { prompt: "Hi.", seed: 7 }), ["You", " said", " Hi."]);
  assert.deepEqual(bodies, [{ prompt: "Hi.", seed: 7, stream: true }]);
  async function* spoken() {
    yield "a b";
    yield "c";
  }
  assert.deepEqual(await deltas({ text: spoken }), ["a b", "c"]);
  assert.deepEqual(await deltas({ text: async () => spoken() }), ["a b", "c"]);
  assert.deepEqual(await deltas({ text: async () => "a b" }), ["a", " b"]);
  assert.deepEqual(await deltas({ text: () => ["a b", "c"] }), ["a b", "c"]);
  assert.deepEqual(await deltas({ text: () => new Set(["a b", "c"]) }), ["a b", "c"]);
});

test("without a text a deployment names itself", async () => {
  assert.equal((await deltas({})).join(""), "This is an emulated answer of a.");
});

test("a generator may report its finish reason and usage", async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 };
  async function* text() {
    yield "a";
    return { finish_reason: "content_filter", usage };
  }
  const end = await last({ text });
  assert.equal(end.choices[0].finish_reason, "content_filter");
  assert.deepEqual(end.usage, usage);
  assert.deepEqual((await last({ text, usage: { completion_tokens: 1 } })).usage, { completion_tokens: 1 });
});

test("max_tokens limits the deltas", async () => {
  const text = ["a", "b", "c"];
  assert.deepEqual(await deltas({ text }, { prompt: "Hi.", max_tokens: 2 }), ["a", "b"]);
  const end = await last({ text }, { prompt: "Hi.", max_tokens: 2 });
  assert.equal(end.choices[0].finish_reason, "length");
  assert.deepEqual(end.usage, { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
  assert.equal((await last({ text }, { prompt: "Hi.", max_tokens: 3 })).choices[0].finish_reason, "stop");
  assert.deepEqual(await deltas({ text }, { prompt: "Hi.", max_tokens: 0 }), []);
  const { choices } = await (await invoke(make({ text }), { prompt: "Hi.", max_tokens: 1 })).json();
  assert.deepEqual([choices[0].text, choices[0].finish_reason], ["a", "length"]);
});

test("max_tokens ends an endless generator", async () => {
  let returned = false;
  async function* text() {
    try {
      for (;;) yield "x";
    } finally {
      returned = true;
    }
  }
  assert.equal((await deltas({ text }, { prompt: "Hi.", max_tokens: 50 })).length, 50);
  assert.equal(returned, true);
});

test("usage: given, estimated, or none", async () => {
  const given = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, cached: true };
  assert.deepEqual((await last({ text: "a", usage: given })).usage, given);
  assert.deepEqual((await last({ text: "a b" }, { prompt: "one two three" })).usage, {
    prompt_tokens: 3,
    completion_tokens: 2,
    total_tokens: 5,
  });
  assert.equal("usage" in (await last({ text: "a", usage: null })), false);
  assert.equal("usage" in (await (await invoke(make({ text: "a", usage: null }))).json()), false);
});

test("tokensPerSecond takes its time, streamed and whole", async () => {
  const behaviour = { text: ["a", "b", "c", "d"], tokensPerSecond: 40 };
  for (const call of [stream, invoke]) {
    const start = performance.now();
    await (await call(make(behaviour))).text();
    const took = performance.now() - start;
    // 4 deltas of 25 ms; timers of Node may be a millisecond early.
    assert.ok(took >= 95, `${took}`);
  }
});

test("paced deltas come each at its time", async () => {
  const start = performance.now();
  const response = await stream(make({ text: ["a", "b", "c"], tokensPerSecond: 20 }));
  const times = [];
  for await (const chunk of response.body) if (chunk) times.push(performance.now() - start);
  assert.equal(times.length, 5);
  for (const index of [0, 1, 2]) assert.ok(times[index] >= (index + 1) * 50 - 5, `${times}`);
});

test("without a pace no timer is set", async (t) => {
  const set = t.mock.method(globalThis, "setTimeout");
  const service = make({ text: "Hello big world" });
  await (await stream(service)).text();
  await (await invoke(service)).text();
  assert.equal(set.mock.callCount(), 0);
});

test("latency is calculated, so that it is the same at every run", async () => {
  const service = make({ text: ["a", "b"], tokensPerSecond: 100 });
  const response = await service.fetch("https://x.test/v1/infer", {
    method: "POST",
    headers: { "x-router-key": "sk_test" },
    body: '{"prompt":"Hi."}',
  });
  assert.equal((await response.json()).latency_ms, 20);
});

test("a text that fails is a server error: as an answer, or as an event", async () => {
  async function* text() {
    yield "a";
    throw new Error("boom");
  }
  const whole = await invoke(make({ text }));
  assert.equal(whole.status, 500);
  assert.match((await whole.json()).error.message, /boom/);
  const all = await events(await stream(make({ text })));
  assert.deepEqual(texts(all.slice(0, 1)), ["a"]);
  assert.equal(all[1].event, "error");
  assert.match(all[1].data.error.message, /boom/);
  assert.equal(all.length, 2);
  const wrong = await (await invoke(make({ text: () => [1] }))).json();
  assert.match(wrong.error.message, /must give strings, not number/);
  const none = await (await invoke(make({ text: () => undefined }))).json();
  assert.match(none.error.message, /must give a string or an iterable/);
});
