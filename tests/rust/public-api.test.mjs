// A change of the Rust API is meant, or it is a defect: the signatures are those of the file, which a change comes with.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { publicApi, snapshot } from "../../scripts/public-api.mjs";

test("the public signatures are those of public-api.txt", async () => {
  const is = await publicApi();
  const was = await readFile(snapshot, "utf8");
  const lines = (api) => api.split("\n");
  const gone = lines(was).filter((line) => !lines(is).includes(line));
  const come = lines(is).filter((line) => !lines(was).includes(line));
  const changes = [...gone.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)].join("\n");
  assert.ok(is === was, `If it is meant, node scripts/public-api.mjs --write, and CHANGELOG.md:\n${changes}`);
});
