// Faults of the connection and its framing: it breaks, or what was announced is not what comes.
//
// A break waits until the client has the text before it: an engine may drop what nobody has read by then.

import { DONE, delta } from "./events.js";
import { read } from "./scenario.js";

/** A server that sends a text, and once it has arrived does `then`, which breaks the body. */
const breaking = (then, head) => async (exchange) => {
  await exchange.head(200, { "content-type": "text/event-stream", ...head });
  await exchange.body(delta("one"));
  await exchange.heard("arrived");
  await then(exchange);
};

const lost = { error: "StreamError", partialText: "one", message: /connection was lost/ };
const NEVER_ASKED_AGAIN = { requests: 1 };

export const connections = [
  {
    fault: "The body ends without a finish reason or `[DONE]`",
    gets: "`TruncatedStreamError` with `partialText`",
    answer: breaking((exchange) => exchange.end()),
    outcome: { error: "TruncatedStreamError", partialText: "one" },
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The body ends in the middle of an event",
    gets: "`TruncatedStreamError` with the text of the whole events",
    answer: breaking(async (exchange) => {
      await exchange.body(delta("two", "stop").slice(0, -9));
      await exchange.end();
    }),
    outcome: { error: "TruncatedStreamError", partialText: "one" },
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "Nothing listens at the address",
    gets: "`APIConnectionError`, after retries",
    options: { maxRetries: 1 },
    listens: false,
    outcome: { error: "APIConnectionError", message: /^No response from http:/, attempts: { length: 2 } },
    server: { requests: 0 },
  },
  {
    fault: "The connection is reset before the head",
    gets: "the answer, since it is asked for again",
    async answer(exchange) {
      if (exchange.number < 3) return exchange.reset();
      await exchange.head();
      await exchange.body(delta("one") + DONE);
      await exchange.end();
    },
    outcome: { text: "one" },
    server: { requests: 3 },
  },
  {
    fault: "The connection is reset before the head, every time",
    gets: "`APIConnectionError`, after retries",
    options: { maxRetries: 2 },
    answer: (exchange) => exchange.reset(),
    outcome: { error: "APIConnectionError", attempts: { length: 3 } },
    server: { requests: 3 },
  },
  {
    fault: "The connection is reset in the middle of the body",
    gets: "`StreamError` with `partialText`; a stream is never asked for again",
    answer: breaking((exchange) => exchange.reset()),
    outcome: lost,
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The connection is closed between two chunks",
    gets: "`StreamError` with `partialText`",
    answer: breaking((exchange) => exchange.hangUp()),
    outcome: lost,
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The connection is closed in the middle of a chunk",
    gets: "`StreamError` with `partialText`",
    answer: breaking(async (exchange) => {
      await exchange.bytes("ff\r\ndata: {");
      exchange.hangUp();
    }),
    outcome: lost,
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The connection is reset where the head had said `connection: close`",
    gets: "`StreamError`; `TruncatedStreamError` in Node, which takes that for the end of the body",
    answer: breaking((exchange) => exchange.reset(), { connection: "close" }),
    outcome: { error: /^(Truncated)?StreamError$/, partialText: "one" },
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "Fewer bytes come than `content-length` says",
    gets: "`StreamError` with `partialText`",
    answer: breaking((exchange) => exchange.hangUp(), { "content-length": 10_000 }),
    outcome: lost,
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "More bytes come than `content-length` says",
    gets: "`TruncatedStreamError` with the text that was announced",
    answer: breaking(
      async (exchange) => {
        await exchange.body(delta("two") + DONE);
        exchange.hangUp();
      },
      { "content-length": delta("one").length + 10 },
    ),
    outcome: { error: "TruncatedStreamError", partialText: "one" },
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The sizes of chunks are a lie",
    gets: "`StreamError` with `partialText`",
    answer: breaking(async (exchange) => {
      await exchange.bytes(`5\r\n${delta("two")}\r\nxyz\r\n${DONE}\r\n0\r\n\r\n`);
    }),
    outcome: lost,
    server: NEVER_ASKED_AGAIN,
  },
  {
    fault: "The answer is not HTTP",
    gets: "`APIConnectionError`, after retries",
    options: { maxRetries: 1 },
    async answer(exchange) {
      await exchange.bytes("220 mail.example ESMTP, not HTTP at all\r\n\r\n\0\u0001\u0002");
      exchange.hangUp();
    },
    outcome: { error: "APIConnectionError" },
    server: { requests: 2 },
  },
  {
    fault: "The head never ends",
    gets: "`APIConnectionError`, as soon as it is too much for the engine",
    options: { maxRetries: 0 },
    async answer(exchange) {
      await exchange.bytes("HTTP/1.1 200 OK\r\n");
      while (exchange.isOpen) {
        await exchange.bytes(`x-filler: ${"x".repeat(4000)}\r\n`);
        await exchange.pause(1);
      }
    },
    outcome: { error: "APIConnectionError" },
  },
  {
    fault: "The body says it is gzip, and is not",
    gets: "`StreamError`",
    async answer(exchange) {
      await exchange.head(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      await exchange.body(delta("one") + DONE);
      await exchange.end();
    },
    outcome: { error: "StreamError", partialText: "" },
    server: NEVER_ASKED_AGAIN,
  },
];
