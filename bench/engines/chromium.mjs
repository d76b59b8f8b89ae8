// Chromium: for each trial a page in a browser context of its own, which gives it a process of its own. What counts is
// the CPU time of the page's main thread, on which a user's page has to share: neither what the browser collects and
// compiles on other threads, which is kind to those who leave more of it, nor the network's process.

import { createServer } from "node:http";
import { once } from "node:events";
import { chromium } from "playwright-core";
import { CommandError } from "../../scripts/command.mjs";
import { chromiumFlags, findChromium } from "../../scripts/tools.mjs";
import { bundle } from "../bundle.mjs";

export const name = "Chromium";

async function launch() {
  const executablePath = findChromium();
  if (!executablePath)
    throw new CommandError("Chromium is missing: npm run setup installs it, CHROME_BIN names it");
  return chromium.launch({ executablePath, args: chromiumFlags });
}

export async function version() {
  const browser = await launch();
  try {
    return browser.version();
  } finally {
    await browser.close();
  }
}

/** @type {import("./engine.mjs").StartEngine} */
export async function start(trials) {
  const browser = await launch();
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>bench</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const stop = async () => {
    await browser.close();
    server.close();
  };
  try {
    const runs = [];
    for (const { packageFolder, ...trial } of trials) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(trial.url ?? `http://127.0.0.1:${port}`);
      await page.addScriptTag({ path: await bundle("chromium", packageFolder) });
      const time = await clockOf(page);
      await page.evaluate((trial) => {
        const side = /** @type {any} */ (window);
        side.trial = side.startTrial(trial);
      }, trial);
      runs.push(async (/** @type {number} */ amount) => {
        const before = await time();
        await page.evaluate((amount) => /** @type {any} */ (window).trial.run(amount), amount);
        const ns = (await time()) - before;
        await page.evaluate(() => /** @type {any} */ (window).trial.check());
        return ns;
      });
    }
    return { runs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The CPU time of a page's main thread, in ns.
 *
 * @param {import("playwright-core").Page} page
 */
async function clockOf(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  return async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return Math.round((metrics.find(({ name }) => name === "ThreadTime")?.value ?? NaN) * 1e9);
  };
}
