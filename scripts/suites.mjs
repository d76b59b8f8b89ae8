// What `npm test` runs, in order: the checks that need no run first, then Rust natively, the same crate as wasm in
// Node and in a browser, then each folder of tests/ against the built package.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromedriver, findChromium, root } from "./tools.mjs";

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
  const boundary = ["test", ...wasm, "--test", "boundary"];
  const runner = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner" };
  return [
    check("prettier", "prettier", "--check", "."),
    check("rustfmt", "cargo", "fmt", "--check"),
    check(
      "rustfmt of the fuzz targets",
      "cargo",
      "fmt",
      "--check",
      "--manifest-path",
      "tests/fuzz/Cargo.toml",
    ),
    check("clippy", "cargo", "clippy", "--all-targets", ...warnings),
    check("clippy wasm", "cargo", "clippy", "--lib", "--test", "boundary", ...wasm, ...warnings),
    { ...check("rustdoc", "cargo", "doc", "--no-deps"), env: { RUSTDOCFLAGS: "-D warnings" } },
    check("types of the JavaScript", "tsc", "-p", "."),
    check("size of the download", process.execPath, "scripts/sizes.mjs"),
    check("cargo deny", "cargo", "deny", "check", "licenses", "bans", "sources"),
    { name: "crate", program: "cargo", args: ["test", "--no-fail-fast"], count: countRust },
    check("fuzz", process.execPath, "scripts/fuzz.mjs", "100000"),
    { name: "wasm in Node", program: "cargo", args: boundary, env: runner, count: countRust },
    {
      name: "wasm in Chromium",
      program: "cargo",
      args: boundary,
      env: { ...runner, ...inChromium() },
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

/** What makes wasm-bindgen's runner start a browser, and which one. */
function inChromium() {
  const settings = join(root, "target/webdriver.json");
  mkdirSync(join(root, "target"), { recursive: true });
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  const quiet = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  const options = { binary: findChromium(), args: [...args, ...quiet] };
  // The tests start before the page's load event, which chromedriver otherwise waits for, and put frames into the page:
  // without this it waits for ever.
  writeFileSync(settings, JSON.stringify({ pageLoadStrategy: "none", "goog:chromeOptions": options }));
  return {
    WASM_BINDGEN_USE_BROWSER: "1",
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: settings,
    CHROMEDRIVER: findChromedriver(),
    // Seconds. The defaults, 20 for all tests and 5 for the driver, are too tight on a busy machine.
    WASM_BINDGEN_TEST_TIMEOUT: "300",
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60",
  };
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
