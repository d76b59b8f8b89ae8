// What a reload and a link keep, and what neither may bring: a key, a place to send it to, or a page that does not start.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.close());

test("a reload and a link keep the form, and never a key", async () => {
  const { page, prompt } = await openPage(demo);
  await prompt.fill("Kept");
  await page.getByLabel("temperature").fill("0.2");
  await page.reload();
  assert.equal(await prompt.inputValue(), "Kept");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await openPage({ ...demo, url: link });
  assert.equal(await other.prompt.inputValue(), "Kept");
  assert.equal(await other.page.getByLabel("temperature").inputValue(), "0.2");

  await page.getByLabel("Connection").selectOption("own");
  await page.waitForURL("**/own");
  assert.equal(
    await page.getByLabel("Base URL", { exact: true }).inputValue(),
    "https://api.purerouter-api.com",
  );
  await page.getByLabel("Router key").fill("sk_secret_123");
  await prompt.fill("Kept as well");
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href]),
  );
  assert.ok(stored.includes("Kept as well") && !stored.includes("sk_secret_123"), stored);
  await page.reload();
  assert.equal(await page.getByLabel("Router key").inputValue(), "");
});

/** @param {unknown} session */
const link = (session) => `${demo.url}/#${new URLSearchParams({ s: JSON.stringify(session) })}`;

test("each view comes back with each language of the code", async () => {
  const { page, complaints } = await openPage(demo);
  for (const view of ["Playground", "Compare", "Fallback"]) {
    for (const language of ["Browser", "Worker", "Node", "Rust", "curl", "JSON"]) {
      await page.getByRole("tab", { name: view, exact: true }).click();
      await page.getByRole("tab", { name: language, exact: true }).click();
      const before = await page.locator("#code").textContent();
      await page.reload();
      await page.locator("optgroup").first().waitFor({ state: "attached" });
      assert.equal(
        await page.getByRole("tab", { name: view, exact: true }).getAttribute("aria-selected"),
        "true",
      );
      assert.equal(await page.locator("#code").textContent(), before, `${view}, ${language}`);
    }
  }
  assert.deepEqual(complaints, []);
});

test("a chain, its faults and the lanes are kept", async () => {
  const { page } = await openPage(demo);
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByLabel("Instance of lane 2").selectOption("a10g-xl");
  await page.getByRole("button", { name: "Remove lane 3" }).click();
  await page.getByRole("tab", { name: "Fallback" }).click();
  await page.getByRole("button", { name: "Take smollm2-135m out" }).click();
  await page.getByLabel("Fault of smollm2-135m-slow").selectOption("stall");
  await page.getByLabel("When an answer breaks off").selectOption("fail");
  await page.reload();
  await page.locator("optgroup").first().waitFor({ state: "attached" });
  assert.deepEqual(await page.locator("#chain code").allTextContents(), [
    "smollm2-135m-slow",
    "smollm2-135m-fast",
  ]);
  assert.equal(await page.getByLabel("Fault of smollm2-135m-slow").inputValue(), "stall");
  assert.equal(await page.getByLabel("When an answer breaks off").inputValue(), "fail");
  await page.getByRole("tab", { name: "Compare" }).click();
  assert.equal(await page.locator("#lanes li").count(), 2);
  assert.equal(await page.getByLabel("Instance of lane 2").inputValue(), "a10g-xl");
});

test("a link cannot choose where a key goes", async () => {
  const evil = { connection: "own", baseUrl: "https://evil.example", prompt: "Hi" };
  const { page, prompt } = await openPage({ ...demo, url: link(evil) });
  assert.equal(await prompt.inputValue(), "Hi");
  assert.equal(await page.getByLabel("Connection").inputValue(), "gateway");
  const own = await openPage({ ...demo, url: link(evil).replace("/#", "/own#") });
  assert.equal(
    await own.page.getByLabel("Base URL", { exact: true }).inputValue(),
    "https://api.purerouter-api.com",
  );
});

test("a link that is damaged, or made by hand, leaves a page that works", async () => {
  const damaged = [
    { prompt: 5, chain: 5, lanes: "x", turns: [null], view: [], language: {}, max_tokens: {} },
    { chain: [{ id: "nobody", fault: "none" }], lanes: [{ id: "smollm2-135m", instance: "?" }], view: "?" },
    { view: "compare", language: "curl", chain: [null], lanes: [{}], midStream: "?", target: "?" },
    { view: "fallback", language: "__proto__", chain: [{ id: "smollm2-135m", fault: "?" }] },
    null,
    "text",
  ];
  for (const session of damaged) {
    const page = await openPage({ ...demo, url: link(session) });
    await runAndWatch(page, "Write one sentence about the sea.");
    assert.deepEqual(page.complaints, [], JSON.stringify(session));
    assert.ok(await page.run.isEnabled());
    await page.page.close();
  }
  const cut = await openPage({ ...demo, url: link({ prompt: "Cut" }).slice(0, -6) });
  assert.equal(await cut.prompt.inputValue(), "");
  assert.deepEqual(cut.complaints, []);
});

test("a link that is opened where the page is open already is followed", async () => {
  const { page, prompt } = await openPage(demo);
  await page.evaluate((to) => location.assign(to), link({ prompt: "Followed" }));
  await until("the prompt", async () => (await prompt.inputValue()) === "Followed");
});
