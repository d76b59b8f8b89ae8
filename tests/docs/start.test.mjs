// The two guides that start from an empty folder, followed to the letter: their files, their commands, and then Chromium,
// which has to show the text as it comes. What is installed from a registry there is this repository's own here.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { appendFileSync, copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { chromiumFlags, findChromium, root, toolEnvironment } from "../../scripts/tools.mjs";
import { until } from "../package/waiting.mjs";
import { Project, blocks } from "../readme/examples.mjs";
import { KEY, STORY } from "../readme/network.mjs";

const run = promisify(execFile);
const EMULATED = "Once upon a time, a story came in pieces, and nobody had to wait for its end.";

/** The files that a guide names. @param {string} guide */
const files = (guide) =>
  blocks(guide, ["html", "js", "mjs", "rust", "toml"]).filter(({ name }) => name !== "");

/** The command of a guide that begins with these words. @param {string} guide @param {string} words */
function commandOf(guide, words) {
  const lines = blocks(guide, ["sh"]).flatMap(({ source }) => source.split("\n"));
  const line = lines.find((line) => line.startsWith(words));
  assert.ok(line, `${guide} says nothing of ${words}`);
  return line.split(" ").filter((word) => word !== "npx");
}

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
});
after(() => browser?.close());

/**
 * Starts the guide's server on a free port, until the test ends, and opens its page.
 * @param {import("node:test").TestContext} t
 * @param {Project} project
 * @param {Record<string, string>} [env]
 * @param {string[]} [before] arguments of Node's before the program
 */
async function open(t, project, env = {}, before = []) {
  const probe = createServer().listen(0);
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  const { PUREROUTER_KEY, ...inherited } = process.env;
  const server = spawn(process.execPath, [...before, "server.mjs"], {
    cwd: project.folder,
    env: { ...inherited, PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => server.kill());
  const [said] = await once(server.stdout, "data");
  const page = await browser.newPage();
  t.after(() => page.close());
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(String(said).trim());
  const output = page.locator("#output");
  return { page, complaints, text: async () => (await output.textContent()) ?? "" };
}

const project = new Project(files("docs/start.md"));
after(() => project.remove());

test("docs/start.md: the page streams, without a key", { timeout: 120_000 }, async (t) => {
  const [tool, ...args] = commandOf("docs/start.md", "npx esbuild");
  await run(join(root, "node_modules/.bin", tool), args, { cwd: project.folder });
  const { page, complaints, text } = await open(t, project);
  await page.getByRole("button", { name: "Ask" }).click();
  await until(async () => (await text()).startsWith("Once"), "the first word is shown");
  assert.ok((await text()).length < EMULATED.length, "all of it came at once");
  await until(async () => (await text()) === EMULATED, "all of it is shown");
  await page.getByRole("button", { name: "Ask" }).click();
  await until(async () => /^Once upon/.test(await text()), "it begins anew");
  await page.getByRole("button", { name: "Stop" }).click();
  assert.ok((await text()).length < EMULATED.length);
  assert.deepEqual(complaints, []);
  // Only what is in public/.
  const { status } = await fetch(new URL("/%2e%2e/server.mjs", page.url()));
  assert.equal(status, 404);
});

test("docs/start.md: with a key, the service is asked", { timeout: 120_000 }, async (t) => {
  const network = new URL("../readme/network.mjs", import.meta.url).href;
  const env = { PUREROUTER_KEY: KEY, EXAMPLE_BEHAVIOUR: "{}" };
  const { page, text } = await open(t, project, env, ["--import", network]);
  await page.getByRole("button", { name: "Ask" }).click();
  await until(async () => (await text()) === STORY.join(""), "the service's answer is shown");
});

test("docs/rust.md: the page in Rust streams", { timeout: 600_000 }, async (t) => {
  const server = files("docs/start.md").filter(({ name }) => name === "server.mjs");
  const rust = new Project([...server, ...files("docs/rust.md")]);
  t.after(() => rust.remove());
  const manifest = join(rust.folder, "page/Cargo.toml");
  const { version } = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
  const [, asked] = /^purerouter = "(.*)"$/m.exec(readFileSync(manifest, "utf8")) ?? [];
  assert.ok(version.startsWith(`${asked}.`), `the guide asks for ${asked}, and this is ${version}`);
  appendFileSync(manifest, `\n[patch.crates-io]\npurerouter = { path = ${JSON.stringify(root)} }\n`);
  // The versions that the tool of this repository is for.
  copyFileSync(join(root, "Cargo.lock"), join(rust.folder, "page/Cargo.lock"));

  const [tool, ...args] = commandOf("docs/rust.md", "wasm-pack build");
  const env = {
    ...toolEnvironment(),
    // One of its own: cargo gives what can be a cdylib one name for all sets of features.
    CARGO_TARGET_DIR: join(root, "target/start"),
    CARGO_INCREMENTAL: "0",
    CARGO_PROFILE_DEV_DEBUG: "false",
  };
  await run(tool, args, { cwd: rust.folder, env, maxBuffer: 1 << 26 });
  const { complaints, text } = await open(t, rust);
  await until(async () => (await text()).startsWith("Once"), "the first word is shown");
  assert.ok((await text()).length < EMULATED.length, "all of it came at once");
  await until(async () => (await text()) === EMULATED, "all of it is shown");
  assert.deepEqual(complaints, []);
});
