// CompletionStream and what comes out of it. Never run, only compiled.

import { CompletionStream, PureRouter } from "purerouter";
import type {
  Attempt,
  Completion,
  InferRequest,
  InvokeRequest,
  StreamEvent,
  StreamResponse,
  Timing,
  Usage,
} from "purerouter";

const client = new PureRouter();
const request: InvokeRequest = { prompt: "Hi." };
const automatic: InferRequest = { prompt: "Hi.", profile: "balanced" };

const stream: CompletionStream = client.deployments.stream("primary-id", request);
client.deployments.stream("primary-id", { prompt: "Hi.", stream: true }, { idleTimeout: 1 });
client.deployments.stream("primary-id", { prompt: "Hi.", stream: false, seed: 7 });
client.router.stream(automatic, { signal: AbortSignal.timeout(1000) });
client.router.stream({ prompt: "Hi.", stream: true });
client.router.stream({ messages: [{ role: "user", content: "Hi." }] });

// @ts-expect-error: no prompt
client.deployments.stream("primary-id", { stream: true });
// @ts-expect-error: not a boolean
client.deployments.stream("primary-id", { prompt: "Hi.", stream: "yes" });
// @ts-expect-error: not a number
client.deployments.stream("primary-id", { prompt: "Hi.", temperature: "hot" });
// @ts-expect-error: an unknown option
client.deployments.stream("primary-id", request, { timeoutMs: 1 });
// @ts-expect-error: no prompt
client.router.stream({});
// @ts-expect-error: a profile is a string
client.router.stream({ prompt: "Hi.", profile: ["balanced"] });
// @ts-expect-error: an unknown option
client.router.stream(automatic, { Signal: null });
// @ts-expect-error: streams are made by stream()
new CompletionStream();

// Events

for await (const event of stream) {
  const seen: StreamEvent = event;
  const strings: string[] = [event.data, event.event, event.id, event.text];
  const json: unknown = event.json;
  // @ts-expect-error: not known to have any shape
  event.json.choices;
  // @ts-expect-error: an event is a record of what was
  event.text = "";
  void [seen, strings, json];
}
const iterator: AsyncIterableIterator<StreamEvent> = stream;
const again: CompletionStream = stream[Symbol.asyncIterator]();
const step = await stream.next();
if (!step.done) step.value.text.trim();
// @ts-expect-error: there is no event at the end
step.value.text;
const end: true = (await stream.return()).done;

// Text

for await (const delta of stream.textStream()) delta.trim();
const words: AsyncIterableIterator<string> = stream.textStream();
const text: string = await stream.text();

// Completion

const completion: Completion = await stream.completion();
const usage: Usage | null = completion.usage;
const counts: (number | undefined)[] = [usage?.prompt_tokens, usage?.completion_tokens, usage?.total_tokens];
const timing: Timing = completion.timing;
const times: (number | null)[] = [timing.headersMs, timing.firstTextMs, timing.tokensPerSecond];
const total: number = timing.totalMs;
const names: (string | null)[] = [completion.finishReason, completion.model, completion.provider];
const target: string = completion.target;
const cost: number | null = completion.costUsd;
const raw: unknown = completion.raw;
const attempts: Attempt[] = completion.attempts;
for (const attempt of attempts) {
  const numbers: number[] = [attempt.attempt, attempt.startedMs, attempt.durationMs];
  const maybe: (number | null)[] = [attempt.status, attempt.retryInMs];
  const error: Error | null = attempt.error;
  void [numbers, maybe, error, attempt.target satisfies string];
}
// @ts-expect-error: may be unknown
completion.usage.total_tokens;
// @ts-expect-error: no first text, no time
timing.firstTextMs.toFixed();

// Body

const body: ReadableStream<Uint8Array> = stream.toReadableStream();
const chunk = await stream.toReadableStream().getReader().read();
chunk.value?.byteLength.toFixed();
// @ts-expect-error: bytes, not text
chunk.value?.trim();
stream.toReadableStream().pipeThrough(new TextDecoderStream());
new Response(stream.toReadableStream());
const response: Response = await stream.toResponse();
await stream.toResponse({ status: 201, headers: { "cache-control": "no-store" } });
// @ts-expect-error: a status is a number
await stream.toResponse({ status: "201" });

// Head, branches, cancellation

const head: StreamResponse = await stream.response;
const status: number = head.status;
const type: string | null = head.headers.get("content-type");
const id: string | null = head.requestId;
const [left, right]: [CompletionStream, CompletionStream] = stream.tee();
stream.abort();
stream.abort(new Error("enough"));
{
  await using scoped = client.router.stream(automatic);
  await scoped.text();
}
declare const something: unknown;
if (something instanceof CompletionStream) await something.text();

export {
  again,
  body,
  cost,
  counts,
  end,
  id,
  iterator,
  left,
  names,
  raw,
  response,
  right,
  status,
  target,
  text,
  times,
};
export { total, type, words };
