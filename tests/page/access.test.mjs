// For whom the page works: keyboard and screen reader, small screens, light and dark, and eyes that do not want the
// page to move. The screenshots it writes are for people to look at.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createService } from "../../pkg/testing.js";
import { openPage, runAndWatch, startDemo, until } from "./demo.mjs";

const screenshots = fileURLToPath(new URL("screenshots", import.meta.url));

const lines = Array.from(
  { length: 60 },
  (_, i) => `Line ${i} of an answer that a small screen has to wrap.\n`,
);
const longId = "a-deployment-with-an-id-that-is-far-too-long-for-any-small-screen-to-show-in-one-line";
const service = createService({
  deployments: {
    story: { text: lines, tokensPerSecond: 30 },
    [longId]: { text: "x".repeat(500) },
    broken: { status: 400, body: { error: { message: `Refused: ${"y".repeat(300)}` } } },
  },
});

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => (demo = await startDemo({ service, deployments: ["story", longId, "broken"] })));
after(() => demo?.close());

test("works by keyboard alone, and the focus is never lost", async () => {
  const { page, prompt, run, stop, output, status, complaints } = await openPage(demo);
  const focused = (/** @type {import("playwright-core").Locator} */ part) =>
    part.evaluate((element) => element === document.activeElement);
  const tabTo = async (/** @type {import("playwright-core").Locator} */ part) => {
    for (let i = 0; i < 20 && !(await focused(part)); i++) await page.keyboard.press("Tab");
    assert.ok(await focused(part), `no way to ${part}`);
  };
  await tabTo(prompt);
  await page.keyboard.type("Tell me");
  await tabTo(run);
  await page.keyboard.press("Enter");
  await until("Stop to have the focus", () => focused(stop));
  await until("some text", async () => (await output.textContent()) !== "");
  await page.keyboard.press("Enter");
  await until("Run to have it back", () => focused(run));
  assert.ok(
    service.requests.at(-1)?.cancelled || (await page.getByRole("status").textContent()) === "Stopped",
  );

  await prompt.focus();
  await page.keyboard.press("Enter");
  assert.equal(await prompt.inputValue(), "Tell me\n", "Enter alone is a line break");
  await page.keyboard.press("Control+Enter");
  await until("the run", () => stop.isEnabled());
  assert.ok(await focused(prompt), "whoever writes goes on writing");
  await tabTo(output);
  await until("its end", () => stop.isDisabled());
  assert.deepEqual(complaints, []);
});

test("the views, and the languages of the code, are one stop each, with arrows between them", async () => {
  const { page } = await openPage(demo);
  await page.getByRole("tab", { name: "Playground" }).focus();
  const chosen = () => page.locator(".tabs [aria-selected=true]").allTextContents();
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await chosen(), ["Compare", "Text", "Browser"]);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  assert.deepEqual(await chosen(), ["Fallback", "Text", "Browser"], "round the end");
  await page.keyboard.press("Tab");
  const focused = page.locator(":focus");
  assert.equal(await focused.getAttribute("id"), "connection");
  await page.getByRole("tab", { name: "Browser" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.match((await page.locator("#code").textContent()) ?? "", /export default/);
});

test("Enter held down on Run does not stop what it started", async () => {
  const { page, prompt, run, stop } = await openPage(demo);
  await prompt.fill("Tell me");
  await run.focus();
  await page.keyboard.down("Enter");
  await until("Stop to be there", () => stop.isEnabled());
  // Without a keyup between them, these are what a held key sends.
  for (let i = 0; i < 5; i++) await page.keyboard.down("Enter");
  assert.ok(await stop.isEnabled());
  await page.keyboard.up("Enter");
  await stop.click();
});

test("a screen reader hears a few sentences a run, not every delta", async () => {
  const page = await openPage(demo);
  await page.page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    seen.statuses = [];
    seen.readAloud = 0;
    const status = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
    const output = /** @type {HTMLElement} */ (document.querySelector("[role=log]"));
    new MutationObserver(() => seen.statuses.push(status.textContent)).observe(status, { childList: true });
    new MutationObserver(() => {
      if (output.ariaBusy !== "true") seen.readAloud++;
    }).observe(output, { characterData: true, childList: true, subtree: true });
  });
  await runAndWatch(page, "Tell me");
  const { statuses, readAloud } = await page.page.evaluate(() => {
    const { statuses, readAloud } = /** @type {any} */ (window);
    return { statuses, readAloud };
  });
  assert.deepEqual(statuses, ["Waiting for the first text", "Writing", "Finished"]);
  assert.ok(readAloud <= 1, `the log changed ${readAloud} times while it was not busy`);
});

test("nothing moves while text streams, and the view follows the end", async () => {
  const { page, prompt, run, output } = await openPage(demo, { viewport: { width: 1440, height: 900 } });
  const places = () =>
    page.evaluate(() =>
      ["output", "metrics", "code", "run"].map((id) => {
        const { top, height } = /** @type {HTMLElement} */ (
          document.getElementById(id)
        ).getBoundingClientRect();
        return `${id} ${Math.round(top)} ${Math.round(height)}`;
      }),
    );
  await prompt.fill("Tell me");
  const before = await places();
  await run.click();
  await until("more text than fits", () =>
    output.evaluate((element) => element.scrollHeight > element.clientHeight + 100),
  );
  assert.deepEqual(await places(), before);
  await until("the end", () => run.isEnabled());
  assert.deepEqual(await places(), before);
  const atEnd = await output.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight);
  assert.ok(atEnd < 32, `${atEnd} px above the end`);
});

test("a reader who has scrolled up is left there", async () => {
  const { prompt, run, output } = await openPage(demo, { viewport: { width: 1440, height: 900 } });
  await prompt.fill("Tell me");
  await run.click();
  await until("more text than fits", () =>
    output.evaluate((element) => element.scrollHeight > element.clientHeight + 100),
  );
  await output.evaluate((element) => (element.scrollTop = 0));
  await until("the end", () => run.isEnabled());
  assert.equal(await output.evaluate((element) => element.scrollTop), 0);
});

test("390 px have no horizontal scroll, whatever is shown", async () => {
  const page = await openPage(demo, { viewport: { width: 390, height: 844 } });
  const wide = () =>
    page.page.evaluate(() => {
      const parts = ["output", "failure"].map(
        (id) => /** @type {HTMLElement} */ (document.getElementById(id)),
      );
      return Math.max(...[document.documentElement, ...parts].map((e) => e.scrollWidth - e.clientWidth));
    });
  assert.ok((await wide()) <= 0, "at the start");
  for (const target of [longId, "broken"]) {
    await page.target.selectOption(target);
    await runAndWatch(page, "z".repeat(200));
    assert.ok((await wide()) <= 0, target);
  }
  await page.target.selectOption("story");
  await page.run.click();
  await until("the answer to be in view", () =>
    page.output.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight + 1;
    }),
  );
  await page.stop.click();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1440]) {
    test(`${colorScheme} at ${width} px`, async () => {
      const page = await openPage(demo, { colorScheme, viewport: { width, height: 900 } });
      await runAndWatch(page, "Tell me a story.");
      const luminance = await page.page.evaluate(() => {
        const [r, g, b] = (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number);
        return (r + g + b) / 3;
      });
      assert.ok(
        colorScheme === "dark" ? luminance < 64 : luminance > 192,
        `the ground's luminance is ${luminance}`,
      );
      await page.page.screenshot({ path: join(screenshots, `${colorScheme}-${width}.png`), fullPage: true });
      assert.deepEqual(page.complaints, []);
    });
  }
}
