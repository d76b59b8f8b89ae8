// Each module opens with prose: what it is for, before any of it. The little projects of `tests/everywhere` are what a user
// writes, and have none.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/tools.mjs";

const LEAST_WORDS = 8;

const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
const modules = tracked.filter(
  (path) => /\.(rs|[cm]?[jt]s|css)$/.test(path) && !path.startsWith("tests/everywhere/projects/"),
);

/** What stands before the first line of code. @param {string} path */
function opening(path) {
  const text = readFileSync(join(root, path), "utf8").replace(/^#!.*\n/, "");
  return path.endsWith(".rs")
    ? /^(?:#!\[[^\n]*\n|\s)*((?:\/\/!.*\n)+)/.exec(text)?.[1]
    : /^((?:\/\/.*\n)+|\/\*[^]*?\*\/)/.exec(text)?.[1];
}

test("each module says first what it is for", () => {
  assert.ok(modules.length > 300, `${modules.length} modules`);
  const silent = modules.filter((path) => (opening(path)?.match(/\w+/g)?.length ?? 0) < LEAST_WORDS);
  assert.deepEqual(silent, []);
});
