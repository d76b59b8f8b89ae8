// The HTML of docs/packaging.md in a real Chromium: under the policy that it names, and with the import map that it names, a
// page streams.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { createService } from "../../pkg/testing.js";
import { chromiumFlags, findChromium, root } from "../../scripts/tools.mjs";
import { Project, blocks } from "../readme/examples.mjs";
import { serve } from "../serve.mjs";

const html = blocks("docs/packaging.md", ["html"]).map(({ source }) => source);
const program = `
  import { PureRouter } from "purerouter";
  const client = new PureRouter({ baseUrl: "/" });
  document.querySelector("p").textContent = await client.deployments.stream("primary-id", { prompt: "Hi." }).text();
`;

const service = createService({ deployments: { "primary-id": { text: "Hello" } } });
/** @type {string} */
let embedded, bundle;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  const project = new Project([{ name: "bundle.js", source: program }]);
  bundle = await project.forPage("bundle.js").finally(() => project.remove());
  server = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/v1/")) {
      request.headers.set("x-router-key", "sk_of_the_server");
      return service.fetch(request);
    }
    const script = (/** @type {string | Buffer} */ body) =>
      new Response(body, { headers: { "content-type": "text/javascript" } });
    if (pathname === "/bundle.js") return script(bundle);
    if (pathname === "/bare.js") return script(program);
    const [, file] = /^\/node_modules\/purerouter\/(.*)$/.exec(pathname) ?? [];
    if (file) return script(await readFile(join(root, "pkg", file)));
    return new Response(`<!doctype html><link rel="icon" href="data:," />${embedded}`, {
      headers: { "content-type": "text/html" },
    });
  });
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** @param {string} page */
async function shown(page) {
  embedded = page;
  const tab = await browser.newPage();
  await tab.goto(server.url);
  await tab.locator("p:not(:empty)").waitFor({ timeout: 30_000 });
  return tab.locator("p").textContent();
}

const [policy, map] = ["Content-Security-Policy", "importmap"].map((word) => {
  const found = html.filter((source) => source.includes(word));
  assert.equal(found.length, 1, `one block of the guide has ${word}`);
  return found[0];
});

test("each of its blocks is shown here", () => assert.equal(html.length, 2));

test("under its policy, a page streams", async () => {
  assert.equal(await shown(`${policy}<p></p><script type="module" src="/bundle.js"></script>`), "Hello");
});

test("with its import map, a page without a bundler streams", async () => {
  assert.equal(await shown(`${map}<p></p><script type="module" src="/bare.js"></script>`), "Hello");
});
