// The types of `purerouter`, written by hand: what wasm-bindgen generates would degrade to `any`, and an editor should
// show units, defaults and errors. The wasm validates all of this again at run time, for callers without a compiler.

// For `await using`; in TypeScript's own libraries since 5.2, but in no `lib` of a target below ESNext.
/// <reference lib="esnext.disposable" />

// Whatever says `export` below is public, and nothing else.
export {};

type OrPromise<T> = T | Promise<T>;

/** Headers as `fetch` takes them, and `null` to remove one. */
type HeadersLike =
  | Headers
  | Iterable<readonly [name: string, value: string | null]>
  | {
      /** A header by its name; `null` removes it. */
      readonly [name: string]: string | null | undefined;
    };

/** Bytes as `fetch` gives them: `Uint8Array<ArrayBuffer>`, or plain `Uint8Array` before TypeScript 5.7. */
type Bytes = ReturnType<Uint8Array["slice"]>;

/**
 * What a {@link PureRouter} is made with. Everything is optional. All times are in milliseconds, and `0` or `Infinity`
 * turns a timeout off. A bad value or an unknown name throws a `TypeError` or `RangeError` from the constructor.
 *
 * @example
 * const options: ClientOptions = { baseUrl: "/", timeout: 30_000, headers: { "x-team": "search" } };
 */
export interface ClientOptions {
  /**
   * The router key (`sk_…`), sent as `x-router-key`. A function is asked before every attempt, for keys that live
   * shortly. Without one no key is sent, as a gateway of your own origin needs none. A string throws in a page, see
   * `dangerouslyAllowBrowser`.
   *
   * @example
   * new PureRouter({ routerKey: async () => (await fetch("/router-key")).text() });
   */
  routerKey?: string | (() => OrPromise<string>) | undefined;
  /**
   * Where the service is. Trailing slashes are dropped, path prefixes kept; a relative one such as `"/api"` is
   * resolved against the page, and throws where there is none.
   *
   * @default "https://api.purerouter-api.com"
   */
  baseUrl?: string | URL | undefined;
  /**
   * Milliseconds for the whole call: all attempts, the waits between them, and the body. Then it fails with an
   * {@link APITimeoutError} of phase `"total"`.
   *
   * @default 300_000 for calls that answer once, none for streams
   */
  timeout?: number | undefined;
  /**
   * Streams: milliseconds from sending to the response head, in each attempt. Then the attempt fails with an
   * {@link APITimeoutError} of phase `"headers"`, and is retried.
   *
   * @default 60_000
   */
  headersTimeout?: number | undefined;
  /**
   * Streams: milliseconds from sending to the first text, in each attempt. Then the stream fails with an
   * {@link APITimeoutError} of phase `"first-text"`.
   *
   * @default 120_000
   */
  firstTextTimeout?: number | undefined;
  /**
   * Milliseconds of silence allowed between two chunks of a body (in a stream: after its first text). It runs only
   * while the network is awaited, not while your code is busy with what has arrived. Then the call fails with an
   * {@link APITimeoutError} of phase `"idle"`.
   *
   * @default 60_000
   */
  idleTimeout?: number | undefined;
  /**
   * Further attempts after the first, from 0 to 1000: on connection failures, headers timeouts, 408, 409, 425, 429 and
   * ≥ 500. A stream is retried until its response head is in, never later. Each wait is random, up to 250 ms, 500 ms, …,
   * 8 s, and no shorter than the service asks for.
   *
   * @default 4
   */
  maxRetries?: number | undefined;
  /**
   * Headers to send with every call, merged by name; a call's own go over the client's, and `null` removes one.
   * In a browser each of them must be allowed by the service's CORS headers.
   *
   * @example
   * new PureRouter({ headers: { "x-team": "search" } });
   */
  headers?: HeadersLike | undefined;
  /**
   * The largest single stream event in bytes; beyond it the stream ends with a {@link StreamError}.
   *
   * @default 8_388_608
   */
  maxEventBytes?: number | undefined;
  /**
   * What requests are sent with: a service binding, a proxy, a mock.
   *
   * @example
   * new PureRouter({ fetch: (input, init) => env.GATEWAY.fetch(input, init) });
   *
   * @default globalThis.fetch
   */
  fetch?: ((input: string | URL | Request, init?: RequestInit) => Promise<Response>) | undefined;
  /**
   * Allows a *string* `routerKey` in a page or its workers, where every visitor can read it. Without it that throws:
   * keep the key on a server (see `purerouter/worker`) or hand out short-lived ones by a function.
   *
   * @default false
   */
  dangerouslyAllowBrowser?: boolean | undefined;
  /**
   * Called as each attempt ends, for logs and metrics. What it throws goes to `console.error`, never to the call.
   *
   * @example
   * new PureRouter({
   *   onAttempt: ({ target, status, durationMs }) => console.log(`${target} ${status ?? "-"} ${durationMs} ms`),
   * });
   */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/**
 * The last argument of every call. Each option replaces the client's for this call, but for `headers`, which are merged
 * over the client's.
 *
 * @example
 * const options: RequestOptions = { signal: AbortSignal.timeout(5_000), maxRetries: 0, headers: { "x-user": "7" } };
 */
export interface RequestOptions extends Pick<
  ClientOptions,
  | "routerKey"
  | "timeout"
  | "headersTimeout"
  | "firstTextTimeout"
  | "idleTimeout"
  | "maxRetries"
  | "headers"
  | "onAttempt"
> {
  /** Cancels the call, waits between attempts included; it then rejects with `signal.reason` itself, as `fetch` does. */
  signal?: AbortSignal | null | undefined;
}

/** One message of a conversation. Further fields (`name`, `tool_calls`, …) pass through untouched. */
export interface Message {
  /** Who speaks: `"system"`, `"user"`, `"assistant"`, `"tool"`, or whatever else the model knows. */
  role: "system" | "user" | "assistant" | "tool" | (string & {});
  /** What is said: text, or a list of parts for models that take images and the like. */
  content?: string | readonly object[] | null | undefined;
  /** Any other field of the wire. */
  [field: string]: any;
}

// `any`, not `unknown`, in the index signatures of requests: TypeScript then also takes a value whose type is an
// interface of the caller's own. The fields named here are checked all the same.
interface RequestFields {
  /** Text to go on from. */
  prompt?: string | null | undefined;
  /** A conversation to answer. */
  messages?: readonly Message[] | null | undefined;
  /** Input of a model that is not given a prompt. */
  input?: string | object | null | undefined;
  /** The same, for models that call it `inputs`. */
  inputs?: string | object | null | undefined;
  /** The most tokens to generate, from 1 up. The finish reason is `"length"` where they did not suffice. */
  max_tokens?: number | null | undefined;
  /** Randomness, from 0 up: 0 always takes the likeliest token. */
  temperature?: number | null | undefined;
  /** Nucleus sampling: only the likeliest tokens that together have this probability, 0 to 1, are considered. */
  top_p?: number | null | undefined;
  /** Parameters of the model's own. */
  parameters?: object | null | undefined;
  /** Any other field of the wire, passed through untouched. */
  [field: string]: any;
}

interface ProfileField {
  /** How to choose among models, e.g. `"balanced"`. The service decides where there is none. */
  profile?: string | null | undefined;
}

interface AnswersOnce {
  /** Not `true` here: that is what `stream()` is for. */
  stream?: false | null | undefined;
}

interface Streams {
  /** Always sent as `true`; there is no need to give it. */
  stream?: boolean | null | undefined;
}

/** At least one of these has to be there. */
type ModelInput =
  | Record<"prompt", string>
  | Record<"messages", readonly Message[]>
  | Record<"input", string | object>
  | Record<"inputs", string | object>;

/**
 * A request to a deployment, in the wire's own names: one of `prompt`, `messages`, `input` and `inputs`, and what else
 * the model takes. Unknown fields pass through, `undefined` ones are left out, `null` is sent as it is.
 *
 * @example
 * const request: InvokeRequest = { prompt: "Tell a brief story.", max_tokens: 250, temperature: 0.8 };
 */
export type InvokeRequest = RequestFields & ModelInput & AnswersOnce;

/**
 * A request to the router, which chooses the model.
 *
 * @example
 * const request: InferRequest = { prompt: "Tell a brief story.", profile: "balanced" };
 */
export type InferRequest = RequestFields & ProfileField & ModelInput & AnswersOnce;

type InvokeStreamRequest = RequestFields & ModelInput & Streams;
type InferStreamRequest = RequestFields & ProfileField & ModelInput & Streams;

/** Tokens counted by the service, as it names them. */
export interface Usage {
  /** Tokens of the request. */
  prompt_tokens?: number;
  /** Tokens of the answer. */
  completion_tokens?: number;
  /** Both together. */
  total_tokens?: number;
  /** Any other field of the wire. */
  [field: string]: unknown;
}

/** One answer among an {@link InvokeResponse}'s `choices`. */
export interface Choice {
  /**
   * The text. A deployment that answers in the chat shape has it in `message.content` instead: say so by a type of your
   * own, `invoke<ChatAnswer>(…)`, or use `client.deployment(id).invoke(…)`, whose `text` is there in both shapes.
   */
  text: string;
  /** Why the text ends: `"stop"`, `"length"`, …; `null` where the service does not say. */
  finish_reason: string | null;
  /** Any other field of the wire. */
  [field: string]: unknown;
}

/** What a deployment answers: the wire's JSON as it came. */
export interface InvokeResponse {
  /** The answers; there is one, unless the request asked for more. */
  choices: [Choice, ...Choice[]];
  /** Tokens counted, where the deployment says. */
  usage?: Usage | null;
  /** Any other field of the wire. */
  [field: string]: unknown;
}

/** What the router answers: the wire's JSON as it came. */
export interface InferResponse {
  /** The text. */
  output_text: string;
  /** Who ran the model. */
  provider: string | null;
  /** The model the router chose. */
  model_id: string | null;
  /** The kind of task the router took the prompt for. */
  task: string | null;
  /** The profile it chose by. */
  profile: string | null;
  /** Milliseconds the service took. */
  latency_ms: number | null;
  /** Tokens counted. */
  usage: Usage | null;
  /** Price of the call in US dollars. */
  cost_usd: number | null;
  /** The provider's own answer. */
  raw: unknown;
  /** Any other field of the wire. */
  [field: string]: unknown;
}

/** What the service says about itself. */
export interface Health {
  /** How it is, e.g. `"ok"`. */
  status?: string;
  /** Any other field of the wire. */
  [field: string]: unknown;
}

/** One event of a stream. `[DONE]` is not one: it ends the stream. */
export interface StreamEvent {
  /** The event's data; where the service doubles the `data:` prefix, what follows the second one. */
  readonly data: string;
  /** The event's type: `"message"`, unless the service names another. */
  readonly event: string;
  /** The last event id the service sent, which later events keep; `""` where it sent none. */
  readonly id: string;
  /** `data` as JSON, parsed when first read; `undefined` where it is not JSON. */
  readonly json: unknown;
  /** The text this event adds; `""` where it adds none. */
  readonly text: string;
}

/** Head of a stream's response. */
export interface StreamResponse {
  /** HTTP status. */
  readonly status: number;
  /** Response headers; in a browser only those CORS exposes. */
  readonly headers: Headers;
  /** The service's id of the request: `x-request-id`, else `request-id`, else `cf-ray`. */
  readonly requestId: string | null;
}

/**
 * An answer as it is written. `stream()` returns it at once and sends the request at once; what goes wrong is reported
 * where it is read.
 *
 * There is one reader: of events (`for await`), of `textStream()`, or of the body (`toReadableStream()`,
 * `toResponse()`). A second one is a `TypeError`; use `tee()`. `text()` and `completion()` are no readers: they settle
 * when the stream ends, and drive it themselves if nothing else reads.
 *
 * A stream is complete with `[DONE]` or a finish reason. One that ends otherwise rejects with
 * {@link TruncatedStreamError}, a lost connection with {@link StreamError}, silence with {@link APITimeoutError}, an
 * error event with the matching {@link APIError}; all carry `partialText`. `abort()`, `break`, `return()` and
 * `await using` cancel the request, and so does dropping the stream without reading it.
 *
 * @example
 * const stream = client.deployments.stream("primary-id", { prompt: "Hi." });
 * for await (const event of stream) process.stdout.write(event.text);
 * const { usage, timing } = await stream.completion();
 */
export class CompletionStream implements AsyncIterableIterator<StreamEvent> {
  /** Streams are made by `stream()`. */
  private constructor();
  /** The next event. Rejects once, with what broke the stream. */
  next(): Promise<IteratorResult<StreamEvent, undefined>>;
  /** Cancels the request and ends the iteration; `break` calls it. */
  return(): Promise<IteratorReturnResult<undefined>>;
  /** The stream itself, for `for await`. */
  [Symbol.asyncIterator](): this;
  /** Cancels the request, unless it is over; `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * The text alone, as non-empty deltas. Those that arrive in one network chunk may come joined.
   *
   * @example
   * for await (const text of stream.textStream()) output.append(text);
   */
  textStream(): AsyncIterableIterator<string>;
  /**
   * The whole text, once the stream has ended. Rejects with what broke it; what had arrived is then `partialText`.
   *
   * @example
   * const text = await client.deployments.stream("primary-id", { prompt: "Hi." }).text();
   */
  text(): Promise<string>;
  /**
   * Text, finish reason, usage, timing and attempts, once the stream has ended. Rejects with what broke it.
   *
   * @example
   * const { text, usage, timing } = await stream.completion();
   */
  completion(): Promise<Completion>;
  /**
   * The body's own bytes, not decoded, with back-pressure. Cancelling it cancels the request.
   *
   * @example
   * const body = stream.toReadableStream().pipeThrough(new TextDecoderStream());
   */
  toReadableStream(): ReadableStream<Bytes>;
  /**
   * A response with the service's status, content type and body, not decoded: a Worker's pass-through. `init` goes over
   * that. It rejects if the service refuses the request.
   *
   * @example
   * export default { fetch: () => client.deployments.stream("primary-id", { prompt: "Hi." }).toResponse() };
   */
  toResponse(init?: ResponseInit): Promise<Response>;
  /**
   * Two streams of the same answer, each with a reader of its own. This one can then no longer be read.
   *
   * @example
   * const [toPage, toLog] = stream.tee();
   */
  tee(): [CompletionStream, CompletionStream];
  /** The response's head, as soon as it is there. Rejects where none comes, or the service refuses the request. */
  readonly response: Promise<StreamResponse>;
  /**
   * Cancels the request: the service sees its connection close. Readers reject with `reason`, an `AbortError` where
   * there is none, and what had arrived unread is dropped.
   *
   * @example
   * button.onclick = () => stream.abort();
   */
  abort(reason?: unknown): void;
}

/** A whole answer, and how it came about. `null` is what is not known. */
export interface Completion {
  /** The text. */
  readonly text: string;
  /** Why the text ends: `"stop"`, `"length"`, … */
  readonly finishReason: string | null;
  /** Tokens counted, as the wire has them. */
  readonly usage: Usage | null;
  /** The model that answered. */
  readonly model: string | null;
  /** Who ran it. */
  readonly provider: string | null;
  /** Who served, as in `attempts`: a deployment's id, or `profile:NAME`. */
  readonly target: string;
  /** Price in US dollars: the service's `cost_usd`, else an estimate where the target names its instance. */
  readonly costUsd: number | null;
  /** Where the time went. */
  readonly timing: Timing;
  /** All attempts, in order. */
  readonly attempts: Attempt[];
  /** What of the wire's own JSON there is. */
  readonly raw: unknown;
}

/** Times in milliseconds, from the start of the call. `null` is what did not happen. */
export interface Timing {
  /** Until the head of the response that served. */
  readonly headersMs: number | null;
  /** Until the first text. */
  readonly firstTextMs: number | null;
  /** Until the end. */
  readonly totalMs: number;
  /** Tokens (by `usage`, else text deltas) per second, from the first text to the end. */
  readonly tokensPerSecond: number | null;
}

/** One attempt of a call. */
export interface Attempt {
  /** The deployment's id, or `profile:NAME`. */
  readonly target: string;
  /** Counts from 1 within its target. */
  readonly attempt: number;
  /** HTTP status; `null` where no response came. */
  readonly status: number | null;
  /** What it failed with; `null` where it did not. */
  readonly error: Error | null;
  /** When it began: milliseconds from the start of the call. */
  readonly startedMs: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** The wait before the next attempt, in milliseconds; `null` where none follows. */
  readonly retryInMs: number | null;
}

/** Calls to deployments: models you chose yourself. */
export interface Deployments {
  /**
   * Asks a deployment, and waits for the whole answer.
   *
   * @typeParam T The type of the answer, where it is not the usual one. It is believed, not checked.
   * @param id The deployment's id; percent-encoded as one path segment, `.` and `..` are refused.
   * @param request `prompt` (text), `messages` (a conversation), `input` or `inputs`, and what else the model takes.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   * @throws {TypeError | RangeError} A bad id, request or option, before anything is sent.
   * @throws {PureRouterError} What the service or the network did; see the classes.
   *
   * @example
   * const answer = await client.deployments.invoke("primary-id", { prompt: "Hi.", max_tokens: 250 });
   * console.log(answer.choices[0].text);
   *
   * @example
   * interface ChatAnswer {
   *   choices: { message: { content: string } }[];
   * }
   * const chat = await client.deployments.invoke<ChatAnswer>("chat-id", { messages: [{ role: "user", content: "Hi." }] });
   * console.log(chat.choices[0]?.message.content);
   */
  invoke<T = InvokeResponse>(id: string, request: InvokeRequest, options?: RequestOptions): Promise<T>;
  /**
   * Asks a deployment, and reads the answer as it is written. Never throws: what is wrong rejects where it is read.
   *
   * @param id The deployment's id; percent-encoded as one path segment, `.` and `..` are refused.
   * @param request `prompt` (text), `messages` (a conversation), `input` or `inputs`, and what else the model takes.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   *
   * @example
   * const stream = client.deployments.stream("primary-id", { prompt: "Hi." });
   * for await (const event of stream) process.stdout.write(event.text);
   */
  stream(id: string, request: InvokeStreamRequest, options?: RequestOptions): CompletionStream;
}

/** Calls to the router, which chooses the model by a profile. */
export interface Router {
  /**
   * Asks the router, and waits for the whole answer.
   *
   * @typeParam T The type of the answer, where it is not the usual one. It is believed, not checked.
   * @param request `prompt` (text) or `messages` (a conversation), a `profile`, and what else models take.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   * @throws {TypeError | RangeError} A bad request or option, before anything is sent.
   * @throws {PureRouterError} What the service or the network did; see the classes.
   *
   * @example
   * const answer = await client.router.infer({ prompt: "Hi.", profile: "balanced" });
   * console.log(answer.output_text, answer.model_id, answer.cost_usd);
   */
  infer<T = InferResponse>(request: InferRequest, options?: RequestOptions): Promise<T>;
  /**
   * Asks the router, and reads the answer as it is written. Never throws: what is wrong rejects where it is read.
   *
   * @param request `prompt` (text) or `messages` (a conversation), a `profile`, and what else models take.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   *
   * @example
   * for await (const text of client.router.stream({ prompt: "Hi." }).textStream()) output.append(text);
   */
  stream(request: InferStreamRequest, options?: RequestOptions): CompletionStream;
}

/**
 * A client of PureRouter. Make one and keep it: its retry budget, which spares a failing service, is its own.
 *
 * @example
 * const client = new PureRouter({ routerKey: process.env.PUREROUTER_KEY });
 * const answer = await client.deployments.invoke("primary-id", { prompt: "Hi." });
 * console.log(answer.choices[0].text);
 */
export class PureRouter {
  /**
   * Checks the options, and sends nothing yet.
   *
   * @throws {TypeError | RangeError} An option that is unknown or wrong: a key that no header can carry, a relative
   *   `baseUrl` where there is no page, a string `routerKey` in a page without `dangerouslyAllowBrowser`.
   */
  constructor(options?: ClientOptions);
  /** Calls to deployments: models you chose yourself. */
  readonly deployments: Deployments;
  /** Calls to the router, which chooses the model. */
  readonly router: Router;
  /**
   * Asks the service how it is.
   *
   * @throws {TypeError | RangeError} A bad option, before anything is sent.
   * @throws {PureRouterError} What the service or the network did; see the classes.
   *
   * @example
   * const { status } = await client.health({ timeout: 2_000, maxRetries: 0 });
   */
  health(options?: RequestOptions): Promise<Health>;
  /**
   * A deployment as a {@link Target}, to be asked or combined.
   *
   * @throws {TypeError | RangeError} A bad id, or an instance that the price list does not have.
   *
   * @example
   * const primary = client.deployment("primary-id", { instance: "a10g-medium" });
   * const { text, costUsd } = await primary.invoke({ prompt: "Hi." });
   */
  deployment(id: string, options?: DeploymentOptions): Target;
  /**
   * Automatic routing by a profile, such as `"balanced"`, as a {@link Target}.
   *
   * @throws {TypeError | RangeError} A name that is no string, or empty.
   *
   * @example
   * const anything = client.profile("balanced");
   */
  profile(name: string): Target;
  /**
   * A chain: the next target when one fails for good. A target that failed is skipped for 30 s, then tried by one call
   * before the others come back to it. When all fail, {@link FallbackError}.
   *
   * @throws {TypeError | RangeError} An empty list, what is no target, or a bad option.
   *
   * @example
   * const target = client.fallback(["primary-id", "backup-id", client.profile("balanced")], { midStream: "continue" });
   * const { text, target: by } = await target.invoke({ prompt: "Hi." });
   */
  fallback(targets: readonly (Target | string)[], options?: FallbackOptions): Target;
  /**
   * A race: the next target is asked too when those before have given no text (a stream) or answer within `delay`. The
   * first to give one wins, and the others' requests are cancelled. When all fail, {@link FallbackError}.
   *
   * @throws {TypeError | RangeError} An empty list, what is no target, or a bad option.
   *
   * @example
   * const target = client.hedge(["primary-id", "backup-id"], { delay: 400 });
   */
  hedge(targets: readonly (Target | string)[], options: HedgeOptions): Target;
  /**
   * Asks all targets at once. Iterating gives their events as they arrive; `results` gives what became of each, and
   * never rejects because one of them failed. Leaving the loop, or an abort, ends every lane. Never throws: wrong arguments
   * reject where it is read.
   *
   * @example
   * const comparison = client.compare(["primary-id", "backup-id"], { prompt: "Hi." });
   * for await (const { index, event } of comparison) columns[index].append(event.text);
   * for (const { target, timing, completion } of await comparison.results) {
   *   console.log(target, timing.firstTextMs, completion?.costUsd);
   * }
   */
  compare(
    targets: readonly (Target | string)[],
    request: InvokeStreamRequest,
    options?: RequestOptions,
  ): ComparisonRun;
}

/** Options of `client.deployment()`. */
interface DeploymentOptions {
  /** The instance it runs on, by its id in {@link instanceTypes}: a completion's `costUsd` is then estimated. */
  instance?: string | null | undefined;
}

/**
 * Whom a call asks: a deployment, a profile, or several of them combined. Made by the client; ask it as often as you
 * like.
 *
 * @example
 * const stream = target.stream({ prompt: "Hi." });
 * for await (const event of stream) process.stdout.write(event.text);
 */
export interface Target {
  /** Its name in `attempts`: the deployment's id, `profile:NAME`, or like `fallback(a, b)`. */
  readonly label: string;
  /**
   * Asks, and waits for the whole answer.
   *
   * @param request `prompt` (text), `messages` (a conversation), `input` or `inputs`, and what else the model takes.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   * @throws {TypeError | RangeError} A bad request or option, before anything is sent.
   * @throws {PureRouterError} What the service or the network did; see the classes.
   */
  invoke(request: InvokeRequest, options?: RequestOptions): Promise<Completion>;
  /**
   * Asks, and reads the answer as it is written. Never throws: what is wrong rejects where it is read.
   *
   * @param request `prompt` (text), `messages` (a conversation), `input` or `inputs`, and what else the model takes.
   * @param options For this call alone: a signal, timeouts, retries, headers, a key.
   */
  stream(request: InvokeStreamRequest, options?: RequestOptions): CompletionStream;
}

/** Options of `client.fallback()`. */
export interface FallbackOptions {
  /**
   * What happens to a stream that breaks after its first text. `"fail"`: it rejects, with `partialText`. `"continue"`:
   * the next target goes on from where the text broke off, and the reader sees one stream. `"restart"`: the next target
   * starts over, announced by an event `"restart"`; `textStream()`, which cannot announce it, fails instead.
   *
   * @default "fail"
   */
  midStream?: "fail" | "continue" | "restart" | undefined;
  /**
   * Whether the next target is worth trying after this error. Without it: after any but an abort, a `TypeError` or
   * `RangeError`, and 401. Where it says no, that error itself is the result.
   *
   * @example
   * client.fallback(["primary-id", "backup-id"], { shouldFallback: (error) => !(error instanceof BadRequestError) });
   */
  shouldFallback?: ((error: unknown) => boolean) | undefined;
}

/** Options of `client.hedge()`. */
export interface HedgeOptions {
  /** Milliseconds, from 0 up, without text (a stream) or answer before the next target is asked too. */
  delay: number;
}

/** What became of one target of `client.compare()`. */
export interface Comparison {
  /** The target's label. */
  readonly target: string;
  /** The answer, where there is one. */
  readonly completion?: Completion;
  /** What it failed with, where it did. */
  readonly error?: unknown;
  /** Where the time went, also where it failed. */
  readonly timing: Timing;
}

/** What `client.compare()` returns. */
interface ComparisonRun {
  /** The events of all targets as they arrive. */
  [Symbol.asyncIterator](): AsyncGenerator<
    {
      /** The place in the list of targets. */
      index: number;
      /** The target's label. */
      target: string;
      /** What it sent. */
      event: StreamEvent;
    },
    void
  >;
  /** Per target, in order. */
  readonly results: Promise<Comparison[]>;
}

/** A kind of machine that a deployment runs on, and its price. */
export interface InstanceType {
  /** E.g. `"a10g-medium"`. */
  readonly id: string;
  /** E.g. `"NVIDIA A10G (Medium)"`. */
  readonly name: string;
  /** How many GPUs it has. */
  readonly gpus: number;
  /** The memory of its GPUs together, in GB. */
  readonly memoryGb: number;
  /** US dollars an hour. */
  readonly usdPerHour: number;
}

/**
 * PureRouter's price list of November 2026. Prices change: compare with your invoice.
 *
 * @example
 * for (const { id, usdPerHour } of instanceTypes) console.log(`${id}: $${usdPerHour} an hour`);
 */
export const instanceTypes: readonly InstanceType[];

/**
 * US dollars for so many milliseconds of an instance, shared by `concurrency` calls.
 *
 * @throws {TypeError | RangeError} An unknown instance, or what is no number from 0 up (`concurrency`: from 1).
 *
 * @example
 * const usd = estimateCost({ instance: "a10g-medium", durationMs: 2000, concurrency: 8 });
 */
export function estimateCost(options: {
  /** An id in {@link instanceTypes}. */
  instance: string;
  /** How long the call took, in milliseconds, from 0 up. */
  durationMs: number;
  /**
   * How many calls shared the machine, from 1 up.
   *
   * @default 1
   */
  concurrency?: number | undefined;
}): number;

/**
 * Base of all errors that come from the service or the network. Wrong arguments are a `TypeError` or `RangeError`
 * instead, and an aborted call rejects with the signal's reason. None of them ever contains the router key.
 *
 * @example
 * try {
 *   await client.deployments.invoke("primary-id", { prompt: "Hi." });
 * } catch (error) {
 *   if (!(error instanceof RateLimitError)) throw error;
 *   console.warn(`Busy. Try again in ${(error.retryAfterMs ?? 60_000) / 1000} s.`);
 * }
 */
export class PureRouterError extends Error {
  /** All attempts of the call, in order. */
  readonly attempts: Attempt[];
  /** The text that had arrived, where the error ended a stream. */
  readonly partialText?: string;
  /** What a log needs: name, message and the fields, but no stack, headers or cause. */
  toJSON(): Record<string, unknown>;
}

/**
 * The service answered with an error; the message is its own. The subclasses tell the common ones apart, `status` all of
 * them. Where a retry may help, it has been tried already: see `attempts`.
 *
 * @example
 * if (error instanceof APIError) console.error(`${error.status} (request ${error.requestId}): ${error.message}`);
 */
export class APIError extends PureRouterError {
  /** HTTP status; for an error within a stream the one it names, where it does. */
  readonly status: number;
  /** Response headers. */
  readonly headers: Headers;
  /** Response body: JSON where it is JSON, else text. */
  readonly body: unknown;
  /** The service's id of the request: `x-request-id`, else `request-id`, else `cf-ray`. */
  readonly requestId: string | null;
  /** The service's own code for the error. */
  readonly code: string | number | null;
  /** Milliseconds the service asked to wait; `null` where it did not. A call that cannot wait that long fails at once. */
  readonly retryAfterMs: number | null;
}

/** 400: the service does not understand the request. The message says why; asking again is of no use. */
export class BadRequestError extends APIError {}

/** 401: no router key, or one that is not valid. Check `routerKey`; no fallback is tried, as the key is the same. */
export class AuthenticationError extends APIError {}

/** 403: the key does not allow this, or the gateway in between does not have the deployment in its lists. */
export class PermissionDeniedError extends APIError {}

/** 404: there is no such deployment. Check the id, and the path of `baseUrl`. */
export class NotFoundError extends APIError {}

/** 409: the request conflicts with the state of the service, after all retries. */
export class ConflictError extends APIError {}

/** 422: the request is well-formed, but a field is wrong. The message says which; asking again is of no use. */
export class UnprocessableEntityError extends APIError {}

/** 429: too many requests, after all retries. `retryAfterMs` says how long to wait, where the service does. */
export class RateLimitError extends APIError {}

/** 500 and above: the service failed, after all retries. `client.fallback()` asks another target then. */
export class InternalServerError extends APIError {}

/**
 * No response, after all retries: DNS, a refused or reset connection, a redirect (not followed, as the key would travel
 * with it), or CORS. A browser does not tell these apart; the message says what to look at.
 */
export class APIConnectionError extends PureRouterError {}

/**
 * One of the timeouts ran out.
 *
 * @example
 * if (error instanceof APITimeoutError) console.warn(`No ${error.phase} within ${error.timeoutMs} ms`);
 */
export class APITimeoutError extends APIConnectionError {
  /** Which: `headersTimeout`, `firstTextTimeout`, `idleTimeout` or, for `"total"`, `timeout`. */
  readonly phase: "headers" | "first-text" | "idle" | "total";
  /** Its length in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * A stream broke: the connection was lost, or an event is larger than `maxEventBytes`. What had arrived is in
 * `partialText`; to go on from there, use `client.fallback(targets, { midStream: "continue" })`.
 */
export class StreamError extends PureRouterError {
  /** The text that had arrived. */
  readonly partialText: string;
}

/**
 * A stream's body ended before its answer did, without `[DONE]` and without a finish reason: `partialText` is not the
 * whole answer, even where it looks like one.
 */
export class TruncatedStreamError extends StreamError {}

/** A 2xx response whose body is not what the call promises: a proxy's HTML page, say. Check `baseUrl`. */
export class ResponseFormatError extends PureRouterError {
  /** HTTP status. */
  readonly status: number;
  /** Response body: JSON where it is JSON, else text. */
  readonly body: unknown;
}

/**
 * All of several targets failed.
 *
 * @example
 * if (error instanceof FallbackError) for (const one of error.errors) console.error(one.message);
 */
export class FallbackError extends PureRouterError {
  /** What each failed with, in order. */
  readonly errors: Error[];
}
