// The Worker under test: one gateway for each set of options, chosen by a header. Its key comes from a secret, its
// limiter is Cloudflare's own rate limiting binding.
import { env } from "cloudflare:workers";
import { createGateway } from "../../pkg/worker.js";

const open = {
  baseUrl: env.SERVICE,
  routerKey: (env) => env.PUREROUTER_KEY,
  deployments: ["primary-id", "a/b", "emoji 😀"],
  profiles: ["balanced", null],
  origins: ["https://app.example"],
};

const SECRET = "test-secret-0123456789-0123456789";
const withTokens = {
  authorize: (request) => request.headers.get("authorization") === "Bearer good",
  tokens: { secret: () => SECRET, ttl: 60 },
};
const seen = new Set();

const gateways = {
  open: createGateway(open),
  bare: createGateway({ baseUrl: env.SERVICE, routerKey: env.PUREROUTER_KEY }),
  prefixed: createGateway({ ...open, baseUrl: `${env.SERVICE}/some/prefix//` }),
  "named-profiles": createGateway({ ...open, profiles: ["balanced"] }),
  small: createGateway({ ...open, maxBodyBytes: 100 }),
  "without-key": createGateway({ ...open, routerKey: (env) => env.NOT_SET }),
  "broken-key": createGateway({ ...open, routerKey: async () => "sk_line\nbreak" }),
  "key-throws": createGateway({
    ...open,
    routerKey: () => {
      throw new Error("vault sk_internal");
    },
  }),
  unreachable: createGateway({ ...open, baseUrl: "http://127.0.0.1:9" }),
  guarded: createGateway({
    ...open,
    authorize: async (request) => {
      const token = request.headers.get("authorization");
      if (token === "Bearer throws") throw new Error("database sk_internal");
      if (token === "Bearer object") return { ok: false };
      if (token === "Bearer response")
        return new Response("log in", { status: 418, headers: { "x-own": "1", "cache-control": "private" } });
      if (token === "Bearer network-error") return Response.error();
      if (token === "Bearer used") {
        const once = new Response("log in", { status: 401 });
        await once.text();
        return once;
      }
      return token === "Bearer good";
    },
    limit: () => {
      throw new Error("asked although not authorized, or sk_internal");
    },
  }),
  limited: createGateway({ ...open, limit: (_, env) => env.LIMITER.limit({ key: "everybody" }) }),
  "limited-seconds": createGateway({ ...open, limit: () => ({ success: false, retryAfter: 7 }) }),
  "limited-oddly": createGateway({
    ...open,
    limit: (request) => ({ success: false, retryAfter: JSON.parse(request.headers.get("x-retry-after")) }),
  }),
  "authorize-reads": createGateway({ ...open, authorize: async (request) => (await request.text()) !== "" }),
  "limited-wrongly": createGateway({ ...open, limit: () => {} }),
  routes: createGateway({
    ...open,
    deployments: ["primary-id"],
    routes: {
      support: { fallback: ["a", "b", { profile: "costly" }], headersTimeout: 500 },
      // Of its own for each test, since a target that fails is skipped for a while.
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [
          `support-${i}`,
          { fallback: ["a", "b", { profile: "costly" }], headersTimeout: 500 },
        ]),
      ),
      fast: { hedge: ["a", "b"], delay: 100 },
      "fast-2": { hedge: ["a", "b", "c"], delay: 60_000 },
    },
  }),
  tokens: createGateway({ ...open, ...withTokens }),
  "tokens-used-up": createGateway({
    ...open,
    ...withTokens,
    tokens: { secret: SECRET, uses: { max: 2, seconds: 60 } },
  }),
  "tokens-scoped": createGateway({
    ...open,
    ...withTokens,
    routes: { support: { fallback: ["a"] }, other: { fallback: ["a"] } },
    tokens: {
      secret: SECRET,
      scope: () => ({
        deployments: ["a/b", "support", "not-listed", "__proto__"],
        profiles: ["balanced", "costly"],
      }),
    },
  }),
  "tokens-rotated": createGateway({
    ...open,
    ...withTokens,
    tokens: { secret: "n".repeat(32), previousSecret: () => SECRET },
  }),
  "tokens-vault-down": createGateway({
    ...open,
    ...withTokens,
    tokens: {
      secret: "n".repeat(32),
      previousSecret: () => {
        throw new Error("vault sk_internal");
      },
    },
  }),
  ...Object.fromEntries(
    [
      ["typo", () => ({ deployment: ["a/b"] })],
      ["list", () => ["a/b"]],
      ["true", () => true],
      ["text", () => ({ deployments: "a/b" })],
      ["uses", () => ({ uses: { max: 0, seconds: 1 } })],
      ["much", () => ({ deployments: Array(1000).fill("primary-id") })],
      ["throws", () => Promise.reject(new Error("database sk_internal"))],
    ].map(([name, scope]) => [
      `tokens-scope-${name}`,
      createGateway({ ...open, ...withTokens, tokens: { secret: SECRET, scope } }),
    ]),
  ),
  "tokens-of-another": createGateway({ ...open, ...withTokens, tokens: { secret: "o".repeat(32) } }),
  "tokens-elsewhere": createGateway({
    ...open,
    ...withTokens,
    tokens: { secret: SECRET, audience: "staging" },
  }),
  "tokens-without-secret": createGateway({
    ...open,
    ...withTokens,
    tokens: { secret: (env) => env.NOT_SET },
  }),
  "tokens-limited": createGateway({
    ...open,
    ...withTokens,
    limit: (_request, _env, token) => token === undefined || (!seen.has(token.id) && !!seen.add(token.id)),
  }),
};

export default {
  fetch(request, env, context) {
    return gateways[request.headers.get("x-gateway") ?? "open"].fetch(request, env, context);
  },
};
