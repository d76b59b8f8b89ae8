// The boundary's wasm tests in Chromium: cargo's runner serves them and Playwright opens them, one request at a time.
//
// The runner has a WebDriver mode of its own, but its server can leave a connection unanswered when several come at
// once, as they do for a page of twenty modules: one run in two then never began. One after the other, each on a
// connection of its own, all are answered.
import { spawn } from "node:child_process";
import { command, CommandError } from "./command.mjs";
import { chromiumFlags, findChromium, root, toolEnvironment } from "./tools.mjs";

const PATIENCE_MS = 300_000;

async function boundaryInChromium() {
  const runner = spawn(
    "cargo",
    [
      "test",
      "--target",
      "wasm32-unknown-unknown",
      "--no-default-features",
      "--features",
      "npm",
      "--test",
      "boundary",
    ],
    {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...toolEnvironment(),
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner",
        WASM_BINDGEN_USE_BROWSER: "1",
        NO_HEADLESS: "1",
        WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0",
      },
    },
  );
  const end = () => {
    if (runner.exitCode === null) process.kill(-(/** @type {number} */ (runner.pid)), "SIGKILL");
  };
  process.once("exit", end);
  /** @type {string} */
  const origin = await new Promise((resolve, reject) => {
    let said = "";
    runner.stdout.on("data", (chunk) => {
      said += chunk;
      const served = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (served) resolve(served[0]);
    });
    runner.on("exit", () =>
      reject(new CommandError(`The runner ended before it served the tests:\n${said}`)),
    );
  });

  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
  const page = await browser.newPage();
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  await page.route(`${origin}/**`, (route) => {
    last = last.then(async () => {
      const response = await fetch(route.request().url(), { headers: { connection: "close" } });
      const body = Buffer.from(await response.arrayBuffer());
      await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
    });
    return last;
  });
  await page.goto(`${origin}/`, { waitUntil: "commit" });
  const output = page.locator("#output");
  const deadline = Date.now() + PATIENCE_MS;
  let text = "";
  while (!/^test result: .*$/m.test(text) && Date.now() < deadline) {
    await page.waitForTimeout(250);
    text = (await output.textContent()) ?? "";
  }
  console.log(text);
  await browser.close();
  if (!/^test result: ok/m.test(text))
    throw new CommandError("The tests failed, or did not come to their end.");
  process.exit(0);
}

command(import.meta.url, boundaryInChromium);
