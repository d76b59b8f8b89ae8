// Faults of a service that is there, and says nothing, or too little.
//
// The timeouts are short, and each is the only one that can run out, so it does not matter how fast the machine is. On a
// busy one, those that count from the start may run out before a request has reached the server.

import { DONE, delta } from "./events.js";
import { each, invoke, read } from "./scenario.js";

const SHORT_MS = 300;

const atMost = (most) => (count) => count <= most;

export const silence = [
  {
    fault: "Silence after the first text",
    gets: "`APITimeoutError`, phase `idle`, with `partialText`; the connection is let go",
    options: { idleTimeout: SHORT_MS },
    async answer(exchange) {
      await exchange.head();
      await exchange.body(delta("one"));
    },
    outcome: { error: "APITimeoutError", phase: "idle", timeoutMs: SHORT_MS, partialText: "one" },
  },
  {
    fault: "A head and then only comments to keep the connection alive",
    gets: "`APITimeoutError`, phase `first-text`",
    options: { firstTextTimeout: SHORT_MS },
    async answer(exchange) {
      await exchange.head();
      while (exchange.isOpen) {
        await exchange.body(": still here\n\n");
        await exchange.pause(20);
      }
    },
    outcome: { error: "APITimeoutError", phase: "first-text", timeoutMs: SHORT_MS, partialText: "" },
    server: { requests: atMost(1) },
  },
  {
    fault: "No answer at all",
    gets: "`APITimeoutError`: of a stream, phase `headers`, after retries; of the others, phase `total`",
    answer() {},
    ask: each({
      stream: (context) => read(context, { headersTimeout: SHORT_MS, maxRetries: 1 }),
      invoke: (context) => invoke(context, { timeout: SHORT_MS }),
    }),
    outcome: {
      stream: { error: "APITimeoutError", phase: "headers", timeoutMs: SHORT_MS, attempts: { length: 2 } },
      invoke: { error: "APITimeoutError", phase: "total", timeoutMs: SHORT_MS },
    },
    server: { requests: atMost(3) },
  },
  {
    fault: "The head stops halfway",
    gets: "`APITimeoutError`, phase `headers`, after retries",
    options: { headersTimeout: SHORT_MS, maxRetries: 1 },
    answer: (exchange) => exchange.bytes("HTTP/1.1 200 OK\r\ncontent-type: text/ev"),
    outcome: { error: "APITimeoutError", phase: "headers", attempts: { length: 2 } },
    server: { requests: atMost(2) },
  },
  {
    fault: "A JSON answer stops halfway",
    gets: "`APITimeoutError`, phase `idle`; the connection is let go",
    options: { idleTimeout: SHORT_MS },
    ask: invoke,
    async answer(exchange) {
      await exchange.head(200, { "content-type": "application/json" });
      await exchange.body('{"choices":[{"te');
    },
    outcome: { error: "APITimeoutError", phase: "idle", timeoutMs: SHORT_MS },
  },
  {
    fault: "An error answer stops before its body",
    gets: "the error of its status",
    options: { idleTimeout: SHORT_MS, maxRetries: 0 },
    answer: (exchange) => exchange.head(500, { "content-type": "application/json" }),
    outcome: { error: "InternalServerError", status: 500 },
  },
  {
    fault: "Text dribbles for ever",
    gets: "`APITimeoutError`, phase `total`, where `timeout` is set, with `partialText`",
    options: { timeout: 500 },
    async answer(exchange) {
      await exchange.head();
      while (exchange.isOpen) {
        await exchange.body(delta("."));
        await exchange.pause(20);
      }
    },
    outcome: { error: "APITimeoutError", phase: "total", timeoutMs: 500, partialText: /^\.*$/ },
    server: { requests: atMost(1) },
  },
  {
    fault: "`[DONE]` is sent, and the connection held open",
    gets: "the text, at once; the connection is let go",
    async answer(exchange) {
      await exchange.head();
      await exchange.body(delta("one") + DONE);
    },
    outcome: { text: "one" },
  },
  {
    fault: "A finish reason is sent, no `[DONE]`, and the connection held open",
    gets: "the text, after a second of silence; the connection is let go",
    async answer(exchange) {
      await exchange.head();
      await exchange.body(delta("one", "stop"));
    },
    outcome: { text: "one" },
  },
];
