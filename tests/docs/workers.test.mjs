// The Workers of docs/workers.md in the real workerd: what they pass on of the service, and what of its refusals.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Project, blocks } from "../readme/examples.mjs";
import { STORY, exampleService } from "../readme/network.mjs";

const guide = "docs/workers.md";
const workers = blocks(guide, ["js"]);
const texts = (/** @type {string} */ events) =>
  [...events.matchAll(/"text":"(.*?)"/g)].map(([, text]) => text).filter(Boolean);

/** @type {Project} */
let project;
before(() => {
  project = new Project(workers);
});
after(() => project.remove());

/** @type {Record<string, (worker: import("miniflare").Miniflare, service: import("../../pkg/testing.js").Service) => Promise<void>>} */
const runs = {
  async "pass-on.js"(worker, service) {
    const ask = () =>
      worker.dispatchFetch("http://worker.example/", { method: "POST", body: '{"prompt":"Hello"}' });
    const refused = await ask();
    assert.equal(refused.status, 400);
    assert.match(/** @type {any} */ (await refused.json()).error.message, /answers 400/);
    const response = await ask();
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.deepEqual(texts(await response.text()), STORY);
    assert.equal(service.requests[1].body.prompt, "Hello");
  },

  async "logged.js"(worker, service) {
    const response = await worker.dispatchFetch("http://worker.example/?q=Hello");
    assert.deepEqual(texts(await response.text()), STORY);
    // Two read it, and the service is asked once.
    assert.equal(service.requests.length, 1);
    assert.equal(service.requests[0].body.prompt, "Hello");
    assert.equal(service.requests[0].cancelled, false);
  },
};

test("each Worker is run here", () => {
  assert.deepEqual(workers.map(({ name }) => name).toSorted(), Object.keys(runs).toSorted());
});

for (const [name, run] of Object.entries(runs)) {
  test(`${guide}: ${name} runs in workerd`, { timeout: 120_000 }, async (t) => {
    const service = exampleService(name === "pass-on.js" ? { status: 400, times: 1 } : {});
    const worker = await project.worker(name, service, "2026-04-20");
    t.after(() => worker.dispose());
    await run(worker, service);
  });
}
