// What is around an answer: the caret while it is written, what can be done with it, how it is asked for again, and the
// timeline of how it came.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createService } from "../../pkg/testing.js";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const words = Array.from({ length: 30 }, (_, i) => `word${i} `);
const service = createService({
  deployments: {
    story: { text: words, tokensPerSecond: 30 },
    flaky: { text: words, tokensPerSecond: 30, status: 503, times: 2, headers: { "retry-after-ms": "300" } },
    down: { text: words, status: 400, times: 1 },
  },
});

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo({ service, deployments: ["story", "flaky", "down"] })));
after(() => demo?.close());

test("a caret stands at the end of the text while it is written, and blinks unless no motion is wanted", async () => {
  for (const reducedMotion of /** @type {const} */ (["no-preference", "reduce"])) {
    const { page, prompt, run, stop, output } = await openPage(demo, { reducedMotion });
    const caret = () =>
      output.evaluate((element) => {
        const { content, animationName } = getComputedStyle(element, "::after");
        return content === "none" ? "none" : animationName;
      });
    assert.equal(await caret(), "none");
    await prompt.fill("Hi");
    await run.click();
    await until("some text", async () => (await output.textContent()) !== "");
    assert.equal(await caret(), reducedMotion === "reduce" ? "none" : "blink");
    await until("the end", () => stop.isDisabled());
    assert.equal(await caret(), "none");

    await page.getByLabel("Markdown").check();
    await run.click();
    const inText = () =>
      output
        .locator("p")
        .last()
        .evaluate((element) => getComputedStyle(element, "::after").content);
    await until("some text", async () => (await output.locator("p").count()) > 0);
    assert.notEqual(await inText(), "none", "as Markdown it is in the paragraph");
    assert.equal(await caret(), "none");
    await until("the end", () => stop.isDisabled());
    assert.equal(await inText(), "none");
    await page.close();
  }
});

test("the text, the code and a link are copied; where that is not allowed, the button says so", async () => {
  const page = await openPage(demo);
  const copyText = page.page.getByRole("button", { name: "Copy text" });
  assert.ok(await copyText.isDisabled());
  await runAndWatch(page, "Hi");
  const copied = async (/** @type {string} */ name) => {
    const button = page.page.getByRole("button", { name, exact: true });
    await button.click();
    await page.page.getByRole("button", { name: "Copied" }).waitFor();
    const text = await page.page.evaluate(() => navigator.clipboard.readText());
    await button.waitFor();
    return text;
  };
  await page.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  assert.equal(await copied("Copy text"), words.join(""));
  assert.equal(await copied("Copy"), await page.page.locator("#code").textContent());
  assert.match(await copied("Copy link"), /^http.*#s=/);

  await page.page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("No", "NotAllowedError"));
  });
  await copyText.click();
  await page.page.getByRole("button", { name: "Not allowed" }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("Retry asks again, also where nothing came", async () => {
  const page = await openPage(demo);
  const retry = page.page.getByRole("button", { name: "Retry" });
  await page.target.selectOption("down");
  await page.prompt.fill("Hi");
  assert.ok(await retry.isDisabled(), "there is nothing to ask again");
  await runAndWatch(page, "Hi");
  assert.match((await page.alert.textContent()) ?? "", /BadRequestError/);
  await retry.click();
  await until("the answer", async () => (await page.output.textContent()) === words.join(""));
  assert.ok(await page.alert.isHidden());
});

test("the timeline has each attempt, its wait, its head, its first text and the deltas, to scale", async () => {
  const page = await openPage(demo);
  await page.target.selectOption("flaky");
  await runAndWatch(page, "Hi");
  const chart = page.page.locator("#timeline > svg");
  const drawn = (await chart.getAttribute("aria-label")) ?? "";
  assert.match(
    drawn,
    /^flaky · 503, again in \d{3,4} ms.*flaky · 503, again in \d{3,4} ms.*flaky · 30 deltas/,
  );
  assert.equal(await chart.locator(".wait").count(), 2);
  assert.equal(await chart.locator(".sent").count(), 3);
  assert.equal(await chart.locator(".fault").count(), 2);
  const box = async (/** @type {string} */ part) => {
    const { x, width } = (await chart.locator(part).last().boundingBox()) ?? { x: NaN, width: NaN };
    return { x, width, end: x + width };
  };
  const [wait, head, writing, curve] = [
    await box(".wait"),
    await box(".head"),
    await box(".writing"),
    await box(".curve"),
  ];
  assert.ok(wait.x < head.x && wait.end <= head.x + 2 && head.end <= writing.x + 2, "one after the other");
  // The last wait, and 30 words at 30 a second, are at least as long as they have to be by the axis.
  const second = chart.locator(".tick", { hasText: /^(500 ms|1000 ms|[1-9] s)$/ }).first();
  const [, value, unit] = /^(\d+) (m?s)$/.exec((await second.textContent()) ?? "") ?? [];
  const start = (await chart.boundingBox())?.x ?? NaN;
  const perMs =
    (((await second.boundingBox())?.x ?? NaN) - start) / (Number(value) * (unit === "s" ? 1000 : 1));
  const [, waited] = [...drawn.matchAll(/again in (\d+) ms/g)].at(-1) ?? [];
  assert.ok(wait.width >= Number(waited) * perMs - 3, `${wait.width} px of waiting, ${perMs} px/ms`);
  assert.ok(writing.width >= 900 * perMs, `${writing.width} px of writing, ${perMs} px/ms`);
  // How soon after the last delta an answer ends, and is seen to have begun, a busy machine decides; a line is some pixels wide.
  const below = curve.x >= writing.x - 10 && curve.end <= writing.end + 10;
  assert.ok(
    below,
    `the curve, ${curve.x} to ${curve.end}, is below the writing, ${writing.x} to ${writing.end}`,
  );
  assert.ok(curve.end - curve.x >= 900 * perMs - 4, `${curve.end - curve.x} px of deltas, ${perMs} px/ms`);
});

test("a slider follows its field, and the field its slider", async () => {
  const { page, prompt } = await openPage(demo);
  await prompt.fill("Hi");
  const field = page.getByLabel("temperature");
  const slider = page.locator('[data-of="temperature"]');
  await field.fill("1.3");
  assert.equal(await slider.inputValue(), "1.3");
  await slider.fill("0.4");
  assert.equal(await field.inputValue(), "0.4");
  assert.match((await page.locator("#code").textContent()) ?? "", /temperature: 0\.4,/);
  await page.reload();
  assert.equal(await slider.inputValue(), "0.4");
});
