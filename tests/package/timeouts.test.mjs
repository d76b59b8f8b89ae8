// Each of the four timeouts, and the silence after a finish reason: which one ends a call, and with what.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, delta, holding, http } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { APIConnectionError, APITimeoutError, PureRouter, PureRouterError } = purerouter;

function client(server, options) {
  return new PureRouter({ baseUrl: server.url, routerKey: "sk_test", maxRetries: 0, ...options });
}

const stream = (server, options) => client(server).deployments.stream("a", { prompt: "Hi." }, options);

function isTimeout(error, phase, timeoutMs, option) {
  assert.ok(error instanceof APITimeoutError, String(error));
  assert.ok(
    error instanceof APIConnectionError && error instanceof PureRouterError && error instanceof Error,
  );
  assert.equal(error.name, "APITimeoutError");
  assert.equal(error.phase, phase);
  assert.equal(error.timeoutMs, timeoutMs);
  assert.match(error.message, new RegExp(`\\b${option}\\b`));
  assert.equal(error.attempts.length, 1);
  assert.equal(error.attempts[0].error, error);
}

test("headersTimeout: no response head", async (t) => {
  const server = await http(t, () => {});
  const error = await rejection(stream(server, { headersTimeout: 1000 }).text());
  isTimeout(error, "headers", 1000, "headersTimeout");
  await until(() => server.closed === 1, "the connection is closed");
});

test("headersTimeout is no limit for the body", async (t) => {
  const server = await http(t, async (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    response.flushHeaders();
    await sleep(600);
    response.end(delta("late") + DONE);
  });
  assert.equal(await settled(stream(server, { headersTimeout: 500 }).text()), "late");
});

test("firstTextTimeout: a head, but no text, whatever else comes", async (t) => {
  const server = await http(t, (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    const timer = setInterval(() => response.write(': ping\n\ndata: {"choices":[{"delta":{}}]}\n\n'), 20);
    response.on("close", () => clearInterval(timer));
  });
  const error = await rejection(stream(server, { firstTextTimeout: 300 }).text());
  isTimeout(error, "first-text", 300, "firstTextTimeout");
  assert.equal(error.partialText, "");
  await until(() => server.closed === 1, "the connection is closed");
});

test("firstTextTimeout counts from sending", async (t) => {
  const server = await http(t, async (_, response) => {
    await sleep(400);
    response.writeHead(200, { "content-type": SSE });
    response.flushHeaders();
  });
  const started = performance.now();
  const error = await rejection(stream(server, { firstTextTimeout: 800 }).text());
  isTimeout(error, "first-text", 800, "firstTextTimeout");
  assert.ok(performance.now() - started < 1150, "the time until the head counts as well");
});

for (const [how, read] of Object.entries({
  "text()": (stream) => stream.text(),
  events: (stream) => collect(stream),
  "textStream()": (stream) => collect(stream.textStream()),
  "toReadableStream()": (stream) => new Response(stream.toReadableStream()).text(),
})) {
  test(`idleTimeout, read by ${how}: silence after the first text`, async (t) => {
    const server = await holding(t, SSE, delta("one "), delta("two"));
    const error = await rejection(read(stream(server, { idleTimeout: 300 })));
    isTimeout(error, "idle", 300, "idleTimeout");
    assert.equal(error.partialText, "one two");
    await until(() => server.closed === 1, "the connection is closed");
  });

  test(`a finish reason and a second of silence, read by ${how}, is the end`, async (t) => {
    const server = await holding(t, SSE, delta("one "), delta("two", "stop"));
    const one = stream(server);
    const started = performance.now();
    await settled(read(one), 10_000);
    assert.ok(performance.now() - started > 900, "not before what may still come had its second");
    assert.equal((await one.completion()).finishReason, "stop");
    await until(() => server.closed === 1, "the connection is let go");
  });
}

test("a usage event after the finish reason still belongs to the answer", async (t) => {
  const server = await http(t, async (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    response.write(delta("one", "stop"));
    await sleep(500);
    response.write('data: {"choices":[],"usage":{"completion_tokens":7}}\n\n');
  });
  const completion = await settled(stream(server).completion());
  assert.deepEqual(completion.usage, { completion_tokens: 7 });
  assert.equal(completion.finishReason, "stop");
});

test("idleTimeout doesn't run while the reader is busy", async (t) => {
  const server = await http(t, async (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    response.write(delta("one"));
    await sleep(100);
    response.end(delta("two") + DONE);
  });
  const texts = [];
  for await (const { text } of stream(server, { idleTimeout: 300 })) {
    texts.push(text);
    await sleep(700);
  }
  assert.deepEqual(texts, ["one", "two"]);
});

test("idleTimeout: an answer that comes whole, broken off in its middle", async (t) => {
  const server = await holding(t, "application/json", '{"choices":');
  const asked = client(server).deployments.invoke("a", { prompt: "Hi." }, { idleTimeout: 200 });
  const error = await rejection(asked);
  isTimeout(error, "idle", 200, "idleTimeout");
  await until(() => server.closed === 1, "the connection is closed");
});

test("timeout: the whole call, head and body", async (t) => {
  const silent = await http(t, () => {});
  isTimeout(await rejection(client(silent, { timeout: 150 }).health()), "total", 150, "timeout");

  const endless = await http(t, (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    const timer = setInterval(() => response.write(delta("x")), 20);
    response.on("close", () => clearInterval(timer));
  });
  const error = await rejection(stream(endless, { timeout: 300 }).text());
  isTimeout(error, "total", 300, "timeout");
  assert.match(error.partialText, /^x+$/);
  await until(() => endless.closed === 1, "the connection is closed");
});

test("timeout: the waits between attempts", async (t) => {
  const server = await http(t, (_, response) => response.writeHead(503, { "retry-after": "1" }).end());
  const started = performance.now();
  const error = await rejection(client(server, { maxRetries: 100, timeout: 2500 }).health());
  assert.ok(performance.now() - started < 10_000);
  assert.equal(error.attempts.length, server.requests.length);
  assert.ok(server.requests.length >= 2 && server.requests.length <= 3);
});

for (const off of [0, Infinity]) {
  test(`${off} turns a timeout off`, async (t) => {
    const server = await http(t, async (_, response) => {
      await sleep(50);
      response.writeHead(200, { "content-type": SSE });
      response.write(delta("one"));
      await sleep(50);
      response.end(delta("two") + DONE);
    });
    const timeouts = { timeout: off, headersTimeout: off, firstTextTimeout: off, idleTimeout: off };
    assert.equal(await settled(stream(server, timeouts).text()), "onetwo");
  });
}
