// The README's table of faults is the list that is tested, row by row.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { faults } from "./faults.js";
import { rows } from "./table.mjs";

test("the README has a row for each fault, and says of it what is tested", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [, section] = /^### Faults\n(.*?)^#/ms.exec(readme);
  const written = section.split("\n").filter((line) => line.startsWith("|"));
  const cells = written.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
  const [head, rule, ...body] = cells;
  assert.ok(rule.every((cell) => /^-+$/.test(cell)));
  assert.deepEqual([head, ...body], rows(), "`node tests/faults/table.mjs` prints the table as it has to be");
});

test("no two faults have the same name, by which a page and a Worker find them", () => {
  const names = faults.map(({ fault }) => fault);
  assert.deepEqual(names, [...new Set(names)]);
});
