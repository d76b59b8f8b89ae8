// The entry for those who serve the wasm as a file of its own: a smaller script, and a browser compiles the wasm
// while it downloads. In exchange `await init(…)` has to come first.
import { refuseUntilStarted, start } from "./instance.js";

export {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  BadRequestError,
  CompletionStream,
  ConflictError,
  FallbackError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  PureRouter,
  PureRouterError,
  RateLimitError,
  ResponseFormatError,
  StreamError,
  TruncatedStreamError,
  UnprocessableEntityError,
} from "./purerouter_bg.js";

refuseUntilStarted('purerouter/slim is not ready: call `await init(url)` with the URL of "purerouter.wasm" first');

/** @typedef {string | URL | Response | BufferSource | WebAssembly.Module} Input */

/** @type {Promise<void> | undefined} */
let ready;

/**
 * Loads and starts the wasm. Further calls return the first one's promise; after a failure the next call tries
 * again.
 * @param {Input | Promise<Input>} input
 */
export function init(input) {
  ready ??= load(input).catch((error) => {
    ready = undefined;
    throw error;
  });
  return ready;
}

/** @param {Input | Promise<Input>} input */
async function load(input) {
  start(await compile(await input));
}

/** @param {unknown} input */
async function compile(input) {
  if (typeof input === "string" || tag(input) === "URL") {
    return compileResponse(await download(/** @type {string | URL} */ (input)));
  }
  if (tag(input) === "Response") return compileResponse(/** @type {Response} */ (input));
  if (tag(input) === "WebAssembly.Module") return /** @type {WebAssembly.Module} */ (input);
  if (tag(input) === "ArrayBuffer" || ArrayBuffer.isView(input)) {
    return WebAssembly.compile(/** @type {BufferSource} */ (input));
  }
  throw new TypeError("init(): expected the URL of purerouter.wasm, a Response, its bytes, or a WebAssembly.Module");
}

/** @param {string | URL} url */
async function download(url) {
  try {
    return await fetch(url);
  } catch (cause) {
    // Deno and Bun do read files by fetch; Node does not and says only "fetch failed".
    const hint = String(url).startsWith("file:") ? ': pass the file\'s bytes instead, init(await readFile(url))' : "";
    throw new Error(`init(): ${url} could not be loaded${hint}`, { cause });
  }
}

/** @param {Response} response */
async function compileResponse(response) {
  if (!response.ok) throw new Error(`init(): ${response.url || "the response"} answered ${response.status}`);
  const type = response.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  // Engines refuse to compile while downloading unless the server gives this very type.
  if (type === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * By name and not by class, since frames, workers' polyfills and test environments bring their own.
 * @param {unknown} value
 */
const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
