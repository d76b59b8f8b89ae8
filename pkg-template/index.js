// The default entry: the wasm travels inside the JavaScript and is compiled synchronously while the module loads.
// That needs no init call, no bundler plugin and no top-level await, so it works in every bundler, without one,
// and through Node's require(). Hosts that forbid compiling at run time get edge.js by the conditions in
// package.json.
import { needWebAssembly, refusedToCompile, start } from "./instance.js";
import { common, letters } from "./purerouter_inline.js";

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
  needWebAssembly();
  try {
    return new WebAssembly.Module(bytes());
  } catch (cause) {
    throw refusedToCompile(
      cause,
      'have the bundler resolve the package with the condition "workerd" or "edge-light".',
    );
  }
}

// One letter for each of the commonest 90 bytes; of the others, two: a blank or "!" and then a letter.
function bytes() {
  const order = new Set(Array.from({ length: 90 }, (_, i) => parseInt(common.slice(2 * i, 2 * i + 2), 16)));
  for (let byte = 0; byte < 256; byte++) order.add(byte);
  const byLetter = [...order];
  const bytes = new Uint8Array(letters.length);
  let length = 0;
  let lead = 0;
  for (let i = 0; i < letters.length; i++) {
    const code = letters.charCodeAt(i);
    if (code < 35) {
      lead = (code - 31) * 90;
    } else {
      // "<" and "\\" are no letters.
      bytes[length++] = byLetter[lead + code - 35 - Number(code > 60) - Number(code > 92)];
      lead = 0;
    }
  }
  return bytes.subarray(0, length);
}
