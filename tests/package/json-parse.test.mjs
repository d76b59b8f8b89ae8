// The decoder against the engine's own JSON.parse: what is JSON, and which text stands in it, for texts made at random
// from what is rare as much as from what is usual. Each is a line of one body; no line may disturb another.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { purerouter } from "./install.mjs";
import { collect } from "./waiting.mjs";

const LINES = 4000;
const KEYS = [
  "choices",
  "text",
  "delta",
  "content",
  "message",
  "output_text",
  "error",
  "usage",
  "",
  "é",
  "__proto__",
];
const PIECES = [
  "a",
  " the",
  "é",
  "日本",
  "😀",
  '"',
  "\\",
  "/",
  "\n",
  "\u0000",
  "\u2028",
  "\ud83d",
  "\ude00",
  "\ufffd",
];
const NUMBERS = ["0", "-0", "12", "1.5e300", "1e999", "-1E-9", "1234567890123456789012345"];

/** Numbers that a seed repeats: a failure names the seed. */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function generator(seed) {
  const below = chance(seed);
  const oneOf = (choices) => choices[below(choices.length)];
  const space = () => oneOf(["", "", "", " ", "\t", "  "]);

  function string(value) {
    let written = "";
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      const must = unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff);
      const hex = unit.toString(16).padStart(4, "0");
      if (must || below(8) === 0) written += `\\u${below(2) ? hex : hex.toUpperCase()}`;
      else written += value[i];
    }
    return `"${written}"`;
  }

  const text = () => string(Array.from({ length: below(5) }, () => oneOf(PIECES)).join(""));

  function value(depth) {
    const kind = below(depth > 0 ? 10 : 6);
    if (kind < 3) return text();
    if (kind === 3) return oneOf(NUMBERS);
    if (kind < 6) return oneOf(["null", "true", "false", "[]", "{}"]);
    const parts = Array.from({ length: below(4) }, () =>
      kind < 7 ? value(depth - 1) : `${string(oneOf(KEYS))}${space()}:${space()}${value(depth - 1)}`,
    );
    const inner = parts.map((part) => space() + part + space()).join(",");
    return kind < 7 ? `[${inner}]` : `{${inner}}`;
  }

  const shapes = [
    () => `{"choices":[{"text":${text()},"delta":${value(2)}},${value(1)}],"usage":${value(1)}}`,
    () => `{"choices":[{"delta":{"content":${text()},"x":${value(1)}},"index":${value(0)}}]}`,
    () => `{"output_text":${text()},"choices":${value(3)},${string(oneOf(KEYS))}:${value(2)}}`,
    () => `{"choices":${value(2)},"choices":[{"text":${value(1)},"text":${text()}}]}`,
    () => value(5),
  ];

  /** One that is JSON nine times in ten, and else has one character too many, too few, or another. */
  return () => {
    const json = oneOf(shapes)();
    if (below(10) > 0) return json;
    const at = below(json.length + 1);
    return json.slice(0, at) + oneOf(["", ...'[]{}",:\\u0e.-']) + json.slice(at + below(2));
  };
}

/** The text of an event, read as the documentation says. */
function textOf(json) {
  const choice = Array.isArray(json?.choices) ? json.choices[0] : undefined;
  const places = [choice?.text, choice?.delta?.content, choice?.message?.content, json?.output_text];
  return places.find((text) => typeof text === "string" && text !== "") ?? "";
}

function parsed(line) {
  try {
    return { json: JSON.parse(line) };
  } catch {
    return {};
  }
}

/** One a line, and none that would end the body: empty, or an error event. */
function usable(line) {
  const { json } = parsed(line);
  const isError =
    json !== null && typeof json === "object" && !Array.isArray(json) && (json.error ?? null) !== null;
  return line.trim() !== "" && !isError && !/^\s*(data:|\[DONE\])/.test(line);
}

function pieces(bytes, size) {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
}

for (const size of [7, 1000, 1 << 20]) {
  test(`JSON made at random, in pieces of ${size} bytes: text and json are JSON.parse's`, async () => {
    const seed = randomInt(2 ** 31);
    const next = generator(seed);
    const lines = [];
    while (lines.length < LINES) {
      const line = next();
      if (usable(line)) lines.push(line);
    }
    // Half a pair stands in the lines only as an escape, so encoding them loses nothing.
    const body = new TextEncoder().encode(`${lines.join("\n")}\n`);
    const fetch = async () =>
      new Response(pieces(body, size), { headers: { "content-type": "application/x-ndjson" } });
    const client = new purerouter.PureRouter({ fetch });
    const events = await collect(client.deployments.stream("d", { prompt: "Hi." }));

    assert.equal(events.length, lines.length, `seed ${seed}`);
    events.forEach((event, i) => {
      const line = lines[i];
      const { json } = parsed(line);
      const what = `seed ${seed}, line ${i}: ${JSON.stringify(line)}`;
      assert.deepEqual(event.json, json, what);
      assert.equal(event.text, json === undefined ? line : textOf(json), what);
    });
  });
}
