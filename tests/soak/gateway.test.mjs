// The gateway's soak in short; `npm run soak:gateway` is the long form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_HELD, soakGateway } from "./gateway-load.mjs";

/** @param {Parameters<typeof soakGateway>[2]} load */
async function soak(load) {
  const { wrong, complaints, marks, held, counts, open } = await soakGateway(900, 50, load);
  assert.deepEqual({ wrong, complaints, open }, { wrong: [], complaints: [], open: 0 });
  assert.ok(counts.whole > 400 && counts.left > 100, JSON.stringify(counts));
  assert.equal(held.decoders, 0);
  assert.ok(held.references < MOST_HELD, `the wasm refers to ${held.references} values`);
  const grown = marks.at(-1).isolate - marks[0].isolate;
  assert.ok(grown < 0.5, `the isolate has grown by ${grown} MiB`);
}

const limit = { timeout: 120_000 };
test("a client in a Worker keeps nothing of calls whose visitors leave", limit, () => soak("client"));
test("nor one that is told when its visitor leaves", limit, () => soak("signalled"));
test("one isolate serves many at once, with faults behind it and clients that leave", limit, () =>
  soak("both"),
);
