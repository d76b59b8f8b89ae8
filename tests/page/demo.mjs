// The demo as its users meet it, for the tests in this folder: `scripts/start.mjs` in a process of its own (real page,
// real gateway in workerd) and a real Chromium in front of it. Behind the gateway stands the embedded service, or one
// that the test makes and can look into.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../serve.mjs";
import { chromiumFlags } from "../../scripts/tools.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

// Generous: the machine may be building, or busy with the other suites.
export const PATIENCE_MS = 120_000;
const START_MS = 10 * 60_000;

/**
 * Starts the demo with the embedded service, or with `service` in the place of the hosted one.
 *
 * @param {{ service?: { fetch: (request: Request) => Promise<Response> }, deployments?: string[] }} [options]
 */
export async function startDemo({ service, deployments = [] } = {}) {
  const { PUREROUTER_KEY, PUREROUTER_BASE_URL, PUREROUTER_DEPLOYMENTS, ...env } = process.env;
  const upstream = service && (await serve(service.fetch));
  const hosted = upstream && {
    PUREROUTER_KEY: "test",
    PUREROUTER_BASE_URL: upstream.url,
    PUREROUTER_DEPLOYMENTS: deployments.join(","),
  };
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    cwd: root,
    env: { ...env, ...hosted, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_BIN || "/usr/bin/chromium",
    args: chromiumFlags,
  });
  const close = async () => {
    await browser.close();
    if (child.exitCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGINT");
      await exited;
    }
    await upstream?.close();
  };
  try {
    return { url: await urlOf(child), service: upstream?.url, browser, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} child */
function urlOf(child) {
  let said = "";
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) =>
      reject(new Error(`scripts/start.mjs ${why}; it said:\n${said}`));
    const timer = setTimeout(fail, START_MS, "did not come up");
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.on("data", (chunk) => {
        said += chunk;
        const url = /^(http:\/\/127\.0\.0\.1:\d+) /m.exec(said)?.[1];
        if (!url) return;
        clearTimeout(timer);
        resolve(url);
      });
    }
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}

/**
 * A page of the demo, ready to be used, with its parts by the names a reader knows them by. `complaints` is what a
 * developer would see in red or yellow: console errors and warnings, exceptions, requests that failed.
 *
 * @param {{ url: string, browser: import("playwright-core").Browser }} demo
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage({ url, browser }, options) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE_MS);
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error}`));
  // A stream lets its connection go at [DONE], or when it is stopped: the browser calls that aborted, and says nothing.
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") complaints.push(`${why}: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(url);
  const parts = {
    prompt: page.getByRole("textbox", { name: "Prompt" }),
    run: page.getByRole("button", { name: "Run" }),
    stop: page.getByRole("button", { name: "Stop" }),
    output: page.getByRole("log", { name: "Output" }),
    status: page.getByRole("status"),
    alert: page.getByRole("alert"),
    target: page.getByRole("combobox", { name: "Send to" }),
  };
  // The last thing the page does at the start is to fill the choice.
  await page.locator("optgroup").first().waitFor({ state: "attached" });
  return { page, complaints, ...parts };
}

/** @typedef {Awaited<ReturnType<typeof openPage>>} Demo */

/**
 * Runs a prompt and returns how long the output was each time it was looked at while the run went on.
 *
 * @param {Demo} demo
 * @param {string} prompt
 */
export async function runAndWatch(demo, prompt) {
  await demo.prompt.fill(prompt);
  await demo.run.click();
  /** @type {number[]} */
  const lengths = [];
  await until("the run to end", async () => {
    // Both in one look, so that no text of an ended run counts.
    const { running, length } = await demo.page.evaluate(() => ({
      running: !(/** @type {HTMLButtonElement} */ (document.getElementById("stop")).disabled),
      length: document.getElementById("output")?.textContent?.length ?? 0,
    }));
    if (running) lengths.push(length);
    return !running;
  });
  return lengths;
}

/**
 * @param {Demo} demo
 * @param {string} name
 */
export async function metric({ page }, name) {
  const cell = page.locator("dl > div").filter({ has: page.getByText(name, { exact: true }) });
  return (await cell.locator("dd").textContent())?.trim();
}

/**
 * @param {string} what
 * @param {() => unknown} condition
 */
export async function until(what, condition) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${PATIENCE_MS} ms for ${what}`);
    await sleep(30);
  }
}
