/**
 * The one request to the service and its answer. Headers go through by name in both directions; the key is added
 * here, and taken out of whatever comes back that could quote it.
 */
import { Refusal } from "./refusal.js";
import { readAtMost } from "./request-body.js";

/** @typedef {import("./options.js").Settings} Settings */

/** All that a client may learn about the service's answer besides its status and body. */
const RESPONSE_HEADERS = [
  "content-type",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "x-request-id",
  "request-id",
  "cf-ray",
];

/** Node cancels an unread body as soon as the Response that it came with is collected, whoever holds the body. */
const owners = new WeakMap();

/** An error body is held in memory to be searched for the key; one that is larger is no error message. */
const MAX_ERROR_BYTES = 1024 * 1024;

/** The body was judged as JSON in UTF-8; a type that says otherwise would let the service read another one. */
const JSON_TYPE = /^application\/json *(; *charset="?utf-8"?)?$/i;

/**
 * @typedef {object} Call what all requests to the service for one request of a client have in common
 * @property {Settings} settings
 * @property {Request} request the client's
 * @property {string} key
 * @property {(message: string) => void} log
 */

/**
 * @param {Call} call
 * @param {{ method: string, path: string }} route @param {Uint8Array | undefined} body @param {AbortSignal} signal
 */
export async function send({ settings, request, key, log }, route, body, signal) {
  const headers = new Headers({ "x-router-key": key });
  const accept = request.headers.get("accept");
  if (accept !== null) headers.set("accept", accept);
  const type = request.headers.get("content-type") ?? "";
  if (body) headers.set("content-type", JSON_TYPE.test(type) ? type : "application/json");

  // Looked up at each request, and called without an owner, which several runtimes insist on.
  const fetch = settings.fetch ?? globalThis.fetch;
  try {
    return await fetch(settings.baseUrl + route.path, {
      method: route.method,
      headers,
      body: /** @type {Uint8Array<ArrayBuffer> | undefined} */ (body),
      // The key would travel to wherever a redirect points.
      redirect: "manual",
      signal,
    });
  } catch (error) {
    if (!signal.aborted) {
      const cause = error instanceof Error && error.cause ? ` (${error.cause})` : "";
      log(redact(`no answer from ${settings.baseUrl}: ${error}${cause}`, key));
    }
    throw new Refusal(502, "service_unreachable", "The gateway could not reach the service.");
  }
}

/** Native in workerd, so that what follows the first bytes is moved without JavaScript. */
const Pipe =
  /** @type {{ IdentityTransformStream?: typeof TransformStream }} */ (globalThis).IdentityTransformStream ??
  TransformStream;

/**
 * The answer once its first bytes are there: services send the head long before the model has a word to say.
 * @param {Response} upstream
 */
export async function withFirstBytes(upstream) {
  const { body, status, headers } = upstream;
  if (body === null) return upstream;
  const reader = body.getReader();
  const { done, value } = await reader.read();
  reader.releaseLock();
  if (done) return new Response(null, { status, headers });

  const { readable, writable } = new Pipe();
  const writer = writable.getWriter();
  const flow = async () => {
    try {
      await writer.write(value);
      writer.releaseLock();
    } catch (error) {
      return body.cancel(error);
    }
    await body.pipeTo(writable);
    // Kept until here for Node, see `owners`.
    return upstream;
  };
  // How it ends is for the reader to see.
  flow().catch(() => {});
  return new Response(readable, { status, headers });
}

/** The service's own name for the request, which its people ask for. @param {Headers} headers */
export const idOf = (headers) =>
  headers.get("x-request-id") ?? headers.get("request-id") ?? headers.get("cf-ray");

/** @param {Response} upstream @param {string} key */
export async function passOn(upstream, key) {
  const { status } = upstream;
  if (status < 200 || (status >= 300 && status < 400) || status > 599) {
    upstream.body?.cancel().catch(() => {});
    throw new Refusal(
      502,
      "service_redirected",
      "The service answered with a redirect, and redirects are not followed: check the gateway's `baseUrl`.",
      { "x-should-retry": "false" },
    );
  }
  const headers = new Headers();
  for (const name of RESPONSE_HEADERS) {
    const value = upstream.headers.get(name);
    if (value !== null && !value.includes(key)) headers.set(name, value);
  }
  // The native stream itself, never wrapped: chunks are not held back, and a client that leaves cancels it.
  if (status < 300) {
    if (upstream.body !== null) owners.set(upstream.body, upstream);
    return new Response(upstream.body, { status, headers });
  }
  return new Response(await redactedError(upstream, key), { status, headers });
}

/**
 * Services like to quote the key they refuse. The bytes are touched only where they contain it.
 * @param {Response} upstream @param {string} key
 */
async function redactedError({ body, status }, key) {
  const reader = body?.getReader();
  let bytes;
  try {
    bytes = await readAtMost(reader, MAX_ERROR_BYTES);
  } catch {
    throw new Refusal(502, "service_unreachable", "The service's answer broke off or did not end.");
  } finally {
    reader?.cancel().catch(() => {});
  }
  if (bytes === undefined) {
    throw new Refusal(status, "error_too_large", `The service answered ${status} with a huge body.`);
  }
  const text = new TextDecoder().decode(bytes);
  const clean = redact(text, key);
  return clean === text ? bytes : clean;
}

/** @param {string} text @param {string} key */
export function redact(text, key) {
  const inJson = JSON.stringify(key).slice(1, -1);
  return text.replaceAll(key, "[redacted]").replaceAll(inJson, "[redacted]");
}
