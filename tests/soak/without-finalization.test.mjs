// A runtime that tells nobody what it has collected, as Cloudflare Workers were for years: what is released there is
// what the package releases itself, at the end of each call.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { settled, sleep, until } from "../package/waiting.mjs";
import "../package/unhandled.mjs";

const { FinalizationRegistry } = globalThis;
globalThis.FinalizationRegistry = undefined;
const { decoders, references } = await import("./census.mjs");
globalThis.FinalizationRegistry = FinalizationRegistry;
const { startServer } = await import("./serving.mjs");
const { clientOf, uses } = await import("./uses.mjs");

const server = await startServer();
after(() => server.close());
const client = clientOf(server);
const { signal } = new AbortController();

for (const [what, use] of Object.entries(uses)) {
  test(`the wasm's half of a call is freed without finalizers: ${what}`, async () => {
    // The first time, a few values are kept for good.
    await settled(use(client));
    await until(async () => (await server.counts()).open === 0, "the answer is over");
    await sleep(20);
    const before = references();
    for (let i = 0; i < 6; i++) await settled(use(client, i % 2 ? { signal } : undefined));
    await until(
      () => references() === before,
      `of ${references()} values that the wasm refers to ${before} are left`,
    );
    assert.equal(decoders(), 0);
  });
}
