// A real model server's answers (tests/captures), sent again byte for byte, in the pieces and at the pace in which they
// were received.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { tcp } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { APIError, BadRequestError, InternalServerError, NotFoundError, PureRouter, StreamError } = purerouter;
const captures = new URL("../captures/", import.meta.url);

/** What was received, and when; `at` is in ms since the request. The last entry of a timeline says how it ended. */
async function timeline(name) {
  const lines = (await readFile(new URL(`${name}.timeline.jsonl`, captures), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).map(({ t_ms: at, data = null }) => ({ at, data }));
}

/** A server that replays one capture a request, the last one again and again; `written` counts pieces. */
async function replaying(t, ...names) {
  const timelines = await Promise.all(names.map(timeline));
  // `before(last)` is awaited before each piece: `last` says whether it is the last one.
  const replay = { pieces: 0, written: 0, requests: 0, closed: 0, before: (last) => undefined };
  const server = await tcp(t, async (socket) => {
    socket.on("close", () => (replay.closed += 1));
    const pieces = timelines[Math.min(replay.requests, timelines.length - 1)];
    replay.requests += 1;
    replay.pieces = pieces.length;
    replay.written = 0;
    let now = 0;
    for (const { at, data } of pieces) {
      await sleep(at - now);
      await replay.before(replay.written + 1 === pieces.length);
      now = at;
      if (data === null) socket.end();
      else socket.write(data, "latin1");
      replay.written += 1;
    }
  });
  replay.url = server.url;
  return replay;
}

/** The body of a capture, its transfer encoding undone. */
async function body(name) {
  const raw = await readFile(new URL(`${name}.response.raw`, captures));
  const split = raw.indexOf("\r\n\r\n") + 4;
  if (!raw.subarray(0, split).includes("chunked")) return raw.subarray(split).toString();
  const chunks = [];
  for (let at = split; at < raw.length;) {
    const line = raw.indexOf("\r\n", at);
    const length = Number.parseInt(raw.subarray(at, line).toString(), 16);
    chunks.push(raw.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
  return Buffer.concat(chunks).toString();
}

/** The data of a capture's events, and what JSON.parse finds in each. */
async function events(name) {
  const all = (await body(name)).split("\n\n").filter((event) => event !== "");
  const data = all.map((event) => event.replace(/^data: /, "")).filter((data) => data !== "[DONE]");
  return data.map((data) => {
    const json = JSON.parse(data);
    const [choice] = json.choices;
    return { data, event: "message", id: "", json, text: choice.text ?? choice.delta.content ?? "" };
  });
}

const client = (server, options) => new PureRouter({ baseUrl: server.url, maxRetries: 0, ...options });
const stream = (server, options) => client(server, options).deployments.stream("smollm2", { prompt: "Hi." });

const streams = {
  "completion-stream": { text: " Paris.", finishReason: "stop", completionTokens: 3 },
  "chat-stream": { text: /^The sea is a vast and .*\.$/s, finishReason: "stop", completionTokens: null },
  "gzip-stream": { text: "-100", finishReason: "length", completionTokens: 4 },
};

const refusals = {
  "bad-json": [BadRequestError, 400],
  "bad-no-prompt": [BadRequestError, 400],
  "chat-stream-n2": [BadRequestError, 400],
  "not-found": [NotFoundError, 404],
  "loading-health-503": [InternalServerError, 503],
};

// Together: most of the time goes by in pauses that were recorded.
describe("a replay", { concurrency: true }, () => {
  for (const [name, known] of Object.entries(streams)) {
    test(`${name}: the first text comes before the last bytes are written`, async (t) => {
      const server = await replaying(t, name);
      const deltas = [];
      let seen;
      const firstText = new Promise((resolve) => (seen = resolve));
      server.before = (last) => last && settled(firstText);
      for await (const text of stream(server).textStream()) {
        seen();
        deltas.push(text);
      }
      const texts = (await events(name)).map(({ text }) => text);
      assert.equal(deltas.join(""), texts.join(""));
      // That the first came early is shown by the gate: without it the last bytes are never written. On a busy machine, all
      // but these can arrive at once.
      assert.ok(deltas.length > 0 && deltas.every((text) => text !== ""));
    });

    test(`${name}: each event is what JSON.parse makes of it, and the completion sums them up`, async (t) => {
      const server = await replaying(t, name);
      const one = stream(server);
      const seen = await collect(one);
      const expected = await events(name);
      assert.deepEqual(
        seen.map((event) => event.toJSON()),
        expected,
      );

      const completion = await one.completion();
      const last = expected.at(-1).json;
      assert.equal(completion.text, expected.map(({ text }) => text).join(""));
      if (known.text instanceof RegExp) assert.match(completion.text, known.text);
      else assert.equal(completion.text, known.text);
      assert.equal(completion.finishReason, known.finishReason);
      assert.equal(completion.finishReason, last.choices[0].finish_reason);
      assert.deepEqual(completion.usage, last.usage ?? null);
      assert.equal(completion.usage?.completion_tokens ?? null, known.completionTokens);
      assert.equal(completion.model, last.model);
      assert.deepEqual(completion.raw, last);
      const { headersMs, firstTextMs, totalMs, tokensPerSecond } = completion.timing;
      assert.ok(0 < headersMs && headersMs < firstTextMs && firstTextMs < totalMs && tokensPerSecond > 0);
    });

    test(`${name}: text() and the body's own bytes`, async (t) => {
      const server = await replaying(t, name);
      const texts = (await events(name)).map(({ text }) => text);
      assert.equal(await stream(server).text(), texts.join(""));
      assert.equal(await new Response(stream(server).toReadableStream()).text(), await body(name));
    });
  }

  test("answers that come whole: invoke() gives their JSON, stream() one event", async (t) => {
    for (const [name, text] of [
      ["completion-normal", ({ choices }) => choices[0].text],
      ["chat-normal", ({ choices }) => choices[0].message.content],
    ]) {
      const json = JSON.parse(await body(name));
      const server = await replaying(t, name);
      const one = stream(server);
      const [answer, [event, ...more]] = await Promise.all([
        client(server).deployments.invoke("smollm2", { prompt: "Hi." }),
        collect(one),
      ]);
      assert.deepEqual(answer, json);
      assert.deepEqual(event.json, json);
      assert.equal(event.text, text(json));
      assert.deepEqual(more, []);
      const completion = await one.completion();
      assert.equal(completion.text, text(json));
      assert.equal(completion.finishReason, json.choices[0].finish_reason);
      assert.deepEqual(completion.usage, json.usage);
      assert.deepEqual(completion.raw, json);
    }
  });

  test("health() gives the server's own JSON", async (t) => {
    const server = await replaying(t, "health");
    assert.deepEqual(await client(server).health(), JSON.parse(await body("health")));
  });

  for (const [name, [errorClass, status]] of Object.entries(refusals)) {
    test(`${name}: ${errorClass.name}, with the server's words and body`, async (t) => {
      const server = await replaying(t, name);
      const asked = client(server);
      const json = JSON.parse(await body(name));
      const calls = [
        asked.health(),
        asked.deployments.invoke("smollm2", { prompt: "Hi." }),
        asked.deployments.stream("smollm2", { prompt: "Hi." }).text(),
        collect(asked.router.stream({ prompt: "Hi." })),
      ];
      for (const error of await Promise.all(calls.map(rejection))) {
        assert.ok(error instanceof errorClass && error instanceof APIError, String(error));
        assert.equal(error.name, errorClass.name);
        assert.equal(error.status, status);
        assert.equal(error.code, status);
        assert.deepEqual(error.body, json);
        assert.ok(error.message.includes(json.error.message), error.message);
        assert.equal(error.headers.get("server"), "llama.cpp");
      }
    });
  }

  test("a server that is still loading its model is asked again", async (t) => {
    const server = await replaying(t, "loading-health-503", "completion-stream");
    const completion = await stream(server, { maxRetries: 1 }).completion();
    assert.equal(completion.text, " Paris.");
    assert.deepEqual(
      completion.attempts.map(({ status }) => status),
      [503, 200],
    );
  });

  test("disconnect-stream-fin: cut off in the middle, it is a StreamError with the text so far", async (t) => {
    const server = await replaying(t, "disconnect-stream-fin");
    const error = await rejection(stream(server).text());
    assert.ok(error instanceof StreamError, String(error));
    assert.equal(error.partialText, ", when I was a young man, the local");
  });

  test("disconnect-stream-fin: a reader that leaves closes the connection, as it was recorded", async (t) => {
    const server = await replaying(t, "disconnect-stream-fin");
    for await (const { text } of stream(server)) if (text === " young") break;
    assert.ok(server.written < server.pieces, "the server was still writing");
    await until(() => server.closed === 1, "the connection is closed");
  });
});
