// What a first visitor sees before having done anything: what fetch makes of a failure, and what the client does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const WHOLE =
  "An API gateway acts as a gateway between a web application and a backend service, allowing users to access and interact with a web application through a web server.";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(options) {
  const demoPage = await openPage(demo, options);
  const opening = demoPage.page.locator("#opening");
  const side = (/** @type {string} */ name) => ({
    said: () => opening.locator(`[data-side="${name}"] .said`).textContent(),
    verdict: () => opening.locator(`[data-side="${name}"] .verdict`).textContent(),
  });
  return { ...demoPage, opening, byHand: side("fetch"), byClient: side("purerouter") };
}

test("fetch ends with half an answer and no error; the client gives all of it", async () => {
  const { opening, byHand, byClient, page, output, complaints } = await open();
  await until("fetch to be through", async () => (await byHand.verdict()) !== "");
  assert.notEqual(await byClient.said(), WHOLE, "it is still at work");
  await until("the client to be through", async () => (await byClient.verdict()) !== "");
  assert.equal(await byHand.verdict(), "Half an answer, and no error");
  const half = (await byHand.said()) ?? "";
  assert.ok(half.length > 20 && half.length < WHOLE.length && WHOLE.startsWith(half), half);
  assert.equal(await byClient.said(), WHOLE);
  assert.equal(await byClient.verdict(), "Whole, despite 3 failures");
  assert.equal(await opening.locator(".continued").textContent(), WHOLE.slice(half.length));
  const drawn = (await opening.locator("svg").getAttribute("aria-label")) ?? "";
  assert.match(drawn, /^fetch · 12 deltas, then nothing/);
  assert.match(drawn, /broke off after 12 deltas.*503, again in 400 ms.*503 \(.*goes on · 19 deltas/);

  assert.equal(await output.textContent(), "", "the output is the reader's");
  await page.getByRole("button", { name: "Play again" }).click();
  await until("it to begin anew", async () => (await byClient.verdict()) === "");
  await until("it to end anew", async () => (await byClient.said()) === WHOLE);
  assert.deepEqual(complaints, []);
});

test("it is gone with the first run, and is not shown to whom it would disturb", async () => {
  const page = await open();
  await runAndWatch(page, "Write one sentence about the sea.");
  assert.equal(await page.opening.count(), 0);
  assert.match((await page.output.textContent()) ?? "", /^The sea/);
  await page.page.reload();
  await page.page.locator("optgroup").first().waitFor({ state: "attached" });
  assert.equal(await page.opening.count(), 0, "there is work of the reader's");
  const link = `${demo.url}/#${new URLSearchParams({ s: JSON.stringify({ prompt: "Shared" }) })}`;
  const shared = await openPage({ ...demo, url: link });
  assert.equal(await shared.page.locator("#opening").count(), 0);
  assert.deepEqual([...page.complaints, ...shared.complaints], []);
});

test("who wants no motion is shown how it ended", async () => {
  const { opening, byClient } = await open({ reducedMotion: "reduce" });
  assert.equal(await opening.locator("svg").count(), 0);
  await until("the end", async () => (await byClient.verdict()) !== "");
  await opening.locator("svg").waitFor();
});

test("it covers nothing that can be used, and is in sight on a phone", async () => {
  const { page, opening } = await open({ viewport: { width: 390, height: 844 } });
  const { y } = (await opening.boundingBox()) ?? { y: Infinity };
  assert.ok(y < 844 / 2, `it begins at ${y} px`);
  const wide = await open({ viewport: { width: 1280, height: 900 } });
  const header = await wide.page.locator("#answer > header").boundingBox();
  const box = await wide.opening.boundingBox();
  assert.ok(header && box && header.y + header.height < box.y);
  const answer = await wide.page.locator("#answer").boundingBox();
  assert.ok(
    answer && box.y + box.height <= answer.y + answer.height + 1,
    "the answer is as high as it needs",
  );
  await page.close();
});
