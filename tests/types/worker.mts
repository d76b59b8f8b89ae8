// The types of `purerouter/worker`: what has to compile, and what must not. Never run.

import { createGateway } from "purerouter/worker";

interface Env {
  PUREROUTER_KEY: string;
  LIMITER: { limit(options: { key: string }): Promise<{ success: boolean }> };
}

const typed = createGateway<Env>({
  routerKey: (env) => env.PUREROUTER_KEY,
  deployments: ["primary-id"],
  profiles: ["balanced", null],
  origins: ["https://app.example"],
  authorize: async (request, env) => request.headers.get("authorization") === env.PUREROUTER_KEY,
  limit: (request, env) => env.LIMITER.limit({ key: request.url }),
  baseUrl: new URL("https://api.example"),
  fetch,
  maxBodyBytes: 1024,
  routes: {
    support: { fallback: ["primary-id", { profile: "balanced" }], headersTimeout: 1000 },
    fast: { hedge: ["primary-id", "backup-id"], delay: 300 },
  },
});
const response: Response = await typed.fetch(new Request("https://gateway.example/v1/health"), {} as Env);

// Without a type of the environment, which then is `any`.
export default createGateway({
  routerKey: (env) => env.PUREROUTER_KEY,
  authorize: () => new Response(null, { status: 401 }),
  limit: async () => ({ success: false }),
});

createGateway<Env>({
  routerKey: "sk_1",
  authorize: () => true,
  limit: (_request, env, token) => env.LIMITER.limit({ key: token?.id ?? "" }),
  tokens: {
    secret: (env) => env.PUREROUTER_KEY,
    previousSecret: () => undefined,
    ttl: 60,
    audience: "app",
    scope: (request) => ({ deployments: [request.url], profiles: [null] }),
    uses: { max: 1, seconds: 60 },
  },
});

// What is not set may be given as it is.
createGateway<Env>({
  routerKey: "sk_1",
  deployments: undefined,
  profiles: undefined,
  origins: undefined,
  authorize: undefined,
  limit: undefined,
  baseUrl: undefined,
  fetch: undefined,
  maxBodyBytes: undefined,
  routes: { support: { fallback: ["primary-id"], headersTimeout: undefined } },
  tokens: undefined,
});

// @ts-expect-error: a hedge has a delay
createGateway({ routerKey: "sk_1", routes: { fast: { hedge: ["a"] } } });
// @ts-expect-error: a target is an id or a profile
createGateway({ routerKey: "sk_1", routes: { support: { fallback: [{ id: "a" }] } } });
// @ts-expect-error: tokens are signed
createGateway({ routerKey: "sk_1", tokens: { ttl: 60 } });
// @ts-expect-error: the algorithm is fixed
createGateway({ routerKey: "sk_1", tokens: { secret: "s", algorithm: "none" } });
// @ts-expect-error: nothing works without a key
createGateway({});
// @ts-expect-error: an unknown option
createGateway({ routerKey: "sk_1", maxRetries: 1 });
// @ts-expect-error: not in the environment
createGateway<Env>({ routerKey: (env) => env.KEY });
// @ts-expect-error: lists hold ids
createGateway({ routerKey: "sk_1", deployments: "primary-id" });
// @ts-expect-error: no deployment is called null
createGateway({ routerKey: "sk_1", deployments: [null] });
// @ts-expect-error: bytes are a number
createGateway({ routerKey: "sk_1", maxBodyBytes: "4 MiB" });
// @ts-expect-error: says neither yes nor no
createGateway({ routerKey: "sk_1", limit: () => "yes" });

export { response };
