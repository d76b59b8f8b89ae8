// A stream that breaks after its first text: failed, continued by the next target, or started over, as the caller
// chose, for every way of reading.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { DONE, SSE, delta } from "../package/sockets.mjs";
import { collect, rejection, settled, until } from "../package/waiting.mjs";
import {
  breaksAfter,
  clientOf,
  fleet,
  holds,
  losesAfter,
  says,
  sends,
  silent,
  slowly,
  status,
  textsOf,
} from "./fleet.mjs";

const request = { prompt: "Hi." };
const errorEvent = 'data: {"error":{"message":"overloaded","code":529}}\n\n';
const usage = (completion_tokens) =>
  `data: ${JSON.stringify({ choices: [], usage: { completion_tokens } })}\n\n`;
const open = (server, ids, midStream, asked = request, options) =>
  clientOf(server, options).fallback(ids, { midStream }).stream(asked);

/** What becomes of a stream: the text that came by this way of reading, and the error that ended it. */
const ways = {
  events: (stream, seen) => each(stream, ({ text }) => seen.push(text)),
  "textStream()": (stream, seen) => each(stream.textStream(), (text) => seen.push(text)),
  "text()": async (stream, seen) => seen.push(await stream.text()),
  "completion()": async (stream, seen) => seen.push((await stream.completion()).text),
  "toReadableStream()": (stream, seen) => eachOfBytes(stream.toReadableStream(), seen),
  "toResponse()": async (stream, seen) => eachOfBytes((await stream.toResponse()).body, seen),
  "a branch of tee()": (stream, seen) => each(stream.tee()[1], ({ text }) => seen.push(text)),
  "both branches of tee()": async (stream, seen) => {
    const [left, right] = stream.tee();
    await Promise.all([left.text(), each(right.textStream(), (text) => seen.push(text))]);
  },
};

async function each(iterable, take) {
  for await (const item of iterable) take(item);
}

/** Decodes what a pass-through would send on, as its receiver does. */
async function eachOfBytes(body, seen) {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.match(/^data: (.*)$/m)?.[1];
      if (data !== "[DONE]") seen.push(JSON.parse(data).choices?.[0]?.text ?? "");
      else seen.done = true;
    }
  }
}

/** Ways to break after the text "Hel", and the error of each. */
const breaks = {
  "the end of the body": [breaksAfter("He", "l"), "TruncatedStreamError"],
  "a lost connection": [losesAfter("He", "l"), "StreamError"],
  "an error event": [sends(delta("He"), delta("l"), errorEvent), "InternalServerError"],
  "an error event in the chunk of its first text": [sends(delta("Hel") + errorEvent), "InternalServerError"],
  silence: [holds(delta("He"), delta("l")), "APITimeoutError", { idleTimeout: 200 }],
  "an event that is too large": [
    sends(delta("Hel"), `data: ${"x".repeat(3000)}`),
    "StreamError",
    { maxEventBytes: 1000 },
  ],
};

const seenBy = async (way, stream) => {
  const seen = [];
  const error = await settled(
    way(stream, seen).then(
      () => undefined,
      (error) => error,
    ),
  );
  return { text: seen.join(""), error, done: seen.done };
};

for (const [what, [answer, name, options]] of Object.entries(breaks)) {
  for (const midStream of [undefined, "fail"]) {
    test(`midStream ${midStream}: ${what} after text is the stream's error`, async (t) => {
      const server = await fleet(t, { a: answer, b: says("Hello") });
      for (const how of ["events", "textStream()", "text()", "completion()"]) {
        const stream = open(server, ["a", "b"], midStream, request, options);
        const { text, error } = await seenBy(ways[how], stream);
        assert.equal(error.name, name, how);
        assert.equal(error.partialText, "Hel", how);
        assert.equal(text, how.endsWith("s") || how.startsWith("textS") ? "Hel" : "", how);
        assert.equal(error.attempts.length, 1);
        assert.equal(error.attempts[0].error, error);
        assert.equal(await rejection(stream.completion()), error);
      }
      assert.deepEqual(server.of("b"), []);
    });
  }

  test(`midStream continue: after ${what} the next target goes on, and nobody sees the seam`, async (t) => {
    const server = await fleet(t, { a: answer, b: says("lo ", "World") });
    for (const [how, way] of Object.entries(ways)) {
      server.asked.length = 0;
      const stream = open(server, ["a", "b"], "continue", request, options);
      const { text, error, done } = await seenBy(way, stream);
      assert.equal(error, undefined, `${how}: ${error}`);
      assert.equal(text, "Hello World", how);
      if (how.startsWith("to")) assert.ok(done, `${how} ends with [DONE]`);
      assert.deepEqual(server.labels(), ["a", "b"], how);
      assert.deepEqual(server.bodies("b"), [{ prompt: "Hi.Hel", stream: true }], how);
      const completion = await settled(stream.completion());
      assert.deepEqual(
        [completion.text, completion.target, completion.finishReason],
        ["Hello World", "b", "stop"],
        how,
      );
      assert.deepEqual(
        completion.attempts.map(({ target, error }) => [target, error?.name]),
        [
          ["a", name],
          ["b", undefined],
        ],
      );
    }
  });
}

test("midStream fail: bytes that are passed on end as the body does", async (t) => {
  const server = await fleet(t, { a: losesAfter("He", "l"), b: says("Hello") });
  for (const how of ["toReadableStream()", "toResponse()"]) {
    const { text, error } = await seenBy(ways[how], open(server, ["a", "b"], "fail"));
    assert.equal(text, "Hel");
    assert.equal(error.name, "StreamError", how);
  }
  assert.deepEqual(server.of("b"), []);
});

test("midStream fail: the break is the result, whoever failed before", async (t) => {
  const server = await fleet(t, { a: status(404), b: breaksAfter("Hel"), c: says("Hello") });
  const error = await rejection(open(server, ["a", "b", "c"], "fail").text());
  assert.deepEqual([error.name, error.partialText], ["TruncatedStreamError", "Hel"]);
  assert.deepEqual(
    error.attempts.map(({ target }) => target),
    ["a", "b"],
  );
  const last = await rejection(open(server, ["b"], "fail").text());
  assert.equal(last.name, "TruncatedStreamError");
});

test("a target that failed in mid-stream is let go before the next one is asked", async (t) => {
  const server = await fleet(t, { a: holds(delta("Hel")), b: says("lo") });
  assert.equal(
    await settled(open(server, ["a", "b"], "continue", request, { idleTimeout: 150 }).text()),
    "Hello",
  );
  await until(() => server.of("a")[0].connection === "closed", "a's connection is closed");
});

test("midStream continue: of messages, the text so far is a trailing assistant's", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("lo") });
  const user = { role: "user", content: "Hi." };
  const ask = async (messages) => {
    server.asked.length = 0;
    assert.equal(await settled(open(server, ["a", "b"], "continue", { messages, seed: 7 }).text()), "Hello");
    assert.deepEqual(server.bodies("a"), [{ messages, seed: 7, stream: true }]);
    const [body] = server.bodies("b");
    assert.equal(body.seed, 7);
    return body.messages;
  };
  const hel = { role: "assistant", content: "Hel" };
  assert.deepEqual(await ask([user]), [user, hel]);
  assert.deepEqual(await ask([{ ...hel, content: "Yes?" }, user]), [{ ...hel, content: "Yes?" }, user, hel]);
  const begun = { role: "assistant", content: "Well: ", name: "x" };
  assert.deepEqual(await ask([user, begun]), [user, { ...begun, content: "Well: Hel" }]);
  const parts = { role: "assistant", content: [{ type: "text", text: "Well: " }] };
  assert.deepEqual((await ask([user, parts])).slice(-1), [hel], "what has no one string is not added to");
});

const spent = {
  "the deltas seen": [[delta("a"), delta("b"), delta(""), delta("c")], 7],
  "the usage's completion_tokens": [[delta("a"), delta("b"), usage(6)], 4],
  "the last usage": [[delta("a"), usage(1), delta("b"), usage(8)], 2],
};
for (const [what, [chunks, left]] of Object.entries(spent)) {
  test(`midStream continue: max_tokens is reduced by ${what}`, async (t) => {
    const server = await fleet(t, { a: sends(...chunks), b: says("!") });
    await settled(open(server, ["a", "b"], "continue", { prompt: "Hi.", max_tokens: 10 }).text());
    assert.equal(server.bodies("a")[0].max_tokens, 10);
    assert.equal(server.bodies("b")[0].max_tokens, left);
  });
}

test("midStream continue: without max_tokens, or with null, there is none in what follows either", async (t) => {
  const server = await fleet(t, { a: breaksAfter("a"), b: says("!") });
  await settled(open(server, ["a", "b"], "continue").text());
  await settled(open(server, ["a", "b"], "continue", { prompt: "Hi.", max_tokens: null }).text());
  assert.ok(!("max_tokens" in server.bodies("b")[0]));
  assert.equal(server.bodies("b")[1].max_tokens, null);
});

test("midStream continue: over two breaks, text and tokens add up", async (t) => {
  const server = await fleet(t, {
    a: breaksAfter("1", "2"),
    b: sends(delta("3"), usage(4)),
    c: says("4"),
  });
  const stream = open(server, ["a", "b", "c"], "continue", { prompt: ">", max_tokens: 10 });
  assert.equal(await settled(stream.text()), "1234");
  assert.deepEqual(
    server.asked.map(({ body }) => [body.prompt, body.max_tokens]),
    [
      [">", 10],
      [">12", 8],
      [">123", 4],
    ],
  );
});

test("midStream continue: what failed before it said anything takes nothing of what is left", async (t) => {
  const server = await fleet(t, { a: breaksAfter("1", "2"), b: status(404), c: says("3") });
  const ask = async (target) => {
    server.asked.length = 0;
    const stream = target.stream({ prompt: ">", max_tokens: 10 });
    assert.equal(await settled(stream.text()), "123");
    const expected = [
      [">", 10],
      [">12", 8],
      [">12", 8],
    ];
    assert.deepEqual(
      server.asked.map(({ body }) => [body.prompt, body.max_tokens]),
      expected,
    );
  };
  await ask(clientOf(server).fallback(["a", "b", "c"], { midStream: "continue" }));
  const client = clientOf(server);
  const inner = client.fallback(["a", "b"], { midStream: "continue" });
  await ask(client.fallback([inner, "c"], { midStream: "continue" }));
});

for (const [how, way] of Object.entries(ways)) {
  test(`midStream continue: with nothing left, ${how} ends with finish reason "length", and nobody is asked`, async (t) => {
    const server = await fleet(t, { a: breaksAfter("1", "2"), b: says("3") });
    for (const [max_tokens, ids] of [
      [2, ["a", "b"]],
      [1, ["a", "b"]],
      [2, ["a"]],
    ]) {
      const stream = open(server, ids, "continue", { prompt: ">", max_tokens });
      const { text, error, done } = await seenBy(way, stream);
      assert.equal(error, undefined);
      assert.equal(text, "12");
      if (how.startsWith("to")) assert.ok(done, "[DONE]");
      const { finishReason, text: whole, target } = await settled(stream.completion());
      assert.deepEqual([finishReason, whole, target], ["length", "12", "a"]);
    }
    assert.deepEqual(server.of("b"), []);
  });
}

test("midStream continue: a request with input or inputs fails with what broke it", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("lo") });
  for (const asked of [
    { input: "Hi." },
    { inputs: "Hi." },
    { inputs: ["Hi."] },
    { prompt: "Hi.", input: "Hi." },
  ]) {
    const error = await rejection(open(server, ["a", "b"], "continue", asked).text());
    assert.deepEqual([error.name, error.partialText], ["TruncatedStreamError", "Hel"]);
  }
  assert.deepEqual(server.of("b"), []);
  // Before its first text there is nothing to continue.
  server.answers.a = status(404);
  assert.equal(await settled(open(server, ["a", "b"], "continue", { input: "Hi." }).text()), "lo");
});

test("midStream continue: a pair of surrogates, and what JSON escapes, survive the seam", async (t) => {
  const raw = (text) => `data: {"choices":[{"text":"${text}"}]}\n\n`;
  const server = await fleet(t, {
    a: sends(raw('a\\n\\"\\\\\\u0000\\ud83d')),
    b: sends(raw("\\ude00\\t"), DONE),
  });
  for (const [how, way] of Object.entries(ways)) {
    server.asked.length = 0;
    const { text, error } = await seenBy(way, open(server, ["a", "b"], "continue"));
    assert.equal(error, undefined, how);
    assert.equal(text, 'a\n"\\\0😀\t', how);
    assert.equal(server.bodies("b")[0].prompt, 'Hi.a\n"\\\0\ud83d', how);
  }
});

test("midStream continue: the events are the targets' own, each with its id", async (t) => {
  const server = await fleet(t, {
    a: sends(`id: 1\nevent: note\n${delta("Hel")}`),
    b: sends(delta("l"), `id: 2\n${delta("o")}`, DONE),
  });
  const events = await collect(open(server, ["a", "b"], "continue"));
  assert.deepEqual(
    events.map(({ event, id, text }) => [event, id, text]),
    [
      ["note", "1", "Hel"],
      ["message", "", "l"],
      ["message", "2", "o"],
    ],
  );
});

test("midStream continue and restart: the bytes are an event stream that any client of the wire reads", async (t) => {
  const server = await fleet(t, {
    a: sends("id: 1\nevent: note\ndata: one\ndata: two\n\n", delta("Hel")),
    b: says("lo"),
  });
  const body = await settled(new Response(open(server, ["a", "b"], "continue").toReadableStream()).text());
  const [first, ...rest] = body.split("\n\n");
  assert.deepEqual(first.split("\n"), ["id: 1", "event: note", "data: one", "data: two"]);
  assert.ok(rest.join("\n\n").endsWith("data: [DONE]\n\n"));
  const passed = await fleet(t, { c: sends(body) });
  assert.equal(await settled(clientOf(passed).deployment("c").stream(request).text()), "one\ntwoHello");
  const restarted = await settled(
    new Response(open(server, ["a", "b"], "restart").toReadableStream()).text(),
  );
  assert.match(restarted, /^event: restart$/m);
});

test("midStream continue: where all fail, FallbackError has all of the text", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: breaksAfter("lo"), c: status(404) });
  for (const how of ["events", "textStream()", "text()", "completion()"]) {
    const { text, error } = await seenBy(ways[how], open(server, ["a", "b", "c"], "continue"));
    assert.equal(error.name, "FallbackError", how);
    assert.deepEqual(
      error.errors.map(({ name }) => name),
      ["TruncatedStreamError", "TruncatedStreamError", "NotFoundError"],
    );
    assert.equal(error.partialText, "Hello");
    assert.equal(error.attempts.length, 3);
    if (how === "events") assert.equal(text, "Hello");
  }
});

test("midStream continue: shouldFallback and 401 have their say in mid-stream, too", async (t) => {
  const unauthorized = 'data: {"error":{"message":"who?","status":401}}\n\n';
  const server = await fleet(t, { a: sends(delta("Hel"), unauthorized), b: says("lo") });
  const error = await rejection(open(server, ["a", "b"], "continue").text());
  assert.deepEqual([error.name, error.partialText], ["AuthenticationError", "Hel"]);
  assert.deepEqual(server.of("b"), []);
  const client = clientOf(server);
  const any = client.fallback(["a", "b"], { midStream: "continue", shouldFallback: () => true });
  assert.equal(await settled(any.stream(request).text()), "Hello");
});

test("midStream continue: timing is of the whole answer, tokens of all its targets", async (t) => {
  const server = await fleet(t, {
    a: slowly(300, delta("1") + delta("2"), ": the end\n\n"),
    b: sends(delta("3"), usage(8), DONE),
  });
  const { timing } = await settled(open(server, ["a", "b"], "continue").completion());
  const seconds = (timing.totalMs - timing.firstTextMs) / 1000;
  assert.ok(seconds >= 0.25, "the first text is that of the target that broke");
  assert.ok(Math.abs(timing.tokensPerSecond - 10 / seconds) < 1e-6);
});

test("midStream continue: a slow reader holds the next target back as well", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("lo") });
  const stream = open(server, ["a", "b"], "continue");
  assert.equal((await settled(stream.next())).value.text, "Hel");
  assert.deepEqual(textsOf(await collect(stream)), ["lo"]);
});

test("midStream restart: the next target starts over, announced by an event", async (t) => {
  const server = await fleet(t, { a: breaksAfter("He", "l"), b: says("Good ", "day") });
  const stream = open(server, ["a", "b"], "restart", { prompt: "Hi.", max_tokens: 3 });
  const events = await collect(stream);
  const told = events
    .map(({ event, text }) => (event === "restart" ? "RESTART" : text))
    .filter((text) => text);
  assert.deepEqual(told, ["He", "l", "RESTART", "Good ", "day"]);
  const restart = events.find(({ event }) => event === "restart");
  assert.deepEqual([restart.text, restart.id, restart.json], ["", "", { target: "b" }]);
  assert.deepEqual(JSON.parse(restart.data), { target: "b" });
  const asked = { prompt: "Hi.", max_tokens: 3, stream: true };
  assert.deepEqual(server.bodies("b"), [asked], "asked as the first was");
  assert.equal(await settled(stream.text()), "Good day");
  const { text, target, timing, attempts } = await settled(stream.completion());
  assert.deepEqual([text, target], ["Good day", "b"]);
  assert.equal(attempts.length, 2);
  assert.ok(timing.headersMs >= attempts[1].startedMs, "timing is of the answer that counts");
  assert.ok(timing.firstTextMs >= timing.headersMs);
});

test("midStream restart: textStream() of a branch of tee() fails, and the other branch goes on", async (t) => {
  const server = await fleet(t, { a: breaksAfter("He", "l"), b: says("Good day") });
  const [left, right] = open(server, ["a", "b"], "restart").tee();
  const [failed, events] = await Promise.all([seenBy(ways["textStream()"], left), collect(right)]);
  assert.deepEqual(
    [failed.text, failed.error.name, failed.error.partialText],
    ["Hel", "TruncatedStreamError", "Hel"],
  );
  assert.equal(events.filter(({ event }) => event === "restart").length, 1);
  assert.equal(await settled(right.text()), "Good day");
});

for (const how of ["text()", "completion()"]) {
  test(`midStream restart: ${how} holds the last target's text only`, async (t) => {
    const server = await fleet(t, { a: breaksAfter("Hel"), b: breaksAfter("Bon"), c: says("Good day") });
    const { text, error } = await seenBy(ways[how], open(server, ["a", "b", "c"], "restart"));
    assert.deepEqual([text, error], ["Good day", undefined]);
  });
}

test("midStream restart: a branch of tee() sees the event, and its text is the last target's", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("Good day") });
  const [left, right] = open(server, ["a", "b"], "restart").tee();
  const [events, text] = await Promise.all([collect(left), settled(right.text())]);
  assert.equal(events.filter(({ event }) => event === "restart").length, 1);
  assert.equal(text, "Good day");
  assert.equal(await settled(left.text()), "Good day");
});

test("midStream restart: textStream(), which cannot announce it, fails with what broke the stream", async (t) => {
  const server = await fleet(t, { a: breaksAfter("He", "l"), b: says("Good day") });
  const { text, error } = await seenBy(ways["textStream()"], open(server, ["a", "b"], "restart"));
  assert.deepEqual([text, error.name, error.partialText], ["Hel", "TruncatedStreamError", "Hel"]);
  assert.deepEqual(server.of("b"), []);
  // Before its first text there is nothing to announce.
  server.answers.a = sends(delta(""));
  assert.equal((await seenBy(ways["textStream()"], open(server, ["a", "b"], "restart"))).text, "Good day");
});

test("midStream restart: where all fail, FallbackError has the last target's text", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: breaksAfter("Bon") });
  const { error } = await seenBy(ways.events, open(server, ["a", "b"], "restart"));
  assert.deepEqual([error.name, error.partialText, error.errors.length], ["FallbackError", "Bon", 2]);
  assert.deepEqual(
    error.errors.map(({ partialText }) => partialText),
    ["Hel", "Bon"],
  );
});

test("midStream restart: input and inputs can start over", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: says("Good day") });
  assert.equal(await settled(open(server, ["a", "b"], "restart", { input: "Hi." }).text()), "Good day");
});

test("midStream says nothing about an answer that comes whole", async (t) => {
  const half = ({ response }) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
    response.write('{"choices":[{"text":"Hel', () => setTimeout(() => response.destroy(), 50));
  };
  const server = await fleet(t, { a: half, b: says("Good day") });
  for (const midStream of ["fail", "continue", "restart"]) {
    const target = clientOf(server).fallback(["a", "b"], { midStream });
    const { text } = await settled(target.invoke({ prompt: "Hi.", max_tokens: 1 }));
    assert.equal(text, "Good day");
  }
  assert.deepEqual(server.bodies("b")[0], { prompt: "Hi.", max_tokens: 1 });
});

test("a break of one target of a hedge is continued by the chain around it", async (t) => {
  const server = await fleet(t, { a: breaksAfter("Hel"), b: silent, c: says("lo") });
  const client = clientOf(server);
  const target = client.fallback([client.hedge(["a", "b"], { delay: 10_000 }), "c"], {
    midStream: "continue",
  });
  assert.equal(await settled(target.stream(request).text()), "Hello");
  assert.deepEqual(server.labels(), ["a", "c"]);
});

test("a stream of another kind than events is continued, too", async (t) => {
  const server = await fleet(t, {
    a: ({ response }) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("Hel", () => setTimeout(() => response.destroy(), 50));
    },
    b: says("lo"),
  });
  for (const [how, way] of Object.entries(ways)) {
    if (how.startsWith("to")) continue;
    assert.equal((await seenBy(way, open(server, ["a", "b"], "continue"))).text, "Hello", how);
  }
  const response = await settled(open(server, ["a", "b"], "continue").toResponse());
  assert.equal(response.headers.get("content-type"), SSE, "its bytes are events, and its type says so");
});
