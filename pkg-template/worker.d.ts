/** What `createGateway` takes. Lists are allow-lists: what they do not hold is refused with a 403. */
export interface GatewayOptions<Env = any> {
  /**
   * The router key, or a function that gets it from the handler's `env` (asked at every request that is to be
   * passed on). It stays on the server: clients never see it, and a key of theirs is never forwarded.
   */
  routerKey: string | ((env: Env) => string | Promise<string>);

  /** Ids of the deployments that may be called. None by default. */
  deployments?: readonly string[] | undefined;

  /** Profiles that `/v1/infer` may be asked for; `null` allows requests that name none. None by default. */
  profiles?: readonly (string | null)[] | undefined;

  /**
   * Origins of the pages on other sites that may call the gateway, exactly as browsers send them:
   * `"https://app.example"`, without a slash at the end. They may send the visitor's cookies along
   * (`credentials: "include"`). Pages of the gateway's own origin always may. A request from elsewhere is refused with a
   * 403, before `authorize` is asked; one without an `Origin` is not a foreign page's.
   *
   * The own origin is that of the request's URL: behind a proxy that ends TLS it has `http:`, so list yours here.
   */
  origins?: readonly string[] | undefined;

  /**
   * Says whether a request may pass: only `true` lets it. Otherwise the answer is a 403, or a 401 where the request
   * carries none of `authorization`, `cookie` and `x-router-key`; or the `Response` returned here. Where it throws,
   * the answer is a 500. To look into the body, read that of `request.clone()`. Everybody may pass by default.
   */
  authorize?: ((request: Request, env: Env) => boolean | Response | Promise<boolean | Response>) | undefined;

  /**
   * Counts a request and says whether it is still within the limit; if not, the answer is a 429. The result of a
   * rate limiting binding of Cloudflare Workers can be returned as it is. No limit by default. Where `tokens` is given,
   * calls come with the token that they presented: its `id` is a key to count by.
   *
   * It is asked after `authorize`, so what that refuses is not counted. Where it throws, the answer is a 500: to be open
   * while the counter is down, catch that and return `true`.
   */
  limit?:
    | ((
        request: Request,
        env: Env,
        token?: GatewayToken,
      ) => boolean | GatewayLimit | Promise<boolean | GatewayLimit>)
    | undefined;

  /** Where the service is: an absolute URL, whose path is kept as a prefix. `"https://api.purerouter-api.com"` by default. */
  baseUrl?: string | URL | undefined;

  /** Sends the requests to the service, `globalThis.fetch` by default: a service binding's, for instance. */
  fetch?: typeof globalThis.fetch | undefined;

  /**
   * The largest request body in bytes, 4 MiB (4 194 304) by default; a larger one is refused with a 413. It has to arrive
   * within 60 s, or at 64 KB/s where that takes longer at this size; else it is refused with a 408.
   */
  maxBodyBytes?: number | undefined;

  /**
   * Named routes: a page calls one like a deployment, `POST /v1/deployments/{name}/invoke`, and the gateway asks the
   * targets behind it. They need not be in `deployments` or `profiles`; a name must not be in `deployments`.
   *
   * Only the beginning of an answer is decided upon: once a 2xx has begun, its bytes are passed on as they are. A stream
   * that breaks off in its middle is the client's to continue. Where all targets fail, the last failure is the answer.
   */
  routes?: Readonly<Record<string, GatewayFallback | GatewayHedge>> | undefined;

  /**
   * Short-lived keys for pages. `POST /v1/tokens`, let in by `authorize` (which this needs) and `limit`, answers
   * `{ token, expires_in }`; every other call then needs such a token as its `x-router-key`, in place of `authorize`.
   * The token is never forwarded. One that is missing, altered, expired or from elsewhere is a 401 that says which.
   */
  tokens?: GatewayTokens<Env> | undefined;
}

/** The id of a deployment, or a profile of the router, whose answers have the shape of `POST /v1/infer`. */
export type GatewayTarget =
  | string
  | {
      /** The profile's name, such as `"balanced"`. */
      profile: string;
    };

/**
 * Asks the targets in order until one answers with a 2xx that is no HTML page. A 401 is not tried elsewhere, since the key
 * is the same. One that cannot be reached, answers with a page or a redirect, or 408, 429 or from 500, is skipped for 30 s
 * by this isolate.
 */
export interface GatewayFallback {
  /** At least one. */
  fallback: readonly GatewayTarget[];

  /** Streams: how long a target may take to its response head, in ms, 60 000 by default. Other answers have 300 000. */
  headersTimeout?: number | undefined;
}

/**
 * Asks the next target where those before have failed, or sent no byte of an answer within `delay`; the first to send
 * one is passed on, and the others' requests are cancelled.
 */
export interface GatewayHedge {
  /** At least one. */
  hedge: readonly GatewayTarget[];

  /** Milliseconds, from 0 up, without a byte of an answer before the next target is asked too. */
  delay: number;

  /** Streams: how long a target may take to its first byte, in ms, 60 000 by default. Other answers have 300 000. */
  headersTimeout?: number | undefined;
}

/** How short-lived keys are signed and what they are for. */
export interface GatewayTokens<Env = any> {
  /** Signs the tokens (HMAC-SHA-256): 32 characters or more, known to this gateway only. Not the router key. */
  secret: string | ((env: Env) => string | Promise<string>);

  /**
   * The secret before the last rotation, whose tokens still hold. To rotate: move the secret here, set a new one, and
   * take this away once `ttl` and half a minute have passed. A function may give `undefined`.
   */
  previousSecret?: string | ((env: Env) => string | undefined | Promise<string | undefined>) | undefined;

  /** How long a token holds, in seconds: 300 by default, at most 86 400. Clocks may differ by 30 s. */
  ttl?: number | undefined;

  /** Bound into the tokens, `"purerouter"` by default: gateways that share a secret tell their tokens apart by it. */
  audience?: string | undefined;

  /**
   * Narrows what one token is for, by who asks: only what the gateway's own lists hold as well counts. By default a
   * token is for all of them. Where it throws, or gives what is no scope, no token is issued and the answer is a 500.
   */
  scope?:
    | ((request: Request, env: Env) => GatewayScope | undefined | Promise<GatewayScope | undefined>)
    | undefined;

  /**
   * How many requests a token is for in a window that starts with the first; further ones are a 429. Each isolate counts
   * for itself: exact where one process serves all, a lower bound of what gets through where many do. For a count that
   * all share, let `limit` count by `token.id`.
   */
  uses?: GatewayUses | undefined;
}

/** What a token is for. */
export interface GatewayScope {
  /** Ids of deployments and names of routes. */
  deployments?: readonly string[] | undefined;

  /** Profiles for `/v1/infer`; `null` stands for requests that name none. */
  profiles?: readonly (string | null)[] | undefined;

  /** In place of the option's `uses`. */
  uses?: GatewayUses | undefined;
}

/** At most `max` requests in each window of `seconds`. */
export interface GatewayUses {
  /** Requests in one window. */
  max: number;

  /** The length of a window, which starts with its first request. */
  seconds: number;
}

/** A token that was verified. Lists it has not are all that the gateway's own hold. */
export interface GatewayToken extends GatewayScope {
  /** Another one for each token: a key to count by. */
  id: string;

  /** The option's `audience`. */
  audience: string;

  /** Seconds since 1970. */
  issuedAt: number;

  /** Seconds since 1970. */
  expiresAt: number;
}

/** What `limit` found. */
export interface GatewayLimit {
  /** Whether the request is within the limit. */
  success: boolean;

  /** Seconds until it is worth trying again, sent as `Retry-After`; 60 by default. */
  retryAfter?: number | undefined;
}

/** A fetch handler: the default export of a Cloudflare Worker, and what `Deno.serve` and `Bun.serve` take. */
export interface Gateway<Env = any> {
  /**
   * Answers `POST /v1/deployments/{id}/invoke`, `POST /v1/infer` and `GET /v1/health`, and with `tokens`
   * `POST /v1/tokens`. It never rejects: whatever goes wrong is an answer in the service's JSON error shape,
   * `{ error: { message, type, code } }`. Every answer has an `x-request-id`: the service's, else one made here, which
   * this request's lines in the log begin with.
   */
  fetch(request: Request, env?: Env, context?: unknown): Promise<Response>;
}

/**
 * A gateway that keeps the router key on the server, and serves the service's own `/v1` paths with it. It passes
 * bodies on as they are, streams included, retries nothing (its clients do), and forwards no header of a client
 * but `content-type` and `accept`.
 *
 * A page then needs no key, only the gateway's address: `new PureRouter({ baseUrl: "/" })`.
 *
 * @throws {TypeError} An option that is missing, unknown or wrong; the message names it.
 *
 * @example
 * import { createGateway } from "purerouter/worker";
 *
 * export default createGateway<Env>({
 *   routerKey: (env) => env.PUREROUTER_KEY,
 *   deployments: ["primary-id"],
 *   profiles: ["balanced"],
 *   origins: ["https://app.example"],
 *   limit: (request, env) => env.LIMITER.limit({ key: request.headers.get("cf-connecting-ip") ?? "" }),
 * });
 *
 * interface Env {
 *   PUREROUTER_KEY: string;
 *   LIMITER: RateLimit;
 * }
 */
export function createGateway<Env = any>(options: GatewayOptions<Env>): Gateway<Env>;
