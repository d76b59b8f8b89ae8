// The entry for Cloudflare Workers (condition "workerd") and other edge hosts ("edge-light"): they forbid compiling
// at run time and take the wasm as a module, compiled when the program is deployed.
import { start } from "./instance.js";
import module from "./purerouter.wasm?module";

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

start(module);
