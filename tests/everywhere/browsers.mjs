// Chromium by Playwright and Firefox by Puppeteer over WebDriver BiDi (Playwright drives only a Firefox of its own). Both
// are opened once and asked the same: what a page's <output> says in the end.

import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { chromiumFlags, findChromium, findFirefox } from "../../scripts/tools.mjs";
import { tools } from "./installs.mjs";

// A development server compiles before it answers, and machines are busy.
const LOADING_MS = 120_000;
const PATIENCE_MS = 60_000;

/**
 * @typedef {{ goto(url: string, options: { timeout: number }): Promise<unknown>, evaluate(expression: string): Promise<any>,
 *   on(event: any, listener: (value: any) => void): unknown, close(): Promise<unknown> }} Page
 * @typedef {{ version: string, page(): Promise<Page>, close(): Promise<unknown> }} Browser
 */

/** @type {Record<string, () => Promise<Browser>>} */
const launch = {
  async Chromium() {
    const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
    return {
      version: browser.version(),
      page: async () => (await browser.newContext()).newPage(),
      close: () => browser.close(),
    };
  },
  async Firefox() {
    const puppeteer = createRequire(join(await tools("browsers"), "package.json"))("puppeteer-core");
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: findFirefox(),
      headless: true,
    });
    return {
      version: (await browser.version()).replace(/^\w+\//, ""),
      // Firefox cannot open a tab where another one closes at that moment, and says "no such frame". It is empty still.
      page: () => browser.newPage().catch(() => browser.newPage()),
      close: () => browser.close(),
    };
  },
};

/** @type {Map<string, Promise<Browser>>} */
const open = new Map();

export const browserNames = Object.keys(launch);

/** @param {string} name @returns {Promise<Browser>} */
export function browser(name) {
  let found = open.get(name);
  if (!found) open.set(name, (found = launch[name]()));
  return found;
}

export async function closeBrowsers() {
  await Promise.all([...open.values()].map(async (opened) => (await opened).close()));
  open.clear();
}

/**
 * What the <output> of a page says, once it says what is expected, or something has failed.
 * @param {string} name of the browser @param {string} url @param {(text: string) => boolean} enough
 */
export async function output(name, url, enough) {
  const page = await (await browser(name)).page();
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error?.message ?? error)));
  page.on("console", (message) => {
    // The icon is the browser's wish, not the page's.
    if (message.type() === "error" && !/favicon/.test(message.location()?.url)) problems.push(message.text());
  });
  try {
    await page.goto(url, { timeout: LOADING_MS });
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const text = String((await page.evaluate("document.querySelector('output')?.textContent")) ?? "");
      if (enough(text)) return text;
      if (Date.now() > deadline || problems.length > 0) {
        // A page that has failed may still be about to say why.
        await sleep(300);
        const last = String((await page.evaluate("document.querySelector('output')?.textContent")) ?? "");
        if (enough(last)) return last;
        throw new Error(`${name} shows ${JSON.stringify(last)}; ${problems.join("; ") || "no error"}`);
      }
      await sleep(50);
    }
  } finally {
    await page.close();
  }
}
