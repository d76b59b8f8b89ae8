// What gets through the gateway, in both directions, and what stays with it.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createGateway } from "../../pkg/worker.js";
import { KEY, json, startGateways } from "./workerd.mjs";

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
before(async () => void (gateways = await startGateways()));
after(() => gateways.close());
beforeEach(() => gateways.service.answersWith(200, `{"status":"ok"}`));

const INVOKE = "/v1/deployments/primary-id/invoke";
const onlyRequest = () => {
  assert.equal(gateways.service.requests.length, 1, "the service got exactly one request");
  return /** @type {import("./service.mjs").Seen} */ (gateways.service.requests[0]);
};

test("adds the server's key, and forwards no credential, cookie or further header", async () => {
  const body = ` {"prompt": "Hi é\\ud83d", "big": 12345678901234567890, "temperature": 1.0}\n`;
  const { status, text } = await gateways.call("POST", `${INVOKE}?debug=1`, {
    headers: {
      "content-type": "application/json; charset=utf-8",
      accept: "text/event-stream",
      "x-router-key": "sk_client",
      authorization: "Bearer client",
      cookie: "session=1",
      "proxy-authorization": "Basic x",
      "x-forwarded-for": "10.0.0.1",
      te: "trailers",
      "x-anything": "client",
    },
    body,
  });
  assert.deepEqual([status, text], [200, `{"status":"ok"}`]);

  const seen = onlyRequest();
  assert.deepEqual([seen.method, seen.path], ["POST", INVOKE]);
  assert.equal(seen.body.toString(), body, "the body's bytes are those of the client");
  const { host, "content-length": length, "transfer-encoding": chunked, ...headers } = seen.headers;
  assert.ok(host && (length ?? chunked));
  assert.deepEqual(headers, {
    "content-type": "application/json; charset=utf-8",
    accept: "text/event-stream",
    "x-router-key": KEY,
    // Written by workerd itself, to let the other side know a Worker.
    ...("cf-worker" in headers && { "cf-worker": headers["cf-worker"] }),
  });
});

test("passes health and automatic routing on, with or without a profile", async () => {
  await gateways.call("GET", "/v1/health");
  assert.deepEqual(
    [onlyRequest().method, onlyRequest().path, onlyRequest().body.length],
    ["GET", "/v1/health", 0],
  );
  for (const body of [
    { prompt: "Hi", profile: "balanced" },
    { prompt: "Hi" },
    { prompt: "Hi", profile: null },
  ]) {
    gateways.service.answersWith(200, "{}");
    assert.equal((await gateways.call("POST", "/v1/infer", json(body))).status, 200);
    assert.deepEqual(JSON.parse(onlyRequest().body.toString()), body);
  }
});

test("encodes ids anew, and keeps the path prefix of baseUrl", async () => {
  await gateways.call("POST", "/v1/deployments/a%2fb/invoke", {
    gateway: "prefixed",
    ...json({ prompt: "Hi" }),
  });
  assert.equal(onlyRequest().path, "/some/prefix/v1/deployments/a%2Fb/invoke");
  gateways.service.answersWith(200, "{}");
  await gateways.call("POST", "/v1/deployments/%65moji%20%F0%9F%98%80/invoke", json({ prompt: "Hi" }));
  assert.equal(onlyRequest().path, "/v1/deployments/emoji%20%F0%9F%98%80/invoke");
});

test("a chunk reaches the client while the service is still writing", async () => {
  /** @type {() => void} */
  let clientHasRead = () => {};
  /** @type {string[]} */
  const order = [];
  gateways.service.answers(({ response }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: one\n\n");
    clientHasRead = () => {
      order.push("service writes two");
      response.end("data: two\n\ndata: [DONE]\n\n");
    };
  });
  const { answered } = await gateways.open("POST", INVOKE, json({ prompt: "Hi", stream: true }));
  const [response] = await answered;
  assert.equal(response.headers["content-type"], "text/event-stream");
  let text = "";
  for await (const chunk of response) {
    text += chunk;
    order.push("client reads");
    if (text === "data: one\n\n") clientHasRead();
  }
  assert.equal(text, "data: one\n\ndata: two\n\ndata: [DONE]\n\n");
  assert.deepEqual(order.slice(0, 2), ["client reads", "service writes two"]);
});

test("a slow client holds the service back", async () => {
  let written = 0;
  let full = false;
  gateways.service.answers(({ response }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunk = Buffer.alloc(64 * 1024, "x");
    const write = () => {
      while (written < 256 * 1024 * 1024 && response.write(chunk)) written += chunk.length;
      full = true;
    };
    response.on("drain", write);
    write();
  });
  const { request, answered } = await gateways.open("POST", INVOKE, json({ prompt: "Hi", stream: true }));
  const [response] = await answered;
  response.on("error", () => {});
  response.pause();
  // Held back means that what the sockets and the runtime hold is soon all there is.
  let before = -1;
  for (let still = 0; still < 5; still = written === before ? still + 1 : 0) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(full && written < 64 * 1024 * 1024, `the service wrote ${written} bytes that nobody reads`);
  request.destroy();
});

test("the service's errors pass with status, body, Retry-After and request id, but no other header", async () => {
  const body = `{"error": {"message":"slow down","type":"rate_limit_error","code":"rate_limited"}}`;
  gateways.service.answersWith(429, body, {
    "content-type": "application/json",
    "retry-after": "12",
    "retry-after-ms": "11500",
    "x-should-retry": "true",
    "x-request-id": "req_1",
    "request-id": "req_2",
    "cf-ray": "ray_3",
    "set-cookie": "service=1",
    server: "secret-server/1",
    "x-internal": "1",
    "access-control-allow-origin": "*",
  });
  const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
  assert.deepEqual([answer.status, answer.text], [429, body]);
  const {
    date,
    "content-length": length,
    "transfer-encoding": chunked,
    connection,
    ...headers
  } = answer.headers;
  assert.deepEqual(headers, {
    "content-type": "application/json",
    "retry-after": "12",
    "retry-after-ms": "11500",
    "x-should-retry": "true",
    "x-request-id": "req_1",
    "request-id": "req_2",
    "cf-ray": "ray_3",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    vary: "origin",
  });
});

test("an error that is not JSON passes as it is, and nothing is retried", async () => {
  gateways.service.answersWith(503, "<h1>Down</h1>", { "content-type": "text/html" });
  const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
  assert.deepEqual([answer.status, answer.text], [503, "<h1>Down</h1>"]);
  assert.equal(answer.headers["content-type"], "text/html");
  onlyRequest();
});

test("a key that the service quotes never reaches the client", async () => {
  gateways.service.answersWith(401, `{"error":{"message":"unknown key ${KEY}, really ${KEY}"}}`, {
    "content-type": "application/json",
    "x-request-id": `for-${KEY}`,
    "request-id": "req_2",
  });
  const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
  assert.equal(answer.status, 401);
  assert.equal(answer.text, `{"error":{"message":"unknown key [redacted], really [redacted]"}}`);
  assert.equal(answer.headers["x-request-id"], "req_2");
  assert.equal(answer.headers["request-id"], "req_2");
  assert.ok(!JSON.stringify(answer).includes(KEY));
});

test("a key is found as JSON writes it, too", async () => {
  const routerKey = String.raw`sk_"quoted\key`;
  const body = JSON.stringify({ error: { message: `unknown key ${routerKey}` } });
  const fetch = async () => new Response(body, { status: 401 });
  const gateway = createGateway({ routerKey, fetch });
  const answer = await gateway.fetch(new Request("https://gateway.example/v1/health"));
  assert.equal(await answer.text(), '{"error":{"message":"unknown key [redacted]"}}');
});

test("an error body too large to be searched is not passed on", async () => {
  gateways.service.answersWith(500, `${"x".repeat(2 * 1024 * 1024)}${KEY}`, { "content-type": "text/plain" });
  const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
  assert.equal(answer.status, 500);
  assert.equal(JSON.parse(answer.text).error.code, "error_too_large");
});

test("a redirect is not followed, since the key would travel", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    gateways.service.answersWith(status, "", { location: `${gateways.service.url}/elsewhere` });
    const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
    assert.equal(answer.status, 502);
    assert.match(JSON.parse(answer.text).error.message, /redirect/);
    assert.equal(answer.headers["location"], undefined);
    onlyRequest();
  }
});

test("a compressed answer arrives readable", async () => {
  gateways.service.answers(({ response }) => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    response.writeHead(200, headers).end(gzipSync(`{"choices":[]}`));
  });
  const answer = await gateways.call("POST", INVOKE, json({ prompt: "Hi" }));
  assert.deepEqual([answer.status, answer.text], [200, `{"choices":[]}`]);
});
