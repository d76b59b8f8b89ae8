// An attacker who has read the page's sources and these: whatever they spell, nothing gets to the service but what the
// owner listed, under the path and with the body that were judged.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { KEY, json, startGateways } from "./workerd.mjs";

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
before(async () => void (gateways = await startGateways()));
after(() => gateways.close());
beforeEach(() => gateways.service.answersWith(200, "{}"));

const INVOKE = "/v1/deployments/primary-id/invoke";
const forwarded = () => gateways.service.requests.map(({ method, path }) => `${method} ${path}`);

test("names of Object.prototype are ids, routes and profiles like any other: not listed", async () => {
  for (const name of [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "size",
    "has",
  ]) {
    for (const gateway of ["open", "routes", "bare"]) {
      const invoked = await gateways.call("POST", `/v1/deployments/${name}/invoke`, { gateway, ...json({}) });
      assert.equal(invoked.status, 403, name);
      const body = `{"prompt":"Hi","profile":${JSON.stringify(name)}}`;
      assert.equal((await gateways.call("POST", "/v1/infer", { gateway, body })).status, 403, name);
    }
  }
  const polluting = `{"__proto__":{"profile":"balanced"},"constructor":{"prototype":{"profile":"balanced"}}}`;
  const named = await gateways.call("POST", "/v1/infer", { gateway: "named-profiles", body: polluting });
  assert.equal(named.status, 403);
  assert.deepEqual(forwarded(), []);
});

test("no spelling of an id or a path reaches another one", async () => {
  const ids = [
    "other-id",
    "PRIMARY-ID",
    "primary-id%00",
    "primary-id%2500",
    "primary%252did",
    "%70rimary-id%2f",
    "primary-id%5c..",
    "..%2f..%2finfer",
    "%2e%2e%2f%2e%2e%2finfer",
    "primary-id%23",
    "primary-id%3f",
    "primary-id;x=1",
    "primary-id%0d%0ax-router-key:%20sk",
    "primary-id,other-id",
    "*",
    "primary-i%ef%bd%84",
    "%c0%ae%c0%ae",
  ];
  for (const id of ids) {
    const { status } = await gateways.call("POST", `/v1/deployments/${id}/invoke`, json({ prompt: "Hi" }));
    assert.ok(status === 403 || status === 404, `${id}: ${status}`);
  }
  const paths = [
    "/v1/",
    "//v1/infer",
    "/v1//infer",
    "/v1/infer/",
    "/V1/INFER",
    "/v1/Infer",
    "/v1/%69nfer",
    "/v1%2finfer",
    "/v1/infer%20",
    "/v1/infer;x",
    "/v1/tokens",
    "/v1/deployments/primary-id/invoke/",
    "/v1/deployments/primary-id/Invoke",
    "/x/../../etc/passwd",
    "/x/v1/deployments/primary-id/invoke",
    "/v1/deployments/primary-id/invoke/v1/infer",
  ];
  for (const path of paths) assert.equal((await gateways.call("POST", path, json({}))).status, 404, path);
  assert.deepEqual(forwarded(), []);

  // What URLs themselves resolve leads to a path that is served, under its own lists.
  for (const path of [
    "/v1/x/../infer",
    "/v1/./infer",
    "/v1/deployments/%2e%2e/infer",
    "/%2e/v1/infer",
    "/v1\\infer",
  ]) {
    const { status } = await gateways.call("POST", path, json({ prompt: "Hi", profile: "costly" }));
    assert.ok(status === 403 || status === 404 || status === 400, `${path}: ${status}`);
  }
  assert.deepEqual(forwarded(), []);
});

test("a query or fragment gets nothing into the service's path", async () => {
  await gateways.call("POST", `${INVOKE}?id=other-id&profile=costly#x`, json({ prompt: "Hi" }));
  assert.deepEqual(forwarded(), [`POST ${INVOKE}`]);
});

test("a body is judged as it will be read: no second name, no other charset or coding", async () => {
  for (const body of [
    `{"profile":"balanced","profile":"costly"}`,
    `{"profile":"balanced","\\u0070rofile":"costly"}`,
    `{"profile":["costly"]}`,
    `{"profile":{"toString":"balanced"}}`,
    `[{"profile":"costly"}]`,
    `{"prompt":"a"}{"profile":"costly"}`,
    `{"prompt":"a",/**/"profile":"costly"}`,
    Buffer.from(`{"profile":"costly"}`, "utf16le"),
    Buffer.from([0xff, 0xfe, ...Buffer.from(`{"profile":"costly"}`, "utf16le")]),
  ]) {
    assert.equal((await gateways.call("POST", "/v1/infer", { body })).status, 400, String(body));
  }
  assert.deepEqual(forwarded(), []);

  // "+ADs-" and the like: only JSON in UTF-8 is what was judged, so that is what it is announced as.
  for (const type of [
    "application/json; charset=utf-7",
    "application/json;charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json, text/xml",
    "application/json; charset=utf-8; charset=utf-7",
    "text/plain",
  ]) {
    gateways.service.answersWith(200, "{}");
    const headers = { "content-type": type };
    assert.equal(
      (await gateways.call("POST", "/v1/infer", { headers, body: `{"prompt":"Hi"}` })).status,
      200,
    );
    assert.equal(gateways.service.requests[0]?.headers["content-type"], "application/json", type);
  }
  gateways.service.answersWith(200, "{}");
  const gzip = { "content-encoding": "gzip", "content-type": "application/json" };
  await gateways.call("POST", "/v1/infer", { headers: gzip, body: `{"prompt":"Hi"}` });
  assert.equal(gateways.service.requests[0]?.headers["content-encoding"], undefined);
});

test("no header of a client gets through, whatever it claims", async () => {
  const headers = {
    "x-router-key": "sk_client",
    connection: "x-router-key",
    "x-forwarded-host": "evil.example",
    "x-original-url": "/v1/infer",
    "x-http-method-override": "DELETE",
    "x-request-id": "forged",
    "proxy-connection": "keep-alive",
    "accept-language": "de",
  };
  const { headers: answered } = await gateways.call("POST", INVOKE, { headers, body: `{"prompt":"Hi"}` });
  const seen = gateways.service.requests[0];
  assert.equal(seen?.headers["x-router-key"], KEY);
  const names = Object.keys(seen?.headers ?? {}).filter(
    (name) => !/^(host|content-|transfer-|connection|cf-worker|accept-enc)/.test(name),
  );
  assert.deepEqual(names, ["x-router-key"]);
  assert.notEqual(answered["x-request-id"], "forged", "what is in the log is not the client's to choose");
});

test("requests smuggled into one another over a raw socket reach nothing unlisted", async () => {
  const { hostname, port } = new URL(gateways.origin);
  const inner = `POST /v1/deployments/other-id/invoke HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`;
  for (const head of [
    `content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    `content-length: 2\r\ncontent-length: ${2 + inner.length}\r\n\r\n{}${inner}`,
    `transfer-encoding: xchunked\r\n\r\n{}${inner}`,
    `content-length: 2\r\n\r\n{}${inner}`,
  ]) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(`POST ${INVOKE} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${head}`);
    await new Promise((resolve) => {
      socket.once("close", resolve);
      socket.resume();
      setTimeout(() => socket.destroy(), 300);
    });
  }
  for (const request of forwarded()) assert.equal(request, `POST ${INVOKE}`);
});

test("an endless body without a length is cut off at the limit", async () => {
  const { request, answered } = await gateways.open("POST", INVOKE, { body: null });
  const chunk = Buffer.alloc(256 * 1024, " ");
  const writing = setInterval(() => request.write(chunk), 5);
  const [response] = await answered;
  clearInterval(writing);
  request.destroy();
  assert.equal(response.statusCode, 413);
  assert.deepEqual(forwarded(), []);
});

test("a deeply nested body is an answer like any other, not a crash", async () => {
  const body = `{"a":${"[".repeat(1_000_000)}`;
  assert.equal((await gateways.call("POST", "/v1/infer", { body })).status, 400);
  assert.equal((await gateways.call("GET", "/v1/health")).status, 200);
});

test("a GET with a body is a GET", async () => {
  const { status } = await gateways.call("GET", "/v1/health", { body: `{"profile":"costly"}` });
  assert.equal(status, 200);
  assert.equal(gateways.service.requests[0]?.body.length, 0);
});

test("what is refused names no internal address, no secret and no stack", async () => {
  for (const gateway of ["unreachable", "key-throws", "without-key", "guarded", "limited-wrongly"]) {
    const headers = { authorization: "Bearer throws" };
    const { text, headers: answered } = await gateways.call("POST", INVOKE, { gateway, headers, body: "{}" });
    assert.doesNotMatch(text + JSON.stringify(answered), /127\.0\.0\.1|sk_|\.js:|\n *at |vault|database/);
  }
});
