// The default entry: the wasm travels inside the JavaScript and is compiled synchronously while the module loads.
// That needs no init call, no bundler plugin and no top-level await, so it works in every bundler, without one,
// and through Node's require(). Hosts that forbid compiling at run time get edge.js by the conditions in
// package.json.
import { start } from "./instance.js";
import { hex } from "./purerouter_inline.js";

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

start(compile());

function compile() {
  if (typeof WebAssembly !== "object") {
    throw new Error("purerouter needs WebAssembly, which this runtime does not have or has switched off");
  }
  try {
    return new WebAssembly.Module(bytes());
  } catch (cause) {
    throw new Error(
      `purerouter could not compile its WebAssembly (${cause}). In a page, the Content-Security-Policy has to allow ` +
        "it: add 'wasm-unsafe-eval' to script-src. On an edge host that forbids compiling, have the bundler resolve " +
        'the package with the condition "workerd" or "edge-light".',
      { cause },
    );
  }
}

function bytes() {
  /** @param {number} index */
  const digit = (index) => {
    const code = hex.charCodeAt(index);
    return code < 58 ? code - 48 : code - 87;
  };
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digit(2 * i) * 16 + digit(2 * i + 1);
  return bytes;
}
