// The error classes. JavaScript, because only a class made by the engine is a real Error: one with a stack, that
// `instanceof` knows and that tools print as an error. Nothing here decides anything: the wasm chooses the class,
// writes the message and redacts it.

/** Base of everything this package throws on purpose, but for wrong arguments (TypeError, RangeError). */
export class PureRouterError extends Error {
  constructor(message, { cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.attempts = [];
    Object.assign(this, fields);
    // Not enumerable: they refer to other errors, and a log of this one should stay readable.
    Object.defineProperty(this, "attempts", { enumerable: false });
  }

  /** What a log needs: no stack, no headers, no cause, and no attempts (their errors may be this one). */
  toJSON() {
    const { headers, ...fields } = this;
    return { name: this.name, message: this.message, ...fields };
  }
}

export class APIError extends PureRouterError {}
export class BadRequestError extends APIError {}
export class AuthenticationError extends APIError {}
export class PermissionDeniedError extends APIError {}
export class NotFoundError extends APIError {}
export class ConflictError extends APIError {}
export class UnprocessableEntityError extends APIError {}
export class RateLimitError extends APIError {}
export class InternalServerError extends APIError {}
export class APIConnectionError extends PureRouterError {}
export class APITimeoutError extends APIConnectionError {}
export class StreamError extends PureRouterError {}
export class TruncatedStreamError extends StreamError {}
export class ResponseFormatError extends PureRouterError {}
export class FallbackError extends PureRouterError {}

const classes = {
  PureRouterError,
  APIError,
  BadRequestError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  ConflictError,
  UnprocessableEntityError,
  RateLimitError,
  InternalServerError,
  APIConnectionError,
  APITimeoutError,
  StreamError,
  TruncatedStreamError,
  ResponseFormatError,
  FallbackError,
};

// A name of its own on each prototype, so that minifiers, which rename classes, don't change what a log says.
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}

/** Called by the wasm: the error `name`, with `fields` as its properties. */
export function makeError(name, message, fields) {
  return new classes[name](message, fields);
}
