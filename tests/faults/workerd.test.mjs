// The faults in workerd: a Worker whose modules are the installed tarball's edge entry and this folder's scenarios.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { project } from "../package/install.mjs";
import { verify } from "./verify.mjs";

const installed = join(project, "node_modules/purerouter");
const here = fileURLToPath(new URL(".", import.meta.url));

// A Worker's request takes what it has fetched with it when it ends. So that the server sees what the client lets go and
// not what the end of the request cuts, the outcome is given out at once, and the request goes on.
const WORKER = `
  import * as purerouter from "./edge.js";
  import { faults } from "./faults/faults.js";
  import { outcomeOf } from "./faults/scenario.js";

  const thrown = [];
  addEventListener("unhandledrejection", ({ reason }) => thrown.push(String(reason)));

  export default {
    async fetch(request) {
      const { name, url } = await request.json();
      if (name === undefined) return Response.json(thrown);
      const outcome = await outcomeOf(faults.find(({ fault }) => fault === name), purerouter, url);
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      writer.write(new TextEncoder().encode(JSON.stringify(outcome) + "\\n"));
      setTimeout(() => writer.close(), 30_000);
      return new Response(readable);
    },
  };`;

let workerd, worker;

// What miniflare compresses, it holds back until there is enough of it.
const headers = { "accept-encoding": "identity" };
const ask = (what, signal) => fetch(worker, { method: "POST", headers, body: JSON.stringify(what), signal });

before(async () => {
  const scripts = ["edge.js", "core.js"];
  const scenarios = (await readdir(here)).filter((path) => path.endsWith(".js"));
  const wasm = join(installed, "purerouter.wasm");
  workerd = new Miniflare({
    modulesRoot: installed,
    modules: [
      { type: "ESModule", path: join(installed, "a-worker.mjs"), contents: WORKER },
      ...scripts.map((path) => ({ type: "ESModule", path: join(installed, path) })),
      ...(await Promise.all(
        scenarios.map(async (path) => ({
          type: "ESModule",
          path: join(installed, "faults", path),
          contents: await readFile(join(here, path), "utf8"),
        })),
      )),
      { type: "CompiledWasm", path: `${wasm}?module`, contents: await readFile(wasm) },
    ],
    compatibilityDate: "2026-04-20",
    // It writes a stack of its own for each answer that is not HTTP.
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
  });
  worker = await workerd.ready;
});

after(async () => {
  const thrown = await (await ask({})).json();
  await workerd.dispose();
  assert.deepEqual(thrown, [], "nothing becomes an unhandled rejection");
});

verify("workerd", async ({ fault }, url) => {
  const over = new AbortController();
  const response = await ask({ name: fault, url }, over.signal);
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.endsWith("\n")) return { outcome: JSON.parse(text), leave: () => over.abort() };
  }
  throw new Error(`The Worker failed: ${text}`);
});
