// Faults that would let something out: the key echoed by whoever answers, and an id that leaves its place in the path.

import { delta } from "./events.js";
import { KEY, each, invoke, read } from "./scenario.js";

const ESCAPED = [...KEY].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

/** Each way in which a service, or what stands before it, gives the key back. */
const echoes = [
  (exchange) =>
    exchange.answer(
      401,
      { "content-type": "application/json", "x-request-id": KEY, "x-echo": `got ${KEY}` },
      JSON.stringify({ error: { message: `Bad key ${KEY}`, code: KEY }, [KEY]: true }),
    ),
  (exchange) =>
    exchange.answer(
      400,
      { "content-type": "application/json" },
      `{"error":{"message":"Bad key ${ESCAPED}"}}`,
    ),
  (exchange) => exchange.answer(403, { "content-type": "text/html" }, `<p>Bad key ${KEY}</p>`),
  (exchange) => exchange.answer(200, { "content-type": "text/html" }, `<p>Bad key ${KEY}</p>`),
  async (exchange) => {
    await exchange.head();
    await exchange.body(delta(`Your key is ${KEY}.`) + `event: error\ndata: {"error":"Bad key ${KEY}"}\n\n`);
  },
];

const message = /Bad key \[redacted\]/;

export const secrets = [
  {
    fault: "The key is echoed: in an error's JSON and headers, in a page, in an error event",
    gets: "`[redacted]` in its place, in every error's message, `body`, `headers`, stack and `partialText`",
    answer: (exchange) => echoes[exchange.number - 1](exchange),
    ask: each({ json: invoke, escaped: invoke, refused: read, page: read, event: read }),
    outcome: {
      json: {
        error: "AuthenticationError",
        message,
        requestId: "[redacted]",
        body: { error: { message: "Bad key [redacted]" }, "[redacted]": true },
      },
      escaped: { error: "BadRequestError", message },
      refused: { error: "PermissionDeniedError", message, body: "<p>Bad key [redacted]</p>" },
      page: { error: "ResponseFormatError", message, body: "<p>Bad key [redacted]</p>" },
      event: { isAPIError: true, message, partialText: "Your key is [redacted]." },
    },
    server: { requests: 5 },
  },
  {
    fault: "An id holds `/`, `?` or `#`, or is `.` or `..`",
    gets: "one segment of the path, percent-encoded; the last two are refused, and nothing is sent",
    answer: (exchange) => exchange.answer(200, { "content-type": "application/json" }, "{}"),
    async ask({ client, settle }) {
      const send = (id) => settle(client.deployments.invoke(id, { prompt: "Hi." }));
      await send("../a/b?c#d%2F");
      return { dot: await send("."), dots: await send("..") };
    },
    outcome: { dot: { error: /^(Type|Range)Error$/ }, dots: { error: /^(Type|Range)Error$/ } },
    server: { requests: 1, paths: ["/v1/deployments/..%2Fa%2Fb%3Fc%23d%252F/invoke"] },
  },
];
