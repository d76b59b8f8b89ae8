// What the package hands out, field by field: exactly these types, neither wider nor narrower. Never run, only compiled.

import type {
  APIError,
  APITimeoutError,
  Attempt,
  Completion,
  CompletionStream,
  FallbackError,
  Health,
  PureRouterError,
  ResponseFormatError,
  StreamError,
  StreamEvent,
  StreamResponse,
  Timing,
  Usage,
} from "purerouter";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Own<Class extends Base, Base> = Pick<Class, Exclude<keyof Class, keyof Base>>;

true satisfies Same<
  StreamEvent,
  Readonly<{ data: string; event: string; id: string; json: unknown; text: string }>
>;
true satisfies Same<StreamResponse, Readonly<{ status: number; headers: Headers; requestId: string | null }>>;
true satisfies Same<
  Completion,
  Readonly<{
    text: string;
    finishReason: string | null;
    usage: Usage | null;
    model: string | null;
    provider: string | null;
    target: string;
    costUsd: number | null;
    timing: Timing;
    attempts: Attempt[];
    raw: unknown;
  }>
>;
true satisfies Same<
  Timing,
  Readonly<{
    headersMs: number | null;
    firstTextMs: number | null;
    totalMs: number;
    tokensPerSecond: number | null;
  }>
>;
true satisfies Same<
  Attempt,
  Readonly<{
    target: string;
    attempt: number;
    status: number | null;
    error: Error | null;
    startedMs: number;
    durationMs: number;
    retryInMs: number | null;
  }>
>;
true satisfies Same<Health, { [field: string]: unknown; status?: string }>;
true satisfies Same<ReturnType<CompletionStream["tee"]>, [CompletionStream, CompletionStream]>;

true satisfies Same<
  Own<PureRouterError, Error>,
  { readonly attempts: Attempt[]; readonly partialText?: string; toJSON(): Record<string, unknown> }
>;
true satisfies Same<
  Own<APIError, PureRouterError>,
  Readonly<{
    status: number;
    headers: Headers;
    body: unknown;
    requestId: string | null;
    code: string | number | null;
    retryAfterMs: number | null;
  }>
>;
true satisfies Same<
  Own<APITimeoutError, PureRouterError>,
  Readonly<{ phase: "headers" | "first-text" | "idle" | "total"; timeoutMs: number }>
>;
true satisfies Same<StreamError["partialText"], string>;
true satisfies Same<Own<ResponseFormatError, PureRouterError>, Readonly<{ status: number; body: unknown }>>;
true satisfies Same<Own<FallbackError, PureRouterError>, Readonly<{ errors: Error[] }>>;
