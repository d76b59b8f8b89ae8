// The error classes: what they extend and carry. Never run, only compiled.

import {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  FallbackError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  PureRouterError,
  RateLimitError,
  ResponseFormatError,
  StreamError,
  TruncatedStreamError,
  UnprocessableEntityError,
} from "purerouter";
import type { Attempt } from "purerouter";

declare const error: unknown;

if (error instanceof PureRouterError) {
  error satisfies Error;
  const strings: (string | undefined)[] = [error.name, error.message, error.stack, error.partialText];
  const attempts: Attempt[] = error.attempts;
  const cause: unknown = error.cause;
  const logged: object = error.toJSON();
  // @ts-expect-error: not every error comes from a response
  error.status;
  // @ts-expect-error: what happened stays
  error.attempts = [];
  void [strings, attempts, cause, logged];
}
if (error instanceof APIError) {
  const status: number = error.status;
  const type: string | null = error.headers.get("content-type");
  const body: unknown = error.body;
  const id: string | null = error.requestId;
  const code: string | number | null = error.code;
  // @ts-expect-error: a body may be anything
  error.body.error;
  void [status, type, body, id, code];
}
if (error instanceof RateLimitError) {
  const wait: number | null = error.retryAfterMs;
  // @ts-expect-error: the service may not say
  error.retryAfterMs.toFixed();
  void wait;
}
if (error instanceof APITimeoutError) {
  const phase: "headers" | "first-text" | "idle" | "total" = error.phase;
  const length: number = error.timeoutMs;
  // @ts-expect-error: no such phase
  error.phase === "connect";
  void [phase, length];
}
if (error instanceof StreamError) {
  const text: string = error.partialText;
  void text;
}
if (error instanceof TruncatedStreamError) error.partialText.trim();
if (error instanceof ResponseFormatError) {
  const status: number = error.status;
  const body: unknown = error.body;
  void [status, body];
}
if (error instanceof FallbackError) {
  const errors: Error[] = error.errors;
  void errors;
}

// As assertion libraries take classes: constructors.
const ofResponse: (new (message?: string) => APIError)[] = [
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
];
const ofConnection: (new (message?: string) => APIConnectionError)[] = [APIConnectionError, APITimeoutError];
const ofStream: (new (message?: string) => StreamError)[] = [StreamError, TruncatedStreamError];
const ofAll: (new (message?: string) => PureRouterError)[] = [
  ...ofResponse,
  ...ofConnection,
  ...ofStream,
  FallbackError,
  PureRouterError,
  ResponseFormatError,
];
// @ts-expect-error: the network's errors are no answers of the service
ofResponse.push(APIConnectionError);
// @ts-expect-error: nor is an answer a broken stream
ofStream.push(APIError);

export { ofAll };
