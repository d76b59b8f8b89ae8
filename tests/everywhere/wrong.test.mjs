// Environments that cannot run the package as they are: each error says what happened and what to do about it.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Miniflare } from "miniflare";
import { root } from "../../scripts/tools.mjs";
import { browserNames, closeBrowsers, output } from "./browsers.mjs";
import { execute } from "./programs.mjs";
import { pack, project } from "./project.mjs";
import { serveFiles } from "./servers.mjs";

const service = "http://127.0.0.1:9";
/** @type {string} */
let tarball;
before(async () => (tarball = await pack(join(root, "pkg"))));
after(closeBrowsers);

/** @param {import("node:test").TestContext} t @param {string} name */
async function made(t, name) {
  const { folder, remove } = await project(name, { group: "browsers", tarball, service });
  t.after(remove);
  return folder;
}

for (const name of browserNames) {
  for (const [entry, project] of Object.entries({ purerouter: "csp", "purerouter/slim": "slim-page" })) {
    test(`${entry} in a page whose policy forbids WebAssembly, in ${name}`, async (t) => {
      const policy = { "content-security-policy": `script-src 'self'; connect-src 'self' ${service}` };
      const server = await serveFiles(await made(t, project), policy);
      t.after(() => server.close());
      const said = await output(name, server.url, (text) => text.includes("could not compile"));
      assert.match(said, /Content-Security-Policy.* add 'wasm-unsafe-eval' to script-src/);
    });
  }
}

/** What a program says that imports an entry and fails. @param {string} folder @param {string[]} flags @param {string} code */
const said = (folder, flags, code) =>
  execute(process.execPath, [...flags, "--input-type=module", "--eval", code], { cwd: folder });

const caught = (/** @type {string} */ code) =>
  `try { ${code} } catch (error) { console.log(error.name + ": " + error.message); }`;

test("slim before init", async (t) => {
  const folder = await made(t, "program");
  const code = `import { PureRouter, estimateCost } from "purerouter/slim"; ${caught("new PureRouter();")}
    ${caught('estimateCost({ instance: "t4-small", durationMs: 1 });')}`;
  const lines = (await said(folder, [], code)).trim().split("\n");
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /purerouter\/slim is not ready: call `await init\(url\)`/);
});

test("a runtime without WebAssembly", async (t) => {
  const folder = await made(t, "program");
  const expected = /^Error: purerouter needs WebAssembly, .*: use one that has it, or switch it on/;
  const slim = `import { init } from "purerouter/slim"; ${caught("await init(new Uint8Array(8));")}`;
  for (const code of [caught('await import("purerouter");'), slim])
    assert.match(await said(folder, ["--jitless"], code), expected);
});

test("a runtime without fetch", async (t) => {
  const folder = await made(t, "program");
  const call = caught('await new PureRouter({ routerKey: "sk" }).health({ maxRetries: 0 });');
  const code = `import { PureRouter } from "purerouter"; ${call}`;
  const missing = await said(folder, [], `delete globalThis.fetch; ${code}`);
  assert.match(missing, /This runtime has no fetch\. Give one as the option fetch/);
  const all = await said(folder, ["--no-experimental-fetch"], code);
  assert.match(all, /This runtime has no Headers, .*: define globalThis\.Headers/);
});

/**
 * What a Worker answers, in workerd, that holds the installed package.
 * @param {import("node:test").TestContext} t @param {string} worker
 */
async function answer(t, worker) {
  const installed = join(await made(t, "program"), "node_modules/purerouter");
  const paths = (await readdir(installed, { recursive: true })).filter((path) => path.endsWith(".js"));
  const scripts = paths.map(async (path) => ({
    type: /** @type {const} */ ("ESModule"),
    path,
    contents: await readFile(join(installed, path), "utf8"),
  }));
  const file = "purerouter.wasm";
  const wasm = {
    type: /** @type {const} */ ("CompiledWasm"),
    path: file,
    contents: await readFile(join(installed, file)),
  };
  const miniflare = new Miniflare({
    modules: [
      { type: "ESModule", path: "main.mjs", contents: worker },
      wasm,
      ...(await Promise.all(scripts)),
    ],
    compatibilityDate: "2024-01-01",
  });
  t.after(() => miniflare.dispose());
  return (await miniflare.dispatchFetch("http://worker.test/")).text();
}

test("workerd with the entry that compiles at run time", async (t) => {
  const worker = `export default { async fetch() {
    try { await import("./index.js"); return new Response("loaded"); } catch (error) { return new Response(error.message); }
  } };`;
  assert.match(
    await answer(t, worker),
    /could not compile its WebAssembly .*condition "workerd" or "edge-light"/,
  );
});

// What the error says to do, done.
test("workerd with slim, given something to compile, then the compiled module", async (t) => {
  const worker = `import { init, estimateCost } from "./slim.js";
    import module from "./purerouter.wasm";
    export default { async fetch() {
      const refused = await init(new Uint8Array(8)).catch((error) => error.message);
      await init(module);
      return new Response(refused + "\\n" + estimateCost({ instance: "t4-small", durationMs: 3600000 }));
    } };`;
  const [refused, cost] = (await answer(t, worker)).split("\n");
  assert.match(
    refused,
    /could not compile its WebAssembly .*import "purerouter\/purerouter\.wasm" as a module/,
  );
  assert.equal(cost, "1.41");
});
