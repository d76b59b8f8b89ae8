// How the service in memory cuts its bodies into chunks: an event each, a byte each, or so many bytes. What is in them is
// other files' concern.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService } from "../../pkg-template/testing.js";
import { invoke, stream } from "./calls.mjs";

const TEXT = ["Grüße, ", "世界 ", "🙂"];

async function chunks(chunking, call = stream, behaviour = {}) {
  const service = createService({ deployments: { a: { text: TEXT, ...behaviour } }, chunking });
  const all = [];
  for await (const chunk of (await call(service)).body) all.push(chunk);
  return all;
}

const join = (parts) => Buffer.concat(parts).toString();

test("one event a chunk, by default", async () => {
  const all = await chunks(undefined);
  assert.equal(all.length, TEXT.length + 2);
  for (const chunk of all) assert.match(join([chunk]), /^data: .*\n\n$/);
  assert.deepEqual(await chunks("event"), all);
});

test("a byte a chunk, and any number of bytes", async () => {
  const whole = join(await chunks("event"));
  const length = Buffer.byteLength(whole);
  for (const [chunking, size] of [
    ["byte", 1],
    [1, 1],
    [7, 7],
    [1000, 1000],
    [1_000_000, 1_000_000],
  ]) {
    const all = await chunks(chunking);
    assert.equal(join(all), whole);
    assert.equal(all.length, Math.ceil(length / size));
    for (const chunk of all.slice(0, -1)) assert.equal(chunk.length, size);
  }
});

test("every body is cut: whole answers and given ones too", async () => {
  assert.ok((await chunks("byte", invoke)).every((chunk) => chunk.length === 1));
  const given = await chunks(3, stream, { body: "data: é\r\n\r\n" });
  assert.equal(join(given), "data: é\r\n\r\n");
  assert.deepEqual(
    given.map((chunk) => chunk.length),
    [3, 3, 3, 3],
  );
});
