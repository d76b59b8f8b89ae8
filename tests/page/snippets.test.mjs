// The code that the page shows is copied out of it and run to the letter: in Node, in workerd, by curl, in a page, and the
// Rust compiled and run in one, each for every kind of call. What the service is then asked must be what the JSON tab says.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { createService } from "../../pkg/testing.js";
import { cache, root, toolEnvironment } from "../../scripts/tools.mjs";
import { Project } from "../readme/examples.mjs";
import { KEY } from "../readme/network.mjs";
import { openPage, startDemo, until } from "./demo.mjs";

const run = promisify(execFile);
const WORDS = ["Once ", "upon ", "a ", "time."];
const TEXT = WORDS.join("");
// All that an escape could spoil.
const PROMPT = 'It\'s "quoted",\n$HOME `x` ${y} \\u0041 \\n %s é 😀 \u2028 \u0007 </script>';

/** The names that the page's own chain has. @type {Record<string, import("../../pkg/testing.js").DeploymentBehaviour>} */
const deployments = {
  "smollm2-135m-slow": { text: WORDS, cutAfter: 2 },
  "smollm2-135m": { text: WORDS },
  "smollm2-135m-fast": { text: WORDS },
};
const service = createService({ deployments, profiles: { balanced: { text: WORDS } }, keys: [KEY, "test"] });

/** @typedef {import("playwright-core").Page} Page */
/** @type {[name: string, form: (page: Page) => Promise<unknown>][]} */
const calls = [
  ["deployment", (page) => other(page, "smollm2-135m")],
  ["profile", (page) => page.getByLabel("Send to").selectOption("balanced")],
  [
    "chat",
    async (page) => {
      await other(page, "smollm2-135m");
      await page.getByRole("tab", { name: "Chat" }).click();
      await page.getByLabel("System message").fill('Be "brief".');
    },
  ],
  ...["continue", "restart", "fail"].map((mode) => {
    const form = async (/** @type {Page} */ page) => {
      await page.getByRole("tab", { name: "Fallback" }).click();
      await page.getByLabel("When an answer breaks off").selectOption(mode);
    };
    return /** @type {[string, typeof form]} */ ([`fallback, ${mode}`, form]);
  }),
  [
    "comparison",
    async (page) => {
      await page.getByRole("tab", { name: "Compare" }).click();
      await page.getByLabel("Deployment of lane 1").fill("smollm2-135m");
      await page.getByLabel("Deployment of lane 2").fill("smollm2-135m-fast");
    },
  ],
];

/** @param {Page} page @param {string} id */
async function other(page, id) {
  await page.getByLabel("Send to").selectOption({ label: "Other deployment…" });
  await page.getByLabel("Deployment id").fill(id);
}

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** By call, the code of each language. @type {Map<string, Record<string, string>>} */
const shown = new Map();

before(async () => {
  demo = await startDemo({ service, deployments: Object.keys(deployments) });
  for (const [name, form] of calls) {
    const { page, prompt } = await openPage({ ...demo, url: `${demo.url}/own` });
    await page.getByLabel("Base URL", { exact: true }).fill(demo.service ?? "");
    await form(page);
    await prompt.fill(PROMPT);
    /** @type {Record<string, string>} */
    const code = {};
    for (const language of ["Browser", "Worker", "Node", "Rust", "curl", "JSON"]) {
      await page.getByRole("tab", { name: language, exact: true }).click();
      code[language] = (await page.locator("#code").textContent()) ?? "";
    }
    shown.set(name, code);
    await page.close();
  }
});
after(() => demo?.close());

/**
 * @param {string} name @param {string} language
 * @returns {string}
 */
const code = (name, language) => shown.get(name)?.[language] ?? "";

/** What was asked is what the page says is asked. @param {string} name */
function assertAsked(name) {
  const json = code(name, "JSON");
  const [, path] = /^POST (\S+)\n/.exec(json) ?? [];
  const asked = service.requests.find((request) => request.path === path);
  assert.deepEqual(asked?.body, JSON.parse(json.slice(json.indexOf("{"))), name);
}

/** What comes of it, where the text is written out as it comes. @type {Record<string, RegExp>} */
const outcomes = {
  "fallback, continue": /^Once upon Once upon a time\.$/,
  "fallback, restart": /^(Once upon \n\n)?Once upon a time\.$/,
  comparison: /^(?=[^]*0 smollm2-135m: a \n)(?=[^]*1 smollm2-135m-fast: time\.\n)/,
};

for (const [name] of calls) {
  const fails = name === "fallback, fail";
  const outcome = outcomes[name] ?? new RegExp(`^${TEXT}$`);

  test(`${name}: Node`, async (t) => {
    const project = new Project([{ name: "answer.mjs", source: code(name, "Node") }]);
    t.after(() => project.remove());
    service.requests.length = 0;
    const env = { ...process.env, PUREROUTER_KEY: KEY };
    const ended = run(process.execPath, ["answer.mjs"], { cwd: project.folder, env });
    if (fails) await assert.rejects(ended, /TruncatedStreamError/);
    else assert.match((await ended).stdout, outcome);
    assertAsked(name);
  });

  test(`${name}: Worker`, async (t) => {
    const project = new Project([{ name: "worker.js", source: code(name, "Worker") }]);
    t.after(() => project.remove());
    const worker = await project.worker("worker.js", service, "2026-04-20");
    t.after(() => worker.dispose());
    service.requests.length = 0;
    const response = await worker.dispatchFetch("http://worker.example/");
    const body = await response.text().catch(String);
    if (name === "comparison") {
      const results = JSON.parse(body);
      assert.deepEqual(
        results.map((/** @type {any} */ { target, completion }) => [target, completion.text]),
        [
          ["smollm2-135m", TEXT],
          ["smollm2-135m-fast", TEXT],
        ],
      );
    } else {
      assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
      assert.match(body, /"(text|content|output_text)":"Once "/);
      if (!fails) assert.match(body, /data: \[DONE\]\s*$/);
    }
    assertAsked(name);
  });

  test(`${name}: curl`, async () => {
    service.requests.length = 0;
    const env = { ...process.env, PUREROUTER_KEY: KEY };
    // A body that breaks off is curl's failure, and not the command's.
    const { stdout } = await run("sh", ["-c", code(name, "curl")], { env }).catch((error) => error);
    assert.match(stdout, /^data: \{.*"Once "/);
    assertAsked(name);
  });

  test(`${name}: browser`, async () => {
    const page = await snippetPage(`<script type="module">${escaped(code(name, "Browser"))}</script>`);
    service.requests.length = 0;
    await page.goto(`${demo.url}/snippet/`);
    await until("the answer", async () => {
      const text = (await page.locator("body").textContent()) ?? "";
      return fails ? text.includes("Once upon ") : outcome.test(text);
    });
    assertAsked(name);
    await page.close();
  });
}

test("Rust, in a page", { timeout: 600_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "purerouter-snippets-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const built = await compiled(
    folder,
    calls.map(([name]) => code(name, "Rust")),
  );
  for (const [index, [name]] of calls.entries()) {
    const page = await snippetPage(
      `<script type="module">
        import init, { answer_${index} as answer } from "./snippets.js";
        await init();
        document.body.textContent = await answer();
      </script>`,
      built,
    );
    service.requests.length = 0;
    await page.goto(`${demo.url}/snippet/`);
    const body = page.locator("body");
    await until(name, async () => /\S/.test((await body.textContent()) ?? ""));
    const text = await body.textContent();
    if (name === "comparison") assert.equal(text, TEXT + TEXT);
    else if (name === "fallback, fail") assert.match(text ?? "", /^Once upon .*(broke|ended|finish)/s);
    else assert.match(text ?? "", outcomes[name] ?? new RegExp(`^${TEXT}$`), name);
    // A comparison in Rust takes the answers whole.
    if (name !== "comparison") assertAsked(name);
    await page.close();
  }
});

/** In a page the end of a script's text must not be the end of its element. @param {string} source */
const escaped = (source) => source.replaceAll("</script", "<\\/script");

/**
 * A page of the demo's origin, with the gateway beside it, that holds `html`, and the files in a folder.
 *
 * @param {string} html
 * @param {string} [folder]
 */
async function snippetPage(html, folder) {
  const page = await demo.browser.newPage();
  const imports = JSON.stringify({ imports: { purerouter: "/purerouter/index.js" } });
  // What is in the head is no text of the body.
  const head = `<!doctype html><meta charset="utf-8"><script type="importmap">${imports}</script>`;
  await page.route("**/snippet/**", async (route) => {
    const name = new URL(route.request().url()).pathname.slice("/snippet/".length);
    if (name === "") return route.fulfill({ contentType: "text/html", body: head + html });
    const contentType = extname(name) === ".wasm" ? "application/wasm" : "text/javascript";
    return route.fulfill({ contentType, body: await readFile(join(folder ?? "", name)) });
  });
  return page;
}

/**
 * A crate with a module for each snippet, as wasm for a page.
 *
 * @param {string} folder @param {string[]} snippets
 */
async function compiled(folder, snippets) {
  await mkdir(join(folder, "src"));
  await writeFile(
    join(folder, "Cargo.toml"),
    `[package]
name = "snippets"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
futures = "0.3"
purerouter = { path = ${JSON.stringify(root)} }
wasm-bindgen = "0.2"
wasm-bindgen-futures = "0.4"
[profile.dev]
debug = false
[workspace]
`,
  );
  // The versions that are there already.
  await cp(join(root, "examples/leptos/Cargo.lock"), join(folder, "Cargo.lock"));
  const exports = snippets.map((source, index) => {
    const answer = `mod snippet_${index} {
${source}
pub(super) async fn shown() -> String {
    let text = std::cell::RefCell::new(String::new());
    let ended = answer(|part| text.borrow_mut().push_str(part)).await;
    let end = ended.err().map(|error| error.to_string()).unwrap_or_default();
    text.into_inner() + &end
}
}
#[wasm_bindgen]
pub async fn answer_${index}() -> String { snippet_${index}::shown().await }
`;
    return answer;
  });
  await writeFile(
    join(folder, "src/lib.rs"),
    `#![deny(warnings)]\nuse wasm_bindgen::prelude::*;\n${exports.join("\n")}`,
  );
  const target = join(cache, "examples");
  const env = { ...toolEnvironment(), CARGO_TARGET_DIR: target, CARGO_INCREMENTAL: "0" };
  const options = { cwd: folder, env, maxBuffer: 1 << 26 };
  await run("cargo", ["build", "--quiet", "--target", "wasm32-unknown-unknown"], options);
  const made = join(target, "wasm32-unknown-unknown/debug/snippets.wasm");
  const program = join(folder, "program");
  await run("wasm-bindgen", ["--target", "web", "--no-typescript", "--out-dir", program, made], options);
  return program;
}
