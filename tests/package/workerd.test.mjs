// The entry of the conditions "workerd" and "edge-light", from the tarball, in the real workerd: its bodies are not
// Node's (they refuse a second read while one is under way).

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Miniflare } from "miniflare";
import { project } from "./install.mjs";
import { DONE, SSE, delta, http } from "./sockets.mjs";
import { sleep } from "./waiting.mjs";

const installed = join(project, "node_modules/purerouter");

const WORKER = `
  import { PureRouter } from "./edge.js";

  const readers = {
    text: (stream) => stream.text(),
    events: async (stream) => (await all(stream)).map((event) => event.text).join(""),
    textStream: async (stream) => (await all(stream.textStream())).join(""),
    bytes: (stream) => new Response(stream.toReadableStream()).text(),
    passedOn: async (stream) => (await stream.toResponse()).text(),
    tee: async (stream) => (await Promise.all(stream.tee().map((branch) => branch.text()))).join("|"),
    lost: (stream) => stream.text(),
  };

  async function all(iterable) {
    const items = [];
    for await (const item of iterable) items.push(item);
    return items;
  }

  export default {
    async fetch(request, env) {
      const client = new PureRouter({ baseUrl: env.SERVICE, routerKey: "sk_test" });
      const seen = {};
      for (const [how, read] of Object.entries(readers)) {
        const stream = client.deployments.stream(how, { prompt: "Hi." });
        seen[how] = await read(stream).catch((error) => error.name + ": " + error.partialText);
      }
      return Response.json(seen);
    },
  };`;

test("the client reads streams in workerd, in every way", async (t) => {
  const parts = [delta("one "), delta("two "), delta("three", "stop"), DONE];
  const server = await http(t, async (request, response) => {
    response.writeHead(200, { "content-type": SSE });
    if (request.url.includes("/lost/")) {
      response.write(parts[0]);
      await sleep(100);
      response.destroy();
      return;
    }
    for (const part of parts) {
      response.write(part);
      await sleep(20);
    }
    response.end();
  });
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  assert.equal(exports["."].workerd, "./edge.js");
  assert.equal(exports["."]["edge-light"], "./edge.js");
  const scripts = ["edge.js", "core.js"];
  const wasm = join(installed, "purerouter.wasm");
  const workerd = new Miniflare({
    modulesRoot: installed,
    modules: [
      { type: "ESModule", path: join(installed, "a-worker.mjs"), contents: WORKER },
      ...scripts.map((path) => ({ type: "ESModule", path: join(installed, path) })),
      { type: "CompiledWasm", path: `${wasm}?module`, contents: await readFile(wasm) },
    ],
    // The oldest that the package supports.
    compatibilityDate: "2024-01-01",
    bindings: { SERVICE: server.url },
  });
  t.after(() => workerd.dispose());
  const response = await workerd.dispatchFetch("http://worker.test/");
  const text = "one two three";
  assert.deepEqual(await response.json(), {
    text,
    events: text,
    textStream: text,
    bytes: parts.join(""),
    passedOn: parts.join(""),
    tee: `${text}|${text}`,
    lost: "StreamError: one ",
  });
});
