// The Leptos example in a real Chromium, with the service emulator behind its own server.

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { createService } from "../../pkg/testing.js";
import { chromiumFlags, findChromium, root } from "../../scripts/tools.mjs";
import { until } from "../package/waiting.mjs";
import { serve } from "../serve.mjs";
import { built } from "./examples.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const KEY = "sk_of_the_server";
const story = Array.from({ length: 200 }, (_, i) => `word${i} `);

let service, program, server, browser, page, complaints;

/** The service under /v1 with the key added, the program's files beside it, and the page as trunk would write it. */
async function handler(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/v1/")) {
    request.headers.set("x-router-key", KEY);
    return service.fetch(request);
  }
  if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
  const html = await readFile(join(root, "examples/leptos/index.html"), "utf8");
  const start = `<script type="module">import init from "/purerouter-leptos.js"; init();</script>`;
  const body =
    pathname === "/"
      ? html.replace('<link data-trunk rel="rust" />', start)
      : await readFile(join(program, pathname));
  return new Response(body, { headers: { "content-type": types[extname(pathname) || ".html"] } });
}

before(async () => {
  program = await built("leptos", "purerouter-leptos");
  server = await serve(handler);
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
});

after(async () => {
  await browser?.close();
  await server?.close();
  if (program) await rm(program, { recursive: true });
});

beforeEach(async () => {
  await page?.close();
  page = await browser.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
});

async function open(deployments) {
  service = createService({ deployments });
  await page.goto(server.url);
  const button = (name) => page.getByRole("button", { name });
  return {
    prompt: page.getByRole("textbox", { name: "Prompt" }),
    run: button("Run"),
    stop: button("Stop"),
    output: page.locator("output"),
  };
}

test("text appears as it comes, to its end", async () => {
  const { prompt, run, stop, output } = await open({ demo: { text: story, tokensPerSecond: 100 } });
  await prompt.fill("Tell me a story.");
  await run.click();
  await until(async () => (await output.textContent()).startsWith("word0 "), "the first word is shown");
  const early = await output.textContent();
  assert.ok(early.length < story.join("").length, "all of it came at once");
  assert.ok(await run.isDisabled());
  await until(async () => (await output.textContent()) === story.join(""), "all of it is shown");
  await until(() => run.isEnabled(), "it can be run again");
  assert.ok(await stop.isDisabled());
  const [request] = service.requests;
  assert.deepEqual(request.body, { prompt: "Tell me a story.", stream: true });

  assert.equal(request.cancelled, false);
  assert.deepEqual(complaints, []);
});

test("Stop drops the stream, and the service sees it", async () => {
  const { run, stop, output } = await open({ demo: { text: story, tokensPerSecond: 20 } });
  await run.click();
  await until(async () => (await output.textContent()).includes("word2 "), "the third word is shown");
  await stop.click();
  await until(() => service.requests[0].cancelled, "the service sees it");
  await until(() => run.isEnabled(), "it can be run again");
  const shown = await output.textContent();
  assert.ok(shown.length < story.join("").length);
  await run.click();
  await until(async () => (await output.textContent()).startsWith("word0 "), "the first word is shown");
  assert.equal(service.requests.length, 2);
  await stop.click();
  await until(() => service.requests[1].cancelled, "the service sees it");
  assert.deepEqual(complaints, []);
});

test("an error is shown, and the next run is as if it had not been", async () => {
  const refused = { status: 400, times: 1, body: { error: { message: "Not today." } } };
  const { run, output } = await open({ demo: { ...refused, text: "Hello" } });
  await run.click();
  await until(async () => (await output.textContent()).includes("Not today."), "the error is shown");
  await until(() => run.isEnabled(), "it can be run again");
  await run.click();
  await until(async () => (await output.textContent()) === "Hello", "the answer is shown");
});
