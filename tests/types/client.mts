// The client, its calls, requests and answers, as users write them. Never run, only compiled: an unused
// `@ts-expect-error` is an error too.

import { PureRouter } from "purerouter";
import type {
  Attempt,
  ClientOptions,
  Deployments,
  Health,
  InferRequest,
  InferResponse,
  InvokeRequest,
  InvokeResponse,
  Message,
  RequestOptions,
  Router,
  Usage,
} from "purerouter";

declare const environment: { KEY?: string };

// Constructor

new PureRouter();
new PureRouter({});
new PureRouter({ routerKey: environment.KEY });
new PureRouter({ routerKey: () => "sk_1" });
new PureRouter({ routerKey: async () => "sk_1" });
new PureRouter({ baseUrl: "/api" });
new PureRouter({ baseUrl: new URL("https://api.example/v") });
new PureRouter({ fetch });
new PureRouter({ fetch: globalThis.fetch });
new PureRouter({ fetch: async () => new Response("{}") });
new PureRouter({ fetch: (input, init) => fetch(input, init) });
const options: ClientOptions = {
  routerKey: "sk_1",
  baseUrl: "https://api.example",
  timeout: Infinity,
  headersTimeout: 1,
  firstTextTimeout: 2,
  idleTimeout: 0,
  maxRetries: 0,
  headers: { "x-team": "a" },
  maxEventBytes: 1024,
  fetch,
  dangerouslyAllowBrowser: true,
  onAttempt: (attempt) => attempt.durationMs.toFixed(),
};
const client = new PureRouter(options);

// @ts-expect-error: an unknown option
new PureRouter({ routerkey: "sk_1" });
// @ts-expect-error: an unknown option beside known ones
new PureRouter({ routerKey: "sk_1", retries: 3 });
// @ts-expect-error: `signal` belongs to a call
new PureRouter({ signal: new AbortController().signal });
// @ts-expect-error: not a key
new PureRouter({ routerKey: 1 });
// @ts-expect-error: not a key either
new PureRouter({ routerKey: () => 1 });
// @ts-expect-error: not a URL
new PureRouter({ baseUrl: 1 });
// @ts-expect-error: milliseconds are a number
new PureRouter({ timeout: "5s" });
// @ts-expect-error: milliseconds are a number
new PureRouter({ headersTimeout: "5s" });
// @ts-expect-error: milliseconds are a number
new PureRouter({ firstTextTimeout: "5s" });
// @ts-expect-error: milliseconds are a number
new PureRouter({ idleTimeout: null });
// @ts-expect-error: a count is a number
new PureRouter({ maxRetries: true });
// @ts-expect-error: bytes are a number
new PureRouter({ maxEventBytes: "8 MiB" });
// @ts-expect-error: not a boolean
new PureRouter({ dangerouslyAllowBrowser: "yes" });
// @ts-expect-error: does not give a Response
new PureRouter({ fetch: async () => "{}" });
// @ts-expect-error: does not take an attempt
new PureRouter({ onAttempt: (attempt: string) => attempt });

// Headers: an object, `Headers`, or pairs; `null` removes

const call: RequestOptions = { headers: { "x-team": "b", "x-user": null, "x-none": undefined } };
new PureRouter({ headers: new Headers({ "x-team": "a" }) });
new PureRouter({ headers: [["x-team", "a"]] });
new PureRouter({ headers: new Map([["x-team", "a"]]) });
new PureRouter({ headers: [["x-team", null]] });
// @ts-expect-error: a header is a string
new PureRouter({ headers: { "x-team": 1 } });
// @ts-expect-error: not pairs
new PureRouter({ headers: ["x-team", "a"] });
// @ts-expect-error: not headers
new PureRouter({ headers: "x-team: a" });

// Invoke

const deployments: Deployments = client.deployments;
const answer = await deployments.invoke("primary-id", { prompt: "Hi." });
const whole: InvokeResponse = answer;
const text: string = answer.choices[0].text;
const reason: string | null = answer.choices[0].finish_reason;
const usage: Usage | null | undefined = answer.usage;
const tokens: number | undefined = usage?.completion_tokens;
const further: unknown = answer["system_fingerprint"];

const request: InvokeRequest = { prompt: "Hi.", max_tokens: 250, temperature: 0.8, top_p: 0.95 };
await client.deployments.invoke("primary-id", request);
await client.deployments.invoke("primary-id", { prompt: "Hi.", stream: false });
await client.deployments.invoke("primary-id", {
  prompt: "Hi.",
  max_tokens: null,
  top_p: undefined,
  stream: null,
});
await client.deployments.invoke("primary-id", {
  prompt: "Hi.",
  parameters: { top_k: 40 },
  seed: 7,
  stop: ["\n"],
});
await client.deployments.invoke("primary-id", { input: { image: "…" } });
await client.deployments.invoke("primary-id", { inputs: ["a", "b"] });
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "Hi." }], name: "A" },
  { role: "assistant", content: null, tool_calls: [] },
];
await client.deployments.invoke("primary-id", { messages });
await client.deployments.invoke("primary-id", {
  messages: messages satisfies Message[] as readonly Message[],
});
await client.deployments.invoke("primary-id", { prompt: null, messages });

// A type of the caller's own, as an interface: no index signature.
interface Prompt {
  prompt: string;
  max_tokens?: number;
}
const own: Prompt = { prompt: "Hi." };
await client.deployments.invoke("primary-id", own);

const shaped = await client.deployments.invoke<{ choices: { message: { content: string } }[] }>(
  "chat-id",
  request,
);
const content: string | undefined = shaped.choices[0]?.message.content;

await client.deployments.invoke("primary-id", request, {
  routerKey: "sk_2",
  timeout: 1,
  headersTimeout: 1,
  firstTextTimeout: 1,
  idleTimeout: 1,
  maxRetries: 1,
  headers: { "x-team": null },
  onAttempt: (attempt: Attempt) => attempt.target,
  signal: AbortSignal.timeout(1000),
});
await client.deployments.invoke("primary-id", request, call);
await client.deployments.invoke("primary-id", request, { signal: undefined, timeout: undefined });

// @ts-expect-error: no prompt, messages, input or inputs
await client.deployments.invoke("primary-id", { max_tokens: 5 });
// @ts-expect-error: nor in an empty request
await client.deployments.invoke("primary-id", {});
// @ts-expect-error: null is no prompt
await client.deployments.invoke("primary-id", { prompt: null });
// @ts-expect-error: a request is an object
await client.deployments.invoke("primary-id", "Hi.");
// @ts-expect-error: there is no call without a request
await client.deployments.invoke("primary-id");
// @ts-expect-error: an id is a string
await client.deployments.invoke(1, { prompt: "Hi." });
// @ts-expect-error: that is what stream() is for
await client.deployments.invoke("primary-id", { prompt: "Hi.", stream: true });
// @ts-expect-error: a prompt is a string
await client.deployments.invoke("primary-id", { prompt: 1 });
// @ts-expect-error: also beside messages
await client.deployments.invoke("primary-id", { prompt: 1, messages });
// @ts-expect-error: messages are a list
await client.deployments.invoke("primary-id", { messages: "Hi." });
// @ts-expect-error: a message has a role
await client.deployments.invoke("primary-id", { messages: [{ content: "Hi." }] });
// @ts-expect-error: content is text or parts
await client.deployments.invoke("primary-id", { messages: [{ role: "user", content: 1 }] });
// @ts-expect-error: an input is text or JSON
await client.deployments.invoke("primary-id", { input: 1 });
// @ts-expect-error: inputs are text or JSON
await client.deployments.invoke("primary-id", { inputs: true });
// @ts-expect-error: not a number
await client.deployments.invoke("primary-id", { prompt: "Hi.", max_tokens: "250" });
// @ts-expect-error: not a number
await client.deployments.invoke("primary-id", { prompt: "Hi.", temperature: "hot" });
// @ts-expect-error: not a number
await client.deployments.invoke("primary-id", { prompt: "Hi.", top_p: true });
// @ts-expect-error: not an object
await client.deployments.invoke("primary-id", { prompt: "Hi.", parameters: 1 });
// @ts-expect-error: an unknown option
await client.deployments.invoke("primary-id", request, { retries: 1 });
// @ts-expect-error: `baseUrl` belongs to the client
await client.deployments.invoke("primary-id", request, { baseUrl: "/" });
// @ts-expect-error: `fetch` belongs to the client
await client.deployments.invoke("primary-id", request, { fetch });
// @ts-expect-error: not a signal
await client.deployments.invoke("primary-id", request, { signal: new AbortController() });
// @ts-expect-error: milliseconds are a number
await client.deployments.invoke("primary-id", request, { timeout: "1s" });
// @ts-expect-error: text is a string
const wrong: number = answer.choices[0].text;

// Infer

const router: Router = client.router;
const inferred = await router.infer({ prompt: "Hi.", profile: "balanced" });
const all: InferResponse = inferred;
const output: string = inferred.output_text;
const names: (string | null)[] = [inferred.provider, inferred.model_id, inferred.task, inferred.profile];
const figures: (number | null)[] = [inferred.latency_ms, inferred.cost_usd];
const spent: Usage | null = inferred.usage;
const raw: unknown = inferred.raw;

const automatic: InferRequest = { prompt: "Hi.", max_tokens: 5, anything: { else: 1 } };
await client.router.infer(automatic, { maxRetries: 0 });
await client.router.infer({ messages, profile: null });
const typed: { output_text: "yes" | "no" } = await client.router.infer<{ output_text: "yes" | "no" }>(
  automatic,
);

// @ts-expect-error: no prompt
await client.router.infer({ profile: "balanced" });
// @ts-expect-error: a profile is a string
await client.router.infer({ prompt: "Hi.", profile: 1 });
// @ts-expect-error: that is what stream() is for
await client.router.infer({ prompt: "Hi.", stream: true });
// @ts-expect-error: not a number
await client.router.infer({ prompt: "Hi.", max_tokens: "5" });
// @ts-expect-error: an unknown option
await client.router.infer({ prompt: "Hi." }, { timeOut: 5 });

// The rest of the client

const health: Health = await client.health();
await client.health({ timeout: 1000 });
const status: string | undefined = health.status;
// @ts-expect-error: an unknown option
await client.health({ deep: true });
// @ts-expect-error: fixed for the client's life
client.deployments = deployments;
// @ts-expect-error: fixed for the client's life
client.router = router;

export {
  all,
  content,
  figures,
  further,
  names,
  output,
  raw,
  reason,
  spent,
  status,
  text,
  tokens,
  typed,
  whole,
  wrong,
};
