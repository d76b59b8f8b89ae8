/** What `createGateway` takes. Lists are allow-lists: what they do not hold is refused with a 403. */
export interface GatewayOptions<Env = any> {
  /**
   * The router key, or a function that gets it from the handler's `env` (asked at every request that is to be
   * passed on). It stays on the server: clients never see it, and a key of theirs is never forwarded.
   */
  routerKey: string | ((env: Env) => string | Promise<string>);

  /** Ids of the deployments that may be called. None by default. */
  deployments?: readonly string[];

  /** Profiles that `/v1/infer` may be asked for; `null` allows requests that name none. None by default. */
  profiles?: readonly (string | null)[];

  /**
   * Origins of the pages on other sites that may call the gateway, exactly as browsers send them:
   * `"https://app.example"`, without a slash at the end. Pages of the gateway's own origin always may. A request from
   * elsewhere is refused with a 403, before `authorize` is asked; one without an `Origin` is not a foreign page's.
   */
  origins?: readonly string[];

  /**
   * Says whether a request may pass: only `true` lets it. Otherwise the answer is a 403, or a 401 where the request
   * carries none of `authorization`, `cookie` and `x-router-key`; or the `Response` returned here. Where it throws,
   * the answer is a 500. To look into the body, read that of `request.clone()`. Everybody may pass by default.
   */
  authorize?: (request: Request, env: Env) => boolean | Response | Promise<boolean | Response>;

  /**
   * Counts a request and says whether it is still within the limit; if not, the answer is a 429. The result of a
   * rate limiting binding of Cloudflare Workers can be returned as it is. No limit by default.
   */
  limit?: (request: Request, env: Env) => boolean | GatewayLimit | Promise<boolean | GatewayLimit>;

  /** Where the service is: an absolute URL, whose path is kept as a prefix. */
  baseUrl?: string | URL;

  /** Sends the requests to the service, `globalThis.fetch` by default: a service binding's, for instance. */
  fetch?: typeof globalThis.fetch;

  /** The largest request body in bytes, 4 MiB (4 194 304) by default; a larger one is refused with a 413. */
  maxBodyBytes?: number;
}

/** What `limit` found. */
export interface GatewayLimit {
  /** Whether the request is within the limit. */
  success: boolean;

  /** Seconds until it is worth trying again, sent as `Retry-After`; 60 by default. */
  retryAfter?: number;
}

/** A fetch handler: the default export of a Cloudflare Worker, and what `Deno.serve` and `Bun.serve` take. */
export interface Gateway<Env = any> {
  /**
   * Answers `POST /v1/deployments/{id}/invoke`, `POST /v1/infer` and `GET /v1/health`. It never rejects: whatever
   * goes wrong is an answer in the service's JSON error shape, `{ error: { message, type, code } }`.
   */
  fetch(request: Request, env?: Env, context?: unknown): Promise<Response>;
}

/**
 * A gateway that keeps the router key on the server, and serves the service's own `/v1` paths with it. It passes
 * bodies on as they are, streams included, retries nothing (its clients do), and forwards no header of a client
 * but `content-type` and `accept`.
 *
 * ```js
 * import { createGateway } from "purerouter/worker";
 *
 * export default createGateway({
 *   routerKey: (env) => env.PUREROUTER_KEY,
 *   deployments: ["primary-id"],
 *   profiles: ["balanced"],
 *   origins: ["https://app.example"],
 *   limit: (request, env) => env.LIMITER.limit({ key: request.headers.get("cf-connecting-ip") }),
 * });
 * ```
 *
 * A page then needs no key, only the gateway's address: `new PureRouter({ baseUrl: "/" })`.
 *
 * @throws {TypeError} that names the option which is missing, unknown or wrong
 */
export function createGateway<Env = any>(options: GatewayOptions<Env>): Gateway<Env>;
