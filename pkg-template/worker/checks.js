/**
 * The owner's own checks, `authorize` and `limit`. One that throws, or answers something else than it should, lets
 * nothing through; what it threw is for the owner's log, since it may hold anything.
 */
import { Refusal } from "./refusal.js";

/** @typedef {import("./options.js").Settings} Settings */
/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {(message: string, ...details: unknown[]) => void} Log */

/** The longer of the two periods that Cloudflare's rate limiter knows: after it, any window is a new one. */
const DEFAULT_RETRY_AFTER_SECONDS = 60;

/**
 * Only `true` lets a request in: a forgotten `return`, or an object such as `{ ok: false }`, does not.
 * @param {Settings} settings @param {Request} request @param {any} env @param {Log} log
 * @returns {Promise<Response | undefined>}
 */
export async function authorize(settings, request, env, log) {
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
export async function limit(settings, request, env, token, log) {
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

/** @param {string} name @param {() => any} callback @param {Log} log */
async function ask(name, callback, log) {
  try {
    return await callback();
  } catch (error) {
    log(`\`${name}\` threw`, error);
    throw new Refusal(500, "gateway_error", `The gateway's own check (${name}) failed.`);
  }
}
