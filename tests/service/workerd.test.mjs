// The service as a Worker, in the real workerd: the same module, `export default { fetch: service.fetch }`.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Miniflare } from "miniflare";
import { createService } from "../../pkg-template/testing.js";
import { events, texts, until } from "./calls.mjs";

const PACKAGE = new URL("../../pkg-template/", import.meta.url);
const FILES = ["testing.js", ...readdirSync(new URL("testing/", PACKAGE)).map((name) => `testing/${name}`)];

const DEPLOYMENTS = `{
  a: { text: "Grüße 🙂 world" },
  paced: { text: ["a", "b", "c"], tokensPerSecond: 20 },
  recorded: { text: recorded({ speed: 20 }) },
  cut: { text: ["a", "b", "c"], cutAfter: 2 },
  silent: { text: ["a", "b", "c"], stallAfter: 1 },
  broken: { status: 503, retryAfter: 3 },
}`;
// The second Worker uses the service in process, as a Worker's own tests would.
const WORKERS = {
  service: `
    import { createService, recorded } from "./testing.js";
    const service = createService({ deployments: ${DEPLOYMENTS} });
    export default { fetch: service.fetch };`,
  inProcess: `
    import { createService, recorded } from "./testing.js";
    const headers = { "x-router-key": "sk_test" };
    const body = '{"prompt":"Hi.","stream":true}';
    export default {
      async fetch() {
        const service = createService({ deployments: ${DEPLOYMENTS} });
        const call = (id, init) =>
          service.fetch(\`https://x.test/v1/deployments/\${id}/invoke\`, { method: "POST", headers, body, ...init });
        const controller = new AbortController();
        const first = (await call("silent", { signal: controller.signal })).body.getReader();
        await first.read();
        controller.abort(new Error("mine"));
        const reason = await first.read().catch((error) => error.message);
        const second = (await call("paced")).body.getReader();
        await second.read();
        await second.cancel();
        const waiting = call("a", { signal: AbortSignal.abort(new Error("early")) });
        const early = await waiting.catch((error) => error.message);
        const cancelled = service.requests.map((entry) => entry.cancelled);
        return Response.json({ reason, early, cancelled });
      },
    };`,
};

const running = {};

before(async () => {
  const modules = FILES.map((path) => ({
    type: "ESModule",
    path,
    contents: readFileSync(new URL(path, PACKAGE), "utf8"),
  }));
  for (const [name, contents] of Object.entries(WORKERS)) {
    running[name] = new Miniflare({
      compatibilityDate: "2025-06-01",
      modules: [{ type: "ESModule", path: "index.js", contents }, ...modules],
    });
  }
});

after(() => Promise.all(Object.values(running).map((worker) => worker.dispose())));

async function call(id, body) {
  const url = await running.service.ready;
  return fetch(new URL(`/v1/deployments/${id}/invoke`, url), {
    method: "POST",
    headers: { "x-router-key": "sk_test" },
    body: JSON.stringify({ prompt: "Hi.", ...body }),
  });
}

test("the same bytes as in Node", async () => {
  const inNode = createService({ deployments: { a: { text: "Grüße 🙂 world" } } });
  for (const stream of [false, true]) {
    const expected = await inNode.fetch("https://x.test/v1/deployments/a/invoke", {
      method: "POST",
      headers: { "x-router-key": "sk_test" },
      body: JSON.stringify({ prompt: "Hi.", stream }),
    });
    const actual = await call("a", { stream });
    assert.equal(actual.status, 200);
    assert.equal(actual.headers.get("content-type"), expected.headers.get("content-type"));
    assert.equal(await actual.text(), await expected.text());
  }
});

test("faults", async () => {
  const broken = await call("broken");
  assert.deepEqual([broken.status, broken.headers.get("retry-after")], [503, "3"]);
  assert.equal((await broken.json()).error.code, 503);
  assert.deepEqual(texts(await events(await call("cut", { stream: true }))), ["a", "b"]);
});

test("paced deltas take their time", async () => {
  const start = performance.now();
  await (await call("paced", { stream: true })).text();
  const took = performance.now() - start;
  assert.ok(took >= 140, `${took}`);
});

test("a recording is replayed", async () => {
  const all = await events(
    await call("recorded", { prompt: "Write one sentence about the sea.", stream: true }),
  );
  assert.match(texts(all).join(""), /^The sea is .*awe\.$/);
});

test("silence lasts: the runtime does not take it for a hang", async () => {
  const response = await call("silent", { stream: true });
  const reader = response.body.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /"text":"a"/);
  let settled = false;
  const read = reader.read().then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(settled, false);
  await reader.cancel();
  await read;
});

test("in process: aborts, cancels and records as everywhere", async () => {
  let answer;
  await until(async () => {
    answer = await (await fetch(await running.inProcess.ready)).json();
    return answer;
  }, "the Worker answers");
  assert.deepEqual(answer, { reason: "mine", early: "early", cancelled: [true, true] });
});
