// Every example of the two READMEs, run for real where it says it runs: in Node, in workerd, in Chromium behind the
// gateway that the same document shows. An example nobody runs fails too, so that none can rot.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "../serve.mjs";
import { blocks, Project } from "./examples.mjs";
import { exampleService, KEY, STORY } from "./network.mjs";
import { chromiumFlags } from "../../scripts/tools.mjs";

const text = STORY.join("");
const wasm = new URL("../../pkg/purerouter.wasm", import.meta.url);
/** @typedef {{ project: Project, compatibilityDate: string, t: import("node:test").TestContext }} Run */

/** What each example has to do, by its name. @type {Record<string, (run: Run) => Promise<void>>} */
const examples = {
  async "first.mjs"({ project }) {
    assert.equal(await project.node(["first.mjs"]), text);
  },

  async "ask.mjs"({ project }) {
    assert.equal(await project.node(["ask.mjs"]), `${text}\n${text} by balanced\n${text}`);
  },

  async "reading.mjs"({ project }) {
    const said = await project.node(["reading.mjs"]);
    const bytes = String.raw`(?:data: \{.*\}\n\n)+data: \[DONE\]\n\n`;
    const parts = [
      `${text}${text}true stop 3 true\n`,
      `${text}200 req-5 \\d+\n`,
      "true\n",
      bytes,
      "200 text/event-stream true\n",
    ];
    assert.match(said, new RegExp(`^${parts.join("")}$`));
  },

  async "errors.mjs"({ project }) {
    const program = `import { answer } from ${JSON.stringify(project.url("errors.mjs"))};
      console.log(await answer("Hi."));`;
    const evaluate = ["--input-type=module", "--eval", program];
    /** @type {[import("../../pkg/testing.js").DeploymentBehaviour, RegExp][]} */
    const table = [
      [{}, /^Once upon a time\.\n$/],
      [{ cutAfter: 2 }, /^Once upon … \(broke off\)\n$/],
      [{ status: 404 }, /^Refused \(404, request req-1\)\.\n$/],
      [{ retryAfter: 120 }, /^Busy\. Try again in 120 s\.\n$/],
    ];
    for (const [behaviour, expected] of table) {
      assert.match(await project.node(evaluate, behaviour), expected);
    }
  },

  async "fallback.mjs"({ project }) {
    assert.equal(await project.node(["fallback.mjs"]), `${text} (by primary-id)\n${text}`);
    const broken = await project.node(["fallback.mjs"], { status: 404 });
    assert.equal(broken, `${text} (by backup-id)\n${text}`);
  },

  async "pinned.mjs"({ project }) {
    assert.match(
      await project.node(["pinned.mjs"]),
      /^Once upon a time\. \(by primary-id, about \$0\.0\d+\)\n$/,
    );
  },

  async "compare.mjs"({ project }) {
    const said = await project.node(["compare.mjs"], { status: 404 });
    for (const delta of STORY) assert.match(said, new RegExp(`^1 backup-id ${delta}$`, "m"));
    assert.match(said, /^2 profile:balanced Once $/m);
    assert.match(said, /'primary-id'.*404/);
  },

  async "hedge.mjs"({ project }) {
    assert.equal(await project.node(["hedge.mjs"], { stallHeaders: 5000 }), `${text}\n`);
  },

  async "answer.test.mjs"({ project }) {
    const report = await project.node(["--test", "--test-reporter=tap", "answer.test.mjs"]);
    assert.match(report, /^# pass 1$/m, report);
    assert.match(report, /^# fail 0$/m, report);
  },

  async "worker.js"({ project, compatibilityDate, t }) {
    const service = exampleService({ status: 400, times: 1 });
    const worker = await project.worker("worker.js", service, compatibilityDate);
    t.after(() => worker.dispose());
    const refused = await worker.dispatchFetch("http://worker.example/?q=Hello");
    assert.equal(refused.status, 400);
    assert.match(/** @type {any} */ (await refused.json()).error.message, /answers 400/);
    const response = await worker.dispatchFetch("http://worker.example/?q=Hello");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const body = await response.text();
    const deltas = [...body.matchAll(/"text":"(.*?)"/g)].map(([, delta]) => delta);
    assert.deepEqual(deltas.filter(Boolean), STORY);
    assert.match(body, /data: \[DONE\]\n\n$/);
    assert.equal(service.requests[1].body.prompt, "Hello");
  },

  async "gateway.js"({ project, compatibilityDate, t }) {
    const service = exampleService();
    const worker = await project.worker("gateway.js", service, compatibilityDate);
    t.after(() => worker.dispose());
    const call = (/** @type {string} */ id) =>
      worker.dispatchFetch(`http://gateway.example/v1/deployments/${id}/invoke`, {
        method: "POST",
        headers: { "cf-connecting-ip": "192.0.2.1", "x-router-key": "sk_of_the_page" },
        body: '{"prompt":"Hi."}',
      });
    assert.equal((await call("another-id")).status, 403);
    const response = await call("primary-id");
    assert.equal(/** @type {any} */ (await response.json()).choices[0].text, text);
    assert.deepEqual(
      service.requests.map(({ headers }) => headers["x-router-key"]),
      [KEY],
    );
    const statuses = [];
    for (let i = 0; i < 20; i++) statuses.push((await call("primary-id")).status);
    assert.ok(statuses.includes(429), `${statuses}`);
  },

  async "routes.js"({ project, compatibilityDate, t }) {
    const service = exampleService({ status: 503 });
    const worker = await project.worker("routes.js", service, compatibilityDate);
    t.after(() => worker.dispose());
    for (const [id, status] of /** @type {const} */ ([
      ["support", 200],
      ["fast", 200],
      ["primary-id", 403],
    ])) {
      const call = { method: "POST", body: '{"prompt":"Hi."}' };
      const response = await worker.dispatchFetch(`http://gateway.example/v1/deployments/${id}/invoke`, call);
      assert.equal(response.status, status);
      if (status === 200) assert.match(await response.text(), /Once upon/);
    }
  },

  async "tokens.js"({ project, compatibilityDate, t }) {
    const worker = await project.worker("tokens.js", exampleService(), compatibilityDate);
    t.after(() => worker.dispose());
    const ask = (/** @type {string} */ path, /** @type {Record<string, string>} */ headers) =>
      worker.dispatchFetch(`http://gateway.example${path}`, {
        method: "POST",
        headers,
        body: '{"prompt":"Hi."}',
      });
    assert.equal((await ask("/v1/tokens", {})).status, 401);
    await (await worker.getKVNamespace("SESSIONS")).put("abc", "somebody");
    assert.equal((await ask("/v1/tokens", { cookie: "session=abcd" })).status, 403);
    const issued = await ask("/v1/tokens", { cookie: "theme=dark; session=abc" });
    const { token, expires_in } = /** @type {any} */ (await issued.json());
    assert.equal(expires_in, 300);
    assert.equal((await ask("/v1/deployments/primary-id/invoke", { "x-router-key": token })).status, 200);
    assert.equal(
      (await ask("/v1/deployments/primary-id/invoke", { "x-router-key": `${token}x` })).status,
      401,
    );
  },

  async "token.js"({ project }) {
    const program = `
      globalThis.location = new URL("http://page.example/");
      let issued = 0;
      globalThis.fetch = async (url, init) => {
        if (url === "/v1/tokens") return Response.json({ token: "token-" + ++issued, expires_in: 60 });
        console.log(new Headers(init?.headers ?? url.headers).get("x-router-key"));
        return Response.json({ choices: [{ text: "Hi." }] });
      };
      const { client } = await import(${JSON.stringify(project.url("token.js"))});
      for (let i = 0; i < 2; i++) await client.deployments.invoke("primary-id", { prompt: "Hi." });
      const { now } = Date;
      Date.now = () => now() + 31_000;
      await client.deployments.invoke("primary-id", { prompt: "Hi." });`;
    const said = await project.node(["--input-type=module", "--eval", program]);
    assert.equal(said, "token-1\ntoken-1\ntoken-2\n");
  },

  async "serve.mjs"({ project }) {
    const program = `
      import { createServer, request } from "node:http";
      const probe = createServer().listen(0);
      await new Promise((resolve) => probe.once("listening", resolve));
      const { port } = probe.address();
      await new Promise((resolve) => probe.close(resolve));
      process.env.PORT = String(port);
      await import(${JSON.stringify(project.url("serve.mjs"))});
      const path = "/v1/deployments/support/invoke";
      request({ port, path, method: "POST" }, async (response) => {
        console.log(response.statusCode, JSON.parse((await response.toArray()).join("")).choices[0].text);
        process.exit();
      }).end('{"prompt":"Hi."}');`;
    assert.equal(await project.node(["--input-type=module", "--eval", program]), `200 ${text}\n`);
  },

  async "page.js"(run) {
    const { output, log } = await show("page.js", run);
    assert.equal(output, text);
    assert.match(log.join("\n"), /^3 tokens in \d+ ms$/);
  },

  async "slim.js"(run) {
    const { output, log } = await show("slim.js", run);
    assert.equal(output, text);
    assert.deepEqual(log, []);
  },
};

/**
 * Opens a page with one of the examples, under the policy that the READMEs name, beside the document's own gateway.
 * @param {string} name @param {Run} run
 */
async function show(name, { project, compatibilityDate, t }) {
  const gateway = await project.worker("gateway.js", exampleService(), compatibilityDate);
  t.after(() => gateway.dispose());
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  /** @type {Record<string, () => Promise<Response>>} */
  const files = {
    "/": async () =>
      new Response(
        '<!doctype html><link rel="icon" href="data:,"><p id="output"></p><script type="module" src="/run.js"></script>',
        { headers: { "content-type": "text/html", "content-security-policy": `${policy}; img-src data:` } },
      ),
    "/run.js": async () =>
      javascript(`import("/${name}").finally(() => (document.body.className = "over"));`),
    [`/${name}`]: async () => javascript(await project.forPage(name)),
    "/purerouter.wasm": async () =>
      new Response(await readFile(wasm), { headers: { "content-type": "application/wasm" } }),
  };
  const server = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (files[pathname]) return files[pathname]();
    const { method, headers } = request;
    const body = method === "GET" ? undefined : await request.text();
    const answer = await gateway.dispatchFetch(request.url, { method, headers: [...headers], body });
    return new Response(/** @type {any} */ (answer.body), {
      status: answer.status,
      headers: [...answer.headers],
    });
  });
  t.after(() => server.close());
  const executablePath = process.env.CHROME_BIN || "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: chromiumFlags });
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  /** @type {string[]} */
  const log = [];
  page.on("console", (message) => log.push(message.text()));
  page.on("pageerror", (error) => log.push(String(error)));
  await page.goto(server.url);
  await page.locator(".over").waitFor({ state: "attached" });
  const output = page.locator("#output");
  return { output: (await output.textContent()) ?? "", log };
}

const javascript = (/** @type {string} */ source) =>
  new Response(source, { headers: { "content-type": "text/javascript" } });

const run = new Set();
/** @type {Set<string>} */
const written = new Set();

for (const document of ["README.md", "pkg-template/README.md"]) {
  const scripts = blocks(document, ["js", "mjs", "ts"]);
  const [wrangler] = blocks(document, ["toml"]);
  const compatibilityDate =
    /^compatibility_date = "(.*)"$/m.exec(wrangler?.source ?? "")?.[1] ?? "2026-04-20";
  const project = new Project(scripts.filter(({ name }) => name !== ""));
  after(() => project.remove());

  test(`${document}: every example is run here, and named once`, () => {
    const names = scripts.map(({ name }) => name);
    assert.ok(names.length > 0);
    assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted());
    for (const name of names) {
      assert.ok(Object.hasOwn(examples, name), `no run for "${name}"`);
      written.add(name);
    }
  });

  for (const { name, source } of scripts) {
    // The documents share examples, and those that read the same do the same.
    if (run.has(source) || !Object.hasOwn(examples, name)) continue;
    run.add(source);
    test(`${document}: ${name}`, { timeout: 180_000 }, (t) =>
      examples[name]({ project, compatibilityDate, t }),
    );
  }
}

test("each run is of an example that is written somewhere", () => {
  assert.deepEqual([...written].toSorted(), Object.keys(examples).toSorted());
});

test("require() and import give the same classes", async (t) => {
  const project = new Project([
    {
      name: "both.cjs",
      source: `import("purerouter").then((module) => {
        const names = Object.keys(require("purerouter"));
        console.log(names.length > 10 && names.every((name) => module[name] === require("purerouter")[name]));
      });`,
    },
  ]);
  t.after(() => project.remove());
  assert.equal(await project.node(["both.cjs"]), "true\n");
});
