// The faults in Chromium: a page without a bundler, which imports the installed tarball and this folder's scenarios.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { project } from "../package/install.mjs";
import { serve } from "../serve.mjs";
import { verify } from "./verify.mjs";
import { chromiumFlags } from "../../scripts/tools.mjs";

const PATIENCE_MS = 120_000;

const PAGE = `<!doctype html>
  <link rel="icon" href="data:,">
  <script type="importmap">{ "imports": { "purerouter": "/purerouter/index.js" } }</script>
  <script type="module">
    import * as purerouter from "purerouter";
    import { faults } from "/faults/faults.js";
    import { outcomeOf } from "/faults/scenario.js";
    globalThis.run = (name, url) => outcomeOf(faults.find(({ fault }) => fault === name), purerouter, url);
  </script>`;

const folders = {
  purerouter: join(project, "node_modules/purerouter"),
  faults: fileURLToPath(new URL(".", import.meta.url)),
};

/** The page, and the scripts it imports. */
async function files(request) {
  const [, folder, ...path] = new URL(request.url).pathname.split("/");
  if (folder === "") return new Response(PAGE, { headers: { "content-type": "text/html" } });
  if (!Object.hasOwn(folders, folder)) return new Response(null, { status: 404 });
  const script = await readFile(join(folders[folder], ...path));
  return new Response(script, { headers: { "content-type": "text/javascript" } });
}

let server, browser, page;
const thrown = [];

before(async () => {
  server = await serve(files);
  const executablePath = process.env.CHROME_BIN || "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: chromiumFlags });
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => thrown.push(String(error)));
  await page.goto(server.url);
  await page.waitForFunction(() => globalThis.run);
});

after(async () => {
  await browser?.close();
  await server?.close();
  assert.deepEqual(thrown, [], "nothing becomes an unhandled rejection");
});

verify("Chromium", async ({ fault }, url) => ({
  outcome: await page.evaluate(([fault, url]) => globalThis.run(fault, url), [fault, url]),
}));
