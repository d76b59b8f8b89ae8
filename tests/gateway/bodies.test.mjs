// Bodies that come too slowly, in too many pieces, or not to their end, from either side.
import { test } from "node:test";
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGateway } from "../../pkg/worker.js";

const INVOKE = "https://gateway.example/v1/deployments/primary-id/invoke";

/** @param {any} options @param {ReadableStream<Uint8Array> | string} [body] */
const call = (options, body = "{}") =>
  createGateway({ routerKey: "sk_server", deployments: ["primary-id"], ...options }).fetch(
    new Request(INVOKE, /** @type {RequestInit} */ ({ method: "POST", body, duplex: "half" })),
  );

/** @param {(controller: ReadableStreamDefaultController<Uint8Array>) => unknown} pull */
const stream = (pull) => new ReadableStream({ pull: async (controller) => void (await pull(controller)) });

/** Lets everything happen that waits for no timer. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("a body that trickles in is given up after a minute", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0;
  let read = 0;
  const fetch = async () => (asked++, Response.json({}));
  const answered = call(
    { fetch },
    stream((controller) => {
      read++;
      controller.enqueue(new TextEncoder().encode(" "));
      return new Promise((resolve) => setTimeout(resolve, 1000));
    }),
  );
  let answer;
  answered.then((response) => (answer = response));
  const pass = async (/** @type {number} */ seconds) => {
    for (let i = 0; i < seconds; i++) {
      await settle();
      t.mock.timers.tick(1000);
    }
    await settle();
  };
  // By the default of `maxBodyBytes`, 4 MiB at 64 KB/s.
  await pass(65);
  assert.equal(answer, undefined);
  await pass(1);
  const before = read;
  await pass(10);
  assert.ok(read <= before + 2, `${read - before} chunks are read of a body that was given up`);
  const { status, headers } = await answered;
  const { error } = await (await answered).json();
  assert.deepEqual([status, error.code, asked], [408, "body_too_slow", 0]);
  assert.equal(headers.get("content-type"), "application/json");
});

test("a body that is there in time leaves no timer", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const answer = await call({ fetch: async () => Response.json({ whole: true }) });
  assert.deepEqual(await answer.json(), { whole: true });
  assert.equal(timers(), before);
});

test("an error of the service that does not end is no answer, and its connection is let go", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let cancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"error":')),
    cancel: () => void (cancelled = true),
  });
  const answered = call({ fetch: async () => new Response(body, { status: 503 }) });
  await settle();
  t.mock.timers.tick(60_000);
  const { error } = await (await answered).json();
  assert.deepEqual([(await answered).status, error.code], [502, "service_unreachable"]);
  assert.equal(cancelled, true);
});

test("a huge error of the service is not read to its end", async () => {
  let cancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(256 * 1024)),
    cancel: () => void (cancelled = true),
  });
  const { status } = await call({ fetch: async () => new Response(body, { status: 500 }) });
  assert.deepEqual([status, cancelled], [500, true]);
});

test("a body that breaks off on its way is a bad one", async () => {
  const answer = await call(
    {},
    stream((controller) => controller.error(new Error("reset"))),
  );
  assert.deepEqual([answer.status, (await answer.json()).error.code], [400, "invalid_body"]);
});

test("a body in many pieces keeps none of them", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const text = JSON.stringify({ prompt: "x".repeat(3000) });
  /** @type {WeakRef<ArrayBuffer>[]} */
  const buffers = [];
  let at = 0;
  let kept = -1;
  let sent;
  const fetch = async (/** @type {any} */ _url, /** @type {any} */ { body }) => {
    sent = new TextDecoder().decode(body);
    return Response.json({});
  };
  await call(
    { fetch },
    stream(async (controller) => {
      if (at === text.length) {
        await settle();
        gc();
        kept = buffers.filter((buffer) => buffer.deref() !== undefined).length;
        return controller.close();
      }
      // One byte of a large buffer each, as runtimes read from sockets.
      const buffer = new ArrayBuffer(4096);
      buffers.push(new WeakRef(buffer));
      const piece = new Uint8Array(buffer, 0, 1);
      piece[0] = text.charCodeAt(at++);
      controller.enqueue(piece);
    }),
  );
  assert.equal(sent, text);
  assert.ok(kept >= 0 && kept < 100, `${kept} of ${buffers.length} buffers are held for a byte each`);
});
