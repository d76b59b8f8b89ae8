// What `npm test` runs, in order: the checks that need no run first, then Rust natively, the same crate as wasm in
// Node and in a browser, then each folder of tests/ against the built package.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findChromium, root } from "./tools.mjs";

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} program
 * @property {string[]} args
 * @property {Record<string, string | undefined>} [env]
 * @property {(output: string, ok: boolean) => Count} count reads a runner's report
 */

/** @returns {Suite[]} */
export function suites() {
  const wasm = ["--target", "wasm32-unknown-unknown"];
  const warnings = ["--", "-D", "warnings"];
  // The classes that the npm package exports, and the Rust API: a program has one of them.
  const npm = [...wasm, "--no-default-features", "--features", "npm"];
  const boundary = ["test", ...npm, "--test", "boundary"];
  const runner = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner" };
  return [
    check("prettier", "prettier", "--check", "."),
    check("rustfmt", "cargo", "fmt", "--check"),
    ...["tests/fuzz", "examples/leptos", "examples/workers-rs"].map((folder) =>
      check(`rustfmt of ${folder}`, "cargo", "fmt", "--check", "--manifest-path", `${folder}/Cargo.toml`),
    ),
    check("clippy", "cargo", "clippy", "--all-targets", ...warnings),
    check("clippy wasm", "cargo", "clippy", "--lib", "--test", "boundary", ...npm, ...warnings),
    check("clippy of the Rust API", "cargo", "clippy", "--lib", "--test", "rust", ...wasm, ...warnings),
    { ...check("rustdoc", "cargo", "doc", "--no-deps"), env: { RUSTDOCFLAGS: "-D warnings" } },
    { ...check("rustdoc wasm", "cargo", "doc", "--no-deps", ...wasm), env: { RUSTDOCFLAGS: "-D warnings" } },
    check("types of the JavaScript", "tsc", "-p", "."),
    check("size of the download", process.execPath, "scripts/sizes.mjs"),
    check("cargo deny", "cargo", "deny", "check", "licenses", "bans", "sources"),
    { name: "crate", program: "cargo", args: ["test", "--no-fail-fast"], count: countRust },
    check("fuzz", process.execPath, "scripts/fuzz.mjs", "100000"),
    { name: "wasm in Node", program: "cargo", args: boundary, env: runner, count: countRust },
    {
      name: "Rust API",
      program: "cargo",
      args: ["test", ...wasm, "--test", "rust"],
      env: runner,
      count: countRust,
    },
    // Compiled and not run: what they ask is not there.
    { ...check("examples in the Rust API's documentation", "cargo", "test", ...wasm, "--doc"), env: runner },
    {
      name: "wasm in Chromium",
      program: process.execPath,
      args: ["scripts/boundary-in-chromium.mjs"],
      count: countRust,
    },
    ...packageSuites(),
  ];
}

/** @param {string} name @param {string} program @param {string[]} args @returns {Suite} */
const check = (name, program, ...args) => ({
  name,
  program,
  args,
  count: (_, ok) => ({ passed: Number(ok), failed: Number(!ok) }),
});

/** @returns {Suite[]} one for each folder of tests/ that has any, so that none is forgotten */
function packageSuites() {
  const tests = join(root, "tests");
  const folders = readdirSync(tests, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => ({
      name,
      files: readdirSync(join(tests, name))
        .filter((file) => file.endsWith(".test.mjs"))
        .map((file) => join("tests", name, file)),
    }))
    .filter(({ files }) => files.length > 0)
    .map(({ name, files }) => ({
      name,
      program: process.execPath,
      // Most of them wait more than they compute, so two at once even on a small machine.
      args: ["--test", "--test-concurrency=2", "--test-reporter=spec", ...files],
      env: { CHROME_BIN: findChromium() },
      count: countNode,
    }));
}

/** @param {string} output of cargo's and wasm-bindgen's runners, one line a binary @returns {Count} */
function countRust(output) {
  const results = [...output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm)];
  return {
    passed: results.reduce((sum, [, passed]) => sum + Number(passed), 0),
    failed: results.reduce((sum, [, , failed]) => sum + Number(failed), 0),
  };
}

/** @param {string} output of Node's spec reporter @returns {Count} */
function countNode(output) {
  const number = (/** @type {string} */ label) =>
    Number(output.match(new RegExp(`^\\S+ ${label} (\\d+)$`, "m"))?.[1] ?? 0);
  return { passed: number("pass"), failed: number("fail") + number("cancelled") };
}
