/**
 * A PureRouter service as a fetch function: for tests, demos and work offline. It opens no socket and gives
 * the same bytes for the same calls.
 *
 * ```ts
 * import { PureRouter } from "purerouter";
 * import { createService } from "purerouter/testing";
 *
 * const service = createService({ deployments: { "primary-id": { text: "Hello", tokensPerSecond: 50 } } });
 * const client = new PureRouter({ fetch: service.fetch, routerKey: "test", dangerouslyAllowBrowser: true });
 * ```
 *
 * @packageDocumentation
 */

/**
 * Makes a service.
 *
 * @throws {TypeError | RangeError} An option that is unknown, missing or wrong; the message names the field.
 *
 * @example
 * const service = createService({ deployments: { "primary-id": { text: "Hello", cutAfter: 2, times: 1 } } });
 * const client = new PureRouter({ fetch: service.fetch, routerKey: "test", dangerouslyAllowBrowser: true });
 */
export function createService(options: ServiceOptions): Service;

/**
 * A `text` for a deployment that replays recordings of a real model, each token at the pace at which it was
 * generated. A prompt gets the recording whose prompt it resembles most; where no word is shared, always the
 * same one.
 *
 * @example
 * const service = createService({ deployments: { "smollm2-135m": { text: recorded() } } });
 */
export function recorded(options?: RecordedOptions): TextFunction;

/**
 * Recorded answers of SmolLM2-135M-Instruct (Apache-2.0), unedited. A real model of 135 million parameters:
 * fluent, and not to be relied upon.
 */
export const recordings: readonly Recording[];

/** What {@link createService} is given. */
export interface ServiceOptions {
  /** The deployments, by id. */
  deployments: Record<string, DeploymentBehaviour>;
  /**
   * The profiles of automatic routing, by name. By default there is `"balanced"`, served by the first
   * deployment. A request that names no profile gets `"balanced"`, else the first one.
   */
  profiles?: Record<string, DeploymentBehaviour> | undefined;
  /** The router keys that are accepted; any other is answered 401. By default any key, but not none. */
  keys?: readonly string[] | undefined;
  /**
   * How a body is cut into chunks: `"event"` (the default) for one event each, `"byte"`, or a number of
   * bytes. A number holds text back until a chunk is full, as a buffering proxy does.
   */
  chunking?: "event" | "byte" | number | undefined;
}

/** A service in memory. */
export interface Service {
  /**
   * Answers a request as the service would. It needs no `this`, and is a Worker's `fetch` handler as it
   * stands. Aborting its signal rejects with the reason, or breaks the body off with it, as `fetch` does.
   */
  fetch(input: string | URL | Request, init?: RequestInit, ...more: unknown[]): Promise<Response>;
  /**
   * What was received so far, in the order of arrival, refused requests included. It is yours to empty, as
   * between tests; a service that runs for long should.
   */
  readonly requests: RecordedRequest[];
}

/** A request as it arrived. */
export interface RecordedRequest {
  /** `"GET"`, `"POST"`, … */
  method: string;
  /** Path and query as sent, percent-encoding included. */
  path: string;
  /** By lower-case name. The router key is among them. */
  headers: Record<string, string>;
  /** The parsed JSON, else the text; `undefined` without a body, and until it has arrived. */
  body: any;
  /** Whether the caller gave up before the answer was complete. */
  cancelled: boolean;
}

/**
 * How a deployment (or profile) behaves. `text`, `tokensPerSecond` and `usage` are the answer; all else is a
 * fault, which lasts for `times` requests, after which the answer is normal.
 *
 * @example
 * const overloaded: DeploymentBehaviour = { status: 503, retryAfter: 1, times: 2, text: "Hello" };
 */
export interface DeploymentBehaviour {
  /**
   * What it says. A string is cut into words, of an array each string is one delta, and a function is called
   * with the parsed request body. By default a sentence that names the deployment.
   */
  text?: string | readonly string[] | TextFunction | undefined;
  /** Deltas a second, more than 0; an answer that is not streamed takes as long. By default there is no waiting. */
  tokensPerSecond?: number | undefined;
  /** The usage to report, as the wire has it; `null` for none. By default an estimate: one token a delta. */
  usage?: Usage | null | undefined;
  /**
   * Answer with this status. From 300 on the answer is the service's JSON error, or `body`. With `errorAfter`
   * it is the status in the error event of a stream.
   */
  status?: number | undefined;
  /** How many requests the fault lasts. By default for ever. */
  times?: number | undefined;
  /**
   * Answer with this body: a string as it is, anything else as JSON. Errors with a string are `text/plain`;
   * otherwise the content type is the one of the answer it replaces, unless `headers` says another.
   */
  body?: string | object | undefined;
  /** Further headers of the answer, in place of its own where they have the same name. */
  headers?: Record<string, string> | [string, string][] | Headers | undefined;
  /** A `Retry-After` header, in seconds. Without a `status` it makes the answer a 429. */
  retryAfter?: number | undefined;
  /** Wait this long before the head of the answer, in ms; `Infinity` until the request is cancelled. */
  stallHeaders?: number | undefined;
  /** End the stream after so many events; an answer that is not streamed ends half-way through. */
  cutAfter?: number | undefined;
  /** Fall silent after so many events, with the body left open; where not streamed, half-way through. */
  stallAfter?: number | undefined;
  /**
   * Send an error event after so many events: a 500, unless `status` or `body` say otherwise. Where not
   * streamed, answer with that error.
   */
  errorAfter?: number | undefined;
  /** End the stream without `[DONE]` and without a finish reason. */
  noDone?: boolean | undefined;
}

/** Makes the text of an answer from the request's parsed body. */
export type TextFunction = (request: Record<string, any>, context: TextContext) => Text | Promise<Text>;

/**
 * Text in one piece, which is cut into words, or delta by delta. What a generator returns at its end may be a
 * {@link GenerationEnd}.
 */
export type Text = string | Iterable<string> | AsyncIterable<string>;

/** What a {@link TextFunction} is given besides the request. */
export interface TextContext {
  /**
   * Aborted when the request is cancelled. The iterator's `return()` is called too, but a generator hears of
   * that only after the promise it awaits.
   */
  signal: AbortSignal;
}

/** Why a text ended and what it used, returned by a generator that knows. */
export interface GenerationEnd {
  /** `"stop"` where it does not say. */
  finish_reason?: string | undefined;
  /** An estimate where it does not say. */
  usage?: Usage | undefined;
}

/** Tokens used, as the wire has it. */
export interface Usage {
  /** Tokens of what was asked. */
  prompt_tokens?: number | undefined;
  /** Tokens of the answer. */
  completion_tokens?: number | undefined;
  /** Both. */
  total_tokens?: number | undefined;
  /** Whatever else a service counts. */
  [field: string]: unknown;
}

/** What {@link recorded} is given. */
export interface RecordedOptions {
  /** What to replay. By default {@link recordings}. */
  recordings?: readonly Recording[] | undefined;
  /** How many times as fast as it was: 2 takes half the time, `Infinity` none. By default 1. */
  speed?: number | undefined;
}

/** One recorded answer of a real model. */
export interface Recording {
  /** What the model was asked. */
  readonly prompt: string;
  /** The model that answered. */
  readonly model: string;
  /** The day, as `YYYY-MM-DD`. */
  readonly recordedOn: string;
  /** `"length"` where the answer breaks off at the limit it was given. */
  readonly finishReason: string;
  /** Tokens used, as the model's server counted them. */
  readonly usage: Readonly<Usage>;
  /** Each token as it arrived, with the milliseconds since its request was sent. */
  readonly tokens: readonly (readonly [ms: number, text: string])[];
}
