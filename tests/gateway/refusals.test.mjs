// Everything the gateway refuses: with which status, in the service's error shape, readable to an allowed page, and
// without a word to the service.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { KEY, json, startGateways } from "./workerd.mjs";

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
before(async () => void (gateways = await startGateways()));
after(() => gateways.close());
beforeEach(() => gateways.service.answersWith(200, "{}"));

const INVOKE = "/v1/deployments/primary-id/invoke";
const PAGE = "https://app.example";
const PROMPT = json({ prompt: "Hi" });

/**
 * Makes the call as the allowed page, and checks what all refusals have in common.
 * @param {number} status @param {string} type @param {string} code
 * @param {string} method @param {string} path @param {Parameters<typeof gateways.call>[2]} [call]
 */
async function refused(status, type, code, method, path, call = {}) {
  const answer = await gateways.call(method, path, { ...call, headers: { origin: PAGE, ...call.headers } });
  const error = method === "HEAD" ? undefined : JSON.parse(answer.text).error;
  assert.equal(answer.status, status, answer.text);
  if (error) {
    assert.deepEqual([error.type, error.code], [type, code]);
    assert.ok(typeof error.message === "string" && error.message.length > 10);
  }
  assert.equal(answer.headers["content-type"], "application/json");
  assert.equal(answer.headers["access-control-allow-origin"], PAGE);
  assert.equal(answer.headers["access-control-allow-credentials"], "true");
  assert.match(String(answer.headers["access-control-expose-headers"]), /retry-after, .*x-request-id/);
  assert.equal(answer.headers["vary"], "origin");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.match(String(answer.headers["content-security-policy"]), /default-src 'none'.*sandbox/);
  assert.match(String(answer.headers["x-request-id"]), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  assert.ok(!JSON.stringify(answer).includes(KEY));
  assert.ok(!JSON.stringify(answer).includes("sk_internal"), "what the owner's code throws stays inside");
  assert.equal(gateways.service.requests.length, 0, "the service hears nothing of it");
  return answer;
}

test("404 for every other path", async () => {
  for (const path of [
    "/",
    "/v1",
    "/v1/models",
    "/v1/health/",
    "/v1/infer/x",
    "//v1/infer",
    "/v1/deployments/invoke",
    "/v1/deployments//invoke",
    "/v1/deployments/primary-id",
    "/v1/deployments/primary-id/delete",
    "/v1/deployments/primary-id/x/invoke",
    "/v1/deployments/a/b/invoke",
    "/v1/deployments/%/invoke",
    "/v1/deployments/%ff/invoke",
    "/V1/infer",
  ]) {
    await refused(404, "invalid_request_error", "unknown_path", "POST", path, PROMPT);
  }
});

test("no spelling of a path climbs out of its segment", async () => {
  for (const id of ["%2e%2e", "..", "%2E.", ".", "primary-id/..", "x/../../admin", "primary-id\\..\\.."]) {
    const path = `/v1/deployments/${id}/invoke`;
    const answer = await gateways.call("POST", path, PROMPT);
    assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
  for (const id of [
    "..%2finfer",
    "%252e%252e",
    "primary-id%2f..",
    "primary-id%3Fx",
    "primary-id%00",
    "primary-id%20",
  ]) {
    const path = `/v1/deployments/${id}/invoke`;
    await refused(403, "permission_error", "deployment_not_allowed", "POST", path, PROMPT);
  }
  // The runtime's own URL rules may lead to a path that is served: then that one's lists decide.
  await refused(400, "invalid_request_error", "invalid_body", "POST", "/v1/deployments/../infer", {
    body: "[]",
  });
});

test("405 says what is allowed", async () => {
  for (const method of ["GET", "PUT", "DELETE", "HEAD"]) {
    const answer = await refused(405, "invalid_request_error", "method_not_allowed", method, INVOKE);
    assert.equal(answer.headers["allow"], "POST, OPTIONS");
  }
  await refused(405, "invalid_request_error", "method_not_allowed", "GET", "/v1/infer");
  for (const method of ["POST", "HEAD"]) {
    const answer = await refused(405, "invalid_request_error", "method_not_allowed", method, "/v1/health");
    assert.equal(answer.headers["allow"], "GET, OPTIONS");
  }
});

test("400 for a body that is not a JSON object", async () => {
  for (const path of [INVOKE, "/v1/infer"]) {
    for (const body of ["", "{", "[]", `"text"`, "null", "7", Buffer.from(`{"prompt":"\xff"}`, "latin1")]) {
      await refused(400, "invalid_request_error", "invalid_body", "POST", path, { body });
    }
  }
  await refused(400, "invalid_request_error", "invalid_body", "POST", "/v1/infer", json({ profile: 7 }));
});

test("403 for what is not listed, which by default is everything", async () => {
  const unlisted = "/v1/deployments/secondary-id/invoke";
  const { text } = await refused(403, "permission_error", "deployment_not_allowed", "POST", unlisted, PROMPT);
  assert.match(JSON.parse(text).error.message, /"secondary-id"/);
  const costly = json({ prompt: "Hi", profile: "costly" });
  await refused(403, "permission_error", "profile_not_allowed", "POST", "/v1/infer", costly);
  const noName = { gateway: "named-profiles", ...PROMPT };
  await refused(403, "permission_error", "profile_not_allowed", "POST", "/v1/infer", noName);

  for (const [path, code] of [
    [INVOKE, "deployment_not_allowed"],
    ["/v1/infer", "profile_not_allowed"],
  ]) {
    const answer = await gateways.call("POST", String(path), { gateway: "bare", ...PROMPT });
    assert.deepEqual([answer.status, JSON.parse(answer.text).error.code], [403, code]);
  }
});

test("a body that another parser could read as another profile is refused", async () => {
  for (const body of [
    `{"profile":"costly","profile":"balanced"}`,
    `{"profile":"costly","prompt":"a \\"quoted\\\\","pro\\u0066ile"${" ".repeat(100)}:"balanced"}`,
    `{"Profile":"costly","profile":"balanced"}`,
    `{"PROFILE":"costly"}`,
    `{"prof\u0131le":"costly"}`,
    `{"pro\ufb01le":"costly"}`,
  ]) {
    await refused(400, "invalid_request_error", "invalid_body", "POST", "/v1/infer", { body });
  }
  const innocent = `{"prompt":"profile","a":{"profile":1,"b":[{"profile":2},"profile"]},"profile":"balanced"}`;
  assert.equal((await gateways.call("POST", "/v1/infer", { body: innocent })).status, 200);
});

test("413 for a body that is too large, declared or not", async () => {
  const exact = `{"prompt":"${"x".repeat(87)}"}`;
  assert.equal(exact.length, 100);
  assert.equal((await gateways.call("POST", INVOKE, { gateway: "small", body: exact })).status, 200);
  gateways.service.answersWith(200, "{}");
  const declared = { gateway: "small", body: `${exact} ` };
  await refused(413, "invalid_request_error", "body_too_large", "POST", INVOKE, declared);
  const chunked = { gateway: "small", body: [exact, " "].map((part) => Buffer.from(part)) };
  await refused(413, "invalid_request_error", "body_too_large", "POST", INVOKE, chunked);
  const byDefault = { body: Array.from({ length: 5 }, () => Buffer.alloc(1024 * 1024, " ")) };
  await refused(413, "invalid_request_error", "body_too_large", "POST", INVOKE, byDefault);
});

test("413 comes before the body, where its declared length is too large", async () => {
  const headers = { "content-length": "1000000" };
  const { request, answered } = await gateways.open("POST", INVOKE, {
    gateway: "small",
    headers,
    body: null,
  });
  const [response] = await answered;
  assert.equal(response.statusCode, 413);
  request.destroy();
});

test("authorize: 401 without credentials, 403 with those that do not do", async () => {
  const guarded = { gateway: "guarded", ...PROMPT };
  const answer = await refused(401, "authentication_error", "unauthenticated", "POST", INVOKE, guarded);
  assert.equal(answer.headers["www-authenticate"], "Bearer");
  /** @type {Record<string, string>[]} */
  const presented = [
    { authorization: "Bearer bad" },
    { authorization: "Bearer object" },
    { cookie: "session=1" },
    { "x-router-key": "sk_client" },
  ];
  for (const headers of presented) {
    const call = { gateway: "guarded", headers };
    await refused(403, "permission_error", "not_authorized", "GET", "/v1/health", call);
  }
});

test("authorize: a Response is the answer, readable to the page", async () => {
  const headers = { origin: PAGE, authorization: "Bearer response" };
  const answer = await gateways.call("POST", INVOKE, { gateway: "guarded", ...PROMPT, headers });
  assert.deepEqual([answer.status, answer.text, answer.headers["x-own"]], [418, "log in", "1"]);
  assert.equal(answer.headers["cache-control"], "private");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.equal(answer.headers["access-control-allow-origin"], PAGE);
  assert.equal(gateways.service.requests.length, 0);
});

test("authorize: a Response that cannot be sent is a fault like any other", async () => {
  for (const authorization of ["Bearer used", "Bearer network-error"]) {
    const call = { gateway: "guarded", headers: { authorization }, body: PROMPT.body };
    await refused(500, "server_error", "gateway_error", "POST", INVOKE, call);
  }
});

test("a check that fails or cannot decide lets nothing through", async () => {
  const throws = { gateway: "guarded", headers: { authorization: "Bearer throws" }, body: PROMPT.body };
  await refused(500, "server_error", "gateway_error", "POST", INVOKE, throws);
  const limitThrows = { gateway: "guarded", headers: { authorization: "Bearer good" }, body: PROMPT.body };
  await refused(500, "server_error", "gateway_error", "POST", INVOKE, limitThrows);
  await refused(500, "server_error", "gateway_error", "POST", INVOKE, {
    gateway: "limited-wrongly",
    ...PROMPT,
  });
});

test("429 with Retry-After where the limiter says no", async () => {
  for (let allowed = 0; allowed < 2; allowed++) {
    assert.equal((await gateways.call("GET", "/v1/health", { gateway: "limited" })).status, 200);
  }
  gateways.service.answersWith(200, "{}");
  const full = await refused(429, "rate_limit_error", "rate_limited", "GET", "/v1/health", {
    gateway: "limited",
  });
  assert.equal(full.headers["retry-after"], "60");
  const call = { gateway: "limited-seconds" };
  const seconds = await refused(429, "rate_limit_error", "rate_limited", "GET", "/v1/health", call);
  assert.equal(seconds.headers["retry-after"], "7");
});

test("429 has a Retry-After that is one, whatever the limiter says", async () => {
  for (const [said, seconds] of [
    ["1.2", "2"],
    ["0", "0"],
    ["-1", "60"],
    ['"soon"', "60"],
    ["null", "60"],
  ]) {
    const call = { gateway: "limited-oddly", headers: { "x-retry-after": String(said) } };
    const answer = await refused(429, "rate_limit_error", "rate_limited", "GET", "/v1/health", call);
    assert.equal(answer.headers["retry-after"], seconds);
  }
});

test("a check that has read the body is the gateway's fault", async () => {
  const call = { gateway: "authorize-reads", ...PROMPT };
  await refused(500, "server_error", "gateway_error", "POST", INVOKE, call);
});

test("the key is not asked for before a request may pass", async () => {
  const gateway = "key-throws";
  await refused(400, "invalid_request_error", "invalid_body", "POST", INVOKE, { gateway, body: "[]" });
  const unlisted = "/v1/deployments/secondary-id/invoke";
  const call = { gateway, ...PROMPT };
  await refused(403, "permission_error", "deployment_not_allowed", "POST", unlisted, call);
});

test("a gateway without a usable key says so and sends nothing", async () => {
  for (const gateway of ["without-key", "broken-key", "key-throws"]) {
    const answer = await refused(500, "server_error", "no_router_key", "POST", INVOKE, {
      gateway,
      ...PROMPT,
    });
    assert.match(JSON.parse(answer.text).error.message, /no router key: set the secret/);
    assert.ok(!answer.text.includes("sk_line"));
    assert.equal(answer.headers["x-should-retry"], "false");
  }
});

test("502 where the service cannot be reached", async () => {
  const call = { gateway: "unreachable", ...PROMPT };
  const { text } = await refused(502, "server_error", "service_unreachable", "POST", INVOKE, call);
  assert.ok(!text.includes("127.0.0.1"), "the client learns no internal address");
});

test("a foreign page gets a 403 before anything is looked at, and no CORS header", async () => {
  for (const origin of [
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "null",
  ]) {
    for (const method of ["OPTIONS", "POST", "GET"]) {
      const call = { gateway: "guarded", headers: { origin, authorization: "Bearer throws" } };
      const answer = await gateways.call(method, "/v1/anything", call);
      assert.equal(answer.status, 403);
      assert.equal(JSON.parse(answer.text).error.code, "origin_not_allowed");
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
      assert.equal(answer.headers["access-control-allow-credentials"], undefined);
      assert.equal(answer.headers["vary"], "origin");
    }
  }
  assert.equal(gateways.service.requests.length, 0);
});

test("the gateway's own pages need no entry in origins", async () => {
  const call = { gateway: "bare", headers: { origin: gateways.origin } };
  assert.equal((await gateways.call("GET", "/v1/health", call)).status, 200);
});

test("answers that are no refusals carry the CORS headers too", async () => {
  const answer = await gateways.call("POST", INVOKE, { ...PROMPT, headers: { origin: PAGE } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["access-control-allow-origin"], PAGE);
  assert.equal(answer.headers["access-control-allow-credentials"], "true");
  assert.match(String(answer.headers["access-control-expose-headers"]), /request-id/);
});

test("a preflight passes without authorize and limit, and allows the headers that a page asks for", async () => {
  const answer = await gateways.call("OPTIONS", INVOKE, {
    gateway: "guarded",
    headers: {
      origin: PAGE,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,X-Session, x_trace.id,",
    },
  });
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.equal(answer.headers["access-control-allow-origin"], PAGE);
  assert.equal(answer.headers["access-control-allow-methods"], "GET, POST, OPTIONS");
  assert.equal(
    answer.headers["access-control-allow-headers"],
    "content-type, accept, authorization, x-router-key, x-session, x_trace.id",
  );
  assert.ok(Number(answer.headers["access-control-max-age"]) > 0);
  assert.equal(answer.headers["vary"], "origin");
  assert.equal(gateways.service.requests.length, 0);
});
