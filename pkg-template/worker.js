/**
 * The gateway: a fetch handler that keeps the router key on the server. A page talks to it with the same `/v1`
 * paths as to the service, and only what its owner listed goes through.
 *
 * It decides and passes on, nothing more. It retries nothing, because its clients do and two layers of retries
 * multiply; it rewrites no body, so a stream costs it no CPU and keeps the runtime's own back-pressure; and it
 * forwards headers by name instead of removing the dangerous ones, so that a header nobody thought of stays here.
 */
import { allowOrigin, preflight } from "./worker/cors.js";
import { parseOptions, unusableKey } from "./worker/options.js";
import { Refusal } from "./worker/refusal.js";
import { allowedProfile, parseObject, readAtMost } from "./worker/request-body.js";
import { passOn, send } from "./worker/upstream.js";

/** @typedef {import("./worker/options.js").Settings} Settings */
/** @typedef {{ name: "health" | "infer" | "deployment", method: "GET" | "POST", path: string, id?: string }} Route */

/** The longer of the two periods that Cloudflare's rate limiter knows: after it, any window is a new one. */
const DEFAULT_RETRY_AFTER_SECONDS = 60;

/** @param {unknown} options see `GatewayOptions` in `worker.d.ts` */
export function createGateway(options) {
  const settings = parseOptions(options);

  return {
    /** @param {Request} request @param {any} [env] */
    async fetch(request, env) {
      try {
        return allowOrigin(await answer(settings, request, env), request, settings.origins);
      } catch (error) {
        return allowOrigin(refuse(error), request, settings.origins);
      }
    },
  };
}

/**
 * The order is cheap before dear, and secrets last: what is refused early reads no body and sees no key.
 * @param {Settings} settings @param {Request} request @param {any} env
 */
async function answer(settings, request, env) {
  const granted = preflight(request, settings.origins);
  if (granted) return granted;

  const route = findRoute(new URL(request.url).pathname);
  if (request.method !== route.method) {
    const message = `${route.path} answers ${route.method}, not ${request.method}.`;
    throw new Refusal(405, "method_not_allowed", message, { allow: `${route.method}, OPTIONS` });
  }

  const denied = await authorize(settings, request, env);
  if (denied) return denied;
  await limit(settings, request, env);

  const body = route.method === "POST" ? await readBody(settings, request) : undefined;
  checkLists(settings, route, body);
  const key = await routerKey(settings, env);
  return passOn(await send(settings, request, route, body, key), key);
}

/**
 * Exactly one decoded path segment names a deployment, and it is encoded anew for the service: an id from the
 * allow-list is all that ever gets into the path, however the client spelled it.
 * @param {string} pathname @returns {Route}
 */
function findRoute(pathname) {
  if (pathname === "/v1/health") return { name: "health", method: "GET", path: pathname };
  if (pathname === "/v1/infer") return { name: "infer", method: "POST", path: pathname };
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
 * @param {Settings} settings @param {Request} request @param {any} env @returns {Promise<Response | undefined>}
 */
async function authorize(settings, request, env) {
  if (settings.authorize === undefined) return undefined;
  const verdict = await ask("authorize", () => settings.authorize?.(request, env));
  if (verdict === true) return undefined;
  if (verdict instanceof Response) return verdict;
  if (["authorization", "cookie", "x-router-key"].some((name) => request.headers.has(name))) {
    throw new Refusal(403, "not_authorized", "The credentials of this request do not allow it.");
  }
  throw new Refusal(401, "unauthenticated", "This gateway asks for credentials and the request has none.", {
    "www-authenticate": "Bearer",
  });
}

/** @param {Settings} settings @param {Request} request @param {any} env */
async function limit(settings, request, env) {
  if (settings.limit === undefined) return;
  const verdict = await ask("limit", () => settings.limit?.(request, env));
  const success = typeof verdict === "boolean" ? verdict : verdict?.success;
  if (typeof success !== "boolean") {
    console.error("purerouter gateway: `limit` must return a boolean or { success: boolean }");
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
 * @param {string} name @param {() => any} callback
 */
async function ask(name, callback) {
  try {
    return await callback();
  } catch (error) {
    console.error(`purerouter gateway: \`${name}\` threw`, error);
    throw new Refusal(500, "gateway_error", `The gateway's own check (${name}) failed.`);
  }
}

/** @param {Settings} settings @param {Request} request */
async function readBody(settings, request) {
  if (request.bodyUsed) {
    console.error(
      "purerouter gateway: `authorize` or `limit` read the body: read that of request.clone() instead",
    );
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

/** @param {Settings} settings @param {Route} route @param {Uint8Array | undefined} body */
function checkLists(settings, route, body) {
  if (body === undefined) return;
  const { text, value } = parseObject(body);
  if (route.id !== undefined && !settings.deployments.has(route.id)) {
    throw new Refusal(
      403,
      "deployment_not_allowed",
      `This gateway does not serve the deployment ${JSON.stringify(route.id)}: its owner has not listed it.`,
    );
  }
  if (route.name === "infer") allowedProfile(text, value, settings.profiles);
}

/** @param {Settings} settings @param {any} env @returns {Promise<string>} */
async function routerKey(settings, env) {
  const source = settings.routerKey;
  let problem;
  try {
    const key = typeof source === "string" ? source : await source(env);
    problem = unusableKey(key);
    if (problem === undefined) return /** @type {string} */ (key);
  } catch (error) {
    console.error("purerouter gateway: `routerKey` threw", error);
    problem = "the function threw";
  }
  throw new Refusal(
    500,
    "no_router_key",
    `The gateway has no router key: set the secret that its \`routerKey\` option reads (${problem}).`,
    { "x-should-retry": "false" },
  );
}

/** @param {unknown} error */
function refuse(error) {
  if (error instanceof Refusal) return error.toResponse();
  console.error("purerouter gateway: unexpected", error);
  return new Refusal(500, "gateway_error", "The gateway failed at this request.").toResponse();
}
