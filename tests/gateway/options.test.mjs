// What createGateway refuses to start with, and where it sends requests by default.
import { test } from "node:test";
import assert from "node:assert/strict";
import { createGateway } from "../../pkg/worker.js";

const KEY = "sk_secret_0123456789";
const SECRET = "a secret of the gateway's own, 0123456789";

/** @type {[string, any, RegExp][]} */
const wrong = [
  ["no options", undefined, /routerKey/],
  ["an array", [], /object/],
  ["no key", {}, /`routerKey`.*undefined/],
  ["an empty key", { routerKey: "" }, /`routerKey`.*empty/],
  ["a key with a line break", { routerKey: `${KEY}\n` }, /`routerKey`.*no header can carry it/],
  ["a key beyond ASCII", { routerKey: `${KEY}☃` }, /`routerKey`.*no header can carry it/],
  ["an unknown option", { routerKey: KEY, deployment: [] }, /`deployment`.*did you mean `deployments`/],
  ["one in other capitals", { routerKey: KEY, baseURL: "https://a.example" }, /`baseURL`.*`baseUrl`/],
  ["deployments as a string", { routerKey: KEY, deployments: "primary-id" }, /`deployments`.*array/],
  ["an empty id", { routerKey: KEY, deployments: [""] }, /`deployments`/],
  ["an id that climbs", { routerKey: KEY, deployments: [".."] }, /`deployments`.*"\.\."/],
  ["a profile that is a number", { routerKey: KEY, profiles: [1] }, /`profiles`.*1/],
  ["an origin with a slash", { routerKey: KEY, origins: ["https://app.example/"] }, /`origins`/],
  ["an origin with capitals", { routerKey: KEY, origins: ["https://App.example"] }, /`origins`/],
  ["an origin with its default port", { routerKey: KEY, origins: ["https://app.example:443"] }, /`origins`/],
  ["any origin", { routerKey: KEY, origins: ["*"] }, /`origins`.*"\*"/],
  ["the origin of sandboxed pages", { routerKey: KEY, origins: ["null"] }, /`origins`/],
  ["authorize: true", { routerKey: KEY, authorize: true }, /`authorize`.*function/],
  ["a limit in figures", { routerKey: KEY, limit: 10 }, /`limit`.*function/],
  ["fetch: null", { routerKey: KEY, fetch: null }, /`fetch`.*function/],
  ["a relative baseUrl", { routerKey: KEY, baseUrl: "/api" }, /`baseUrl`.*absolute/],
  ["another scheme", { routerKey: KEY, baseUrl: "ftp://a.example" }, /`baseUrl`/],
  ["credentials in baseUrl", { routerKey: KEY, baseUrl: "https://u:p@a.example" }, /`baseUrl`/],
  ["a query in baseUrl", { routerKey: KEY, baseUrl: "https://a.example/?x=1" }, /`baseUrl`/],
  ["routes in a list", { routerKey: KEY, routes: [] }, /`routes` must be an object/],
  ["a route without targets", { routerKey: KEY, routes: { a: {} } }, /`routes.a`.*fallback/],
  ["an empty fallback", { routerKey: KEY, routes: { a: { fallback: [] } } }, /`routes.a.fallback`/],
  [
    "both kinds",
    { routerKey: KEY, routes: { a: { fallback: ["x"], hedge: ["y"], delay: 1 } } },
    /`routes.a`/,
  ],
  ["a hedge without delay", { routerKey: KEY, routes: { a: { hedge: ["x"] } } }, /`routes.a.delay`/],
  [
    "a fallback's delay",
    { routerKey: KEY, routes: { a: { fallback: ["x"], delay: 1 } } },
    /`routes.a.delay`/,
  ],
  [
    "a target that climbs",
    { routerKey: KEY, routes: { a: { fallback: ["x", ".."] } } },
    /`routes.a.fallback\[1\]`/,
  ],
  [
    "a target of two kinds",
    { routerKey: KEY, routes: { a: { fallback: [{ profile: "b", id: "c" }] } } },
    /\[0\]/,
  ],
  [
    "a route's timeout of 0",
    { routerKey: KEY, routes: { a: { fallback: ["x"], headersTimeout: 0 } } },
    /`routes.a.headersT/,
  ],
  [
    "a route's unknown option",
    { routerKey: KEY, routes: { a: { fallback: ["x"], timeout: 1 } } },
    /`routes.a`.*`timeout`/,
  ],
  [
    "a route named like a deployment",
    { routerKey: KEY, deployments: ["a"], routes: { a: { fallback: ["x"] } } },
    /`routes.a`/,
  ],
  ["a route that climbs", { routerKey: KEY, routes: { "..": { fallback: ["x"] } } }, /`routes\.\.\.`/],
  [
    "tokens for everybody by mistake",
    { routerKey: KEY, tokens: { secret: SECRET } },
    /`tokens` needs `authorize`/,
  ],
  ...[
    ["a list of tokens", [], /`tokens` must be an object/],
    ["tokens without secret", {}, /`tokens.secret`.*undefined/],
    ["a short secret", { secret: KEY }, /`tokens.secret`.*32 characters/],
    ["a short previous secret", { secret: SECRET, previousSecret: "" }, /`tokens.previousSecret`/],
    ["tokens that live for ever", { secret: SECRET, ttl: Infinity }, /`tokens.ttl`/],
    ["tokens that live no second", { secret: SECRET, ttl: 0 }, /`tokens.ttl`/],
    ["an empty audience", { secret: SECRET, audience: "" }, /`tokens.audience`/],
    ["a scope that is a list", { secret: SECRET, scope: [] }, /`tokens.scope`.*function/],
    ["uses without a window", { secret: SECRET, uses: { max: 1 } }, /`tokens.uses`/],
    ["an unknown option of tokens", { secret: SECRET, algorithm: "none" }, /`tokens`.*`algorithm`/],
  ].map(
    ([title, tokens, message]) =>
      /** @type {[string, any, RegExp]} */ ([
        title,
        { routerKey: KEY, authorize: () => true, tokens },
        message,
      ]),
  ),
  ["no bytes at all", { routerKey: KEY, maxBodyBytes: 0 }, /`maxBodyBytes`/],
  ["bytes as text", { routerKey: KEY, maxBodyBytes: "4MB" }, /`maxBodyBytes`/],
];

for (const [title, options, message] of wrong) {
  test(`refuses ${title}`, () => {
    assert.throws(
      () => createGateway(options),
      (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes(KEY) && !error.message.includes(SECRET), "it quotes a secret");
        return true;
      },
    );
  });
}

test("takes everything that is documented", () => {
  createGateway({
    routerKey: async () => KEY,
    deployments: ["primary-id", "a/b"],
    profiles: ["balanced", null],
    origins: ["https://app.example", "http://localhost:5173", "http://[::1]:8080", "capacitor://localhost"],
    authorize: () => true,
    limit: () => ({ success: true }),
    baseUrl: new URL("https://a.example/prefix/"),
    fetch,
    maxBodyBytes: 1,
    routes: {
      support: { fallback: ["x", { profile: "balanced" }], headersTimeout: 1 },
      fast: { hedge: ["x", "y"], delay: 0 },
    },
    tokens: {
      secret: SECRET,
      previousSecret: () => undefined,
      ttl: 60,
      audience: "app",
      scope: () => ({ deployments: ["primary-id"] }),
      uses: { max: 10, seconds: 60 },
    },
  });
});

test("takes undefined for what is not set", () => {
  /** @type {Record<string, undefined>} */
  const unset = {};
  for (const name of "deployments profiles origins authorize limit baseUrl fetch maxBodyBytes routes tokens".split(
    " ",
  ))
    unset[name] = undefined;
  createGateway({ routerKey: KEY, ...unset });
  createGateway({ routerKey: KEY, routes: { a: { fallback: ["x"], headersTimeout: undefined } } });
  const tokens = { secret: SECRET, ttl: undefined, audience: undefined, scope: undefined, uses: undefined };
  createGateway({ routerKey: KEY, authorize: () => true, tokens: { ...tokens, previousSecret: undefined } });
});

test("goes to the hosted service through globalThis.fetch as it is at each request", async () => {
  const gateway = createGateway({ routerKey: KEY, origins: ["https://app.example"] });
  const original = globalThis.fetch;
  /** @type {string[]} */
  const urls = [];
  try {
    globalThis.fetch = async (url) => {
      urls.push(String(url));
      return Response.json({ status: "ok" });
    };
    const response = await gateway.fetch(new Request("https://gateway.example/v1/health"));
    assert.equal(response.status, 200);
  } finally {
    globalThis.fetch = original;
  }
  assert.deepEqual(urls, ["https://api.purerouter-api.com/v1/health"]);
});

test("a fetch of one's own is called without an owner, and its failure is logged without the key", async (t) => {
  const logged = t.mock.method(console, "error", () => {});
  const gateway = createGateway({
    routerKey: KEY,
    fetch: async function (_url, init) {
      assert.equal(this, undefined);
      throw new TypeError(`cannot send ${JSON.stringify(Object.fromEntries(new Headers(init?.headers)))}`);
    },
  });
  const response = await gateway.fetch(new Request("https://gateway.example/v1/health"));
  assert.equal(response.status, 502);
  assert.equal(logged.mock.callCount(), 1);
  const line = String(logged.mock.calls[0]?.arguments);
  assert.match(line, /cannot send .*\[redacted\]/);
  assert.ok(!line.includes(KEY));
});
