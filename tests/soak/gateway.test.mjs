// The gateway's soak in short; `npm run soak:gateway` is the long form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { soakGateway } from "./gateway-load.mjs";

test(
  "a client in a Worker that is told when its visitor leaves keeps nothing",
  { timeout: 120_000 },
  async () => {
    const { wrong, marks, counts, open } = await soakGateway(900, 50, "signalled");
    assert.deepEqual({ wrong, open }, { wrong: [], open: 0 });
    assert.ok(counts.left > 100, JSON.stringify(counts));
    const grown = marks.at(-1).isolate - marks[0].isolate;
    assert.ok(grown < 0.2, `the isolate has grown by ${grown} MiB`);
  },
);

test(
  "one isolate serves many at once, with faults behind it and clients that leave",
  { timeout: 120_000 },
  async () => {
    const { wrong, complaints, marks, counts, open } = await soakGateway(900, 50, "both");
    assert.deepEqual({ wrong, complaints, open }, { wrong: [], complaints: [], open: 0 });
    assert.ok(counts.whole > 500 && counts.left > 100, JSON.stringify(counts));
    const grown = marks.at(-1).isolate - marks[0].isolate;
    assert.ok(grown < 1, `the isolate has grown by ${grown} MiB`);
  },
);
