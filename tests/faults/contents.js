// Faults of what is in a successful answer: somebody else's page, nothing, an error, or too much.

import { delta } from "./events.js";
import { readAndInvoke } from "./scenario.js";

// What a pair of sockets on one machine and the engine may hold: Chromium's own fetch, read once, lets 75 MiB be written.
const MOST_AHEAD = 128 * 2 ** 20;

const PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to the hotel's network.</p>";
const FAILED = JSON.stringify({
  error: { message: "The model is overloaded.", status: 529, code: "overloaded" },
});

const notPromised = { error: "ResponseFormatError", status: 200, message: /Check the baseUrl/, body: PAGE };
const overloaded = { error: "InternalServerError", status: 529, message: /The model is overloaded/ };

export const contents = [
  {
    fault: "An HTML page with status 200, such as a login page",
    gets: "`ResponseFormatError` with the page as its `body`",
    answer: (exchange) => exchange.answer(200, { "content-type": "text/html; charset=utf-8" }, PAGE),
    ask: readAndInvoke,
    outcome: { stream: notPromised, invoke: notPromised },
    server: { requests: 2 },
  },
  {
    fault: "An empty answer, 200 or 204",
    gets: "of a stream `TruncatedStreamError`, of the others `ResponseFormatError`",
    answer: (exchange) =>
      exchange.number > 2 ? exchange.answer(204, {}, "") : exchange.answer(200, { "content-length": 0 }, ""),
    async ask(context) {
      return { with200: await readAndInvoke(context), with204: await readAndInvoke(context) };
    },
    outcome: {
      with200: {
        stream: { error: "TruncatedStreamError", partialText: "" },
        invoke: { error: "ResponseFormatError", status: 200, message: /an empty body/ },
      },
      with204: {
        stream: { error: "TruncatedStreamError", partialText: "" },
        invoke: { error: "ResponseFormatError", status: 204, message: /an empty body/ },
      },
    },
    server: { requests: 4 },
  },
  {
    fault: '`{"error": …}` as JSON with status 200',
    gets: "the error of the status in it, else `APIError`",
    answer: (exchange) => exchange.answer(200, { "content-type": "application/json" }, FAILED),
    ask: readAndInvoke,
    outcome: { stream: overloaded, invoke: overloaded },
    server: { requests: 2 },
  },
  {
    fault: "An error event in the middle of a stream",
    gets: "the error of the status in it, with `partialText`; the connection is let go",
    async answer(exchange) {
      await exchange.head();
      await exchange.body(delta("one") + `event: error\ndata: ${FAILED}\n\n`);
    },
    outcome: { ...overloaded, partialText: "one" },
  },
  {
    fault: "A line without end",
    gets: "`StreamError` that names `maxEventBytes`, as soon as it is longer; the connection is let go",
    options: { maxEventBytes: 65_536 },
    async answer(exchange) {
      await exchange.head();
      await exchange.body(delta("one") + "data: ");
      const piece = "x".repeat(65_536);
      for (let sent = 0; sent < 4 * MOST_AHEAD && exchange.isOpen; sent += piece.length)
        await exchange.body(piece);
    },
    outcome: { error: "StreamError", message: /larger than 65536 bytes.*maxEventBytes/, partialText: "one" },
    server: { written: (bytes) => bytes < MOST_AHEAD },
  },
];
