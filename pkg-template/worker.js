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
import { authorize, limit } from "./worker/checks.js";
import { allowOrigin, preflight } from "./worker/cors.js";
import { findEndpoint } from "./worker/endpoints.js";
import { parseOptions } from "./worker/options.js";
import { allowProfile } from "./worker/profile.js";
import { Refusal } from "./worker/refusal.js";
import { parseObject, readBody } from "./worker/request-body.js";
import { readSecret, ROUTER_KEY } from "./worker/secrets.js";
import { askTargets } from "./worker/targets.js";
import { issueToken, verifyToken } from "./worker/tokens.js";
import { idOf, passOn, send } from "./worker/upstream.js";

/** @typedef {import("./worker/options.js").Settings} Settings */
/** @typedef {import("./worker/endpoints.js").Endpoint} Endpoint */
/** @typedef {import("./worker/tokens.js").Token} Token */
/** @typedef {(message: string, ...details: unknown[]) => void} Log */

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
      try {
        return finish(await answer(settings, request, env, log), settings, request, requestId);
      } catch (error) {
        return finish(refuse(error, log), settings, request, requestId);
      }
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

/** @param {Response} response @param {Settings} settings @param {Request} request @param {string} requestId */
function finish({ body, status, statusText, headers: own }, settings, request, requestId) {
  const headers = new Headers(own);
  for (const [name, value] of [...PROTECTION, ["x-request-id", idOf(own) ?? requestId]]) {
    if (!headers.has(name)) headers.set(name, value);
  }
  allowOrigin(headers, request, settings.origins);
  return new Response(body, { status, statusText, headers });
}

/** @param {unknown} error @param {Log} log */
function refuse(error, log) {
  if (error instanceof Refusal) return error.toResponse();
  log("unexpected", error);
  return new Refusal(500, "gateway_error", "The gateway failed at this request.").toResponse();
}

/**
 * The order is cheap before dear, and secrets last: what is refused early reads no body and sees no key.
 * @param {Settings} settings @param {Request} request @param {any} env @param {Log} log
 */
async function answer(settings, request, env, log) {
  const granted = preflight(request, settings.origins);
  if (granted) return granted;

  const { tokens } = settings;
  const endpoint = findEndpoint(request, tokens !== undefined);

  /** @type {Token | undefined} */
  let token;
  if (tokens === undefined || endpoint.name === "tokens") {
    const denied = await authorize(settings, request, env, log);
    if (denied) return denied;
  } else {
    token = await verifyToken(tokens, request.headers.get("x-router-key"), env, log);
  }
  await limit(settings, request, env, token, log);
  if (tokens !== undefined && endpoint.name === "tokens") {
    return issueToken(tokens, settings, request, env, log);
  }

  let body;
  if (endpoint.method === "POST") {
    body = await readBody(request, settings.maxBodyBytes, log);
    checkLists(settings, endpoint, body, token);
  }
  const key = await readSecret(ROUTER_KEY, settings.routerKey, env, log);
  const call = { settings, request, key, log };
  const route = settings.routes.get(endpoint.id ?? "");
  const upstream = route
    ? await askTargets(route, call, /** @type {Uint8Array} */ (body))
    : await send(call, endpoint, body, request.signal);
  return passOn(upstream, key);
}

/**
 * What a token names besides what is listed here was listed when it was issued, and is no more.
 * @param {Settings} settings @param {Endpoint} endpoint @param {Uint8Array} bytes @param {Token | undefined} token
 */
function checkLists({ deployments, routes, profiles }, { id }, bytes, token) {
  const body = parseObject(bytes);
  if (id === undefined) {
    allowProfile(body, profiles);
    if (token?.profiles !== undefined) allowProfile(body, new Set(token.profiles));
    return;
  }
  /** @param {string} message */
  const refused = (message) => new Refusal(403, "deployment_not_allowed", message);
  const name = JSON.stringify(id);
  if (!deployments.has(id) && !routes.has(id)) {
    throw refused(`This gateway does not serve the deployment ${name}: its owner has not listed it.`);
  }
  if (token?.deployments?.includes(id) === false)
    throw refused(`The token is not for the deployment ${name}.`);
}
