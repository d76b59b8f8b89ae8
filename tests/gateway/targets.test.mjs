// A named route in time: which target is asked when, who is skipped for how long, and that nothing of the others is left
// open. The clock and the service are the test's; the bytes over real sockets are in routes.test.mjs.
import { afterEach, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { createGateway } from "../../pkg/worker.js";

/** @typedef {import("node:test").TestContext} TestContext */

beforeEach((t) => {
  const { mock } = /** @type {TestContext} */ (t);
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  mock.method(console, "error", () => {});
});
afterEach((t) => /** @type {TestContext} */ (t).mock.timers.reset());

/** Lets everything happen that waits for no timer. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** @typedef {(signal: AbortSignal) => Response | Promise<Response>} Behaviour */

/** A gateway with one route, and what each target does. @param {any} route @param {Record<string, Behaviour>} targets */
function routed(route, targets) {
  /** @type {string[]} */
  const asked = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ { signal }) => {
    const id = String(url).split("/")[5] ?? "";
    asked.push(id);
    return targets[id]?.(signal) ?? new Response(null, { status: 404 });
  };
  const gateway = createGateway({ routerKey: "sk_1", routes: { route }, fetch });
  /** @param {any} [body] @param {AbortSignal} [signal] */
  const call = async (body = {}, signal) => {
    const init = { method: "POST", body: JSON.stringify(body), ...(signal && { signal }) };
    return (await gateway.fetch(new Request("https://g.example/v1/deployments/route/invoke", init))).status;
  };
  /** Those that were asked since the last time. */
  return { targets, call, asked: () => asked.splice(0).join("") };
}

const good = () => new Response("{}");
const failing = () => new Response("{}", { status: 503 });

/** Never answers, but for the end of its request. @type {Behaviour} */
const hanging = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A body that notes whether it was let go. @param {number} status */
function watched(status) {
  const seen = { cancelled: false };
  const body = () =>
    new ReadableStream(
      {
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => void (seen.cancelled = true),
      },
      { highWaterMark: 0 },
    );
  return { seen, answer: () => new Response(body(), { status }) };
}

test("one that failed is skipped for 30 s, then asked again, and in use again when it answers", async (t) => {
  const route = routed({ fallback: ["a", "b"] }, { a: failing, b: good });
  await route.call();
  await route.call();
  assert.equal(route.asked(), "abb");
  t.mock.timers.tick(29_999);
  await route.call();
  assert.equal(route.asked(), "b");
  t.mock.timers.tick(1);
  await route.call();
  await route.call();
  assert.equal(route.asked(), "abb", "the probe failed");
  t.mock.timers.tick(30_000);
  route.targets["a"] = good;
  await route.call();
  await route.call();
  assert.equal(route.asked(), "aa");
});

test("after the 30 s one request probes, and the others do not wait for it", async (t) => {
  const route = routed({ fallback: ["a", "b"] }, { a: failing, b: good });
  await route.call();
  t.mock.timers.tick(30_000);
  route.asked();
  route.targets["a"] = hanging;
  route.call();
  await settle();
  assert.equal(await route.call(), 200);
  assert.equal(route.asked(), "ab");
});

test("headersTimeout is for streams; other answers have 300 s", async (t) => {
  const route = routed({ fallback: ["a", "b"], headersTimeout: 500 }, { a: hanging, b: good });
  const streamed = route.call({ stream: true });
  await settle();
  t.mock.timers.tick(500);
  assert.equal(await streamed, 200);
  assert.equal(route.asked(), "ab");

  const whole = routed({ fallback: ["a", "b"], headersTimeout: 500 }, { a: hanging, b: good });
  const answered = whole.call();
  await settle();
  t.mock.timers.tick(299_999);
  await settle();
  assert.equal(whole.asked(), "a");
  t.mock.timers.tick(1);
  assert.equal(await answered, 200);
  assert.equal(whole.asked(), "b");
});

for (const kind of [{ fallback: ["a", "b"] }, { hedge: ["a", "b"], delay: 100 }]) {
  const name = Object.keys(kind)[0];
  test(`${name}: a client that leaves is no target's fault, and no other is asked for it`, async () => {
    const route = routed(kind, { a: hanging, b: good });
    const leaving = new AbortController();
    const left = route.call({}, leaving.signal);
    await settle();
    leaving.abort();
    await left;
    assert.equal(route.asked(), "a");
    route.targets["a"] = good;
    await route.call();
    assert.equal(route.asked(), "a");
  });

  test(`${name}: the answer of one that failed is let go`, async () => {
    const { seen, answer } = watched(404);
    assert.equal(await routed(kind, { a: answer, b: good }).call(), 200);
    await settle();
    assert.equal(seen.cancelled, true);
  });
}

test("hedge: one that was only slower is asked first again", async (t) => {
  const route = routed({ hedge: ["a", "b"], delay: 100 }, { a: hanging, b: good });
  const answered = route.call();
  await settle();
  t.mock.timers.tick(100);
  assert.equal(await answered, 200);
  await settle();
  route.targets["a"] = good;
  await route.call();
  assert.equal(route.asked(), "aba");
});

test("hedge: an answer that comes too late is let go", async (t) => {
  const { seen, answer } = watched(200);
  // A service binding need not heed the signal.
  const late = () => new Promise((resolve) => setTimeout(() => resolve(answer()), 5000));
  const route = routed({ hedge: ["a", "b"], delay: 100 }, { a: /** @type {any} */ (late), b: good });
  const answered = route.call();
  await settle();
  t.mock.timers.tick(100);
  assert.equal(await answered, 200);
  t.mock.timers.tick(5000);
  await settle();
  assert.equal(seen.cancelled, true);
});

test("what a redirect carries is let go", async () => {
  const { seen, answer } = watched(302);
  assert.equal(await routed({ fallback: ["a"] }, { a: answer }).call(), 502);
  await settle();
  assert.equal(seen.cancelled, true);
});
