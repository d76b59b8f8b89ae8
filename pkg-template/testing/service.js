// The service itself: finds the call a request makes, refuses what is not one, and answers through the
// deployment or profile it is for. Only what every Web platform has (Request, Response, streams) is used, so
// one function serves in a page, in Node and in a Worker.

import { Deployment, once } from "./answer.js";
import { bodyStream, Call } from "./body.js";
import { checkOptions } from "./options.js";
import { orAborted } from "./pace.js";
import { errorBody, Refusal } from "./refusal.js";
import { parseRequest } from "./request.js";
import { completionShape, inferShape } from "./shape.js";

/** @typedef {import("../testing.js").RecordedRequest} RecordedRequest */
/** @typedef {import("../testing.js").Service} Service */
/** @typedef {import("../testing.js").ServiceOptions} ServiceOptions */
/** @typedef {import("./answer.js").Answer} Answer */
/** @typedef {{ serial: number, text: string, entry: RecordedRequest, call: Call }} Arrival */

// A gateway may live under any path, so may its emulation; "/v1" twice is a mistake in a base URL.
const PATH = /^(?<prefix>.*)\/v1\/(?:(?<fixed>health|infer)|deployments\/(?<id>[^/]+)\/invoke)$/;
const DEFAULT_PROFILE = "balanced";
const BODYLESS = [204, 205, 304];

// A page on another origin may use the emulator directly.
const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "*",
  "access-control-max-age": "86400",
};

/**
 * @param {ServiceOptions} options
 * @returns {Service}
 */
export function createService(options) {
  const checked = checkOptions(options);
  const { keys, chunking } = checked;
  const deployments = entriesOf(checked.deployments);
  const profiles = checked.profiles ? entriesOf(checked.profiles) : defaultProfiles(deployments);
  /** @type {RecordedRequest[]} */
  const requests = [];
  let serial = 0;

  /**
   * @param {string | URL | Request} input
   * @param {RequestInit} [init]
   * @param {unknown[]} more
   */
  async function fetch(input, init, ...more) {
    // With a third argument this is a Worker's handler, and the second its `env`, not a RequestInit.
    const own = more.length > 0 ? undefined : init;
    const caller = own?.signal ?? (input instanceof Request ? input.signal : undefined);
    if (caller?.aborted) throw caller.reason;
    // The signal stays out of the Request: where tests run in jsdom, it is not of Node's own kind.
    const request = new Request(input, own?.signal ? { ...own, signal: null } : own);
    const { pathname, search } = new URL(request.url);
    /** @type {RecordedRequest} */
    const entry = {
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: undefined,
      cancelled: false,
    };
    requests.push(entry);
    const call = new Call(caller, entry);
    serial += 1;
    const requestId = `req-${serial}`;
    const number = serial;
    try {
      const text = await orAborted(request.text(), call.signal);
      entry.body = text === "" ? undefined : jsonOrText(text);
      const answer = await route({ serial: number, text, entry, call });
      return respond(answer, requestId, call);
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      if (error instanceof Refusal) return respond(refuse(error, call), requestId, call);
      call.end();
      throw error;
    }
  }

  /**
   * @param {Arrival} arrival
   * @returns {Promise<Answer>}
   */
  async function route({ serial, text, entry, call }) {
    const { method, headers } = entry;
    if (method === "OPTIONS") return { status: 204, headers: new Headers(PREFLIGHT), frames: once("", call) };
    const path = entry.path.replace(/\?.*$/s, "");
    const { prefix = "", fixed, id } = PATH.exec(path)?.groups ?? {};
    if ((fixed ?? id) === undefined || prefix.endsWith("/v1")) {
      throw new Refusal(404, `There is nothing at ${path}.`);
    }
    const allowed = fixed === "health" ? "GET" : "POST";
    if (method !== allowed) {
      throw new Refusal(405, `${path} takes ${allowed}, not ${method}.`, { allow: allowed });
    }
    if (fixed === "health") return json(200, { status: "ok" }, {}, call);
    checkKey(headers["x-router-key"]);
    if (id !== undefined) {
      const deployment = find(deployments, decode(id), "deployment");
      const request = parseRequest(text);
      const chat = isChat(request);
      return deployment.answer(request, completionShape({ serial, model: deployment.id, chat }), call);
    }
    const request = parseRequest(text);
    const profile = /** @type {string | null | undefined} */ (request["profile"]) ?? profileOfNone(profiles);
    const target = find(profiles, profile, "profile");
    const shape = inferShape({ serial, model: target.id, chat: isChat(request), profile });
    return target.answer(request, shape, call);
  }

  /** @param {string | undefined} key */
  function checkKey(key) {
    if (!key) throw new Refusal(401, "The x-router-key header is missing.");
    if (keys && !keys.has(key)) throw new Refusal(401, "The router key is not valid.");
  }

  /**
   * @param {Answer} answer
   * @param {string} requestId
   * @param {Call} call
   */
  function respond({ status, headers, frames }, requestId, call) {
    const all = new Headers({ ...CORS, "x-request-id": requestId });
    for (const [name] of headers) all.delete(name);
    for (const [name, value] of headers) all.append(name, value);
    const isEmpty = BODYLESS.includes(status);
    if (isEmpty) call.end();
    return new Response(isEmpty ? null : bodyStream(frames, chunking, call), { status, headers: all });
  }

  return { fetch, requests };
}

/** @param {Map<string, import("../testing.js").DeploymentBehaviour>} behaviours */
function entriesOf(behaviours) {
  return new Map([...behaviours].map(([id, behaviour]) => [id, new Deployment(id, behaviour)]));
}

/**
 * Automatic routing without any profile configured: "balanced", by the first deployment.
 *
 * @param {Map<string, Deployment>} deployments
 */
function defaultProfiles(deployments) {
  return new Map([...deployments.values()].slice(0, 1).map((first) => [DEFAULT_PROFILE, first]));
}

/** @param {Map<string, Deployment>} profiles */
function profileOfNone(profiles) {
  const [first = DEFAULT_PROFILE] = profiles.keys();
  return profiles.has(DEFAULT_PROFILE) ? DEFAULT_PROFILE : first;
}

/**
 * @param {Map<string, Deployment>} known
 * @param {string} name
 * @param {string} kind
 */
function find(known, name, kind) {
  const found = known.get(name);
  if (found) return found;
  const names = [...known.keys()].join(", ") || "none";
  throw new Refusal(404, `There is no ${kind} ${JSON.stringify(name)}. This emulated service has: ${names}.`);
}

/** @param {string} segment */
function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, `${segment} is not a percent-encoded deployment id.`);
  }
}

/** @param {Record<string, unknown>} request */
function isChat(request) {
  return Array.isArray(request["messages"]);
}

/** @param {string} text */
function jsonOrText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} headers
 * @param {Call} call
 * @returns {Answer}
 */
function json(status, value, headers, call) {
  return {
    status,
    headers: new Headers({ "content-type": "application/json", ...headers }),
    frames: once(JSON.stringify(value), call),
  };
}

/** @param {Refusal} refusal @param {Call} call */
function refuse({ status, message, headers }, call) {
  return json(status, errorBody(status, message), headers, call);
}
