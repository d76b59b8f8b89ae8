// A run in all its ways to end, against a service that the test can look into: what is sent, what Stop does at the far
// end, what is shown of an error. The service stands where the hosted one does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createService } from "../../pkg/testing.js";
import { metric, openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const words = Array.from({ length: 40 }, (_, i) => `word${i} `);
let generating = false;

async function* endless() {
  generating = true;
  try {
    for (;;) yield "more and ";
  } finally {
    generating = false;
  }
}

const service = createService({
  deployments: {
    story: { text: words, tokensPerSecond: 40 },
    endless: { text: endless, tokensPerSecond: 40 },
    refusing: { status: 400, body: { error: { message: "The prompt is too long for this model." } } },
    overloaded: { text: "Recovered.", status: 503, times: 2 },
    cut: { text: words, tokensPerSecond: 100, cutAfter: 10 },
    "unlisted/id": { text: "Typed by hand." },
  },
});

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => {
  demo = await startDemo({ service, deployments: ["story", "endless", "refusing", "overloaded", "cut"] });
});
after(() => demo?.close());

/** @param {string} target */
async function open(target) {
  const page = await openPage(demo);
  await page.target.selectOption(target);
  service.requests.length = 0;
  return page;
}

test("sends what the form says, and leaves out what is empty", async () => {
  const page = await open("story");
  await page.page.getByLabel("max_tokens").fill("40");
  await page.page.getByLabel("temperature").fill("");
  await page.page.getByLabel("top_p").fill("0.5");
  await runAndWatch(page, "Once");
  const [{ path, body }] = service.requests;
  assert.equal(path, "/v1/deployments/story/invoke");
  assert.deepEqual(body, { prompt: "Once", max_tokens: 40, top_p: 0.5, stream: true });
  assert.equal(await page.output.textContent(), words.join(""));
  assert.deepEqual(page.complaints, []);
});

test("the code it shows is the request it sends", async () => {
  const page = await open("story");
  await page.prompt.fill('Say "hi"\nand stop');
  await page.page.getByLabel("max_tokens").fill("7");
  const shown = await page.page.getByRole("region", { name: "The code for this request" }).textContent();
  assert.match(shown ?? "", /client\.deployments\.stream\("story", \{/);
  assert.ok(shown?.includes('prompt: "Say \\"hi\\"\\nand stop",'));
  assert.ok(shown?.includes("max_tokens: 7,"));
});

test("Stop ends the generating at the service, and keeps the text", async () => {
  const page = await open("endless");
  await page.prompt.fill("Go on for ever");
  assert.ok(await page.stop.isDisabled());
  await page.run.click();
  await until("some text", async () => ((await page.output.textContent()) ?? "").length > 50);
  assert.ok(generating);
  assert.ok(await page.run.isDisabled());

  await page.stop.click();
  await until("the service to see it", () => service.requests[0].cancelled && !generating);
  await until("the page to say so", async () => (await page.status.textContent()) === "Stopped");
  const kept = (await page.output.textContent()) ?? "";
  assert.ok(kept.length > 50 && "more and ".repeat(kept.length).startsWith(kept), kept);
  assert.ok(await page.alert.isHidden());
  assert.ok(await page.stop.isDisabled());
  assert.equal(service.requests.length, 1);

  await page.target.selectOption("story");
  await runAndWatch(page, "Another");
  assert.equal(await page.output.textContent(), words.join(""), "the next run begins anew");
});

test("Stop ends every lane of a comparison, and a lane that fails disturbs no other", async () => {
  const { page, prompt, run, stop } = await open("story");
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByLabel("Deployment of lane 1").selectOption("endless");
  await prompt.fill("Go on for ever");
  await run.click();
  const texts = page.locator(".lane-text");
  await until("what each lane is to show", async () => {
    const [first, second, third] = await texts.allTextContents();
    return first.length > 20 && second.length > 20 && third !== undefined;
  });
  await stop.click();
  await until("the end", () => run.isEnabled());
  await until("the service to see it", () => {
    const endless = service.requests.filter(({ path }) => path.includes("endless"));
    return endless.length > 0 && endless.every(({ cancelled }) => cancelled);
  });
  assert.equal(await page.locator(".lane-text[aria-busy=true]").count(), 0);
  assert.match((await texts.nth(2).textContent()) ?? "", /BadRequestError/);
});

test("Stop before the first text", async () => {
  const page = await open("endless");
  // Held in the browser, so that it is still waiting however slow the machine is.
  await page.page.route("**/v1/**", () => {});
  await page.prompt.fill("Go on");
  await page.run.click();
  assert.match((await page.status.textContent()) ?? "", /^Waiting/);
  await page.stop.click();
  await until("the page to say so", async () => (await page.status.textContent()) === "Stopped");
  assert.equal(await page.output.textContent(), "");
});

test("an error is shown by name, with the service's own message", async () => {
  const page = await open("refusing");
  await runAndWatch(page, "Hi");
  const alert = (await page.alert.textContent()) ?? "";
  assert.match(alert, /BadRequestError/);
  assert.match(alert, /The prompt is too long for this model\./);
  assert.match(alert, /status 400/);
  assert.equal(await page.status.textContent(), "Failed");

  await page.target.selectOption("story");
  await runAndWatch(page, "Hi");
  assert.ok(await page.alert.isHidden(), "the next run takes it away");
});

test("retries are told of while one waits, and counted at the end", async () => {
  const page = await open("overloaded");
  await page.page.evaluate(() => {
    const status = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
    const seen = /** @type {any} */ (window);
    seen.statuses = [];
    new MutationObserver(() => seen.statuses.push(status.textContent)).observe(status, { childList: true });
  });
  await runAndWatch(page, "Hi");
  const statuses = await page.page.evaluate(() => /** @type {any} */ (window).statuses);
  const retries = statuses.filter((/** @type {string} */ status) =>
    /^Status 503, trying again in \d\.\d s$/.test(status),
  );
  assert.equal(retries.length, 2, statuses.join("; "));
  assert.equal(statuses.at(-1), "Finished, after 3 attempts");
  assert.equal(await page.output.textContent(), "Recovered.");
});

test("an answer that breaks off keeps its text beside the error", async () => {
  const page = await open("cut");
  await runAndWatch(page, "Hi");
  assert.match((await page.alert.textContent()) ?? "", /(Truncated)?StreamError/);
  assert.equal(await page.output.textContent(), words.slice(0, 10).join(""));
  assert.match((await metric(page, "Time to first text")) ?? "", /\d/);
});

test("an id that is not offered can be typed", async () => {
  const page = await open("story");
  await page.target.selectOption({ label: "Other deployment…" });
  await page.page.getByRole("textbox", { name: "Deployment id" }).fill("unlisted/id");
  await runAndWatch(page, "Hi");
  assert.equal(service.requests[0].path, "/v1/deployments/unlisted%2Fid/invoke");
  assert.equal(await page.output.textContent(), "Typed by hand.");
  assert.deepEqual(page.complaints, []);
});

test("what is wrong in the form is said at the field, and nothing is sent", async () => {
  const page = await open("story");
  assert.ok(await page.run.isDisabled(), "there is no prompt yet");
  await page.prompt.fill("  \n");
  assert.ok(await page.run.isDisabled(), "blanks are no prompt");
  await page.prompt.fill("Hi");
  for (const [name, value, rule] of [
    ["max_tokens", "0", "a whole number, 1 or more"],
    ["max_tokens", "1.5", "a whole number, 1 or more"],
    ["temperature", "2.5", "a number from 0 to 2"],
    ["top_p", "-1", "a number from 0 to 1"],
  ]) {
    const field = page.page.getByLabel(name);
    const before = await field.inputValue();
    await field.fill(value);
    await page.run.click();
    assert.ok(await page.page.getByText(`${name} must be ${rule}.`).isVisible(), `${name} ${value}`);
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((element) => element === document.activeElement));
    await field.fill(before);
    assert.equal(await field.getAttribute("aria-invalid"), null, "mended");
  }
  await page.page.getByLabel("temperature").fill("0.73");
  await page.target.selectOption({ label: "Other deployment…" });
  await page.run.click();
  assert.ok(await page.page.getByText("Deployment id is missing").isVisible());
  assert.equal(service.requests.length, 0);

  await page.target.selectOption("story");
  await runAndWatch(page, "Hi");
  assert.equal(
    /** @type {any} */ (service.requests[0].body).temperature,
    0.73,
    "off the arrows' steps is fine",
  );
});
