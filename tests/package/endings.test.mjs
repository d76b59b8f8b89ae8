// How an answer ends: what is complete, what is cut, what is an error, and what becomes of the connection.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, holding, http, tcp } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { APIError, PureRouter, PureRouterError, StreamError, TruncatedStreamError } = purerouter;

const client = (server, options) => new PureRouter({ baseUrl: server.url, maxRetries: 0, ...options });
const stream = (server, options) => client(server, options).deployments.stream("a", { prompt: "Hi." });
const event = (json) => `data: ${JSON.stringify(json)}\n\n`;
const isClosed = (server) => until(() => server.closed === 1, "the server sees its connection close");

/** Ways of reading that end as the answer does. */
const decoding = {
  "the events": async (stream) => (await collect(stream)).map(({ text }) => text).join(""),
  "textStream()": async (stream) => (await collect(stream.textStream())).join(""),
  "text()": (stream) => stream.text(),
  "completion()": async (stream) => (await stream.completion()).text,
};
/** The body's own bytes; what is made of them is told by completion(). */
const bytes = (stream) => settled(new Response(stream.toReadableStream()).text());
const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: ${SSE}\r\n`;
const chunked = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** A server that sends these bytes, and then does `last` to its socket. */
function sending(t, sent, last) {
  return tcp(t, async (socket) => {
    await new Promise((resolve) => socket.write(sent, resolve));
    await sleep(50);
    last(socket);
  });
}

describe("[DONE]", { concurrency: true }, () => {
  const held = {
    whole: DONE,
    "without its blank line": "data: [DONE]\n",
    "without its space": "data:[DONE]\r\r",
    "with a doubled prefix": "data: data: [DONE]\n\n",
    "in CRLF": "data: [DONE]\r\n\r\n",
    "with more behind it": `${DONE}${delta("more")}data: {"error":"late"}\n\n`,
  };
  for (const [how, done] of Object.entries(held)) {
    test(`${how}, and the socket held open: the answer ends at once, and the connection goes`, async (t) => {
      for (const read of Object.values(decoding)) {
        const server = await holding(t, SSE, delta("one "), delta("two"), done);
        assert.equal(await settled(read(stream(server))), "one two");
        await isClosed(server);
      }
    });
  }

  test("read as bytes, and the socket held open: the chunk that holds it is the last", async (t) => {
    const server = await holding(t, SSE, delta("one") + DONE);
    const one = stream(server);
    assert.equal(await bytes(one), delta("one") + DONE);
    assert.equal(await one.text(), "one");
    await isClosed(server);
  });

  for (const last of ["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r"]) {
    test(`as ${JSON.stringify(last)}, and the end of the body`, async (t) => {
      const server = await answering(t, SSE, delta("one"), last);
      for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "one");
    });
  }

  test("is no event, and alone an answer without text", async (t) => {
    const server = await answering(t, SSE, DONE);
    const one = stream(server);
    assert.deepEqual(await collect(one), []);
    const { text, finishReason, usage, raw } = await one.completion();
    assert.deepEqual(
      { text, finishReason, usage, raw },
      { text: "", finishReason: null, usage: null, raw: null },
    );
  });

  test("within data or text is not the end", async (t) => {
    const server = await answering(t, SSE, delta("[DONE]"), "data: I am\ndata: [DONE]\n\n", delta("!"), DONE);
    assert.equal(await stream(server).text(), "[DONE]I am\n[DONE]!");
  });

  test("cut short is none", async (t) => {
    const server = await answering(t, SSE, delta("one"), "data: [DON");
    assert.ok((await rejection(stream(server).text())) instanceof TruncatedStreamError);
  });
});

describe("a finish reason", { concurrency: true }, () => {
  for (const [how, read] of Object.entries(decoding)) {
    test(`and the end of the body, read by ${how}`, async (t) => {
      const server = await answering(t, SSE, delta("one "), delta("two", "length"));
      const one = stream(server);
      assert.equal(await read(one), "one two");
      assert.equal((await one.completion()).finishReason, "length");
    });
  }

  test("in each of the shapes", async (t) => {
    const shapes = [
      { choices: [{ text: "one", finish_reason: "stop" }] },
      { choices: [{ delta: { content: "one" }, finish_reason: "stop" }] },
      { output_text: "one", finish_reason: "stop" },
    ];
    for (const shape of shapes) {
      const completion = await stream(await answering(t, SSE, event(shape))).completion();
      assert.equal(completion.text, "one");
      assert.equal(completion.finishReason, "stop");
    }
  });

  test("and a second of silence", async (t) => {
    const server = await holding(t, SSE, delta("one "), delta("two", "stop"));
    assert.equal(await settled(stream(server, { idleTimeout: 0 }).text()), "one two");
    await isClosed(server);
  });

  test("of null or nothing is none", async (t) => {
    for (const choice of [{ text: "one", finish_reason: null }, { text: "one" }]) {
      const server = await answering(t, SSE, event({ choices: [choice] }));
      assert.ok((await rejection(stream(server).text())) instanceof TruncatedStreamError);
    }
  });

  test("and the usage after it, in an event of its own", async (t) => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const chunk = (choice) => event({ model: "m", choices: [choice], usage: null });
    const server = await http(t, async (_, response) => {
      response.writeHead(200, { "content-type": SSE });
      response.write(chunk({ delta: { content: "one" } }) + chunk({ delta: {}, finish_reason: "stop" }));
      await sleep(200);
      response.end(event({ model: "m", choices: [], usage }) + DONE);
    });
    for (const read of Object.values(decoding)) {
      const one = stream(server);
      assert.equal(await read(one), "one");
      const completion = await one.completion();
      assert.deepEqual(completion.usage, usage);
      assert.equal(completion.finishReason, "stop");
      assert.equal(completion.model, "m");
    }
  });

  test("and a lost connection: the answer was whole", async (t) => {
    const sent = `${HEAD}transfer-encoding: chunked\r\n\r\n${chunked(delta("one", "stop"))}`;
    const server = await sending(t, sent, (socket) => socket.resetAndDestroy());
    for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "one");
  });
});

describe("a body that is cut", { concurrency: true }, () => {
  const cuts = {
    "after an event": [delta("one "), delta("two")],
    "in an event": [delta("one "), delta("two"), delta(" three", "stop").slice(0, -20)],
    "before the blank line of its last event": [delta("one "), delta("two"), delta("!", "stop").trimEnd()],
  };
  for (const [where, chunks] of Object.entries(cuts)) {
    test(`${where}: TruncatedStreamError, with the text so far`, async (t) => {
      const server = await answering(t, SSE, ...chunks);
      for (const read of Object.values(decoding)) {
        const one = stream(server);
        const error = await rejection(read(one));
        assert.ok(error instanceof TruncatedStreamError && error instanceof StreamError, String(error));
        assert.ok(error instanceof PureRouterError && error instanceof Error);
        assert.equal(error.name, "TruncatedStreamError");
        assert.equal(error.partialText, "one two");
        assert.equal(error.attempts.length, 1);
        assert.equal(error.attempts[0].status, 200);
        assert.equal(error.attempts[0].error, error);
        assert.equal(await rejection(one.completion()), error);
      }
    });
  }

  test("gives what had arrived first, then the error, at each further step", async (t) => {
    const one = stream(await answering(t, SSE, delta("one "), delta("two")));
    assert.equal((await one.next()).value.text, "one ");
    assert.equal((await one.next()).value.text, "two");
    const error = await rejection(one.next());
    assert.ok(error instanceof TruncatedStreamError);
    assert.equal(await rejection(one.next()), error);
  });

  test("before its first event", async (t) => {
    for (const chunks of [[], [": ping\n\n"], ["event: message\n"]]) {
      const error = await rejection(stream(await answering(t, SSE, ...chunks)).text());
      assert.ok(error instanceof TruncatedStreamError, String(error));
      assert.equal(error.partialText, "");
    }
  });

  test("read as bytes, passes as it is, and completion() tells", async (t) => {
    const one = stream(await answering(t, SSE, delta("one")));
    assert.equal(await bytes(one), delta("one"));
    const error = await rejection(one.completion());
    assert.ok(error instanceof TruncatedStreamError);
    assert.equal(error.partialText, "one");
  });
});

describe("a connection lost in mid-body", { concurrency: true }, () => {
  const body = delta("one ") + delta("two");
  const losses = {
    reset: [
      `${HEAD}transfer-encoding: chunked\r\n\r\n${chunked(body)}`,
      (socket) => socket.resetAndDestroy(),
    ],
    "closed between chunks": [
      `${HEAD}transfer-encoding: chunked\r\n\r\n${chunked(body)}`,
      (socket) => socket.end(),
    ],
    "closed before its content-length": [
      `${HEAD}content-length: 1000\r\n\r\n${body}`,
      (socket) => socket.end(),
    ],
    "closed after a chunk that is none": [
      `${HEAD}transfer-encoding: chunked\r\n\r\n${chunked(body)}no length\r\n`,
      (socket) => socket.end(),
    ],
  };
  for (const [how, [sent, last]] of Object.entries(losses)) {
    test(`${how}: StreamError, with the text so far`, async (t) => {
      const server = await sending(t, sent, last);
      for (const read of [...Object.values(decoding), bytes]) {
        const one = stream(server);
        const error = await rejection(read(one));
        assert.ok(error instanceof StreamError && !(error instanceof TruncatedStreamError), String(error));
        assert.equal(error.name, "StreamError");
        assert.equal(error.partialText, "one two");
        assert.ok(error.cause instanceof Error);
        assert.equal(error.attempts[0].error, error);
        assert.equal(await rejection(one.completion()), error);
      }
    });
  }
});

describe("an error event", { concurrency: true }, () => {
  const overloaded = { message: "Overloaded" };
  const forms = [
    ["by its name", `event: error\ndata: ${JSON.stringify({ status: 429, message: "Slow down" })}\n\n`, 429],
    ["status at the top", event({ error: overloaded, status: 503 }), 503],
    ["code at the top", event({ error: overloaded, code: 500 }), 500],
    ["status in error", event({ error: { ...overloaded, status: 422 } }), 422],
    ["code in error", event({ error: { ...overloaded, code: 401 } }), 401],
    ["a name and error", `event: error\n${event({ error: { ...overloaded, code: 409 } })}`, 409],
    ["error is a string", event({ error: "Overloaded", status: 404 }), 404],
    ["the lowest status", event({ error: overloaded, status: 400 }), 400],
    ["the highest status", event({ error: overloaded, status: 599 }), 599],
  ];
  const classes = {
    400: "BadRequestError",
    401: "AuthenticationError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
    599: "InternalServerError",
  };
  for (const [how, wire, status] of forms) {
    test(`${how}: ${classes[status]}, after the text so far`, async (t) => {
      const server = await answering(t, SSE, delta("one "), delta("two"), wire, delta("never"), DONE);
      for (const read of Object.values(decoding)) {
        const one = stream(server);
        const error = await rejection(read(one));
        assert.ok(error instanceof purerouter[classes[status]] && error instanceof APIError, String(error));
        assert.equal(error.status, status);
        assert.deepEqual(error.body, JSON.parse(wire.slice(wire.indexOf("{"))));
        assert.match(error.message, /Overloaded|Slow down/);
        assert.equal(error.partialText, "one two");
        assert.equal(error.attempts[0].error, error);
        assert.equal(await rejection(one.completion()), error);
      }
    });
  }

  test("without a status of its own has the response's", async (t) => {
    const payloads = [
      { error: overloaded },
      { error: { ...overloaded, code: "overloaded" } },
      { error: { ...overloaded, code: 399 } },
      { error: { ...overloaded, status: 600 } },
      { error: { ...overloaded, status: "503" } },
    ];
    for (const payload of payloads) {
      const error = await rejection(stream(await answering(t, SSE, event(payload))).text());
      assert.ok(error instanceof APIError, String(error));
      assert.equal(error.name, "APIError");
      assert.equal(error.status, 200);
      assert.equal(error.code, payload.error.code ?? null);
      assert.equal(error.partialText, "");
    }
  });

  test("whose data is not JSON says what it says", async (t) => {
    const server = await answering(t, SSE, "event: error\ndata: out of memory\n\n");
    const error = await rejection(stream(server).text());
    assert.ok(error instanceof APIError);
    assert.match(error.message, /out of memory/);
    assert.equal(error.body, "out of memory");
  });

  test("on a connection held open: it goes", async (t) => {
    for (const read of Object.values(decoding)) {
      const server = await holding(t, SSE, delta("one"), event({ error: overloaded }));
      assert.ok((await rejection(read(stream(server)))) instanceof APIError);
      await isClosed(server);
    }
  });

  test("comes after the events before it, even of the same chunk", async (t) => {
    const one = stream(await answering(t, SSE, delta("one ") + delta("two") + event({ error: overloaded })));
    assert.equal((await one.next()).value.text, "one ");
    assert.equal((await one.next()).value.text, "two");
    assert.ok((await rejection(one.next())) instanceof APIError);
  });

  test("read as bytes, passes as it is, and completion() tells", async (t) => {
    const body = delta("one") + event({ error: overloaded }) + DONE;
    const one = stream(await answering(t, SSE, body));
    assert.equal(await bytes(one), body);
    const error = await rejection(one.completion());
    assert.ok(error instanceof APIError);
    assert.equal(error.partialText, "one");
  });
});

describe("maxEventBytes", { concurrency: true }, () => {
  const limit = { maxEventBytes: 1000 };
  const large = {
    "a whole event": delta("x".repeat(1001)),
    "an event that does not end": `data: {"choices":[{"text":"${"x".repeat(1001)}`,
    "lines of one event": `data: ${"x".repeat(99)}\n`.repeat(11),
  };
  for (const [what, wire] of Object.entries(large)) {
    test(`${what} beyond it: StreamError, and the connection goes`, async (t) => {
      for (const read of Object.values(decoding)) {
        const server = await holding(t, SSE, delta("one"), wire);
        const error = await rejection(read(stream(server, limit)));
        assert.ok(error instanceof StreamError && !(error instanceof TruncatedStreamError), String(error));
        assert.match(error.message, /\bmaxEventBytes\b/);
        assert.match(error.message, /\b1000\b/);
        assert.equal(error.partialText, "one");
        await isClosed(server);
      }
    });
  }

  test("bounds one event, not the stream", async (t) => {
    const text = "x".repeat(900);
    const server = await answering(t, SSE, ...Array(20).fill(delta(text)), DONE);
    for (const read of Object.values(decoding)) {
      assert.equal(await read(stream(server, limit)), text.repeat(20));
    }
  });

  test("is 8 MiB by default", async (t) => {
    const text = "x".repeat(8_388_000);
    assert.equal((await stream(await answering(t, SSE, delta(text), DONE)).text()).length, text.length);
    const server = await answering(t, SSE, delta(`${text}${"x".repeat(700)}`), DONE);
    assert.match((await rejection(stream(server).text())).message, /\b8388608\b/);
  });
});

test("the connection serves the next request after [DONE] and the end", async (t) => {
  for (const last of [delta("one") + DONE, delta("one", "stop")]) {
    let connections = 0;
    // In one piece, so that the end is there with [DONE].
    const answer = `${HEAD}transfer-encoding: chunked\r\n\r\n${chunked(last)}0\r\n\r\n`;
    const server = await tcp(t, (socket) => {
      if (!socket.known) connections += 1;
      socket.known = true;
      socket.write(answer);
    });
    for (const read of [...Object.values(decoding), bytes]) {
      await settled(read(stream(server)));
      await sleep(20);
    }
    assert.equal(connections, 1);
  }
});

test("the end of a body right behind its [DONE] is waited for: the request is not aborted", async () => {
  let signal;
  const fetch = async (input, init) => {
    signal = init?.signal ?? input.signal;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(delta("one") + DONE)),
      pull: (controller) => controller.close(),
    });
    return new Response(body, { headers: { "content-type": SSE } });
  };
  for (const read of Object.values(decoding)) {
    assert.equal(await read(stream({ url: "http://127.0.0.1" }, { fetch })), "one");
    await sleep(20);
    assert.equal(signal.aborted, false);
  }
});
