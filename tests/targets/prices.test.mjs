// The price list, and what is computed from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { purerouter } from "../package/install.mjs";

const { estimateCost, instanceTypes } = purerouter;

test("the price list is PureRouter's", () => {
  const fields = ["id", "name", "gpus", "memoryGb", "usdPerHour"];
  const rows = [
    ["t4-small", "NVIDIA T4 (Small)", 1, 16, 1.41],
    ["a10g-medium", "NVIDIA A10G (Medium)", 1, 24, 1.21],
    ["a10g-large", "NVIDIA A10G (Large)", 1, 24, 1.62],
    ["a10g-xl", "NVIDIA A10G (XL)", 1, 24, 2.45],
    ["a10g-multi", "NVIDIA A10G (Multi-GPU)", 4, 96, 3.64],
  ];
  const expected = rows.map((row) => Object.fromEntries(row.map((value, i) => [fields[i], value])));
  assert.ok(Array.isArray(instanceTypes));
  assert.deepEqual(
    instanceTypes.map((instance) => ({ ...instance })),
    expected,
  );
});

test("the price list is not for changing", () => {
  assert.throws(() => {
    "use strict";
    instanceTypes[0].usdPerHour = 0;
  }, TypeError);
  assert.equal(estimateCost({ instance: "t4-small", durationMs: 3_600_000 }), 1.41);
});

test("an hour costs an hour, shared among the calls", () => {
  for (const { id, usdPerHour } of instanceTypes) {
    assert.equal(estimateCost({ instance: id, durationMs: 3_600_000 }), usdPerHour);
    assert.equal(estimateCost({ instance: id, durationMs: 3_600_000, concurrency: 1 }), usdPerHour);
    assert.equal(estimateCost({ instance: id, durationMs: 3_600_000, concurrency: undefined }), usdPerHour);
    assert.equal(estimateCost({ instance: id, durationMs: 3_600_000, concurrency: 4 }), usdPerHour / 4);
    assert.equal(estimateCost({ instance: id, durationMs: 0 }), 0);
    const second = estimateCost({ instance: id, durationMs: 1000 });
    assert.ok(Math.abs(second - usdPerHour / 3600) < 1e-12);
    const shared = estimateCost({ instance: id, durationMs: 1500, concurrency: 2.5 });
    assert.ok(Math.abs(shared - (usdPerHour * 1.5) / 3600 / 2.5) < 1e-12);
  }
});

const wrong = {
  "no options": [undefined, TypeError, /estimateCost/],
  "no instance": [{ durationMs: 1 }, RangeError, /instance.*t4-small/],
  "an unknown instance": [{ instance: "h100", durationMs: 1 }, RangeError, /instance.*a10g-multi.*h100/],
  "no duration": [{ instance: "t4-small" }, TypeError, /durationMs/],
  "a duration that is no number": [{ instance: "t4-small", durationMs: "1" }, TypeError, /durationMs/],
  "a negative duration": [{ instance: "t4-small", durationMs: -1 }, RangeError, /durationMs/],
  "an endless duration": [{ instance: "t4-small", durationMs: Infinity }, RangeError, /durationMs/],
  "a duration that is NaN": [{ instance: "t4-small", durationMs: NaN }, RangeError, /durationMs/],
  "a concurrency of nobody": [
    { instance: "t4-small", durationMs: 1, concurrency: 0 },
    RangeError,
    /concurrency/,
  ],
  "a concurrency that is no number": [
    { instance: "t4-small", durationMs: 1, concurrency: "2" },
    TypeError,
    /concurrency/,
  ],
  "an unknown option": [{ instance: "t4-small", duration: 1 }, TypeError, /durationMs/],
};
for (const [what, [options, type, words]] of Object.entries(wrong)) {
  test(`estimateCost with ${what} throws`, () => {
    assert.throws(
      () => estimateCost(options),
      (error) => {
        assert.equal(error.constructor, type, error.message);
        assert.match(error.message, words);
        return true;
      },
    );
  });
}
