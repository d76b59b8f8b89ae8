// Short texts, which are made of their bytes by hand: each is what was sent, whatever its length and its characters, and
// whatever came before it or in the same chunk.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { purerouter } from "./install.mjs";
import { collect } from "./waiting.mjs";

const { PureRouter } = purerouter;
const utf8 = new TextEncoder();

/** Every text of up to `length` of the `letters`. */
function all(letters, length) {
  const shorter = length > 1 ? all(letters, length - 1) : [];
  const longest = length > 1 ? shorter.filter((text) => text.length === length - 1) : [""];
  return [...shorter, ...longest.flatMap((text) => letters.map((letter) => text + letter))];
}

const random = () =>
  String.fromCharCode(
    ...Array.from({ length: 1 + randomInt(12) }, () => randomInt(randomInt(20) ? 128 : 256)),
  );

const texts = [...all(["\0", "a", "\x7f"], 6), ...Array.from({ length: 6000 }, random)];
// A second time in another order, among other neighbours.
const sent = [...texts, ...[...texts].sort(() => Math.random() - 0.5)];

/** A stream of the texts, `events` of them a chunk. */
function stream(events) {
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < sent.length; at += events) {
        const some = sent
          .slice(at, at + events)
          .map((text) => `data: ${JSON.stringify({ output_text: text })}\n\n`);
        controller.enqueue(utf8.encode(some.join("")));
      }
      controller.enqueue(utf8.encode("data: [DONE]\n\n"));
      controller.close();
    },
  });
  const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  return new PureRouter({ fetch }).deployments.stream("id", { prompt: "Hi" });
}

for (const events of [1, 2, 9, 500]) {
  test(`${events} a chunk: every event has its own text`, async () => {
    const found = await collect(stream(events));
    const wrong = found.findIndex(({ text }, i) => text !== sent[i]);
    assert.equal(
      wrong,
      -1,
      `${JSON.stringify(found[wrong]?.text)} instead of ${JSON.stringify(sent[wrong])}`,
    );
    assert.equal(found.length, sent.length);
  });

  test(`${events} a chunk: the text stream has all of it`, async () => {
    assert.equal((await collect(stream(events).textStream())).join(""), sent.join(""));
  });
}
