// The service in memory, told to stop: an abort rejects as `fetch` does, a text that is generated ends, and the request is
// recorded as cancelled where the client left too early, and only there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createService } from "../../pkg-template/testing.js";
import { invoke, stream, until } from "./calls.mjs";

const TESTING = fileURLToPath(new URL("../../pkg-template/testing.js", import.meta.url));
const make = (behaviour) => createService({ deployments: { a: behaviour } });

/** An endless text that says how it is doing. */
function endless() {
  const seen = { made: 0, returned: 0, signal: undefined };
  async function* text(_request, { signal }) {
    seen.signal = signal;
    try {
      for (;;) {
        seen.made += 1;
        yield "x ";
      }
    } finally {
      seen.returned += 1;
    }
  }
  return { text, seen };
}

test("a signal that is aborted already: nothing is sent", async () => {
  const service = make({ text: "Hello" });
  const reason = { any: "value" };
  await assert.rejects(
    stream(service, undefined, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.equal(service.requests.length, 0);
});

test("an abort before the head rejects with the reason itself", async () => {
  for (const [behaviour, call] of [
    [{ stallHeaders: Infinity }, stream],
    [{ stallHeaders: 3_000_000_000, status: 503 }, invoke],
    [{ text: "a b", tokensPerSecond: 0.01 }, invoke],
    [{ text: () => new Promise(() => {}) }, invoke],
  ]) {
    const service = make(behaviour);
    const controller = new AbortController();
    const reason = new Error("mine");
    const answer = call(service, undefined, { signal: controller.signal });
    await until(() => service.requests[0]?.body, "the request has arrived");
    assert.equal(service.requests[0].cancelled, false);
    controller.abort(reason);
    await assert.rejects(answer, (error) => error === reason);
    assert.equal(service.requests[0].cancelled, true);
  }
});

test("the signal of a Request counts as well", async () => {
  const service = make({ stallHeaders: Infinity });
  const controller = new AbortController();
  const request = new Request("https://x.test/v1/deployments/a/invoke", {
    method: "POST",
    headers: { "x-router-key": "sk_test" },
    body: '{"prompt":"Hi."}',
    signal: controller.signal,
  });
  const answer = service.fetch(request);
  await until(() => service.requests[0]?.body, "the request has arrived");
  controller.abort();
  await assert.rejects(answer, { name: "AbortError" });
  assert.equal(service.requests[0].cancelled, true);
});

test("an abort while the request is still being sent rejects as well", async () => {
  const service = make({ text: "Hello" });
  const controller = new AbortController();
  const body = new ReadableStream();
  const answer = stream(service, undefined, { body, duplex: "half", signal: controller.signal });
  await until(() => service.requests[0], "the head has arrived");
  controller.abort(new Error("mine"));
  await assert.rejects(answer, { message: "mine" });
  assert.equal(service.requests[0].cancelled, true);
});

test("a client that stops reading where the answer is complete has cancelled nothing", async () => {
  for (const [behaviour, call, last] of [
    [{ text: "a" }, stream, "[DONE]"],
    [{ text: "a", errorAfter: 0 }, stream, "event: error"],
    [{ text: "a" }, invoke, "choices"],
    [{ status: 503 }, invoke, "error"],
  ]) {
    const service = make(behaviour);
    const reader = (await call(service)).body.getReader();
    for (let text = ""; !text.includes(last);) text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    assert.equal(service.requests[0].cancelled, false, last);
  }
  const service = make({ text: "a" });
  await (await invoke(service)).body.cancel();
  assert.equal(service.requests[0].cancelled, true);
});

test("a signal of another realm, as jsdom's, is followed too", async () => {
  class ForeignSignal extends EventTarget {
    aborted = false;
    reason = undefined;
  }
  const signal = new ForeignSignal();
  const service = make({ stallHeaders: Infinity });
  const answer = stream(service, undefined, { signal });
  await until(() => service.requests[0]?.body, "the request has arrived");
  signal.reason = new Error("mine");
  signal.dispatchEvent(new Event("abort"));
  await assert.rejects(answer, (error) => error === signal.reason);
});

test("an abort in mid-body breaks the body off with the reason, and stops the text", async () => {
  const { text, seen } = endless();
  const service = make({ text });
  const controller = new AbortController();
  const response = await stream(service, undefined, { signal: controller.signal });
  const reader = response.body.getReader();
  await reader.read();
  const reason = new Error("mine");
  controller.abort(reason);
  await assert.rejects(reader.read(), (error) => error === reason);
  assert.equal(service.requests[0].cancelled, true);
  assert.equal(seen.signal.aborted, true);
  await until(() => seen.returned === 1, "the text has been closed");
  assert.equal(seen.made, 1);
});

test("cancelling the body stops the text", async () => {
  const { text, seen } = endless();
  const service = make({ text });
  const reader = (await stream(service)).body.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(service.requests[0].cancelled, true);
  await until(() => seen.returned === 1, "the text has been closed");
  assert.equal(seen.made, 1);
});

test("a text that hangs is left at once, and told", async () => {
  let told;
  const text = () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => ((told = true), Promise.reject(new Error("too late"))),
    }),
  });
  const service = make({ text });
  const controller = new AbortController();
  const response = await stream(service, undefined, { signal: controller.signal });
  const read = response.body.getReader().read();
  controller.abort();
  await assert.rejects(read, { name: "AbortError" });
  await until(() => told, "the iterator has been closed");
});

test("cancelling clears the timer", async (t) => {
  const timers = new Set();
  const { setTimeout, clearTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (fn, ms) => {
    const timer = setTimeout(() => (timers.delete(timer), fn()), ms);
    timers.add(timer);
    return timer;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => (timers.delete(timer), clearTimeout(timer)));
  for (const behaviour of [{ text: "a b", tokensPerSecond: 0.001 }, { stallAfter: 0 }]) {
    const reader = (await stream(make(behaviour))).body.getReader();
    const read = reader.read();
    for (let tick = 0; timers.size === 0 && tick < 1000; tick += 1) await new Promise(setImmediate);
    assert.equal(timers.size, 1);
    await reader.cancel();
    assert.equal((await read).done, true);
    assert.equal(timers.size, 0);
  }
});

test("a complete answer leaves no listener on the signal, and is not cancelled by it", async () => {
  const listeners = new Set();
  const controller = new AbortController();
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (type, listener, options) {
    listeners.add(listener);
    return addEventListener.call(this, type, listener, options);
  };
  signal.removeEventListener = function (type, listener) {
    listeners.delete(listener);
    return removeEventListener.call(this, type, listener);
  };
  const service = make({ text: "Hello big world" });
  const refused = make({ status: 204 });
  const response = await stream(service, undefined, { signal });
  assert.equal(listeners.size, 1);
  await response.text();
  await (await invoke(service, undefined, { signal })).text();
  await (await invoke(service, {}, { signal })).text();
  await invoke(refused, undefined, { signal });
  assert.equal(listeners.size, 0);
  controller.abort();
  assert.deepEqual(
    service.requests.map(({ cancelled }) => cancelled),
    [false, false, false],
  );
});

test("a reader that does not read stops the text", async () => {
  const { text, seen } = endless();
  const reader = (await stream(make({ text }))).body.getReader();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(seen.made, 0);
  for (let i = 0; i < 5; i += 1) await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(seen.made, 5);
  await reader.cancel();
});

test("a silent stream does not keep a process alive; a paced one finishes", async () => {
  const run = async (behaviour, use) => {
    const source = `
      import { createService } from ${JSON.stringify(TESTING)};
      const service = createService({ deployments: { a: ${behaviour} } });
      const response = await service.fetch("https://x.test/v1/deployments/a/invoke", {
        method: "POST", headers: { "x-router-key": "k" }, body: '{"prompt":"Hi.","stream":true}',
      });
      ${use}`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
    return stdout;
  };
  assert.equal(await run("{ stallAfter: 0 }", "response.text(); console.log('end');"), "end\n");
  const all = await run(
    "{ text: 'a b', tokensPerSecond: 20 }",
    "response.text().then((t) => console.log(t));",
  );
  assert.match(all, /\[DONE\]/);
});
