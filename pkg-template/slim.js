// The entry for those who serve the wasm as a file of its own: a smaller script, and a browser compiles the wasm
// while it downloads. In exchange `await init(…)` has to come first.
import { needWebAssembly, refusedToCompile, refuseUntilStarted, start } from "./instance.js";

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
  estimateCost,
} from "./purerouter_bg.js";
export { instanceTypes } from "./instance.js";

refuseUntilStarted(
  'purerouter/slim is not ready: call `await init(url)` with the URL of "purerouter.wasm" first',
);

/** @type {Promise<void> | undefined} */
let ready;

/**
 * Loads and starts the wasm. Further calls return the first one's promise; after a failure the next call tries
 * again.
 * @type {typeof import("./slim.js").init}
 */
export function init(source) {
  ready ??= load(source).catch((error) => {
    ready = undefined;
    throw error;
  });
  return ready;
}

/** @param {unknown} source */
async function load(source) {
  needWebAssembly();
  start(await compile(await source));
}

/** @param {any} source */
async function compile(source) {
  if (tag(source) === "WebAssembly.Module") return source;
  mayCompile();
  if (typeof source === "string" || tag(source) === "URL") {
    // Node's fetch reads no files. Asked for this way, what does is no import that a bundler would look for.
    const files =
      String(source).startsWith("file:") && globalThis.process?.getBuiltinModule?.("node:fs/promises");
    if (files) return WebAssembly.compile(await files.readFile(new URL(source)));
    return compileResponse(await download(source));
  }
  if (tag(source) === "Response") return compileResponse(source);
  if (tag(source) === "ArrayBuffer" || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  throw new TypeError(
    "init(): expected the URL of purerouter.wasm, a Response, its bytes, or a WebAssembly.Module",
  );
}

/**
 * Asked with the smallest module that there is: what an engine says of a real one leaves open whether it is forbidden to
 * compile, or the bytes are wrong.
 */
function mayCompile() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch (cause) {
    throw refusedToCompile(
      cause,
      'import "purerouter/purerouter.wasm" as a module, which is compiled before it runs, and pass that to init().',
    );
  }
}

/** @param {string | URL} url */
async function download(url) {
  try {
    return await fetch(url);
  } catch (cause) {
    throw new Error(`init(): ${url} could not be loaded`, { cause });
  }
}

/** @param {Response} response */
async function compileResponse(response) {
  const from = response.url || "the response";
  if (!response.ok) throw new Error(`init(): ${from} answered ${response.status}`);
  const type = response.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  // Engines refuse to compile while downloading unless the server gives this very type.
  if (type === "application/wasm") return WebAssembly.compileStreaming(response);
  const bytes = await response.arrayBuffer();
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    // What a development server answers for a path it does not know is its start page, with status 200.
    throw new Error(`init(): ${from} is not purerouter.wasm (content-type: ${type ?? "none"})`, { cause });
  }
}

/**
 * By name and not by class, since frames, workers' polyfills and test environments bring their own.
 * @param {unknown} value
 */
const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
