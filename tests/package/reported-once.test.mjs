// An error is reported where the user reads, and nowhere else: the listener of unhandled.mjs watches all of these.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { SSE, answering, delta, holding, http } from "./sockets.mjs";
import { collect, rejection, sleep } from "./waiting.mjs";

const { PureRouter, TruncatedStreamError } = purerouter;

const client = (server, options) => new PureRouter({ baseUrl: server.url, maxRetries: 0, ...options });
const stream = (server, options) => client(server).router.stream({ prompt: "Hi." }, options);

test("streams that nobody reads, each failing in its way", async (t) => {
  const refusing = await http(t, (_, response) => response.writeHead(404).end());
  const cut = await answering(t, SSE, delta("one"));
  const html = await answering(t, "text/html", "<p>");
  for (const server of [refusing, cut, html, { url: "http://127.0.0.1:1" }]) {
    stream(server);
    stream(server).textStream();
    stream(server).toReadableStream();
    stream(server).tee();
    void stream(server).response;
    stream(server).abort();
  }
  client(cut).router.stream({});
  client(cut).deployments.stream("", { prompt: "Hi." });
  await sleep(300);
});

test("text() and completion() beside a loop that throws", async (t) => {
  const server = await answering(t, SSE, delta("one"));
  const one = stream(server);
  one.text();
  one.completion();
  assert.ok((await rejection(collect(one))) instanceof TruncatedStreamError);
  await sleep(50);
});

test("several steps under way when it fails: each of them rejects", async (t) => {
  const server = await holding(t, SSE, delta("one"));
  const one = stream(server);
  const steps = [one.next(), one.next(), one.next()];
  assert.equal((await steps[0]).value.text, "one");
  one.abort("enough");
  assert.deepEqual(await Promise.all(steps.slice(1).map(rejection)), ["enough", "enough"]);
});

test("what onAttempt throws, at once or later, goes to console.error and never to the call", async (t) => {
  const server = await answering(t, "application/json", '{"ok":true}');
  const logged = t.mock.method(console, "error", () => {});
  const error = new Error("an observer's own");
  const observers = [
    () => {
      throw error;
    },
    async () => {
      throw error;
    },
  ];
  for (const onAttempt of observers) {
    assert.deepEqual(await client(server, { onAttempt }).health(), { ok: true });
    await sleep(20);
    assert.ok(logged.mock.calls.at(-1).arguments.includes(error));
  }
  assert.equal(logged.mock.callCount(), 2);
});
