// What the release script refuses. Packing itself is cargo's and npm's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { review } from "../../scripts/release.mjs";

const read = (/** @type {string} */ name) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const state = {
  cargoToml: read("Cargo.toml"),
  cargoLock: read("Cargo.lock"),
  packageJson: read("pkg-template/package.json"),
  changelog: read("CHANGELOG.md"),
  tags: ["v0.0.9"],
  uncommitted: "",
};

test("the versions of this repository agree", () => {
  assert.deepEqual(review(state).problems, []);
});

test("each thing that does not agree is named", () => {
  const { version } = review(state);
  const wrong = /** @param {string} text */ (text) => text.replaceAll(version, "9.9.9");
  /** @type {[Partial<typeof state>, RegExp][]} */
  const cases = [
    [{ packageJson: wrong(state.packageJson) }, /package\.json is 9\.9\.9/],
    [
      { cargoLock: state.cargoLock.replace(/(name = "purerouter"\nversion = ").*"/, '$19.9.9"') },
      /Cargo\.lock/,
    ],
    [{ changelog: wrong(state.changelog) }, /newest entry is 9\.9\.9/],
    [{ changelog: state.changelog.replace(/^(## \[.*?\]) - .*$/m, "$1") }, /has no date/],
    [{ changelog: state.changelog.replace(/^\[.*?\]: .*$/m, "") }, /has no link/],
    [{ tags: [`v${version}`] }, /is there already/],
    [{ uncommitted: " M src/lib.rs" }, /not committed:\n M src\/lib\.rs/],
  ];
  for (const [change, expected] of cases) {
    const { problems } = review({ ...state, ...change });
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected}: ${problems}`,
    );
  }
});
