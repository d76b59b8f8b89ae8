// The views around the playground: comparing, falling back, the code, Markdown, and the page without its gateway. All against the embedded services, so that it is what a first visitor gets.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const screenshots = fileURLToPath(new URL("screenshots", import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUESTION = "How do I stay focused while working?";
const SHORT = "Explain what an API gateway does in two sentences.";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** @param {import("playwright-core").Page} page @param {string} name */
const view = (page, name) => page.getByRole("tab", { name, exact: true }).click();

test("the first view has one of each part, by its name", async () => {
  const { page } = await openPage(demo);
  assert.equal(await page.getByRole("textbox", { name: "Prompt" }).count(), 1);
  for (const name of ["Run", "Stop"]) assert.equal(await page.getByRole("button", { name }).count(), 1);
  const outputs = page.getByRole("log", { name: "Output" }).or(page.getByRole("region", { name: "Output" }));
  assert.equal(await outputs.count(), 1);
});

test("a failure is seen to be survived: the answer goes on where it broke off", async () => {
  const { page, output, stop, status, complaints } = await openPage(demo);
  await page.getByRole("button", { name: "See it survive a failure" }).click();
  await until("the beginning", () => stop.isEnabled());
  await until("the end", () => stop.isDisabled());
  assert.match((await status.textContent()) ?? "", /after 5 attempts$/);
  const text = (await output.textContent()) ?? "";
  assert.equal(text.split("Remind yourself").length, 2, "the beginning is there once");
  assert.match(text, /avoid multitasking/, "no joint is seen in the text");
  const drawn = (await page.locator("#timeline > svg").getAttribute("aria-label")) ?? "";
  assert.match(drawn, /smollm2-135m-slow · 503, again in \d+ ms/);
  assert.match(drawn, /smollm2-135m · broke off after 24 deltas/);
  assert.match(drawn, /smollm2-135m-fast · goes on · 72 deltas/);
  assert.match((await page.locator("#chain .circuit").nth(1).textContent()) ?? "", /^circuit open, \d+ s$/);
  assert.ok(await page.evaluate(() => CSS.highlights.has("continued")));
  assert.deepEqual(complaints, [], "nothing of it went over the network");

  await page.getByRole("button", { name: "Run", exact: true }).click();
  await until("the end", () => stop.isDisabled());
  assert.equal(await status.textContent(), "Finished at the token limit", "open circuits are skipped");
  const again = (await page.locator("#timeline > svg").getAttribute("aria-label")) ?? "";
  assert.match(again, /^smollm2-135m-slow · skipped, its circuit is open.*smollm2-135m-fast · 96 deltas/);

  await page.getByRole("button", { name: "Reset circuits" }).click();
  assert.deepEqual(await page.locator("#chain .circuit").allTextContents(), Array(3).fill("circuit closed"));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await until("the end", () => stop.isDisabled());
  assert.match((await status.textContent()) ?? "", /after 5 attempts$/, "they are tried again");
});

test("a chain is ordered by keyboard, buttons and dragging; a silence and a restart are survived", async () => {
  const { page, prompt, stop, output, run } = await openPage(demo);
  await view(page, "Fallback");
  const order = () => page.locator("#chain code").allTextContents();
  const first = await order();
  await page.getByRole("button", { name: `Move ${first[0]} down` }).click();
  assert.deepEqual(await order(), [first[1], first[0], first[2]]);
  await page.getByLabel(`Fault of ${first[0]}`, { exact: true }).focus();
  await page.keyboard.press("Alt+ArrowDown");
  assert.deepEqual(await order(), [first[1], first[2], first[0]]);
  await page
    .locator("#chain li")
    .nth(2)
    .dragTo(page.locator("#chain li").nth(0), { sourcePosition: { x: 12, y: 12 } });
  assert.deepEqual(await order(), first);

  await page.getByRole("button", { name: `Take ${first[1]} out` }).click();
  assert.deepEqual(await order(), [first[0], first[2]]);
  const add = page.getByRole("button", { name: `Add ${first[1]}` });
  assert.ok(await add.evaluate((element) => element === document.activeElement), "the focus is not lost");
  await add.click();
  assert.deepEqual(await order(), [first[0], first[2], first[1]]);
  await page.getByRole("button", { name: `Move ${first[1]} up` }).click();
  assert.deepEqual(await order(), first);

  await page.getByLabel(`Fault of ${first[0]}`, { exact: true }).selectOption("stall");
  await page.getByLabel(`Fault of ${first[1]}`, { exact: true }).selectOption("none");
  await page.getByLabel("When an answer breaks off").selectOption("restart");
  await prompt.fill(QUESTION);
  await run.click();
  await until("the end", () => stop.isDisabled());
  assert.match(
    (await page.locator("#timeline > svg").getAttribute("aria-label")) ?? "",
    /timed out after \d+ deltas.*smollm2-135m · starts over · 96 deltas/,
  );
  assert.equal(((await output.textContent()) ?? "").split("Remind yourself").length, 2);
});

test("lanes are compared live, and the figures can be taken away", async () => {
  const { page, prompt, run, stop, complaints } = await openPage(demo);
  await view(page, "Compare");
  await page.getByRole("button", { name: "Add a lane" }).click();
  assert.equal(await page.locator("#lanes li").count(), 4);
  assert.ok(await page.getByRole("button", { name: "Add a lane" }).isDisabled());
  assert.equal(await page.locator(".lane-text").count(), 4, "they are there before they are asked");
  await page.getByRole("button", { name: "Remove lane 4" }).click();
  assert.equal(await page.locator(".lane-text").count(), 3);
  await prompt.fill(SHORT);
  await run.click();
  await until("the fast one ahead of the slow one", async () => {
    const [, fast, slow] = await page.locator(".lane-text").allTextContents();
    return fast.length > slow.length;
  });
  const lanes = page.locator(".lane-text");
  const busy = () => lanes.evaluateAll((all) => all.map(({ ariaBusy }) => ariaBusy).join());
  await until("the fast one to be seen as ended before the slow one", async () =>
    /true,false,true|false,false,true/.test(await busy()),
  );
  const chart = page.locator("#chart > svg");
  assert.match((await chart.getAttribute("aria-label")) ?? "", /smollm2-135m-slow · (waiting|\d+ deltas)/);
  await until("the end", () => stop.isDisabled());
  assert.equal(await busy(), "false,false,false");
  assert.match(
    (await chart.getAttribute("aria-label")) ?? "",
    /^smollm2-135m · 31 deltas .* smollm2-135m-fast · 31 deltas .* smollm2-135m-slow · 31 deltas/,
  );
  const widths = await chart
    .locator(".writing")
    .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width));
  assert.ok(widths[1] < widths[0] && widths[0] < widths[2], `drawn to scale: ${widths}`);
  assert.equal(await chart.locator(".curve").count(), 3);
  assert.match((await page.getByRole("status").textContent()) ?? "", /^Finished/);
  const slow = page.getByRole("row", { name: /smollm2-135m-slow/ });
  assert.match((await slow.textContent()) ?? "", /slowest.*dearest/);
  for (const [name, check] of /** @type {[string, (text: string) => void][]} */ ([
    ["Export JSON", (text) => assert.equal(JSON.parse(text)[1].target, "smollm2-135m-fast")],
    [
      "Export CSV",
      (text) => {
        assert.match(text, /^target,instance,firstTextMs.*\r\nsmollm2-135m,t4-small,\d/);
        assert.match(text, /,"An API gateway .* service, allowing .* server\."\r\n/, "a comma is quoted");
      },
    ],
  ])) {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    check(await readFile(await file.path(), "utf8"));
  }
  assert.deepEqual(complaints, []);
});

test("lanes that are taken out meanwhile are in the figures all the same", async () => {
  const { page, prompt, run, stop, complaints } = await openPage(demo);
  await view(page, "Compare");
  await prompt.fill(SHORT);
  await run.click();
  await page.getByRole("button", { name: "Remove lane 1" }).click();
  await until("the end", () => stop.isDisabled());
  assert.equal(await page.getByRole("row").count(), 4, "a head and three lanes");
  assert.match((await page.getByRole("row").nth(1).textContent()) ?? "", /^smollm2-135m/);
  assert.deepEqual(complaints, []);
});

test("the code for each place is in step with the form", async () => {
  const { page, prompt } = await openPage(demo);
  await prompt.fill('It\'s "quoted"');
  const code = async (/** @type {string} */ name) => {
    await page.getByRole("tab", { name, exact: true }).click();
    return (await page.locator("#code").textContent()) ?? "";
  };
  assert.match(await code("Worker"), /env\.PUREROUTER_KEY[^]*toResponse/);
  assert.match(await code("Node"), /process\.env\.PUREROUTER_KEY/);
  assert.match(await code("Rust"), /Request::prompt\("It's \\"quoted\\""\)\s+\.max_tokens\(256\)/);
  assert.match(await code("curl"), /-d '\{"prompt":"It'\\''s \\"quoted\\""/);
  const json = await code("JSON");
  assert.equal(JSON.parse(json.slice(json.indexOf("{"))).prompt, 'It\'s "quoted"');
  await view(page, "Fallback");
  assert.match(await code("Rust"), /\.mid_stream\(MidStream::Continue\)/);
});

test("Markdown is rendered as it comes, and nothing of it is dangerous", async () => {
  const page = await openPage(demo);
  await page.page.route("**/v1/deployments/*/invoke", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: [
        "**bold** and `code`",
        "\n\n<img src=x onerror=alert(1)><script>alert(1)</script>",
        "[x](javascript:alert(1))",
      ]
        .map((text) => `data: ${JSON.stringify({ choices: [{ text }] })}\n\n`)
        .concat("data: [DONE]\n\n")
        .join(""),
    }),
  );
  await page.page.getByLabel("Markdown").check();
  await runAndWatch(page, "Hi");
  await page.output.locator("strong", { hasText: "bold" }).waitFor();
  assert.equal(await page.output.locator("img, script, [onerror], [href^=javascript]").count(), 0);
  await page.page.getByLabel("Markdown").uncheck();
  await until("the text as it came", async () =>
    ((await page.output.textContent()) ?? "").startsWith("**bold**"),
  );
});

test("an own base URL is asked with the key that was typed", async () => {
  const { page, prompt, run, stop, output } = await openPage(demo);
  await page.getByLabel("Connection").selectOption("own");
  await page.waitForURL("**/own");
  await page.getByLabel("Base URL", { exact: true }).fill(demo.url);
  await page.getByLabel("Router key").fill("sk_typed");
  await page.getByLabel("Send to").selectOption("balanced");
  await prompt.fill(QUESTION);
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.method() === "POST"),
    run.click(),
  ]);
  assert.equal(request.headers()["x-router-key"], "sk_typed");
  await until("the end", () => stop.isDisabled());
  assert.match((await output.textContent()) ?? "", /^Remind/);
});

test("without a gateway behind it, the page asks the service inside it", async () => {
  const context = await demo.browser.newContext();
  await context.route(/config\.json|\/v1\//, (route) => route.abort());
  const page = await context.newPage();
  await page.goto(demo.url);
  await page.locator("optgroup").first().waitFor({ state: "attached" });
  assert.equal(await page.getByLabel("Connection").inputValue(), "page");
  await page.getByRole("textbox", { name: "Prompt" }).fill(SHORT);
  await page.getByRole("button", { name: "Run" }).click();
  await until("the answer", async () =>
    /web server\.$/.test((await page.getByRole("log", { name: "Output" }).textContent()) ?? ""),
  );
});

test("works offline once it was loaded, in every view", async () => {
  const page = await openPage(demo);
  await page.page.evaluate(() => navigator.serviceWorker.ready);
  const files = await (await page.page.request.get(`${demo.url}/files.json`)).json();
  await until("its files to be kept", () =>
    page.page.evaluate(async (files) => {
      const kept = await caches.open("page");
      return (await Promise.all(files.map((/** @type {string} */ file) => kept.match(file)))).every(Boolean);
    }, files),
  );
  await page.page.context().setOffline(true);
  await page.page.reload();
  await page.page.locator("optgroup").first().waitFor({ state: "attached" });
  assert.equal(await page.page.getByLabel("Connection").inputValue(), "page");
  await runAndWatch(page, QUESTION);
  assert.match((await page.output.textContent()) ?? "", /^Remind/);
  await page.page.getByLabel("Markdown").check();
  await page.output.locator("p").first().waitFor();

  await view(page.page, "Compare");
  await runAndWatch(page, SHORT);
  assert.match((await page.page.locator(".lane-text").first().textContent()) ?? "", /web server\.$/);
  await page.page.getByRole("button", { name: "See it survive a failure" }).click();
  await until("the beginning", () => page.stop.isEnabled());
  await until("the end", () => page.stop.isDisabled());
  assert.match((await page.status.textContent()) ?? "", /after 5 attempts$/);
});

test("the first load, and all that is kept for offline, are 150 KB of gzip together", async () => {
  const { page } = await openPage(demo);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(
    loaded.every((url) => new URL(url).origin === demo.url),
    `a third party was asked: ${loaded}`,
  );
  const policy = (await page.request.get(demo.url)).headers()["content-security-policy"];
  assert.match(policy, /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /https?:|\*|data:|connect-src|'unsafe-/);
  const refused = await page.evaluate(async () => {
    const violation = new Promise((resolve) => {
      const heard = (/** @type {any} */ { effectiveDirective }) => resolve(effectiveDirective);
      addEventListener("securitypolicyviolation", heard, { once: true });
    });
    await fetch("http://127.0.0.1:9/").catch(() => {});
    return violation;
  });
  assert.equal(refused, "connect-src", "and none could be asked");

  const kept = await (await page.request.get(`${demo.url}/files.json`)).json();
  const paths = new Set([...loaded.map((url) => new URL(url).pathname), ...kept]);
  let bytes = 0;
  for (const path of paths) {
    if (path === "/own") continue; // the same document as "/"
    const response = await page.request.get(demo.url + path);
    assert.ok(response.ok(), path);
    bytes += gzipSync(await response.body(), { level: 9 }).length;
  }
  assert.ok(bytes <= 150 * 1024, `${bytes} bytes`);
  console.log(`${paths.size} files, ${(bytes / 1024).toFixed(1)} KiB gzip -9`);
});

test("nothing is shifted while it loads, also in the view one was in, and it is soon ready", async () => {
  for (const width of [390, 1280]) {
    const { page } = await openPage(demo, { viewport: { width, height: 900 } });
    const measure = async (/** @type {string} */ when) => {
      await page.locator("body:not([data-arriving])").waitFor();
      const { shift, ready } = await page.evaluate(async () => {
        let shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shift += /** @type {any} */ (entry).value;
        }).observe({ type: "layout-shift", buffered: true });
        await new Promise((resolve) => setTimeout(resolve, 500));
        return { shift, ready: performance.getEntriesByName("interactive")[0].startTime };
      });
      console.log(
        `${when} at ${width} px: interactive after ${ready.toFixed(0)} ms, shift ${shift.toFixed(4)}`,
      );
      assert.ok(shift < 0.01, `layout shift of ${shift} at ${width} px: ${when}`);
      // Far above what it takes: the machine may be busy.
      assert.ok(ready < 20_000, `interactive after ${ready} ms`);
    };
    await measure("first visit");
    for (const name of ["Compare", "Fallback", "Playground"]) {
      await view(page, name);
      await page.getByRole("textbox", { name: "Prompt" }).fill("Hi");
      await page.reload();
      await page.locator("optgroup").first().waitFor({ state: "attached" });
      await measure(name);
    }
  }
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`no serious fault of accessibility, and no horizontal scroll: ${colorScheme}`, async () => {
    const page = await openPage(demo, { colorScheme, reducedMotion: "reduce" });
    await page.page.evaluate(axe);
    // The first is the page as a visitor finds it.
    for (const name of ["Opening", "Playground", "Chat", "Failed", "Compare", "Fallback"]) {
      if (["Playground", "Compare", "Fallback"].includes(name)) await view(page.page, name);
      if (name === "Chat") await page.page.getByRole("tab", { name }).click();
      if (name === "Failed") {
        await page.page.getByRole("tab", { name: "Text" }).click();
        await page.target.selectOption({ label: "Other deployment…" });
        await page.page.getByRole("textbox", { name: "Deployment id" }).fill("nobody");
      }
      if (name !== "Opening") await runAndWatch(page, SHORT);
      else await page.page.locator("#opening svg").waitFor();
      const { violations } = await page.page.evaluate(() => /** @type {any} */ (window).axe.run());
      const serious = violations
        .filter((/** @type {any} */ { impact }) => impact === "serious" || impact === "critical")
        .map(
          (/** @type {any} */ { id, nodes }) =>
            `${id}: ${nodes.map((/** @type {any} */ n) => n.html).join(" ")}`,
        );
      assert.deepEqual(serious, [], name);
      for (const width of [390, 768, 1280, 2560]) {
        await page.page.setViewportSize({ width, height: 900 });
        const wide = await page.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width} px`);
        await page.page.screenshot({
          path: join(screenshots, `${name.toLowerCase()}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
      }
    }
  });
}
