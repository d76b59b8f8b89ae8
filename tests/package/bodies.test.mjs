// What a body is by its content type, and what is read from it, however it is cut into chunks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, holding, http } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { APIError, PureRouter, ResponseFormatError, TruncatedStreamError } = purerouter;

const client = (server, options) => new PureRouter({ baseUrl: server.url, maxRetries: 0, ...options });
const stream = (server, options) => client(server, options).deployments.stream("a", { prompt: "Hi." });
const event = (json) => `data: ${JSON.stringify(json)}\n\n`;

const decoding = {
  "the events": async (stream) => (await collect(stream)).map(({ text }) => text).join(""),
  "textStream()": async (stream) => (await collect(stream.textStream())).join(""),
  "text()": (stream) => stream.text(),
};

/** The plain fields of all events. */
const fields = async (stream) => (await collect(stream)).map((event) => event.toJSON());
/** The data of all events of a body in SSE; `[DONE]` is added. */
async function dataOf(t, ...chunks) {
  return (await collect(stream(await answering(t, SSE, ...chunks, `\n\n${DONE}`)))).map(({ data }) => data);
}

/** A fetch that hands bodies over in chunks of one byte. */
async function byteByByte(...args) {
  const response = await fetch(...args);
  const split = new TransformStream({
    transform(chunk, controller) {
      for (const byte of chunk) controller.enqueue(Uint8Array.of(byte));
    },
  });
  return new Response(response.body?.pipeThrough(split) ?? null, response);
}

/** A fetch that hands a body over in one chunk. */
async function atOnce(...args) {
  const response = await fetch(...args);
  return new Response(await response.arrayBuffer(), response);
}

describe("application/json", { concurrency: true }, () => {
  test("is one event, complete at its end", async (t) => {
    const answers = [
      [{ choices: [{ text: "one two" }] }, null],
      [{ choices: [{ text: "one two", finish_reason: "stop" }] }, "stop"],
      [{ choices: [{ message: { role: "assistant", content: "one two" }, finish_reason: "stop" }] }, "stop"],
      [{ output_text: "one two" }, null],
    ];
    for (const [answer, finishReason] of answers) {
      for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"]) {
        const body = JSON.stringify(answer, null, 2);
        const server = await answering(t, type, body.slice(0, 30), body.slice(30));
        const one = stream(server);
        const expected = { data: body, event: "message", id: "", json: answer, text: "one two" };
        assert.deepEqual(await fields(one), [expected]);
        assert.equal((await one.completion()).finishReason, finishReason);
        for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "one two");
      }
    }
  });

  test("of the router says who answered, and for how much", async (t) => {
    const answer = {
      output_text: "Paris.",
      provider: "someone",
      model_id: "m-1",
      usage: { completion_tokens: 2 },
      cost_usd: 0.001,
    };
    const server = await answering(t, "application/json", JSON.stringify(answer));
    const completion = await client(server)
      .router.stream({ prompt: "Hi.", profile: "balanced" })
      .completion();
    assert.equal(completion.text, "Paris.");
    assert.equal(completion.provider, "someone");
    assert.equal(completion.model, "m-1");
    assert.deepEqual(completion.usage, { completion_tokens: 2 });
    assert.equal(completion.costUsd, 0.001);
    assert.equal(completion.target, "profile:balanced");
    assert.deepEqual(completion.raw, answer);
  });

  test("that is not JSON, or not all of it: ResponseFormatError", async (t) => {
    for (const body of ['{"choices":[{"text":"one', "<p>", "{} {}", ""]) {
      const server = await answering(t, "application/json", body);
      for (const read of Object.values(decoding)) {
        const error = await rejection(read(stream(server)));
        assert.ok(error instanceof ResponseFormatError, String(error));
        assert.equal(error.name, "ResponseFormatError");
        assert.equal(error.status, 200);
        assert.equal(error.body, body);
        assert.equal(error.partialText, "");
      }
    }
  });

  test("with an error is that error", async (t) => {
    const body = { error: { message: "No such deployment", code: 404 } };
    const server = await answering(t, "application/json", JSON.stringify(body));
    const error = await rejection(stream(server).text());
    assert.ok(error instanceof APIError);
    assert.equal(error.name, "NotFoundError");
    assert.deepEqual(error.body, body);
  });
});

describe("NDJSON", { concurrency: true }, () => {
  const lines = [
    { choices: [{ text: "one " }] },
    { choices: [{ delta: { content: "two" } }] },
    { output_text: "!" },
  ];
  const written = lines.map((line) => JSON.stringify(line));

  for (const type of ["application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8"]) {
    test(`${type}: one event a line, complete at its end`, async (t) => {
      const expected = ["one ", "two", "!"].map((text, i) => {
        return { data: written[i], event: "message", id: "", json: lines[i], text };
      });
      const bodies = [written.join("\n"), `${written.join("\n")}\n`, `${written.join("\r\n\r\n")}\r\n`];
      for (const body of bodies) {
        const server = await answering(t, type, body);
        assert.deepEqual(await fields(stream(server)), expected);
        for (const read of Object.values(decoding)) {
          assert.equal(await read(stream(server)), "one two!");
          assert.equal(await read(stream(server, { fetch: byteByByte })), "one two!");
        }
      }
    });
  }

  test("gives each line as it comes", async (t) => {
    const server = await holding(t, "application/x-ndjson", `${written[0]}\n`);
    const one = stream(server);
    assert.equal((await settled(one.next())).value.text, "one ");
    await one.return();
  });

  test("cut in a line: TruncatedStreamError, with the text so far", async (t) => {
    const server = await answering(t, "application/x-ndjson", `${written.join("\n").slice(0, -3)}`);
    for (const read of Object.values(decoding)) {
      const error = await rejection(read(stream(server)));
      assert.ok(error instanceof TruncatedStreamError, String(error));
      assert.equal(error.partialText, "one two");
    }
  });

  test("a line that is an error ends it", async (t) => {
    const error = '{"error":{"message":"Out of memory","status":503}}';
    const server = await answering(t, "application/x-ndjson", `${written[0]}\n${error}\n${written[1]}\n`);
    const thrown = await rejection(stream(server).text());
    assert.equal(thrown.name, "InternalServerError");
    assert.equal(thrown.partialText, "one ");
  });
});

describe("text/html", { concurrency: true }, () => {
  test("is no answer: ResponseFormatError, however it is read", async (t) => {
    const page = "<!doctype html><title>Sign in</title>";
    const server = await answering(t, "text/html; charset=utf-8", page);
    const reads = [
      ...Object.values(decoding),
      (stream) => stream.completion(),
      (stream) => stream.response,
      (stream) => stream.toResponse(),
      (stream) => new Response(stream.toReadableStream()).text(),
    ];
    for (const read of reads) {
      const error = await rejection(read(stream(server)));
      assert.ok(error instanceof ResponseFormatError, String(error));
      assert.equal(error.status, 200);
      assert.equal(error.body, page);
      assert.match(error.message, /text\/html.*\bbaseUrl\b/s);
      assert.equal(error.attempts.length, 1);
      assert.equal(error.attempts[0].error, error);
    }
    const calls = [
      client(server).deployments.invoke("a", { prompt: "Hi." }),
      client(server).router.infer({ prompt: "Hi." }),
      client(server).health(),
    ];
    for (const error of await Promise.all(calls.map(rejection)))
      assert.ok(error instanceof ResponseFormatError);
  });

  test("that does not end is let go", async (t) => {
    const server = await holding(t, "text/html", "<!doctype html>");
    assert.ok((await rejection(stream(server).text())) instanceof ResponseFormatError);
    await until(() => server.closed === 1, "the server sees its connection close");
  });
});

describe("other types", { concurrency: true }, () => {
  const text = "Grüße, 世界! 🌍👩‍🚀 [DONE]\n\ndata: 42";
  const all = Buffer.from(text);

  for (const type of ["text/plain; charset=utf-8", "application/octet-stream"]) {
    test(`${type}: text as it comes, complete at its end`, async (t) => {
      const server = await answering(t, type, text);
      const one = stream(server);
      const seen = await fields(one);
      assert.equal(seen.map(({ data }) => data).join(""), text);
      for (const { data, event, id, json, text } of seen) {
        assert.deepEqual(
          { event, id, json, text },
          { event: "message", id: "", json: undefined, text: data },
        );
      }
      assert.equal((await one.completion()).finishReason, null);
      for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), text);
    });
  }

  test("characters split between chunks stay whole, and what is there is given at once", async (t) => {
    const server = await http(t, async (_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      for (const byte of all) {
        response.write(Uint8Array.of(byte));
        await sleep(1);
      }
      response.end();
    });
    for (const fetch of [globalThis.fetch, byteByByte]) {
      const deltas = await collect(stream(server, { fetch }).textStream());
      assert.equal(deltas.join(""), text);
      assert.ok(deltas.length > 5);
      assert.ok(deltas.every((delta) => !delta.includes("\ufffd")));
    }
  });

  test("a character that never ends is U+FFFD", async (t) => {
    const server = await answering(t, "text/plain", Buffer.from("Hi 🌍").subarray(0, -1));
    for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "Hi \ufffd");
  });

  test("a missing type is an event stream", async (t) => {
    const server = await answering(t, null, delta("one "), delta("two"), DONE);
    for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "one two");
    const cut = await answering(t, null, delta("one"));
    assert.ok((await rejection(stream(cut).text())) instanceof TruncatedStreamError);
  });
});

describe("an event stream", { concurrency: true }, () => {
  test("a byte order mark at the start is none of its text, even in pieces; a later one is", async (t) => {
    for (const start of [["\ufeff"], [Buffer.from([0xef]), Buffer.from([0xbb, 0xbf])]]) {
      const server = await answering(t, SSE, ...start, "data: one\n\ndata: \ufefftwo\n\n", DONE);
      for (const fetch of [globalThis.fetch, byteByByte]) {
        const seen = await collect(stream(server, { fetch }));
        assert.deepEqual(
          seen.map(({ data }) => data),
          ["one", "\ufefftwo"],
        );
      }
    }
  });

  test("LF, CR and CRLF end lines, also where a chunk ends between CR and LF", async (t) => {
    const lines = [
      "data: one",
      "data: 1",
      "",
      "event: named",
      "data: two",
      "",
      "data: three",
      "",
      "data: [DONE]",
      "",
    ];
    const expected = [
      ["message", "one\n1"],
      ["named", "two"],
      ["message", "three"],
    ];
    for (const end of ["\n", "\r", "\r\n"]) {
      const body = lines.map((line) => line + end).join("");
      const whole = await answering(t, SSE, body);
      const split = await http(t, async (_, response) => {
        response.writeHead(200, { "content-type": SSE });
        for (const piece of body.split(/(?<=\r)/)) {
          response.write(piece);
          await sleep(5);
        }
        response.end();
      });
      for (const one of [stream(whole), stream(whole, { fetch: byteByByte }), stream(split)]) {
        const seen = await collect(one);
        assert.deepEqual(
          seen.map(({ event, data }) => [event, data]),
          expected,
        );
      }
    }
  });

  test("comments, unknown fields, fields without a colon, one space", async (t) => {
    const wire =
      ": comment\n:\nretry: 100\nunknown: x\ndata:  two spaces\ndata\ndata:tight\n\ndata\n\ndata:\n\n";
    assert.deepEqual(await dataOf(t, wire), [" two spaces\n\ntight", "", ""]);
  });

  test("without data there is no event, and its name is forgotten", async (t) => {
    const server = await answering(t, SSE, "event: lost\n\nid: 1\n\ndata: one\n\n", DONE);
    const seen = await collect(stream(server));
    assert.deepEqual(
      seen.map(({ event, data, id }) => [event, data, id]),
      [["message", "one", "1"]],
    );
  });

  test("a doubled prefix: the data is what follows the second one", async (t) => {
    const json = { choices: [{ text: "one", finish_reason: null }] };
    const data = JSON.stringify(json);
    for (const prefix of ["data: data: ", "data:data:", "data: data:"]) {
      const server = await answering(t, SSE, `${prefix}${data}\n\n`, `${prefix}not JSON\n\n`, DONE);
      assert.deepEqual(await fields(stream(server)), [
        { data, event: "message", id: "", json, text: "one" },
        { data: "not JSON", event: "message", id: "", json: undefined, text: "not JSON" },
      ]);
    }
  });

  test('JSON scalars, arrays and {"error":null} are ordinary events without text', async (t) => {
    const values = [42, -1.5, "a string", true, false, null, [], [{ text: "x" }], {}, { error: null }];
    const server = await answering(t, SSE, ...values.map(event), delta("text"), DONE);
    const expected = values.map((json) => {
      return { data: JSON.stringify(json), event: "message", id: "", json, text: "" };
    });
    const one = stream(server);
    assert.deepEqual((await fields(one)).slice(0, -1), expected);
    assert.equal(await one.text(), "text");
    assert.deepEqual(await collect(stream(server).textStream()), ["text"]);
  });

  test("text of null, or of another type than text, is none", async (t) => {
    const values = [
      { choices: [{ text: null }] },
      { choices: [{ delta: { role: "assistant", content: null } }] },
      { choices: [{ delta: {} }] },
      { choices: [] },
      { choices: null },
      { choices: [{ text: 7 }] },
      { output_text: { text: "x" } },
    ];
    const server = await answering(t, SSE, ...values.map(event), DONE);
    assert.deepEqual(
      (await collect(stream(server))).map(({ text }) => text),
      values.map(() => ""),
    );
    assert.equal(await stream(server).text(), "");
  });

  test("data that is not JSON is text, line ends and all", async (t) => {
    const server = await answering(t, SSE, "data: {one\ndata: two}\n\n", "data: 1 2\n\n", DONE);
    assert.equal(await stream(server).text(), "{one\ntwo}1 2");
  });

  test("bytes that are no UTF-8 are U+FFFD", async (t) => {
    const server = await answering(t, SSE, Buffer.from("data: a\xff\xe2\x82b\n\n", "latin1"), DONE);
    for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "a\ufffd\ufffdb");
  });
});

describe("text", { concurrency: true }, () => {
  // As JSON, escapes and all; the lone surrogates cannot be sent in any other way.
  const literals = [
    '"plain"',
    '" leading, trailing "',
    '"\\"quoted\\" \\\\ \\/ \\b\\f\\n\\r\\t"',
    '"\\u0000\\u001f\\u00e9\\uFEFF"',
    '"Grüße, 世界 🌍"',
    '"\\ud83c\\udf0d"',
    '"\\ud83c"',
    '"\\udf0d"',
    '"a\\udf0d\\ud83cb"',
    '"\\ud83c🌍"',
    '"\u2028\u2029\u0085"',
    '"{\\"choices\\":[{\\"text\\":\\"x\\"}]}"',
    `"${"long ".repeat(200)}"`,
    '""',
  ];
  const shapes = {
    "choices[0].text": (literal) => `{"choices":[{"index":0,"text":${literal},"finish_reason":null}]}`,
    "choices[0].delta.content": (literal) => `{"choices":[{"delta":{"content":${literal}}}],"created":1}`,
    output_text: (literal) => `{"provider":"p","output_text":${literal},"usage":null}`,
  };
  const expected = literals.map((literal) => JSON.parse(literal));

  for (const [shape, json] of Object.entries(shapes)) {
    test(`in ${shape} is what JSON.parse gives, in one chunk, in many, and byte by byte`, async (t) => {
      const events = literals.map((literal) => `data: ${json(literal)}\n\n`);
      const one = await answering(t, SSE, events.join("") + DONE);
      const many = await http(t, async (_, response) => {
        response.writeHead(200, { "content-type": SSE });
        for (const event of [...events, DONE]) {
          response.write(event);
          await sleep(2);
        }
        response.end();
      });
      for (const make of [() => stream(one), () => stream(many), () => stream(one, { fetch: byteByByte })]) {
        const seen = await collect(make());
        assert.deepEqual(
          seen.map(({ text }) => text),
          expected,
        );
        assert.deepEqual(
          seen.map(({ data }) => data),
          literals.map(json),
        );
        for (const read of Object.values(decoding)) assert.equal(await read(make()), expected.join(""));
        assert.ok((await collect(make().textStream())).every((text) => text !== ""));
      }
    });
  }

  test("in one chunk of more than 64 KiB", async (t) => {
    const json = shapes["choices[0].text"];
    const many = Array(40).fill(literals).flat();
    const server = await answering(t, SSE, ...many.map((literal) => `data: ${json(literal)}\n\n`), DONE);
    const seen = await collect(stream(server, { fetch: atOnce }));
    assert.deepEqual(
      seen.map(({ text, data }) => [text, data]),
      many.map((literal) => [JSON.parse(literal), json(literal)]),
    );
    const all = expected.join("").repeat(40);
    for (const read of Object.values(decoding))
      assert.equal(await read(stream(server, { fetch: atOnce })), all);
  });
});

describe("an empty body", { concurrency: true }, () => {
  test("is a cut event stream, no JSON, and a whole text", async (t) => {
    for (const [type, name] of [
      [SSE, "TruncatedStreamError"],
      [null, "TruncatedStreamError"],
      ["application/json", "ResponseFormatError"],
      ["text/html", "ResponseFormatError"],
    ]) {
      const server = await answering(t, type);
      for (const read of Object.values(decoding))
        assert.equal((await rejection(read(stream(server)))).name, name);
    }
    for (const type of ["text/plain", "application/x-ndjson"]) {
      const server = await answering(t, type);
      for (const read of Object.values(decoding)) assert.equal(await read(stream(server)), "");
    }
  });

  test("204: a stream is cut, and an answer is none", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(204).end());
    for (const read of Object.values(decoding)) {
      const error = await rejection(read(stream(server)));
      assert.ok(error instanceof TruncatedStreamError, String(error));
      assert.equal(error.attempts[0].status, 204);
    }
    const error = await rejection(client(server).deployments.invoke("a", { prompt: "Hi." }));
    assert.ok(error instanceof ResponseFormatError);
    assert.equal(error.status, 204);
  });
});
