// A conversation: what is sent grows with it, and it is read as one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createService } from "../../pkg/testing.js";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const service = createService({
  deployments: {
    echo: { text: ({ messages }) => `You said: ${messages.at(-1).content}` },
    cut: { text: ["Half ", "of it"], cutAfter: 1 },
  },
});

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo({ service, deployments: ["echo", "cut"] })));
after(() => demo?.close());

async function chat() {
  const page = await openPage(demo);
  await page.page.getByRole("tab", { name: "Chat" }).click();
  service.requests.length = 0;
  const turns = () => page.page.locator("#turns li").allTextContents();
  const sent = () => /** @type {any} */ (service.requests.at(-1)?.body)?.messages;
  return { ...page, turns, sent };
}

test("a question follows what was said, and the answer stands under it", async () => {
  const page = await chat();
  await page.page.getByLabel("System message").fill("Be brief.");
  await runAndWatch(page, "One?");
  await until("the answer to be a turn", async () => (await page.prompt.inputValue()) === "");
  assert.deepEqual(await page.turns(), ["One?"]);
  assert.equal(await page.output.textContent(), "You said: One?");

  await runAndWatch(page, "Two?");
  await until("the answer to be a turn", async () => (await page.prompt.inputValue()) === "");
  assert.deepEqual(page.sent(), [
    { role: "system", content: "Be brief." },
    { role: "user", content: "One?" },
    { role: "assistant", content: "You said: One?" },
    { role: "user", content: "Two?" },
  ]);
  assert.deepEqual(await page.turns(), ["One?", "You said: One?", "Two?"]);
  assert.equal(await page.output.textContent(), "You said: Two?");
  assert.ok(await page.page.getByText("4 turns before this one").isVisible());

  await page.page.getByRole("button", { name: "Clear the conversation" }).click();
  assert.deepEqual(await page.turns(), []);
  assert.equal(await page.output.textContent(), "");
  await runAndWatch(page, "Three?");
  assert.equal(page.sent().length, 2, "the system message and the question");
});

test("Retry asks the last question again, without its answer", async () => {
  const page = await chat();
  const retry = page.page.getByRole("button", { name: "Retry" });
  assert.ok(await retry.isDisabled());
  await runAndWatch(page, "One?");
  await until("the answer to be a turn", async () => (await page.prompt.inputValue()) === "");
  await retry.click();
  await until("the second request", () => service.requests.length === 2);
  await until("its end", () => retry.isEnabled());
  assert.deepEqual(page.sent(), [{ role: "user", content: "One?" }]);
  assert.deepEqual(await page.turns(), ["One?"]);
});

test("what broke off is no turn, and the question is kept", async () => {
  const page = await chat();
  await page.target.selectOption("cut");
  await runAndWatch(page, "One?");
  assert.equal(await page.output.textContent(), "Half ");
  assert.equal(await page.prompt.inputValue(), "One?");
  await page.target.selectOption("echo");
  await page.page.getByRole("button", { name: "Retry" }).click();
  await until("the answer", async () => (await page.output.textContent()) === "You said: One?");
  assert.deepEqual(page.sent(), [{ role: "user", content: "One?" }]);
});

test("a reload and a link keep the conversation", async () => {
  const page = await chat();
  await runAndWatch(page, "One?");
  await until("the answer to be a turn", async () => (await page.prompt.inputValue()) === "");
  await page.page.reload();
  await until("what was said", async () => (await page.turns()).length === 2);
  await runAndWatch(page, "Two?");
  assert.equal(page.sent().length, 3);

  await page.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.page.getByRole("button", { name: "Copy link" }).click();
  const link = await page.page.evaluate(() => navigator.clipboard.readText());
  const other = await openPage({ ...demo, url: link });
  assert.deepEqual(await other.page.locator("#turns li").allTextContents(), [
    "One?",
    "You said: One?",
    "Two?",
    "You said: Two?",
  ]);
});
