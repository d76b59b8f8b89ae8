// What a plain `npm start` shows: no key, no network, and an answer that grows as it is written.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { recordings } from "../../pkg/testing.js";
import { metric, openPage, runAndWatch, startDemo } from "./demo.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.close());

const { prompt, tokens, usage } = recordings[0];
const answer = tokens.map(([, text]) => text).join("");

test("shows the text while it is written, and at the end all of it", async () => {
  const page = await openPage(demo);
  const lengths = await runAndWatch(page, prompt);
  const growing = new Set(lengths.filter((length) => length > 0 && length < answer.length));
  assert.ok(growing.size >= 3, `the output's length was ${lengths}`);
  assert.equal(await page.output.textContent(), answer);
  assert.equal(await page.status.textContent(), "Finished");
  assert.deepEqual(page.complaints, []);
});

test("shows what the run took", async () => {
  const page = await openPage(demo);
  assert.equal(await metric(page, "Time to first text"), "–");
  await runAndWatch(page, prompt);
  assert.match((await metric(page, "Time to first text")) ?? "", /^\d+(\.\d+)? (ms|s)$/);
  assert.match((await metric(page, "Tokens per second")) ?? "", /^\d+\.\d tok\/s$/);
  assert.match((await metric(page, "Total time")) ?? "", /^\d+(\.\d+)? (ms|s)$/);
  const { completion_tokens: written, prompt_tokens: read } = usage;
  assert.equal(await metric(page, "Tokens"), `${written} out, ${read} in`);
  assert.equal(await metric(page, "Finish reason"), "stop");
  assert.deepEqual(page.complaints, []);
});

test("says what answers, and offers its deployments and the profile", async () => {
  const { page, target, complaints } = await openPage(demo);
  const config = await (await page.request.get(`${demo.url}/config.json`)).json();
  assert.equal(await page.locator("#service").textContent(), config.note);
  const options = await target.locator("option").allTextContents();
  assert.deepEqual(options, [...config.deployments, "balanced", "Other deployment…"]);
  assert.deepEqual(complaints, []);
});

test("a profile runs without sampling parameters of the page's own", async () => {
  const page = await openPage(demo);
  await page.target.selectOption("balanced");
  assert.ok(await page.page.getByLabel("temperature").isDisabled());
  const [request] = await Promise.all([
    page.page.waitForRequest((request) => request.method() === "POST"),
    runAndWatch(page, prompt),
  ]);
  assert.equal(new URL(request.url()).pathname, "/v1/infer");
  assert.deepEqual(request.postDataJSON(), { prompt, profile: "balanced", stream: true });
  assert.equal(await page.output.textContent(), answer);
  assert.deepEqual(page.complaints, []);
});
