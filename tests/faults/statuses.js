// Faults told by the status: a service in trouble, one that asks for patience, and answers of somebody else.

import { DONE, delta } from "./events.js";
import { each, read, readAndInvoke } from "./scenario.js";

const JSON_TYPE = { "content-type": "application/json" };
const fail = (exchange, status, headers) =>
  exchange.answer(status, { ...JSON_TYPE, ...headers }, '{"error":{"message":"Not now."}}');
const succeed = (exchange) =>
  exchange.answer(200, { "content-type": "text/event-stream" }, delta("one") + DONE);

const CALLS = 12;
// What a client may retry without one success.
const BUDGET = 10;
const LONGEST_WAITS_MS = [250, 500, 1000, 2000];
const PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n";

/** Each is some part of the longest wait, and never the same part. */
function isJitter(waits) {
  const parts = waits.map((wait, n) => wait / LONGEST_WAITS_MS[n]);
  const inRange = parts.every((part) => part >= 0 && part <= 1);
  return waits.length > 0 && inRange && new Set(parts).size === parts.length && !parts.includes(1);
}

/** A call, and the waits before its further attempts. */
async function readWithWaits(context) {
  const waits = [];
  const onAttempt = ({ retryInMs }) => retryInMs !== null && waits.push(retryInMs);
  const started = performance.now();
  const { text, error } = await context.settle(read(context, { onAttempt }));
  const told = waits.reduce((sum, wait) => sum + wait, 0);
  return { came: text ?? error, waits, waited: performance.now() - started >= told };
}

export const statuses = [
  {
    fault: "503 for three seconds",
    gets: "the answer, or `InternalServerError` after 5 requests, with random waits of up to 0.25, 0.5, 1 and 2 s",
    answer: (exchange) => (exchange.sinceFirstMs < 3000 ? fail(exchange, 503) : succeed(exchange)),
    ask: readWithWaits,
    outcome: { came: /^(one|InternalServerError)$/, waits: isJitter, waited: true },
    server: { requests: (count) => count > 1 && count <= 5 },
  },
  {
    fault: "503 for ever, to many calls at once",
    gets: "`InternalServerError`; all calls of one client have 10 retries between them",
    answer: (exchange) => fail(exchange, 503),
    async ask(context) {
      const outcomes = Array.from({ length: CALLS }, () => context.settle(read(context)));
      return { errors: (await Promise.all(outcomes)).map(({ error, status }) => `${error} ${status}`) };
    },
    outcome: { errors: Array(CALLS).fill("InternalServerError 503") },
    server: { requests: CALLS + BUDGET },
  },
  {
    fault: "429 with `Retry-After: 120`, and a `timeout` shorter than that",
    gets: "`RateLimitError` at once, with `retryAfterMs`",
    options: { timeout: 60_000 },
    answer: (exchange) => fail(exchange, 429, { "retry-after": "120" }),
    outcome: { error: "RateLimitError", status: 429, retryAfterMs: 120_000, attempts: [{ retryInMs: null }] },
  },
  {
    fault: "429 with `Retry-After: 120`, and time enough",
    gets: "a wait of 120 s, announced to `onAttempt`, which an abort ends at once",
    answer: (exchange) => fail(exchange, 429, { "retry-after": "120" }),
    async ask(context) {
      const stop = new AbortController();
      let wait;
      const onAttempt = ({ retryInMs }) => {
        wait = retryInMs;
        setTimeout(() => stop.abort("enough"), 300);
      };
      const { thrown } = await context.settle(read(context, { onAttempt, signal: stop.signal }));
      return { thrown, wait };
    },
    outcome: { thrown: "enough", wait: (wait) => wait >= 120_000 },
  },
  {
    fault: "429 with `Retry-After: 1`",
    gets: "the answer, asked for again after a second and not earlier",
    answer: (exchange) =>
      exchange.number === 1 ? fail(exchange, 429, { "retry-after": "1" }) : succeed(exchange),
    outcome: { text: "one" },
    server: { requests: 2, gaps: [(gap) => gap > 990] },
  },
  {
    fault: "502 with the HTML page of a proxy",
    gets: "`InternalServerError`, after retries, with the page as its `body` and in its message",
    options: { maxRetries: 1 },
    answer: (exchange) => exchange.answer(502, { "content-type": "text/html" }, PAGE),
    outcome: { error: "InternalServerError", status: 502, message: /^502 .*Bad Gateway/s, body: PAGE },
    server: { requests: 2 },
  },
  {
    fault: "A redirect to another place, 302 or 307",
    gets: "`APIConnectionError` that says so; the other place gets no request, and no key",
    answer: (exchange) =>
      exchange.answer(
        exchange.number === 1 ? 302 : 307,
        { location: `${exchange.elsewhere}${exchange.path}` },
        "",
      ),
    ask: readAndInvoke,
    outcome: {
      stream: { error: "APIConnectionError", message: /redirect/ },
      invoke: { error: "APIConnectionError", message: /redirect/ },
    },
    server: { requests: 2 },
  },
  {
    fault: "The answer lacks CORS headers",
    gets: "`APIConnectionError` that names CORS among what a browser hides from a page",
    engines: ["Chromium"],
    cors: false,
    options: { maxRetries: 0 },
    ask: each({
      refused: read,
      // Without a key and a content type there is no preflight: the request is sent, and its answer kept back.
      hidden: ({ client }) => client.health({ routerKey: undefined }),
    }),
    answer: (exchange) => exchange.answer(200, JSON_TYPE, "{}"),
    outcome: {
      refused: { error: "APIConnectionError", message: /hides the reason.*CORS/ },
      hidden: { error: "APIConnectionError", message: /hides the reason.*CORS/ },
    },
    server: { requests: 0 },
  },
];
