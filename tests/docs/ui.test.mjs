// The components of docs/ui.md in a real Chromium, bundled as an app would bundle them: text comes piece by piece, and a new
// prompt, or a component that goes, ends the request at the service.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { createService } from "../../pkg/testing.js";
import { chromiumFlags, findChromium } from "../../scripts/tools.mjs";
import { until } from "../package/waiting.mjs";
import { Project, blocks } from "../readme/examples.mjs";
import { serve } from "../serve.mjs";
import { modules, svelteCompiler, vueCompiler } from "./compilers.mjs";

const guide = "docs/ui.md";
const only = (/** @type {string} */ language) => blocks(guide, [language])[0].source;

/** How an app shows each of them: `show(prompt)`, and nothing where the prompt is empty. @type {Record<string, Record<string, string>>} */
const apps = {
  "plain JavaScript": {
    "page.js": blocks(guide, ["js"]).find(({ name }) => name === "page.js")?.source ?? "",
    "app.js": `import { ask } from "./page.js";
      globalThis.show = (prompt) => { prompt ? ask(prompt) : document.querySelector("#stop").click(); };`,
  },
  React: {
    "Answer.tsx": only("tsx"),
    "app.js": `import { createElement } from "react";
      import { createRoot } from "react-dom/client";
      import { Answer } from "./Answer.tsx";
      const root = createRoot(document.querySelector("#output"));
      globalThis.show = (prompt) => root.render(prompt && createElement(Answer, { prompt }));`,
  },
  Vue: {
    "Answer.vue": only("vue"),
    "app.js": `import { createApp, h, ref } from "vue";
      import Answer from "./Answer.vue";
      const prompt = ref("");
      createApp({ render: () => prompt.value && h(Answer, { prompt: prompt.value }) }).mount("#output");
      globalThis.show = (text) => { prompt.value = text; };`,
  },
  Svelte: {
    "Answer.svelte": only("svelte"),
    "App.svelte": `<script>
        import Answer from "./Answer.svelte";
        let prompt = $state("");
        globalThis.show = (text) => { prompt = text; };
      </script>
      {#if prompt}<Answer {prompt} />{/if}`,
    "app.js": `import { mount } from "svelte";
      import App from "./App.svelte";
      mount(App, { target: document.querySelector("#output") });`,
  },
};

/** @type {import("esbuild").Plugin} */
const components = {
  name: "components",
  setup({ onLoad }) {
    onLoad({ filter: /\.vue$/ }, ({ path }) => {
      const { parse, compileScript } = vueCompiler();
      const { descriptor } = parse(readFileSync(path, "utf8"), { filename: path });
      return { contents: compileScript(descriptor, { id: "answer", inlineTemplate: true }).content };
    });
    onLoad({ filter: /\.svelte$/ }, ({ path }) => ({
      contents: svelteCompiler().compile(readFileSync(path, "utf8"), { filename: path }).js.code,
    }));
  },
};

/** @param {Record<string, string>} files @returns {Promise<string>} */
async function bundled(files) {
  const project = new Project(Object.entries(files).map(([name, source]) => ({ name, source })));
  try {
    const { outputFiles } = await build({
      entryPoints: [join(project.folder, "app.js")],
      bundle: true,
      format: "esm",
      write: false,
      jsx: "automatic",
      nodePaths: [modules],
      conditions: ["svelte", "browser"],
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: [components],
    });
    return outputFiles[0].text;
  } finally {
    project.remove();
  }
}

const words = (/** @type {string} */ prompt) => Array.from({ length: 60 }, (_, i) => `${prompt}${i} `);

/** @type {import("../../pkg/testing.js").Service} */
let service;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Record<string, string>} */
const scripts = {};

before(async () => {
  server = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/v1/")) {
      // In the place of the gateway, which adds the key.
      request.headers.set("x-router-key", "sk_of_the_server");
      return service.fetch(request);
    }
    const script = scripts[decodeURIComponent(pathname.slice(1))];
    const html = `<!doctype html><link rel="icon" href="data:,"><div id="output"></div><button id="stop"></button>`;
    const [body, type] = script ? [script, "text/javascript"] : [html, "text/html"];
    return new Response(body, { headers: { "content-type": type } });
  });
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** @param {string} name @param {import("../../pkg/testing.js").DeploymentBehaviour} behaviour */
async function open(name, behaviour) {
  scripts[name] ??= await bundled(apps[name]);
  service = createService({ deployments: { "primary-id": behaviour } });
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.url);
  await page.addScriptTag({ url: `/${encodeURIComponent(name)}`, type: "module" });
  await page.waitForFunction("globalThis.show");
  const output = page.locator("#output");
  return {
    page,
    complaints,
    show: (/** @type {string} */ prompt) => page.evaluate(`show(${JSON.stringify(prompt)})`),
    text: async () => (await output.textContent()) ?? "",
  };
}

/** One delta each, by what is asked. @type {import("../../pkg/testing.js").DeploymentBehaviour} */
const story = {
  text: async function* ({ prompt }) {
    yield* words(String(prompt));
  },
  tokensPerSecond: 60,
};

for (const name of Object.keys(apps)) {
  test(`${name}: text appears as it comes, and a new prompt ends the request before`, async () => {
    const { page, show, text, complaints } = await open(name, story);
    await show("one");
    await until(async () => (await text()).includes("one2 "), "the third word is shown");
    assert.ok((await text()).length < words("one").join("").length, "all of it came at once");
    await show("two");
    await until(() => service.requests[0].cancelled, "the service sees the first one end");
    await until(async () => (await text()).includes("two59"), "all of the second is shown");
    assert.equal((await text()).trim(), words("two").join("").trim());
    assert.equal(service.requests[1].cancelled, false);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test(`${name}: who leaves ends the request`, async () => {
    const { page, show, text, complaints } = await open(name, story);
    await show("one");
    await until(async () => (await text()).includes("one2 "), "the third word is shown");
    await show("");
    await until(() => service.requests[0].cancelled, "the service sees it end");
    assert.doesNotMatch(await text(), /abort/i);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test(`${name}: an error is shown beside what had come`, async () => {
    const { page, show, text, complaints } = await open(name, { text: ["Once ", "upon "], cutAfter: 2 });
    await show("one");
    await until(async () => (await text()).length > "Once upon ".length, "the error is shown");
    assert.match(await text(), /Once upon[\s\S]*ended/);
    assert.deepEqual(complaints, []);
    await page.close();
  });
}
