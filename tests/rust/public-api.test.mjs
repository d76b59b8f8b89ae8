// A change of the Rust API is meant, or it is a defect: the signatures are those of the file, which a change comes with.
// And whoever looks an item up finds an example of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { documentation, publicApi, snapshot } from "../../scripts/public-api.mjs";

const items = await documentation();

test("the public signatures are those of public-api.txt", async () => {
  const is = publicApi(items);
  const was = await readFile(snapshot, "utf8");
  const lines = (api) => api.split("\n");
  const gone = lines(was).filter((line) => !lines(is).includes(line));
  const come = lines(is).filter((line) => !lines(was).includes(line));
  const changes = [...gone.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)].join("\n");
  assert.ok(is === was, `If it is meant, node scripts/public-api.mjs --write, and CHANGELOG.md:\n${changes}`);
});

test("each public item has an example, which the compiler has seen", () => {
  assert.ok(items.length > 20);
  // An example that is ignored, and so not compiled, is marked as such.
  const without = items.filter(({ html }) => !/class="example-wrap"><pre class="rust/.test(html));
  assert.deepEqual(
    without.map(({ page }) => page),
    [],
  );
  assert.ok(!items.some(({ html }) => html.includes("example-wrap ignore")));
});
