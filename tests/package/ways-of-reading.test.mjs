// The ways of reading one answer, alone, beside each other, and one after another.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, holding, http, tcp } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { NotFoundError, PureRouter, TruncatedStreamError } = purerouter;

const whole = [delta("one "), delta("two "), delta("three", "stop"), DONE];
const client = (server, options) => new PureRouter({ baseUrl: server.url, maxRetries: 0, ...options });
const stream = (server, options) => client(server).deployments.stream("a", { prompt: "Hi." }, options);
const isClosed = (server) => until(() => server.closed === 1, "the server sees its connection close");
const bytes = (stream) => settled(new Response(stream.toReadableStream()).text());
const texts = async (stream) => (await collect(stream)).map(({ text }) => text);

/** A server that sends `parts` one after the other, each once the one before has surely been read. */
function slowly(t, ...parts) {
  return http(t, async (_, response) => {
    response.writeHead(200, { "content-type": SSE, "x-request-id": "r-1" });
    response.flushHeaders();
    for (const part of parts) {
      await sleep(30);
      response.write(part);
    }
    response.end();
  });
}

describe("events", { concurrency: true }, () => {
  test("have data, event, id, json and text; an id stays until another comes", async (t) => {
    const json = { choices: [{ text: "one", finish_reason: null }], extra: [1, { two: "é" }] };
    const data = JSON.stringify(json);
    const parts = [
      `data: ${data}\n\n`,
      `id: 7\nevent: named\ndata: ${data}\n\n`,
      `data: ${data}\n\ndata: plain\n\n`,
      "id: é 8\ndata: a\ndata: b\n\n",
      "id: nul\0\ndata: {}\n\n",
      "id\ndata: {}\n\n",
      DONE,
    ];
    const expected = [
      { data, event: "message", id: "", json, text: "one" },
      { data, event: "named", id: "7", json, text: "one" },
      { data, event: "message", id: "7", json, text: "one" },
      { data: "plain", event: "message", id: "7", json: undefined, text: "plain" },
      { data: "a\nb", event: "message", id: "é 8", json: undefined, text: "a\nb" },
      { data: "{}", event: "message", id: "é 8", json: {}, text: "" },
      { data: "{}", event: "message", id: "", json: {}, text: "" },
    ];
    for (const server of [await answering(t, SSE, ...parts), await slowly(t, ...parts)]) {
      const seen = await collect(stream(server));
      assert.deepEqual(
        seen.map(({ data, event, id, json, text }) => ({ data, event, id, json, text })),
        expected,
      );
      assert.equal(seen[0].json, seen[0].json, "parsed once");
      assert.deepEqual(JSON.parse(JSON.stringify(seen)), JSON.parse(JSON.stringify(expected)));
    }
  });

  test("keep what they are while others follow, in other streams as well", async (t) => {
    const many = Array.from({ length: 500 }, (_, i) => delta(`${i} é ${"x".repeat(i)}`));
    const server = await answering(t, SSE, ...many, DONE);
    const [seen, others] = await Promise.all([collect(stream(server)), collect(stream(server))]);
    for (const events of [seen, others]) {
      assert.deepEqual(
        events.map(({ data }) => `data: ${data}\n\n`),
        many,
      );
    }
  });

  test("come from an iterator that is its own, and is over once it is over", async (t) => {
    const one = stream(await answering(t, SSE, ...whole));
    assert.equal(one[Symbol.asyncIterator](), one);
    assert.equal(Object.prototype.toString.call(one), "[object CompletionStream]");
    assert.deepEqual(await texts(one), ["one ", "two ", "three"]);
    assert.deepEqual(await one.next(), { value: undefined, done: true });
    assert.deepEqual(await texts(one), []);
    assert.deepEqual(await one.return(), { value: undefined, done: true });
    assert.equal(await one.text(), "one two three");
  });

  test("a loop may go on where another step stopped", async (t) => {
    const one = stream(await answering(t, SSE, ...whole));
    assert.equal((await one.next()).value.text, "one ");
    assert.deepEqual(await texts(one), ["two ", "three"]);
  });

  test("several steps at once are answered in order, and the rest are done", async (t) => {
    for (const server of [await answering(t, SSE, ...whole), await slowly(t, ...whole)]) {
      for (const read of [(one) => one, (one) => one.textStream()]) {
        const one = read(stream(server));
        const steps = await settled(Promise.all(Array.from({ length: 6 }, () => one.next())));
        const values = steps.filter(({ done }) => !done).map(({ value }) => value.text ?? value);
        assert.equal(values.join("|").replaceAll("|", ""), "one two three");
        assert.deepEqual(steps.at(-1), { value: undefined, done: true });
        const firstDone = steps.findIndex(({ done }) => done);
        assert.ok(steps.slice(firstDone).every(({ done }) => done));
      }
    }
  });

  test("are given before the answer is over", async (t) => {
    const server = await holding(t, SSE, delta("one "), delta("two"));
    const one = stream(server);
    assert.equal((await settled(one.next())).value.text, "one ");
    assert.equal((await settled(one.next())).value.text, "two");
    const text = stream(server).textStream();
    assert.match((await settled(text.next())).value, /^one /);
    const reader = stream(server).toReadableStream().getReader();
    assert.match(Buffer.from((await settled(reader.read())).value).toString(), /^data: /);
    one.abort();
    await text.return();
    await reader.cancel();
  });
});

describe("textStream()", { concurrency: true }, () => {
  test("gives the text that is not empty, as strings", async (t) => {
    const empty = 'data: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n';
    const parts = [
      ": ping\n\n",
      empty,
      delta(""),
      delta("one "),
      delta(""),
      delta("two"),
      delta("", "stop"),
      DONE,
    ];
    assert.deepEqual(await collect(stream(await slowly(t, ...parts)).textStream()), ["one ", "two"]);
    const joined = await collect(stream(await answering(t, SSE, parts.join(""))).textStream());
    assert.equal(joined.join(""), "one two");
    assert.ok(joined.every((text) => typeof text === "string" && text !== ""));
  });

  test("is an iterator of its own, and over once it is over", async (t) => {
    const text = stream(await answering(t, SSE, ...whole)).textStream();
    assert.equal(text[Symbol.asyncIterator](), text);
    assert.equal((await collect(text)).join(""), "one two three");
    assert.deepEqual(await text.next(), { value: undefined, done: true });
    assert.deepEqual(await collect(text), []);
  });
});

describe("completion()", { concurrency: true }, () => {
  test("has all fields of a stream that says everything", async (t) => {
    const usage = { prompt_tokens: 5, completion_tokens: 30, total_tokens: 35, detail: { cached: 1 } };
    const last = { choices: [], usage, model: "m-1", provider: "p-1", cost_usd: 0.25 };
    const server = await slowly(t, ...whole.slice(0, 3), `data: ${JSON.stringify(last)}\n\n`, DONE);
    const started = performance.now();
    const completion = await client(server)
      .router.stream({ prompt: "Hi.", profile: "balanced" })
      .completion();
    const took = performance.now() - started;

    const { timing, attempts, ...rest } = completion;
    assert.deepEqual(rest, {
      text: "one two three",
      finishReason: "stop",
      usage,
      model: "m-1",
      provider: "p-1",
      target: "profile:balanced",
      costUsd: 0.25,
      raw: last,
    });

    assert.deepEqual(Object.keys(timing), ["headersMs", "firstTextMs", "totalMs", "tokensPerSecond"]);
    const { headersMs, firstTextMs, totalMs, tokensPerSecond } = timing;
    assert.ok(0 < headersMs && headersMs < firstTextMs && firstTextMs < totalMs && totalMs <= took);
    assert.ok(Math.abs(tokensPerSecond - 30 / ((totalMs - firstTextMs) / 1000)) < 1e-6);

    const [{ startedMs, durationMs, ...attempt }, ...more] = attempts;
    assert.deepEqual(attempt, {
      target: "profile:balanced",
      attempt: 1,
      status: 200,
      error: null,
      retryInMs: null,
    });
    assert.ok(startedMs >= 0 && durationMs > 0 && startedMs + durationMs <= took);
    assert.deepEqual(more, []);
  });

  test("has null for what nobody said, and counts deltas where tokens are not told", async (t) => {
    const server = await slowly(t, delta("one "), delta("two "), delta("three"), DONE);
    const { timing, attempts, raw, ...rest } = await stream(server).completion();
    assert.deepEqual(rest, {
      text: "one two three",
      finishReason: null,
      usage: null,
      model: null,
      provider: null,
      target: "a",
      costUsd: null,
    });
    assert.ok(Math.abs(timing.tokensPerSecond - 3 / ((timing.totalMs - timing.firstTextMs) / 1000)) < 1e-6);
    assert.equal(attempts.length, 1);
  });

  test("of an answer without text has neither a first text nor a rate", async (t) => {
    const { timing } = await stream(await answering(t, SSE, DONE)).completion();
    assert.equal(timing.firstTextMs, null);
    assert.equal(timing.tokensPerSecond, null);
  });

  test("lists the attempts that failed, and times the call from its start", async (t) => {
    const server = await http(t, (_, response, count) => {
      if (count < 3) response.writeHead(503, { "retry-after-ms": "50" }).end();
      else response.writeHead(200, { "content-type": SSE }).end(whole.join(""));
    });
    const { attempts, timing } = await stream(server, { maxRetries: 2 }).completion();
    assert.deepEqual(
      attempts.map(({ target, attempt, status }) => [target, attempt, status]),
      [
        ["a", 1, 503],
        ["a", 2, 503],
        ["a", 3, 200],
      ],
    );
    const [first, second, third] = attempts;
    assert.ok(first.error.status === 503 && second.error.status === 503 && third.error === null);
    assert.ok(first.retryInMs >= 50 && second.retryInMs >= 50 && third.retryInMs === null);
    assert.ok(second.startedMs >= first.startedMs + first.durationMs + 45);
    assert.ok(timing.headersMs >= third.startedMs && timing.headersMs >= 95);
    assert.ok(timing.headersMs <= timing.firstTextMs && timing.firstTextMs <= timing.totalMs);
  });

  const readers = {
    "the events": collect,
    "textStream()": (one) => collect(one.textStream()),
    "toReadableStream()": bytes,
    "toResponse()": async (one) => (await one.toResponse()).text(),
  };
  for (const [how, read] of Object.entries(readers)) {
    test(`and text() asked for before, during and after ${how}`, async (t) => {
      for (const server of [await answering(t, SSE, ...whole), await slowly(t, ...whole)]) {
        const before = stream(server);
        const early = Promise.all([before.text(), before.completion()]);
        await read(before);
        const [text, completion] = await settled(early);
        assert.equal(text, "one two three");
        assert.equal(completion.text, text);
        assert.equal(completion.finishReason, "stop");
        assert.ok(completion.timing.totalMs > 0);

        if (how === "toResponse()") continue;
        const during = stream(server);
        const reading = read(during);
        await sleep(10);
        const meanwhile = Promise.all([during.text(), during.completion()]);
        await reading;
        assert.equal((await settled(meanwhile))[0], "one two three");

        const after = stream(server);
        await read(after);
        assert.equal(await settled(after.text()), "one two three");
        assert.equal(await settled(after.completion()), await after.completion());
      }
    });
  }

  test("asked for after toResponse() says that nobody looked, and what to do", async (t) => {
    const one = stream(await answering(t, SSE, ...whole));
    await (await one.toResponse()).text();
    const error = await rejection(one.completion());
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /before toResponse\(\)/);
  });

  test("and text(), alone and together, drive the stream themselves", async (t) => {
    const server = await slowly(t, ...whole);
    assert.equal(await settled(stream(server).text()), "one two three");
    assert.equal((await settled(stream(server).completion())).text, "one two three");
    const one = stream(server);
    const [text, completion, again] = await settled(Promise.all([one.text(), one.completion(), one.text()]));
    assert.deepEqual([text, completion.text, again], ["one two three", "one two three", "one two three"]);
    assert.equal(await one.completion(), completion);
  });
});

describe("the body", { concurrency: true }, () => {
  // Nothing of it may be lost or tidied up, [DONE] and what no decoder would keep included.
  const body = `\ufeff: ping\r\n\r\n${delta("Grüße 🌍")}data: data: {}\r\rid: 3\ndata:x\n\n${DONE}`;

  test("toReadableStream() gives its bytes, and they are bytes", async (t) => {
    const server = await answering(t, SSE, body.slice(0, 30), body.slice(30));
    const one = stream(server).toReadableStream();
    assert.ok(one instanceof ReadableStream);
    const chunks = await collect(one);
    assert.ok(chunks.every((chunk) => chunk instanceof Uint8Array));
    assert.equal(Buffer.concat(chunks).toString(), body);
  });

  test("of any type", async (t) => {
    const random = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
    for (const type of [
      "application/octet-stream",
      "text/plain",
      "application/json",
      "application/x-ndjson",
    ]) {
      const server = await answering(t, type, random);
      const read = await settled(new Response(stream(server).toReadableStream()).arrayBuffer());
      assert.deepEqual(new Uint8Array(read), random);
      const passed = await (await stream(server).toResponse()).arrayBuffer();
      assert.deepEqual(new Uint8Array(passed), random);
    }
  });

  test("toResponse() has status, content type and body, and no other header", async (t) => {
    const server = await http(t, (_, response) => {
      const headers = {
        "content-type": "text/event-stream; charset=utf-8",
        "set-cookie": "a=b",
        "x-secret": "1",
      };
      response.writeHead(202, headers).end(body);
    });
    const watched = { signal: new AbortController().signal };
    for (const [options, asks] of [
      [{}, false],
      [{}, true],
      [watched, false],
      [{ timeout: 60_000 }, false],
    ]) {
      const one = stream(server, options);
      if (asks) one.completion();
      const response = await one.toResponse();
      assert.ok(response instanceof Response);
      assert.equal(response.status, 202);
      assert.deepEqual([...response.headers], [["content-type", "text/event-stream; charset=utf-8"]]);
      assert.equal(Buffer.from(await response.arrayBuffer()).toString(), body);
    }
  });

  test("toResponse(init) goes over the service's own", async (t) => {
    const server = await answering(t, SSE, body);
    const init = {
      status: 201,
      statusText: "Made",
      headers: { "Content-Type": "text/plain", "x-mine": "1" },
    };
    const response = await stream(server).toResponse(init);
    assert.equal(response.status, 201);
    assert.equal(response.statusText, "Made");
    assert.deepEqual(Object.fromEntries(response.headers), { "content-type": "text/plain", "x-mine": "1" });
    assert.equal(Buffer.from(await response.arrayBuffer()).toString(), body);

    const added = await stream(server).toResponse({ headers: [["cache-control", "no-store"]] });
    assert.equal(added.status, 200);
    assert.equal(added.headers.get("cache-control"), "no-store");
    assert.equal(added.headers.get("content-type"), SSE);
    await added.text();
  });

  test("toResponse() rejects where the service refuses", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(404).end());
    assert.ok((await rejection(stream(server).toResponse())) instanceof NotFoundError);
    const error = await rejection(client(server).deployments.stream("a", {}).toResponse());
    assert.ok(error instanceof TypeError);
  });

  test("an empty one", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(204).end());
    assert.equal(await bytes(stream(server)), "");
    const response = await stream(server).toResponse();
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
  });
});

describe("response", { concurrency: true }, () => {
  test("is the head, before and beside any reading, the same each time", async (t) => {
    const server = await http(t, (_, response) => {
      response.writeHead(200, { "content-type": SSE, "x-request-id": "r-1", "x-other": "2" });
      response.flushHeaders();
      response.write(delta("one"));
    });
    const one = stream(server);
    const { status, headers, requestId } = await settled(one.response);
    assert.equal(status, 200);
    assert.ok(headers instanceof Headers);
    assert.equal(headers.get("x-other"), "2");
    assert.equal(requestId, "r-1");
    assert.equal((await one.next()).value.text, "one");
    assert.equal(await one.response, await one.response);
    one.abort();
    assert.equal((await one.response).status, 200);
  });

  test("its requestId: x-request-id, else request-id, else cf-ray, else null", async (t) => {
    const names = { "x-request-id": "a", "request-id": "b", "cf-ray": "c" };
    const entries = Object.entries(names);
    for (const [i, expected] of ["a", "b", "c", null].entries()) {
      const server = await http(t, (_, response) => {
        response.writeHead(200, { "content-type": SSE, ...Object.fromEntries(entries.slice(i)) }).end(DONE);
      });
      const one = stream(server);
      assert.equal((await one.response).requestId, expected);
      await one.text();
    }
  });

  test("rejects with what the reading does, where there is none", async (t) => {
    const one = stream(await http(t, (_, response) => response.writeHead(404).end()));
    const error = await rejection(one.response);
    assert.ok(error instanceof NotFoundError);
    assert.equal(await rejection(one.text()), error);
  });
});

describe("a second reader", { concurrency: true }, () => {
  const readers = {
    "the events": (one) => one.next(),
    "textStream()": (one) => one.textStream(),
    "toReadableStream()": (one) => one.toReadableStream(),
    "toResponse()": (one) => one.toResponse(),
    "tee()": (one) => one.tee(),
  };
  for (const [first, take] of Object.entries(readers)) {
    test(`beside ${first} is a TypeError that says to use tee()`, async (t) => {
      const server = await answering(t, SSE, ...whole);
      for (const [second, takeToo] of Object.entries(readers)) {
        if (first === second && first === "the events") continue;
        const one = stream(server);
        const taken = take(one);
        const error = await rejection((async () => takeToo(one))());
        assert.ok(error instanceof TypeError, `${first}, ${second}: ${error}`);
        assert.match(error.message, /\btee\(\)/);
        assert.ok(error.message.includes(first === "the events" ? "its events" : first), error.message);
        // The first one is none the worse for it.
        const remaining = {
          "the events": async () => (await taken).value.text + (await texts(one)).join(""),
          "textStream()": async () => (await collect(taken)).join(""),
          "toReadableStream()": async () => new Response(taken).text(),
          "toResponse()": async () => (await taken).text(),
          "tee()": async () => (await Promise.all(taken.map((branch) => branch.text())))[1],
        };
        const text = await settled(remaining[first]());
        assert.ok(text === "one two three" || text === whole.join(""), text);
      }
    });
  }

  test("is refused after the end as well", async (t) => {
    const one = stream(await answering(t, SSE, ...whole));
    await collect(one);
    assert.throws(() => one.textStream(), TypeError);
  });
});

describe("leaving early", { concurrency: true }, () => {
  const readers = {
    "the events": (one) => one,
    "textStream()": (one) => one.textStream(),
  };
  for (const [how, read] of Object.entries(readers)) {
    test(`${how}: break, throw, return() and asyncDispose end the request, and the iteration`, async (t) => {
      const dispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
      const thrown = new Error("the reader's own");
      const leaves = [
        async (iterator) => {
          for await (const _ of iterator) break;
        },
        async (iterator) => {
          const error = await rejection(
            (async () => {
              for await (const _ of iterator) throw thrown;
            })(),
          );
          assert.equal(error, thrown);
        },
        async (iterator) => {
          await iterator.next();
          assert.deepEqual(await iterator.return(), { value: undefined, done: true });
        },
        async (iterator) => {
          await iterator.next();
          await iterator[dispose]();
        },
      ];
      for (const leave of leaves) {
        const server = await holding(t, SSE, delta("one "), delta("two "));
        const iterator = read(stream(server));
        await leave(iterator);
        await isClosed(server);
        assert.deepEqual(await iterator.next(), { value: undefined, done: true });
        assert.deepEqual(await collect(iterator), []);
      }
    });

    test(`${how}: return() while a step waits ends that step`, async (t) => {
      const server = await holding(t, SSE, delta("one"));
      const iterator = read(stream(server));
      await iterator.next();
      const waiting = iterator.next();
      await iterator.return();
      assert.deepEqual(await settled(waiting), { value: undefined, done: true });
      await isClosed(server);
    });
  }

  test("asyncDispose after the end changes nothing", async (t) => {
    const one = stream(await answering(t, SSE, ...whole));
    await collect(one);
    await one[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
    assert.equal(await one.text(), "one two three");
  });
});

describe("tee()", { concurrency: true }, () => {
  test("both branches get everything, each in its own way, and the original sums it up", async (t) => {
    const server = await slowly(t, ...whole);
    const ways = [
      texts,
      (one) => collect(one.textStream()),
      async (one) => [await one.text()],
      async (one) => [(await one.completion()).text],
    ];
    const pairs = ways.flatMap((left) => ways.map((right) => [left, right]));
    const reading = pairs.map(async ([left, right]) => {
      const one = stream(server);
      const branches = one.tee();
      const [a, b] = await Promise.all([left(branches[0]), right(branches[1])]);
      assert.equal(a.join(""), "one two three");
      assert.equal(b.join(""), "one two three");
      assert.equal((await one.completion()).text, "one two three");
      for (const branch of branches) assert.equal((await branch.completion()).finishReason, "stop");
    });
    await settled(Promise.all(reading));
    assert.equal(server.requests.length, 16, "one request each");
  });

  test("one branch's bytes, another's text; each knows the head", async (t) => {
    const [left, right] = stream(await slowly(t, ...whole)).tee();
    const [body, text] = await settled(Promise.all([bytes(left), right.text()]));
    assert.equal(body, whole.join(""));
    assert.equal(text, "one two three");
    assert.equal((await left.response).requestId, "r-1");
    assert.equal((await right.response).requestId, "r-1");
  });

  test("a branch aborted in the middle leaves the other whole", async (t) => {
    for (const aborted of [0, 1]) {
      const server = await slowly(t, ...whole);
      const branches = stream(server).tee();
      const [leaving, staying] = [branches[aborted], branches[1 - aborted]];
      await leaving.next();
      const rest = texts(staying);
      const reason = new Error("enough");
      leaving.abort(reason);
      assert.equal(await rejection(leaving.next()), reason);
      assert.deepEqual(await rest, ["one ", "two ", "three"]);
      assert.equal(server.closed, 0);
    }
  });

  test("a branch that reads late gets what the other has had", async (t) => {
    const server = await answering(t, SSE, ...whole);
    const [quick, slow] = stream(server).tee();
    assert.equal(await quick.text(), "one two three");
    const seen = [];
    for await (const { text } of slow) {
      seen.push(text);
      await sleep(30);
    }
    assert.deepEqual(seen, ["one ", "two ", "three"]);
  });

  test("a branch can be teed again", async (t) => {
    const [left, right] = stream(await answering(t, SSE, ...whole)).tee();
    const [a, b] = right.tee();
    const all = await settled(Promise.all([left.text(), a.text(), b.text()]));
    assert.deepEqual(all, ["one two three", "one two three", "one two three"]);
    assert.equal(await settled(right.text()), "one two three");
  });

  test("both branches reject with what went wrong, and so does the original", async (t) => {
    const cut = stream(await answering(t, SSE, delta("one")));
    const branches = cut.tee();
    for (const error of await Promise.all(branches.map((branch) => rejection(branch.text())))) {
      assert.ok(error instanceof TruncatedStreamError);
      assert.equal(error.partialText, "one");
    }
    assert.ok((await rejection(cut.text())) instanceof TruncatedStreamError);

    const refused = stream(await http(t, (_, response) => response.writeHead(404).end()));
    const errors = await Promise.all(refused.tee().map((branch) => rejection(collect(branch))));
    assert.ok(errors.every((error) => error instanceof NotFoundError));
  });

  test("a connection lost in the middle", async (t) => {
    const chunk = delta("one");
    const server = await tcp(t, async (socket) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: ${SSE}\r\ntransfer-encoding: chunked\r\n\r\n`;
      socket.write(`${head}${chunk.length.toString(16)}\r\n${chunk}\r\n`);
      await sleep(50);
      socket.resetAndDestroy();
    });
    const branches = stream(server).tee();
    for (const error of await Promise.all(branches.map((branch) => rejection(branch.text())))) {
      assert.equal(error.name, "StreamError");
      assert.equal(error.partialText, "one");
    }
  });
});
