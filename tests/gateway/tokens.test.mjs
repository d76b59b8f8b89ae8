// Short-lived keys: who gets one, what it is good for, and every way to get further with less.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { PureRouter } from "../../pkg/index.js";
import { TokenUses } from "../../pkg/worker/token-uses.js";
import { createGateway } from "../../pkg/worker.js";
import { KEY, json, startGateways } from "./workerd.mjs";

/** @type {Awaited<ReturnType<typeof startGateways>>} */
let gateways;
before(async () => void (gateways = await startGateways()));
after(() => gateways.close());
beforeEach(() => gateways.service.answersWith(200, "{}"));

const SECRET = "test-secret-0123456789-0123456789";
const INVOKE = "/v1/deployments/primary-id/invoke";
const now = () => Math.floor(Date.now() / 1000);

/** @param {string} [gateway] */
async function newToken(gateway = "tokens") {
  const headers = { authorization: "Bearer good" };
  const { status, text } = await gateways.call("POST", "/v1/tokens", { gateway, headers });
  assert.equal(status, 200, text);
  return /** @type {{ token: string, expires_in: number }} */ (JSON.parse(text));
}

/** @param {string | undefined} token @param {string} [gateway] @param {string} [path] @param {any} [body] */
async function call(token, gateway = "tokens", path = INVOKE, body = { prompt: "Hi" }) {
  const headers = { ...json(body).headers, ...(token !== undefined && { "x-router-key": token }) };
  const { status, text } = await gateways.call("POST", path, {
    gateway,
    headers,
    body: JSON.stringify(body),
  });
  assert.ok(!text.includes(KEY) && !text.includes(SECRET));
  return `${status} ${status === 200 ? "" : JSON.parse(text).error.code}`.trim();
}

/** Signs whatever an attacker who had the secret, or another one, would. @param {any} claims */
function sign(claims, secret = SECRET, format = "pr1") {
  const all = { id: "x", audience: "purerouter", issuedAt: now(), expiresAt: now() + 60, ...claims };
  const payload = `${format}.${Buffer.from(JSON.stringify(all)).toString("base64url")}`;
  return `${payload}.${createHmac("sha256", secret).update(payload).digest("base64url")}`;
}

test("a token is issued through authorize, opens the paths, and is never forwarded", async () => {
  const { token, expires_in } = await newToken();
  assert.equal(expires_in, 60);
  assert.equal(gateways.service.requests.length, 0);
  assert.equal(await call(token), "200");
  assert.equal(gateways.service.requests[0]?.headers["x-router-key"], KEY);
  assert.ok(!JSON.stringify(gateways.service.requests[0]?.rawHeaders).includes(token));
  assert.equal(await call(token, "tokens", "/v1/infer"), "200");
  const health = { gateway: "tokens", headers: { "x-router-key": token } };
  assert.equal((await gateways.call("GET", "/v1/health", health)).status, 200);
});

test("no token without authorize; with it, authorize alone opens nothing else", async () => {
  const refused = await gateways.call("POST", "/v1/tokens", { gateway: "tokens" });
  assert.equal(refused.status, 401);
  const headers = { authorization: "Bearer good" };
  const { status, text } = await gateways.call("POST", INVOKE, { gateway: "tokens", headers, body: "{}" });
  assert.deepEqual([status, JSON.parse(text).error.code], [401, "token_missing"]);
  assert.equal((await gateways.call("GET", "/v1/tokens", { gateway: "tokens", headers })).status, 405);
  assert.equal((await gateways.call("POST", "/v1/tokens", { headers })).status, 404, "where there are none");
});

test("what is wrong with a token is said, and it opens nothing", async () => {
  const { token } = await newToken();
  const [format, payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const longer = Buffer.from(JSON.stringify({ ...claims, expiresAt: now() + 9e9 })).toString("base64url");
  const none = Buffer.from(`{"alg":"none"}`).toString("base64url");
  const flipped = `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
  /** @type {[string | undefined, string][]} */
  const table = [
    [undefined, "token_missing"],
    ["", "token_malformed"],
    [KEY, "token_malformed"],
    ["sk_client", "token_malformed"],
    [`${format}.${payload}`, "token_malformed"],
    [`${format}.${payload}.`, "token_malformed"],
    [token.slice(0, -1), "token_malformed"],
    [`${token}A`, "token_malformed"],
    [`${token}.${signature}`, "token_malformed"],
    [`pr0.${payload}.${signature}`, "token_malformed"],
    [`${none}.${payload}.`, "token_malformed"],
    [`${none}.${payload}.${signature}`, "token_malformed"],
    [`${format}.${payload}.${flipped}`, "token_invalid"],
    [`${format}.${longer}.${signature}`, "token_invalid"],
    [`${format}.${payload.slice(0, -4)}.${signature}`, "token_invalid"],
    [sign({}, "another-secret-0123456789-0123456789"), "token_invalid"],
    [sign({}, ""), "token_invalid"],
    [sign({}, KEY), "token_invalid"],
    [sign({ audience: "staging" }), "token_invalid"],
    [sign({ expiresAt: now() - 40 }), "token_expired"],
    [sign({ issuedAt: now() + 120, expiresAt: now() + 180 }), "token_not_yet_valid"],
  ];
  for (const [given, code] of table) assert.equal(await call(given), `401 ${code}`, given);
  assert.equal(gateways.service.requests.length, 0);
  // Clocks that differ a little.
  assert.equal(await call(sign({ expiresAt: now() - 10 })), "200");
  assert.equal(await call(sign({ issuedAt: now() + 10 })), "200");
});

test("a token holds for its gateway only, through one rotation of the secret", async () => {
  const { token } = await newToken();
  assert.equal(await call(token, "tokens-rotated"), "200");
  assert.equal(await call(token, "tokens-of-another"), "401 token_invalid");
  assert.equal(await call(token, "tokens-elsewhere"), "401 token_invalid");
  const renewed = await newToken("tokens-rotated");
  assert.equal(await call(renewed.token, "tokens-rotated"), "200");
  assert.equal(await call(renewed.token), "401 token_invalid", "signed with the new secret");
});

test("a scope narrows, and reaches nothing that is not listed", async () => {
  const { token } = await newToken("tokens-scoped");
  const claims = JSON.parse(Buffer.from(String(token.split(".")[1]), "base64url").toString());
  assert.deepEqual([claims.deployments, claims.profiles], [["a/b", "support"], ["balanced"]]);
  const on = (/** @type {string} */ id) => call(token, "tokens-scoped", `/v1/deployments/${id}/invoke`);
  assert.equal(await on("a%2fb"), "200");
  assert.equal(await on("support"), "200");
  for (const id of ["primary-id", "other", "not-listed", "__proto__", "constructor", "toString", "length"]) {
    assert.equal(await on(id), "403 deployment_not_allowed", id);
  }
  const infer = (/** @type {any} */ profile) =>
    call(token, "tokens-scoped", "/v1/infer", { prompt: "Hi", profile });
  assert.equal(await infer("balanced"), "200");
  assert.equal(await infer("costly"), "403 profile_not_allowed");
  assert.equal(await infer(null), "403 profile_not_allowed");
  // A signed token from before the lists were made shorter.
  const old = sign({ deployments: ["costly-id"], profiles: ["costly"] });
  assert.equal(await call(old, "tokens", "/v1/deployments/costly-id/invoke"), "403 deployment_not_allowed");
  assert.equal(await call(old, "tokens", "/v1/infer", { profile: "costly" }), "403 profile_not_allowed");
});

test("a scope that is none, or names what it does not have, is no token for everything", async () => {
  for (const name of ["typo", "list", "true", "text", "uses", "much", "throws"]) {
    const { status, text } = await gateways.call("POST", "/v1/tokens", {
      gateway: `tokens-scope-${name}`,
      headers: { authorization: "Bearer good" },
    });
    assert.deepEqual([status, JSON.parse(text).error.code], [500, "gateway_error"], name);
    assert.ok(!text.includes("sk_internal"));
  }
});

test("a previous secret that cannot be read is the gateway's fault, and no reason to get a new token", async () => {
  const { token } = await newToken();
  assert.equal(await call(token, "tokens-vault-down"), "500 no_token_secret");
  const renewed = await newToken("tokens-vault-down");
  assert.equal(await call(renewed.token, "tokens-vault-down"), "200", "the current one is enough");
});

test("uses: so many in a window, each token for itself", async () => {
  const [one, two] = [await newToken("tokens-used-up"), await newToken("tokens-used-up")];
  const results = [];
  for (const { token } of [one, one, one, two]) results.push(await call(token, "tokens-used-up"));
  assert.deepEqual(results, ["200", "200", "429 token_used_up", "200"]);
  const headers = { "x-router-key": one.token };
  const { headers: answered } = await gateways.call("POST", INVOKE, {
    gateway: "tokens-used-up",
    headers,
    body: "{}",
  });
  const wait = Number(answered["retry-after"]);
  assert.ok(wait > 0 && wait <= 60);
});

test("uses: a new window opens when the old one is over", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const gateway = createGateway({
    routerKey: KEY,
    deployments: ["primary-id"],
    authorize: () => true,
    fetch: async () => Response.json({}),
    tokens: { secret: SECRET, ttl: 600, scope: () => ({ uses: { max: 1, seconds: 10 } }) },
  });
  /** @param {string} path @param {any} [headers] */
  const post = (path, headers) =>
    gateway.fetch(new Request(`https://g.example${path}`, { method: "POST", body: "{}", headers }));
  const { token } = await (await post("/v1/tokens")).json();
  const use = async () => (await post(INVOKE, { "x-router-key": token })).status;
  assert.deepEqual([await use(), await use()], [200, 429]);
  t.mock.timers.tick(9_999);
  assert.equal(await use(), 429);
  t.mock.timers.tick(1);
  assert.deepEqual([await use(), await use()], [200, 429]);
});

test("uses: the oldest counts are forgotten before they fill the memory", () => {
  const uses = new TokenUses();
  const use = (/** @type {number} */ i) => uses.count({ id: `${i}`, uses: { max: 1, seconds: 60 } }, 0);
  for (let i = 0; i <= 10_000; i++) use(i);
  assert.throws(() => use(10_000), /1 requests in 60 s/);
  assert.throws(() => use(1), /1 requests/);
  use(0);
});

test("limit gets the token, to count by its id", async () => {
  const { token } = await newToken("tokens-limited");
  assert.equal(await call(token, "tokens-limited"), "200");
  assert.equal(await call(token, "tokens-limited"), "429 rate_limited");
});

test("without a secret no token is issued or accepted", async () => {
  const headers = { authorization: "Bearer good" };
  const { status, text } = await gateways.call("POST", "/v1/tokens", {
    gateway: "tokens-without-secret",
    headers,
  });
  assert.deepEqual([status, JSON.parse(text).error.code], [500, "no_token_secret"]);
  assert.equal(await call((await newToken()).token, "tokens-without-secret"), "500 no_token_secret");
});

test("the client asks for a token once, and again shortly before it expires", async () => {
  let issued = 0;
  const gateway = createGateway({
    routerKey: KEY,
    deployments: ["primary-id"],
    fetch: async () => Response.json({ choices: [{ text: "Hi", finish_reason: "stop" }] }),
    authorize: () => {
      issued++;
      return true;
    },
    tokens: { secret: SECRET, ttl: 60 },
  });
  const send = (/** @type {any} */ url, /** @type {any} */ init) => gateway.fetch(new Request(url, init));
  /** @type {{ value: Promise<string>, until: number } | undefined} */
  let current;
  let clock = 0;
  const routerKey = async () => {
    if (current === undefined || clock > current.until) {
      const asked = send("https://gateway.example/v1/tokens", { method: "POST" }).then((answer) =>
        answer.json(),
      );
      current = { value: asked.then(({ token }) => token), until: clock + 60_000 / 2 };
    }
    return current.value;
  };
  const client = new PureRouter({ baseUrl: "https://gateway.example", fetch: send, routerKey });
  const ask = () => client.deployments.invoke("primary-id", { prompt: "Hi" });
  await Promise.all([ask(), ask(), ask()]);
  assert.equal(issued, 1);
  clock = 31_000;
  await ask();
  assert.equal(issued, 2);
});
