// When the next target is asked, when it is not, and what the reader sees of those that failed before their first text.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { DONE, SSE, delta } from "../package/sockets.mjs";
import { collect, rejection, settled } from "../package/waiting.mjs";
import {
  breaksAfter,
  clientOf,
  first,
  fleet,
  holds,
  json,
  losesAfter,
  says,
  sends,
  silent,
  status,
} from "./fleet.mjs";

const { PureRouter } = purerouter;
const request = { prompt: "Hi." };

/** A port at which nobody listens. */
async function nobody() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return { url: `http://127.0.0.1:${port}` };
}

const html = ({ response }) =>
  void response.writeHead(200, { "content-type": "text/html" }).end("<p>Login</p>");
const role = 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n';
const errorEvent = 'data: {"error":{"message":"overloaded","code":529}}\n\n';

/** How a target fails for good: its answer, the error's name, and further client options. */
const anyCall = {
  "a 503, after its retries": [status(503), "InternalServerError", { maxRetries: 2 }, 3],
  "a 404": [status(404), "NotFoundError"],
  "a 400": [status(400), "BadRequestError"],
  "a 403": [status(403), "PermissionDeniedError"],
  "a 422": [status(422), "UnprocessableEntityError"],
  "a 429": [status(429), "RateLimitError"],
  "a redirect": [status(307, { location: "/" }), "APIConnectionError"],
  "a connection closed without an answer": [({ response }) => void response.destroy(), "APIConnectionError"],
  "an HTML page": [html, "ResponseFormatError"],
};
const streaming = {
  headersTimeout: [silent, "APITimeoutError", { headersTimeout: 150 }],
  firstTextTimeout: [holds(role, ": comment\n\n"), "APITimeoutError", { firstTextTimeout: 150 }],
  "firstTextTimeout, before the head": [silent, "APITimeoutError", { firstTextTimeout: 150 }],
  "an empty body": [sends(), "TruncatedStreamError"],
  "a body that ends before its first text": [sends(role, ": comment\n\n"), "TruncatedStreamError"],
  "a connection lost before the first text": [losesAfter(""), "StreamError"],
  "an error event before the first text": [sends(role, errorEvent), "InternalServerError"],
  "an event that is too large before the first text": [
    sends(`data: ${"x".repeat(2000)}`),
    "StreamError",
    { maxEventBytes: 1000 },
  ],
};
const whole = {
  "an answer that is no JSON": [
    ({ response }) => void response.writeHead(200).end("no"),
    "ResponseFormatError",
  ],
  "an error within a 200": [json({ error: { message: "no", code: 503 } }), "InternalServerError"],
  "half an answer, and silence": [
    ({ response }) => void response.writeHead(200).write('{"choices":'),
    "APITimeoutError",
    { idleTimeout: 150 },
  ],
};

/** Every reading of a stream, as the text that it makes. */
const readings = {
  events: async (stream) => (await collect(stream)).map(({ text }) => text).join(""),
  "textStream()": async (stream) => (await collect(stream.textStream())).join(""),
  "text()": (stream) => settled(stream.text()),
  "completion()": async (stream) => (await settled(stream.completion())).text,
};

for (const [what, [answer, name, options, requests = 1]] of Object.entries({ ...anyCall, ...streaming })) {
  test(`the next target is asked after ${what}, and a stream's reader sees nothing of it`, async (t) => {
    const server = await fleet(t, { a: answer, b: says("Hel", "lo") });
    for (const [how, read] of Object.entries(readings)) {
      server.asked.length = 0;
      const stream = clientOf(server, options).fallback(["a", "b"]).stream(request);
      assert.equal(await read(stream), "Hello", how);
      const { attempts, target } = await settled(stream.completion());
      assert.equal(target, "b");
      assert.equal(attempts.at(-2).error.name, name);
      assert.deepEqual(server.labels(), [...Array(requests).fill("a"), "b"]);
      assert.deepEqual(server.bodies("b"), [{ prompt: "Hi.", stream: true }], "asked the same");
    }
  });
}

for (const [what, [answer, name, options, requests = 1]] of Object.entries({ ...anyCall, ...whole })) {
  test(`the next target is asked after ${what} to invoke()`, async (t) => {
    const server = await fleet(t, { a: answer, b: says("Hello") });
    const { text, target, attempts } = await settled(
      clientOf(server, options).fallback(["a", "b"]).invoke(request),
    );
    assert.deepEqual([text, target], ["Hello", "b"]);
    assert.equal(attempts.at(-2).error.name, name);
    assert.deepEqual(server.labels(), [...Array(requests).fill("a"), "b"]);
  });
}

test("the next target is asked after a refused connection", async (t) => {
  const server = await fleet(t, { b: says("Hello") });
  const gone = clientOf(await nobody()).deployment("a");
  for (const target of [gone, clientOf(server).fallback([gone])]) {
    const error = await rejection(target.invoke(request));
    const [refused] = error.errors ?? [error];
    assert.equal(refused.name, "APIConnectionError");
  }
  assert.equal((await settled(clientOf(server).fallback([gone, "b"]).invoke(request))).text, "Hello");
  assert.equal(await settled(clientOf(server).fallback([gone, "b"]).stream(request).text()), "Hello");
});

test("the request of a target that failed is let go", async (t) => {
  const server = await fleet(t, { a: holds(role), b: says("Hello") });
  const target = clientOf(server, { firstTextTimeout: 100 }).fallback(["a", "b"]);
  await settled(target.stream(request).text());
  const [a] = server.of("a");
  while (a.connection === "open") await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(a.connection, "closed");
});

const said = 'id: 7\nevent: note\ndata: {"choices":[{"delta":{"content":"Hi"}}]}\n\n';
const before = `id: of-a\nevent: start\n${role}: comment\n\nretry: 10\n\n`;

test("of a failed target the reader sees no event, no id and no byte", async (t) => {
  const server = await fleet(t, { a: sends(before, errorEvent), b: sends(role, said, DONE) });
  const open = (options) => clientOf(server).fallback(["a", "b"], options).stream(request);
  for (const options of [undefined, { midStream: "continue" }, { midStream: "restart" }]) {
    const events = await collect(open(options));
    assert.deepEqual(
      events.map(({ event, id, text }) => [event, id, text]),
      [
        ["message", "", ""],
        ["note", "7", "Hi"],
      ],
    );
    const [left, right] = open(options).tee();
    assert.deepEqual(
      (await collect(left)).map(({ id }) => id),
      ["", "7"],
    );
    assert.equal(await settled(right.text()), "Hi");
  }
  assert.equal(await settled(new Response(open().toReadableStream()).text()), role + said + DONE);
  const response = await settled(open().toResponse());
  assert.equal(response.headers.get("content-type"), SSE);
  assert.equal(await settled(response.text()), role + said + DONE);
});

test("an event id that only the failed target sent is not the next one's sticky id", async (t) => {
  const server = await fleet(t, { a: sends("id: of-a\ndata: {}\n\n"), b: sends(delta("Hi"), DONE) });
  const [event] = await collect(clientOf(server).fallback(["a", "b"]).stream(request));
  assert.equal(event.id, "");
});

test("bytes and characters that arrive in pieces are the same behind a failed target", async (t) => {
  const all = Buffer.from(delta("Grüße 😀") + delta("!", "stop") + DONE);
  const pieces = Array.from({ length: Math.ceil(all.length / 3) }, (_, i) => all.subarray(3 * i, 3 * i + 3));
  const server = await fleet(t, { a: sends(role), b: sends(...pieces) });
  const target = clientOf(server).fallback(["a", "b"]);
  assert.equal(await settled(target.stream(request).text()), "Grüße 😀!");
  const bytes = await settled(new Response(target.stream(request).toReadableStream()).arrayBuffer());
  assert.deepEqual(Buffer.from(bytes), all);
});

test("an answer without text is an answer", async (t) => {
  const server = await fleet(t, { a: sends(DONE), b: says("Hello") });
  const target = clientOf(server).fallback(["a", "b"]);
  assert.equal(await settled(target.stream(request).text()), "");
  server.answers.a = sends(delta("", "stop"));
  assert.equal((await settled(target.stream(request).completion())).finishReason, "stop");
  server.answers.a = ({ response }) =>
    void response.writeHead(200, { "content-type": SSE }).write(delta("", "length"));
  const { finishReason, text } = await settled(target.stream(request).completion());
  assert.deepEqual([finishReason, text], ["length", ""]);
  assert.deepEqual(server.of("b"), []);
});

test("each kind of body can be the answer behind a failed target", async (t) => {
  const server = await fleet(t, { a: status(404) });
  const target = clientOf(server).fallback(["a", "b"]);
  const bodies = [
    ["application/json", '{"choices":[{"text":"Hello"}]}'],
    ["application/x-ndjson", '{"output_text":"Hel"}\n{"output_text":"lo"}\n'],
    ["text/plain", "Hello"],
    ["text/event-stream", 'data: data: {"output_text":"Hello"}\n\ndata: [DONE]'],
  ];
  for (const [type, body] of bodies) {
    server.answers.b = ({ response }) => void response.writeHead(200, { "content-type": type }).end(body);
    for (const [how, read] of Object.entries(readings)) {
      assert.equal(await read(target.stream(request)), "Hello", `${type} by ${how}`);
    }
  }
});

const calls = {
  "invoke()": (target, options) => target.invoke(request, options),
  "text()": (target, options) => target.stream(request, options).text(),
  "the events": (target, options) => collect(target.stream(request, options)),
  "textStream()": (target, options) => collect(target.stream(request, options).textStream()),
  "toReadableStream()": (target, options) =>
    new Response(target.stream(request, options).toReadableStream()).text(),
  "toResponse()": (target, options) => target.stream(request, options).toResponse(),
  "tee()": (target, options) => target.stream(request, options).tee()[1].text(),
};
for (const [how, call] of Object.entries(calls)) {
  test(`when all fail, ${how} rejects with a FallbackError of their errors in order`, async (t) => {
    const server = await fleet(t, { a: status(503), b: status(404, {}, { error: "b is no more" }), c: html });
    const error = await rejection(call(clientOf(server).fallback(["a", "b", "c"])));
    assert.equal(error.constructor, purerouter.FallbackError);
    assert.ok(error instanceof purerouter.PureRouterError);
    assert.deepEqual(
      error.errors.map(({ name }) => name),
      ["InternalServerError", "NotFoundError", "ResponseFormatError"],
    );
    for (const words of [/\ba: 503/, /\bb: 404 b is no more/, /\bc: /]) assert.match(error.message, words);
    assert.deepEqual(server.labels(), ["a", "b", "c"]);
    if (how !== "invoke()") assert.equal(error.partialText, "");
  });

  test(`401 is the result of ${how} itself: the next target is not asked`, async (t) => {
    const server = await fleet(t, { a: status(401), b: says("Hello") });
    const error = await rejection(call(clientOf(server).fallback(["a", "b"])));
    assert.equal(error.name, "AuthenticationError");
    assert.deepEqual(server.labels(), ["a"]);
    assert.equal(error.attempts.length, 1);
  });

  test(`a 401 behind another error is the result of ${how}, with the attempts of both`, async (t) => {
    const server = await fleet(t, { a: status(503), b: status(401), c: says("Hello") });
    const error = await rejection(call(clientOf(server).fallback(["a", "b", "c"])));
    assert.equal(error.name, "AuthenticationError");
    assert.deepEqual(server.labels(), ["a", "b"]);
    assert.deepEqual(
      error.attempts.map(({ target }) => target),
      ["a", "b"],
    );
  });

  test(`a TypeError or RangeError of a routerKey function is the result of ${how}`, async (t) => {
    const server = await fleet(t, { a: says("Hello"), b: says("Hello") });
    for (const type of [TypeError, RangeError]) {
      const thrown = new type("no key");
      const routerKey = () => Promise.reject(thrown);
      assert.equal(await rejection(call(clientOf(server, { routerKey }).fallback(["a", "b"]))), thrown);
    }
    assert.deepEqual(server.asked, []);
  });

  test(`shouldFallback decides for ${how}, and gets each error once`, async (t) => {
    const server = await fleet(t, { a: status(401), b: status(404), c: status(503), d: says("Hello") });
    const seen = [];
    const shouldFallback = (...args) => {
      seen.push(args);
      return args[0].status !== 503;
    };
    const target = clientOf(server).fallback(["a", "b", "c", "d"], { shouldFallback });
    const error = await rejection(call(target));
    assert.equal(error.name, "InternalServerError");
    assert.deepEqual(server.labels(), ["a", "b", "c"]);
    assert.deepEqual(
      error.attempts.map(({ status }) => status),
      [401, 404, 503],
    );
    assert.deepEqual(
      seen.map((args) => args.map(({ status }) => status)),
      [[401], [404], [503]],
    );
    assert.equal(seen[2][0], error);
  });

  test(`what shouldFallback throws is the result of ${how}`, async (t) => {
    const server = await fleet(t, { a: status(503), b: says("Hello") });
    const thrown = new Error("broken shouldFallback");
    const shouldFallback = () => {
      throw thrown;
    };
    assert.equal(await rejection(call(clientOf(server).fallback(["a", "b"], { shouldFallback }))), thrown);
    assert.deepEqual(server.labels(), ["a"]);
  });
}

test("shouldFallback is asked of the last target as well, and says whether the error or all of them is the result", async (t) => {
  const server = await fleet(t, { a: status(503), b: status(404) });
  const only503 = { shouldFallback: ({ status }) => status === 503 };
  assert.equal(
    (await rejection(clientOf(server).fallback(["a", "b"], only503).invoke(request))).name,
    "NotFoundError",
  );
  const error = await rejection(
    clientOf(server)
      .fallback(["a", "b"], { shouldFallback: () => 1 })
      .invoke(request),
  );
  assert.equal(error.name, "FallbackError");
});

test("shouldFallback of undefined is the default", async (t) => {
  const server = await fleet(t, { a: status(503), b: says("Hello") });
  const target = clientOf(server).fallback(["a", "b"], { shouldFallback: undefined, midStream: undefined });
  assert.equal((await settled(target.invoke(request))).text, "Hello");
});

test("a chain that is one target of another chain fails to it with a FallbackError", async (t) => {
  const server = await fleet(t, { a: status(503), b: status(404), c: status(400), d: says("Hello") });
  const client = clientOf(server);
  const seen = [];
  const shouldFallback = (error) => seen.push(error.name) > 0;
  const inner = client.fallback(["a", "b"]);
  const { target } = await settled(client.fallback([inner, "c", "d"], { shouldFallback }).invoke(request));
  assert.equal(target, "d");
  assert.deepEqual(seen, ["FallbackError", "BadRequestError"]);
});

test("a retry belongs to its target: the next one is asked after all of them", async (t) => {
  const server = await fleet(t, { a: first(status(503), status(503), says("of a")), b: says("of b") });
  Math.random = () => 0;
  const client = clientOf(server, { maxRetries: 2 });
  assert.equal((await settled(client.fallback(["a", "b"]).invoke(request))).text, "of a");
  assert.deepEqual(server.labels(), ["a", "a", "a"]);
});

test("a fetch of the caller's is what every target is asked through", async () => {
  const asked = [];
  const fetch = async (url) => {
    asked.push(new URL(url).pathname);
    return asked.length === 1 ? new Response("{}", { status: 500 }) : Response.json({ output_text: "Hello" });
  };
  const client = new PureRouter({ baseUrl: "http://a.test", fetch, maxRetries: 0 });
  const { text } = await settled(client.fallback(["a", client.profile("x")]).invoke(request));
  assert.equal(text, "Hello");
  assert.deepEqual(asked, ["/v1/deployments/a/invoke", "/v1/infer"]);
});
