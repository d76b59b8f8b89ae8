// The recorded answers that the package ships: whole and labelled, found by their prompts, and replayed at their pace.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService, recorded, recordings } from "../../pkg-template/testing.js";
import { events, invoke, stream, texts } from "./calls.mjs";

const textOf = ({ tokens }) => tokens.map(([, text]) => text).join("");
const find = (word) => recordings.find(({ prompt }) => prompt.includes(word));
const make = (options) => createService({ deployments: { a: { text: recorded(options) } } });
const ask = async (service, body) => (await (await invoke(service, body)).json()).choices[0].text;
const instant = { speed: Infinity };

test("recordings are whole, labelled and cannot be changed", () => {
  assert.ok(recordings.length >= 5);
  for (const recording of recordings) {
    assert.equal(recording.model, "SmolLM2-135M-Instruct");
    assert.match(recording.recordedOn, /^\d{4}-\d\d-\d\d$/);
    assert.equal(recording.tokens.length, recording.usage.completion_tokens);
    assert.ok(["stop", "length"].includes(recording.finishReason));
    const times = recording.tokens.map(([ms]) => ms);
    assert.deepEqual(
      [...times].sort((a, b) => a - b),
      times,
    );
    assert.ok([recording, recording.tokens, recording.tokens[0], recording.usage].every(Object.isFrozen));
  }
  assert.ok(Object.isFrozen(recordings));
});

test("a recorded prompt gets its recording: tokens, finish reason and usage", async () => {
  for (const recording of recordings) {
    const all = await events(await stream(make(instant), { prompt: recording.prompt }));
    const tokens = recording.tokens.map(([, text]) => text);
    assert.deepEqual(texts(all).slice(0, tokens.length), tokens);
    const end = all.at(-2).data;
    assert.equal(end.choices[0].finish_reason, recording.finishReason);
    assert.deepEqual(end.usage, recording.usage);
  }
});

test("another prompt gets the recording it shares most with; of a conversation the last turn counts", async () => {
  const service = make(instant);
  assert.equal(await ask(service, { prompt: "Tell me: what's the SEA like?" }), textOf(find("the sea")));
  const messages = [
    { role: "user", content: "What is HTTP?" },
    { role: "assistant", content: "A protocol." },
    { role: "user", content: [{ type: "text", text: "Caching?" }] },
  ];
  assert.equal(await ask(service, { messages }), textOf(find("caching")));
});

test("a prompt that shares nothing gets always the same recording, others get others", async () => {
  const service = make(instant);
  const answers = new Set();
  for (let i = 0; i < 40; i += 1) {
    const prompt = `zq${i}`;
    const answer = await ask(service, { prompt });
    assert.equal(await ask(make(instant), { prompt }), answer);
    answers.add(answer);
  }
  assert.ok(answers.size > 2);
});

test("max_tokens cuts a recording", async () => {
  const { choices, usage } = await (
    await invoke(make(instant), { prompt: recordings[0].prompt, max_tokens: 3 })
  ).json();
  assert.equal(choices[0].finish_reason, "length");
  assert.equal(usage.completion_tokens, 3);
});

test("tokens come when they came, or at a multiple of that", async () => {
  const slow = [
    {
      ...recordings[0],
      tokens: [
        [60, "a"],
        [120, "b"],
        [240, "c"],
      ],
    },
  ];
  for (const speed of [1, 2]) {
    const start = performance.now();
    const times = [];
    for await (const chunk of (await stream(make({ recordings: slow, speed }))).body) {
      if (chunk) times.push(performance.now() - start);
    }
    [60, 120, 240].forEach((ms, index) => assert.ok(times[index] >= ms / speed - 3, `${times}`));
    if (speed === 2) assert.ok(times[0] < 5000);
  }
});

test("a cancelled replay leaves no timer", async () => {
  const slow = [{ ...recordings[0], tokens: [[3_600_000, "a"]] }];
  const reader = (await stream(make({ recordings: slow }))).body.getReader();
  const read = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(process.getActiveResourcesInfo().includes("Timeout"));
  await reader.cancel();
  await read;
  assert.equal(process.getActiveResourcesInfo().includes("Timeout"), false);
});

test("a recording is a plain async iterable too", async () => {
  let text = "";
  for await (const delta of recorded(instant)({ prompt: "the sea" })) text += delta;
  assert.equal(text, textOf(find("the sea")));
});
