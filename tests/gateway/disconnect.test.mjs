// A client that leaves ends the service's work: tokens that nobody reads cost money. On a plain socket workerd takes
// a FIN for a half-closed connection, which may still be read from, and sees that it is gone at the next write; a
// reset it sees at once. (Cloudflare's own front end reports either.)
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGateway } from "../../pkg/worker.js";
import { startService } from "./service.mjs";
import { json, startGateways } from "./workerd.mjs";

const INVOKE = "/v1/deployments/primary-id/invoke";
const CALL = json({ prompt: "Hi", stream: true });

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
/** @type {Awaited<ReturnType<typeof startService>>} */
let service;
before(async () => {
  gateways = await startGateways();
  service = await startService();
});
after(async () => {
  await gateways.close();
  service.close();
});

/** The next request a service gets. @param {typeof service} service @param {(seen: any) => void} [then] */
function nextRequest(service, then = () => {}) {
  /** @type {Promise<import("./service.mjs").Seen>} */
  const arrived = new Promise((resolve) => {
    service.answers((seen) => {
      then(seen);
      resolve(seen);
    });
  });
  return arrived;
}

/** @param {import("./service.mjs").Seen} seen */
function startStream({ response }) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: one\n\n");
}

/** @param {import("./service.mjs").Seen} seen */
function streamForEver(seen) {
  startStream(seen);
  const writing = setInterval(() => seen.response.write("data: more\n\n"), 20);
  seen.response.on("close", () => clearInterval(writing));
}

test("workerd: before the response head", { timeout: 60_000 }, async () => {
  const arrived = nextRequest(gateways.service);
  const { request, answered } = await gateways.open("POST", INVOKE, CALL);
  answered.catch(() => {});
  const { disconnected } = await arrived;
  request.socket?.resetAndDestroy();
  await disconnected;
});

test("workerd: in a silent body", { timeout: 60_000 }, async () => {
  const arrived = nextRequest(gateways.service, startStream);
  const { request, answered } = await gateways.open("POST", INVOKE, CALL);
  const [response] = await answered;
  response.on("error", () => {});
  await once(response, "data");
  request.socket?.resetAndDestroy();
  await (
    await arrived
  ).disconnected;
});

test("workerd: in a flowing body, by an ordinary close", { timeout: 60_000 }, async () => {
  const arrived = nextRequest(gateways.service, streamForEver);
  const { request, answered } = await gateways.open("POST", INVOKE, CALL);
  const [response] = await answered;
  response.on("error", () => {});
  await once(response, "data");
  request.destroy();
  await (
    await arrived
  ).disconnected;
});

/** @param {AbortSignal} [signal] */
function callInNode(signal) {
  const gateway = createGateway({
    routerKey: "sk_server",
    deployments: ["primary-id"],
    baseUrl: service.url,
  });
  const init = /** @type {RequestInit} */ ({ method: "POST", ...CALL, ...(signal && { signal }) });
  return gateway.fetch(new Request(`https://gateway.example${INVOKE}`, init));
}

test("any runtime: the request's signal, before the response head", { timeout: 60_000 }, async (t) => {
  const logged = t.mock.method(console, "error", () => {});
  const arrived = nextRequest(service);
  const controller = new AbortController();
  const answer = callInNode(controller.signal);
  const { disconnected } = await arrived;
  controller.abort();
  await disconnected;
  await answer;
  assert.equal(logged.mock.callCount(), 0, "a client that leaves is no fault to log");
});

test("any runtime: the request's signal, in the body", { timeout: 60_000 }, async () => {
  const arrived = nextRequest(service, startStream);
  const controller = new AbortController();
  const response = await callInNode(controller.signal);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  await reader.read();
  controller.abort();
  await (
    await arrived
  ).disconnected;
  await assert.rejects(reader.read());
});

test("any runtime: the body's cancel", { timeout: 60_000 }, async () => {
  const arrived = nextRequest(service, startStream);
  const response = await callInNode();
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  await reader.read();
  await reader.cancel();
  await (
    await arrived
  ).disconnected;
});

test("Node: whoever holds the body alone holds the request", { timeout: 60_000 }, async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const arrived = nextRequest(service, startStream);
  const body = await callInNode().then((response) => response.body);
  const seen = await arrived;
  let gone = false;
  seen.disconnected.then(() => (gone = true));
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  assert.equal(gone, false);
  seen.response.end("data: two\n\n");
  assert.equal(await new Response(body).text(), "data: one\n\ndata: two\n\n");
});
