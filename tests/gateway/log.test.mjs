// What the gateway's owner finds in the log: why a request failed, under the id that its client was told.
import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { createGateway } from "../../pkg/worker.js";

const KEY = "sk_server_0123456789";
const INVOKE = "https://gateway.example/v1/deployments/primary-id/invoke";

/** @type {import("node:test").Mock<typeof console.error>} */
let logged;
beforeEach((t) => {
  const { mock } = /** @type {import("node:test").TestContext} */ (t);
  logged = mock.method(console, "error", () => {});
});
const lines = () => logged.mock.calls.map(({ arguments: said }) => said.join(" "));

/** @param {any} options @param {string} [url] */
const call = (options, url = INVOKE) =>
  createGateway({ routerKey: KEY, deployments: ["primary-id"], ...options }).fetch(
    new Request(url, { method: "POST", body: '{"prompt":"Hi"}' }),
  );

test("each line begins with the id that the client got", async () => {
  const { headers } = await call({ fetch: () => Promise.reject(new TypeError("connection refused")) });
  assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(lines().length, 1);
  assert.ok(lines()[0]?.startsWith(`purerouter gateway [${headers.get("x-request-id")}]: no answer from`));
  assert.match(String(lines()), /connection refused/);
});

test("a route's line names the target, what it answered, and the service's id, without the key", async () => {
  /** @param {string} url */
  const service = async (url) =>
    url.includes("/a/")
      ? new Response("{}", { status: 503, headers: { "x-request-id": "req_a" } })
      : url.includes("/b/")
        ? new Response("{}", { status: 404, headers: { "request-id": `for ${KEY}` } })
        : new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } });
  const routes = { "primary-id": { fallback: ["a", "b", "c"] } };
  await call({ deployments: [], routes, fetch: service });
  assert.match(lines()[0] ?? "", /route primary-id: a answered 503, .*, request req_a$/);
  assert.match(lines()[1] ?? "", /route primary-id: b answered 404, .*, request for \[redacted\]$/);
  assert.match(lines()[2] ?? "", /route primary-id: c answered 200, text\/html$/);
  assert.ok(!String(lines()).includes(KEY));
});

test("what a check or a secret's function throws is in the log, and only there", async () => {
  const failing = () => {
    throw new Error("the database is down");
  };
  for (const name of ["authorize", "limit", "routerKey"]) {
    logged.mock.resetCalls();
    const answer = await call({ [name]: failing });
    assert.equal(answer.status, 500);
    assert.match(String(lines()), new RegExp(`\`${name}\` threw.*the database is down`));
    assert.doesNotMatch(await answer.text(), /database/);
  }
});

test("an answer and a refusal are no news", async () => {
  assert.equal((await call({ fetch: async () => Response.json({}) })).status, 200);
  assert.equal((await call({ deployments: [] })).status, 403);
  assert.deepEqual(lines(), []);
});
