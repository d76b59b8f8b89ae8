/**
 * The gateway: a fetch handler that keeps the router key on the server. A page talks to it with the same `/v1`
 * paths as to the service, and only what its owner listed goes through.
 *
 * It decides and passes on, nothing more. It retries nothing, because its clients do and two layers of retries
 * multiply; it rewrites no body, so a stream costs it no CPU and keeps the runtime's own back-pressure; and it
 * forwards headers by name instead of removing the dangerous ones, so that a header nobody thought of stays here.
 *
 * A named route asks several targets for one answer. It decides by the heads of their answers and never reads on, so
 * this stays small, needs no wasm, and passes the answer's bytes on as they are. What happens to an answer that breaks
 * off in its middle is up to the client, which alone knows the text so far.
 */
import { allowOrigin, preflight } from "./worker/cors.js";
import { parseOptions, unusableKey } from "./worker/options.js";
import { Refusal } from "./worker/refusal.js";
import { allowedProfile, parseObject, readAtMost } from "./worker/request-body.js";
import { askTargets } from "./worker/targets.js";
import { issueToken, verifyToken } from "./worker/tokens.js";
import { passOn, send } from "./worker/upstream.js";

/** @typedef {import("./worker/options.js").Settings} Settings */
/** @typedef {import("./worker/tokens.js").Token} Token */
/**
 * @typedef {{ name: "health" | "infer" | "deployment" | "tokens", method: "GET" | "POST", path: string, id?: string }} Route
 */

/** The longer of the two periods that Cloudflare's rate limiter knows: after it, any window is a new one. */
const DEFAULT_RETRY_AFTER_SECONDS = 60;

/** @param {unknown} options see `GatewayOptions` in `worker.d.ts` */
export function createGateway(options) {
  const settings = parseOptions(options);

  return {
    /** @param {Request} request @param {any} [env] */
    async fetch(request, env) {
      const requestId = crypto.randomUUID();
      /** @param {string} message @param {unknown[]} details */
      const log = (message, ...details) =>
        console.error(`purerouter gateway [${requestId}]: ${message}`, ...details);
      let response;
      try {
        response = await answer(settings, request, env, log);
      } catch (error) {
        response = refuse(error, log);
      }
      const headers = new Headers(response.headers);
      for (const [name, value] of [...PROTECTION, ["x-request-id", idOf(headers) ?? requestId]]) {
        if (!headers.has(name)) headers.set(name, value);
      }
      allowOrigin(headers, request, settings.origins);
      const { status, statusText } = response;
      return new Response(response.body, { status, statusText, headers });
    },
  };
}

/**
 * An answer is data for the script that asked. Opened as a page, embedded or guessed to be of another type, it could
 * act in the name of the gateway's origin, which often is the app's.
 * @type {[string, string][]}
 */
const PROTECTION = [
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];

/** The service's own name for the request, which its people ask for. @param {Headers} headers */
const idOf = (headers) => headers.get("request-id") ?? headers.get("cf-ray");

/** @typedef {(message: string, ...details: unknown[]) => void} Log */

/**
 * The order is cheap before dear, and secrets last: what is refused early reads no body and sees no key.
 * @param {Settings} settings @param {Request} request @param {any} env @param {Log} log
 */
async function answer(settings, request, env, log) {
  const granted = preflight(request, settings.origins);
  if (granted) return granted;

  const route = findRoute(new URL(request.url).pathname, settings);
  if (request.method !== route.method) {
    const message = `${route.path} answers ${route.method}, not ${request.method}.`;
    throw new Refusal(405, "method_not_allowed", message, { allow: `${route.method}, OPTIONS` });
  }

  /** @type {Token | undefined} */
  let token;
  if (settings.tokens === undefined || route.name === "tokens") {
    const denied = await authorize(settings, request, env, log);
    if (denied) return denied;
  } else {
    token = await verifyToken(settings.tokens, request.headers.get("x-router-key"), env, log);
  }
  await limit(settings, request, env, token, log);
  if (settings.tokens !== undefined && route.name === "tokens") {
    return issueToken(settings.tokens, settings, request, env, log);
  }

  if (route.method === "GET") {
    const key = await routerKey(settings, env, log);
    return passOn(await send({ settings, request, key, log }, route, undefined, request.signal), key);
  }
  const body = await readBody(settings, request, log);
  const { text, value } = parseObject(body);
  checkLists(settings, route, text, value, token);
  const key = await routerKey(settings, env, log);
  const call = { settings, request, key, log };
  const named = route.id === undefined ? undefined : settings.routes.get(route.id);
  if (named !== undefined) return passOn(await askTargets(named, call, text, value, body), key);
  return passOn(await send(call, route, body, request.signal), key);
}

/**
 * Exactly one decoded path segment names a deployment, and it is encoded anew for the service: an id from the
 * allow-list is all that ever gets into the path, however the client spelled it.
 * @param {string} pathname @param {Settings} settings @returns {Route}
 */
function findRoute(pathname, { tokens }) {
  if (pathname === "/v1/health") return { name: "health", method: "GET", path: pathname };
  if (pathname === "/v1/infer") return { name: "infer", method: "POST", path: pathname };
  if (pathname === "/v1/tokens" && tokens) return { name: "tokens", method: "POST", path: pathname };
  const segment = /^\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname)?.[1];
  const id = segment === undefined ? undefined : decodeSegment(segment);
  if (id === undefined) {
    throw new Refusal(
      404,
      "unknown_path",
      "This gateway serves POST /v1/deployments/{id}/invoke, POST /v1/infer and GET /v1/health.",
    );
  }
  return { name: "deployment", method: "POST", path: `/v1/deployments/${encodeURIComponent(id)}/invoke`, id };
}

/** @param {string} segment */
function decodeSegment(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * Only `true` lets a request in: a forgotten `return`, or an object such as `{ ok: false }`, does not.
 * @param {Settings} settings @param {Request} request @param {any} env @param {Log} log
 * @returns {Promise<Response | undefined>}
 */
async function authorize(settings, request, env, log) {
  if (settings.authorize === undefined) return undefined;
  const verdict = await ask("authorize", () => settings.authorize?.(request, env), log);
  if (verdict === true) return undefined;
  if (verdict instanceof Response) return verdict;
  if (["authorization", "cookie", "x-router-key"].some((name) => request.headers.has(name))) {
    throw new Refusal(403, "not_authorized", "The credentials of this request do not allow it.");
  }
  throw new Refusal(401, "unauthenticated", "This gateway asks for credentials and the request has none.", {
    "www-authenticate": "Bearer",
  });
}

/**
 * @param {Settings} settings @param {Request} request @param {any} env @param {Token | undefined} token @param {Log} log
 */
async function limit(settings, request, env, token, log) {
  if (settings.limit === undefined) return;
  const verdict = await ask("limit", () => settings.limit?.(request, env, token), log);
  const success = typeof verdict === "boolean" ? verdict : verdict?.success;
  if (typeof success !== "boolean") {
    log("`limit` must return a boolean or { success: boolean }");
    throw new Refusal(500, "gateway_error", "The gateway could not check its rate limit.");
  }
  if (success) return;
  const seconds = Number(verdict?.retryAfter ?? DEFAULT_RETRY_AFTER_SECONDS);
  const wait = Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : DEFAULT_RETRY_AFTER_SECONDS;
  throw new Refusal(429, "rate_limited", `Too many requests: try again in ${wait} s.`, {
    "retry-after": `${wait}`,
  });
}

/**
 * Runs a callback of the owner. What it throws is for the owner's log: it may hold anything.
 * @param {string} name @param {() => any} callback @param {Log} log
 */
async function ask(name, callback, log) {
  try {
    return await callback();
  } catch (error) {
    log(`\`${name}\` threw`, error);
    throw new Refusal(500, "gateway_error", `The gateway's own check (${name}) failed.`);
  }
}

/** @param {Settings} settings @param {Request} request @param {Log} log */
async function readBody(settings, request, log) {
  if (request.bodyUsed) {
    log("`authorize` or `limit` read the body: read that of request.clone() instead");
    throw new Refusal(500, "gateway_error", "The gateway has used up the request's body.");
  }
  // A declared length saves reading what will be refused; it is never trusted to be the real one.
  const declared = Number(request.headers.get("content-length") ?? 0);
  let bytes;
  try {
    if (!(declared > settings.maxBodyBytes)) bytes = await readAtMost(request.body, settings.maxBodyBytes);
  } catch {
    throw new Refusal(400, "invalid_body", "The request body broke off.");
  }
  if (bytes !== undefined) return bytes;
  throw new Refusal(413, "body_too_large", `The request body is larger than ${settings.maxBodyBytes} bytes.`);
}

/**
 * What a token names besides what is listed here was listed when it was issued, and is no more.
 * @param {Settings} settings @param {Route} route @param {string} text @param {Record<string, unknown>} value of the body
 * @param {Token | undefined} token
 */
function checkLists(settings, route, text, value, token) {
  const { id } = route;
  if (id === undefined) {
    allowedProfile(text, value, settings.profiles);
    if (token?.profiles !== undefined) allowedProfile(text, value, new Set(token.profiles));
    return;
  }
  if (!settings.deployments.has(id) && !settings.routes.has(id)) {
    throw new Refusal(
      403,
      "deployment_not_allowed",
      `This gateway does not serve the deployment ${JSON.stringify(id)}: its owner has not listed it.`,
    );
  }
  if (token?.deployments?.includes(id) === false) {
    throw new Refusal(
      403,
      "deployment_not_allowed",
      `The token is not for the deployment ${JSON.stringify(id)}.`,
    );
  }
}

/** @param {Settings} settings @param {any} env @param {Log} log @returns {Promise<string>} */
async function routerKey(settings, env, log) {
  const source = settings.routerKey;
  let problem;
  try {
    const key = typeof source === "string" ? source : await source(env);
    problem = unusableKey(key);
    if (problem === undefined) return /** @type {string} */ (key);
  } catch (error) {
    log("`routerKey` threw", error);
    problem = "the function threw";
  }
  throw new Refusal(
    500,
    "no_router_key",
    `The gateway has no router key: set the secret that its \`routerKey\` option reads (${problem}).`,
    { "x-should-retry": "false" },
  );
}

/** @param {unknown} error @param {Log} log */
function refuse(error, log) {
  if (error instanceof Refusal) return error.toResponse();
  log("unexpected", error);
  return new Refusal(500, "gateway_error", "The gateway failed at this request.").toResponse();
}
