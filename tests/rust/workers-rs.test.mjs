// The workers-rs example in the real workerd, with the service emulator on a socket behind it.

import assert from "node:assert/strict";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Miniflare } from "miniflare";
import { createService } from "../../pkg/testing.js";
import { root } from "../../scripts/tools.mjs";
import { until } from "../package/waiting.mjs";
import { serve } from "../serve.mjs";
import { built } from "./examples.mjs";

const KEY = "sk_of_the_worker";
const story = Array.from({ length: 200 }, (_, i) => `word${i} `);

let service, server, program, worker;

before(async () => {
  program = await built("workers-rs", "purerouter_worker");
  await copyFile(join(root, "examples/workers-rs/shim.js"), join(program, "shim.js"));
  server = await serve((request) => service.fetch(request));
  worker = new Miniflare({
    modules: true,
    modulesRoot: program,
    scriptPath: join(program, "shim.js"),
    modulesRules: [
      { type: "CompiledWasm", include: ["**/*.wasm"] },
      { type: "ESModule", include: ["**/*.js"] },
    ],
    compatibilityDate: "2026-01-01",
    bindings: { PUREROUTER_BASE_URL: server.url, PUREROUTER_KEY: KEY },
  });
  await worker.ready;
});

after(async () => {
  await worker?.dispose();
  await server?.close();
  if (program) await rm(program, { recursive: true });
});

async function ask(path, behaviour, signal) {
  service = createService({ deployments: { demo: behaviour }, keys: [KEY] });
  // Miniflare compresses plain text, and holds small chunks back for it.
  const headers = { "accept-encoding": "identity" };
  return fetch(new URL(path, await worker.ready), { method: "POST", headers, body: "Hi.", signal });
}

test("text is streamed as it comes", async () => {
  const response = await ask("/text", { text: story, tokensPerSecond: 200 });
  const chunks = [];
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) chunks.push(chunk);
  assert.equal(chunks.join(""), story.join(""));
  assert.ok(chunks.length > 10, `it came in ${chunks.length} chunks`);
  assert.deepEqual(service.requests[0].body, { prompt: "Hi.", stream: true });
});

test("the service's events are passed on as they are", async () => {
  const response = await ask("/events", { text: ["Hel", "lo"] });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const events = await response.text();
  assert.match(events, /^data: \{.*"Hel".*\}\n\ndata: /);
  assert.match(events, /data: \[DONE\]\n\n$/);
});

for (const path of ["/text", "/events"]) {
  test(`${path}: who goes away cancels the request of the service`, async () => {
    const leaving = new AbortController();
    const response = await ask(path, { text: story, tokensPerSecond: 10 }, leaving.signal);
    const reader = response.body.getReader();
    await reader.read();
    assert.equal(service.requests[0].cancelled, false);
    leaving.abort();
    await assert.rejects(reader.read());
    await until(() => service.requests[0].cancelled, "the service sees it");
  });
}

test("one request after another has its own answer", async () => {
  for (const text of ["one", "two", "three"]) {
    assert.equal(await (await ask("/text", { text })).text(), text);
  }
});
