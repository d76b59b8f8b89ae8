// Named routes: one id for the page, several targets behind it, decided by how an answer begins.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { KEY, json, startGateways } from "./workerd.mjs";

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
before(async () => void (gateways = await startGateways()));
after(() => gateways.close());

let used = 0;
/** A route whose circuits are all closed. */
const fresh = () => `support-${used++}`;

/** @param {string} name @param {any} [body] */
const call = (name, body = { prompt: "Hi" }) =>
  gateways.call("POST", `/v1/deployments/${name}/invoke`, { gateway: "routes", ...json(body) });

/**
 * What the service does for each target, named by its place in the path.
 * @param {Record<string, (seen: import("./service.mjs").Seen) => void>} targets
 */
function service(targets) {
  gateways.service.answers((seen) => {
    const id = seen.path === "/v1/infer" ? "profile" : String(seen.path.split("/")[3]);
    targets[id]?.(seen);
  });
}

/** @param {number} status @param {string} body @param {Record<string, string>} [headers] */
const answer =
  (status, body, headers = { "content-type": "application/json" }) =>
  (/** @type {import("./service.mjs").Seen} */ { response }) =>
    void response.writeHead(status, headers).end(body);

const asked = () =>
  gateways.service.requests.map(({ path }) => path.replace(/^\/v1\/deployments\/|\/invoke$/g, ""));

test("fallback: the first that answers well, byte by byte, and no other is asked", async () => {
  const body = `data: {"choices":[{"text":"\u{1f600}"}]}\r\n\r\ndata: [DONE]\n\n`;
  service({ a: answer(200, body, { "content-type": "text/event-stream", "x-request-id": "req_a" }) });
  const { status, text, headers } = await call(fresh(), { prompt: "Hi", stream: true });
  assert.deepEqual([status, text, headers["x-request-id"]], [200, body, "req_a"]);
  assert.deepEqual(asked(), ["a"]);
});

test("fallback: errors, redirects, pages and lost connections lead to the next; a profile is asked as the route has it", async () => {
  for (const failing of [
    answer(503, "{}"),
    answer(404, "{}"),
    answer(429, "{}", { "retry-after": "30" }),
    answer(302, "", { location: "https://elsewhere.example/" }),
    answer(200, "<h1>Maintenance</h1>", { "content-type": "text/html; charset=utf-8" }),
    (/** @type {import("./service.mjs").Seen} */ { response }) => void response.destroy(),
  ]) {
    service({ a: failing, b: failing, profile: answer(200, `{"output_text":"from the router"}`) });
    const sent = ` {"prompt": "Hi \\ud83d", "big": 12345678901234567890}`;
    const { status, text } = await gateways.call("POST", `/v1/deployments/${fresh()}/invoke`, {
      gateway: "routes",
      body: sent,
    });
    assert.deepEqual([status, text], [200, `{"output_text":"from the router"}`]);
    assert.deepEqual(asked(), ["a", "b", "/v1/infer"]);
    const bodies = gateways.service.requests.map((seen) => seen.body.toString());
    assert.deepEqual(bodies, [sent, sent, `{"profile":"costly",${sent.slice(2)}`]);
    for (const seen of gateways.service.requests) assert.equal(seen.headers["x-router-key"], KEY);
  }
});

test("fallback: an empty object stays JSON where a profile is added", async () => {
  service({ a: answer(503, "{}"), b: answer(503, "{}"), profile: answer(200, "{}") });
  await call(fresh(), {});
  assert.equal(gateways.service.requests[2]?.body.toString(), `{"profile":"costly"}`);
});

test("fallback: 401 is the answer at once, since the key is the same for all", async () => {
  service({ a: answer(401, `{"error":{"message":"no ${KEY}"}}`), b: answer(200, "{}") });
  const { status, text } = await call(fresh());
  assert.deepEqual([status, text], [401, `{"error":{"message":"no [redacted]"}}`]);
  assert.deepEqual(asked(), ["a"]);
});

test("fallback: where all fail the last failure is the answer, with its Retry-After", async () => {
  const slow = answer(429, `{"error":{"message":"slow down"}}`, { "retry-after": "7" });
  service({ a: answer(500, "{}"), b: answer(404, "{}"), profile: slow });
  const { status, text, headers } = await call(fresh());
  assert.deepEqual([status, text, headers["retry-after"]], [429, `{"error":{"message":"slow down"}}`, "7"]);
});

test("fallback: a stream's head that does not come within headersTimeout leads to the next", async () => {
  /** @type {Promise<void> | undefined} */
  let disconnected;
  service({ a: (seen) => void (disconnected = seen.disconnected), b: answer(200, "data: [DONE]\n\n") });
  const { status, text } = await call(fresh(), { prompt: "Hi", stream: true });
  assert.deepEqual([status, text], [200, "data: [DONE]\n\n"]);
  await disconnected;
});

test("fallback: a target at fault is skipped for a while, one that refused a bad request is not", async () => {
  const refusing = fresh();
  service({ a: answer(400, "{}"), b: answer(200, "{}") });
  await call(refusing);
  await call(refusing);
  assert.deepEqual(asked(), ["a", "b", "a", "b"]);

  const failing = fresh();
  service({ a: answer(503, "{}"), b: answer(200, "{}") });
  await call(failing);
  await call(failing);
  assert.deepEqual(asked(), ["a", "b", "b"]);

  service({ b: answer(503, "{}"), profile: answer(503, "{}") });
  await call(failing);
  assert.deepEqual(asked(), ["b", "/v1/infer"]);
  // All are open now, so all are asked all the same.
  service({ a: answer(200, `{"back":true}`) });
  assert.equal((await call(failing)).text, `{"back":true}`);
});

test("fallback: an answer that breaks off is the client's to go on with", async () => {
  service({
    a: ({ response }) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n", () => response.destroy());
    },
    b: answer(200, "{}"),
  });
  // workerd ends such an answer properly: that it is not complete is seen by its missing [DONE].
  assert.equal((await call(fresh(), { prompt: "Hi", stream: true })).text, "data: one\n\n");
  assert.deepEqual(asked(), ["a"]);
});

test("a route's targets cannot be called by their own ids, and its profile cannot be named in the body", async () => {
  service({});
  for (const id of ["a", "b", "costly", "profile:costly", "SUPPORT", "support%20"]) {
    const { status, text } = await call(id);
    assert.deepEqual([status, JSON.parse(text).error.code], [403, "deployment_not_allowed"]);
  }
  for (const body of [`{"profile":"x"}`, `{"Profile":"x"}`, `{"a":1,"pro\\u0066ile":null}`]) {
    const path = `/v1/deployments/support/invoke`;
    const { status, text } = await gateways.call("POST", path, { gateway: "routes", body });
    assert.deepEqual([status, JSON.parse(text).error.code], [400, "invalid_body"]);
  }
  const costly = { gateway: "routes", ...json({ prompt: "Hi", profile: "costly" }) };
  assert.equal((await gateways.call("POST", "/v1/infer", costly)).status, 403);
  assert.deepEqual(asked(), []);
});

test("hedge: the first to send a byte wins, its bytes pass, and the other's request is cancelled", async () => {
  /** @type {Promise<void> | undefined} */
  let disconnected;
  service({
    // The head alone, as services send it long before the first text.
    a: (seen) => {
      disconnected = seen.disconnected;
      seen.response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    },
    b: ({ response }) => {
      response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_b" });
      response.write("data: one\n\n");
      // While the winner still streams: at its end workerd would cancel what is left by itself.
      disconnected?.then(() => response.end("data: two\n\ndata: [DONE]\n\n"));
    },
  });
  const { status, text, headers } = await call("fast", { prompt: "Hi", stream: true });
  assert.deepEqual([status, text], [200, "data: one\n\ndata: two\n\ndata: [DONE]\n\n"]);
  assert.deepEqual([headers["x-request-id"], headers["content-type"]], ["req_b", "text/event-stream"]);
  assert.deepEqual(asked(), ["a", "b"]);
  await disconnected;
});

test("hedge: a failure starts the next at once; where all fail the last is the answer", async () => {
  service({ a: answer(400, "{}"), b: answer(404, "{}"), c: answer(200, `{"from":"c"}`) });
  assert.equal((await call("fast-2")).text, `{"from":"c"}`);
  assert.deepEqual(asked(), ["a", "b", "c"]);
  service({ a: answer(400, "{}"), b: answer(404, "{}"), c: answer(422, `{"last":true}`) });
  const { status, text } = await call("fast-2");
  assert.deepEqual([status, text], [422, `{"last":true}`]);
});

test("hedge: a slow client holds the service back, and one that leaves cancels the request", async () => {
  let written = 0;
  /** @type {Promise<void> | undefined} */
  let disconnected;
  service({
    a: (seen) => {
      disconnected = seen.disconnected;
      const { response } = seen;
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = Buffer.alloc(64 * 1024, "x");
      const write = () => {
        while (written < 256 * 1024 * 1024 && response.write(chunk)) written += chunk.length;
      };
      response.on("drain", write);
      write();
    },
  });
  const path = "/v1/deployments/fast-2/invoke";
  const { request, answered } = await gateways.open("POST", path, {
    gateway: "routes",
    ...json({ stream: true }),
  });
  const [response] = await answered;
  response.on("error", () => {});
  await once(response, "data");
  response.pause();
  let seen = -1;
  for (let still = 0; still < 5; still = written === seen ? still + 1 : 0) {
    seen = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(written < 64 * 1024 * 1024, `the service wrote ${written} bytes that nobody reads`);
  request.destroy();
  await disconnected;
});
