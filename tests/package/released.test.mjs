// What a call has taken is given back however it ends, and however it is read: its timers, its listener on the caller's
// signal, the response's body, and the connection below it.
//
// All ways of reading go through the same ending at once; each has a signal and a body of its own, so that the one that
// keeps something is named. The timers are the package's own: those that are set from its code.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, delta, http } from "./sockets.mjs";
import { settled, sleep, until } from "./waiting.mjs";

const { PureRouter } = purerouter;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/** The package's timers that run, each with the place where it was set. */
const timers = new Map();
let timersSet = 0;
const { setTimeout, clearTimeout } = globalThis;
globalThis.setTimeout = (run, ...args) => {
  const { stack } = new Error("A timer was set");
  if (!stack.includes("node_modules/purerouter")) return setTimeout(run, ...args);
  const timer = setTimeout(
    () => {
      timers.delete(timer);
      run();
    },
    ...args,
  );
  timers.set(timer, stack);
  timersSet += 1;
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
  clearTimeout(timer);
};

/** A `fetch` that tells how the body of its last response ended: at its end, lost, cancelled, or with its request. */
function recording() {
  const record = { body: "not there" };
  record.fetch = async (url, init) => {
    const response = await fetch(url, init);
    record.body = "open";
    const over = (how) => {
      if (record.body === "open") record.body = how;
    };
    init.signal.addEventListener("abort", () => over("aborted"));
    const reader = response.body.getReader();
    const body = new ReadableStream(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (!done) return controller.enqueue(value);
            over("ended");
            controller.close();
          } catch (error) {
            over("lost");
            controller.error(error);
          }
        },
        cancel(reason) {
          over("cancelled");
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, response);
  };
  return record;
}

const LARGEST = 4096;
const head = (response) => response.writeHead(200, { "content-type": SSE }).flushHeaders();

/** How the server answers, by the deployment that is asked. */
const answers = {
  whole: (response) => response.writeHead(200, { "content-type": SSE }).end(delta("one") + DONE),
  done: (response) => response.writeHead(200, { "content-type": SSE }).write(delta("one") + DONE),
  finished: (response) => response.writeHead(200, { "content-type": SSE }).write(delta("one", "stop")),
  open: (response) => response.writeHead(200, { "content-type": SSE }).write(delta("one")),
  truncated: (response) => response.writeHead(200, { "content-type": SSE }).end(delta("one")),
  cut: (response) =>
    response
      .writeHead(200, { "content-type": SSE })
      .write(delta("one"), () => setTimeout(() => response.destroy(), 50)),
  failing: (response) =>
    response.writeHead(200, { "content-type": SSE }).write(delta("one") + 'data: {"error":"No."}\n\n'),
  huge: (response) =>
    response.writeHead(200, { "content-type": SSE }).write(delta("one") + `data: ${"x".repeat(2 * LARGEST)}`),
  empty: head,
  silent: () => {},
  html: (response) => response.writeHead(200, { "content-type": "text/html" }).write("<p>".repeat(2000)),
  missing: (response) => response.writeHead(404).end('{"error":"No."}'),
  "endless-refusal": (response) => response.writeHead(404).write("x".repeat(2 ** 20)),
  moved: (response) => response.writeHead(307, { location: "/" }).write("Elsewhere."),
  busy: (response) => response.writeHead(503, { "retry-after": "120" }).end("{}"),
  json: (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"choices":[]}'),
  broken: (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"choices":'),
  half: (response) => response.writeHead(200, { "content-type": "application/json" }).write('{"choices":'),
};

const serving = (t) => http(t, ({ url }, response) => answers[url.split("/").at(-2)](response));

async function drain(iterable) {
  for await (const _ of iterable);
}

/** Each reads to the end. */
const readers = {
  events: drain,
  "textStream()": (stream) => drain(stream.textStream()),
  "text()": (stream) => stream.text(),
  "completion()": (stream) => stream.completion(),
  "completion() beside the events": (stream) => Promise.all([drain(stream), stream.completion()]),
  "toReadableStream()": (stream) => drain(stream.toReadableStream()),
  "toResponse()": async (stream) => drain((await stream.toResponse()).body),
  "tee()": (stream) => Promise.all(stream.tee().map(drain)),
  "tee(), one of its branches as bytes": (stream) => {
    const [left, right] = stream.tee();
    return Promise.all([drain(left), drain(right.toReadableStream())]);
  },
};

/** Goes through an ending by every way of reading, with and without a signal, and asserts that nothing is kept. */
function released(what, { id, options, error, act = () => {}, over, read = readers, decoded = false }) {
  test(`all is given back after ${what}`, async (t) => {
    const server = await serving(t);
    const lives = Object.entries(read).flatMap(([how, way]) =>
      // Without a signal, the runtime reads what toResponse() gives: an end that it takes a decoder to see is none.
      [true, ...(decoded && how === "toResponse()" ? [] : [false])].map(async (signalled) => {
        const record = recording();
        const controller = new AbortController();
        const client = new PureRouter({ baseUrl: server.url, fetch: record.fetch, maxEventBytes: LARGEST });
        const stream = client.deployments.stream(
          id,
          { prompt: "Hi." },
          { ...(signalled ? { signal: controller.signal } : {}), ...options },
        );
        const reading = Promise.resolve(way(stream)).catch(() => {});
        await act(stream, controller, record);
        if (!signalled && act.needsSignal) stream.abort("enough");
        await settled(reading);
        // Passed on to the runtime, a body is nobody's to judge.
        if (signalled || how !== "toResponse()") {
          const outcome = await settled(stream.completion()).then(
            () => undefined,
            (error) => error?.name ?? error,
          );
          assert.equal(outcome, error, how);
        }
        return { how: signalled ? `${how}, with a signal` : how, record, signal: controller.signal };
      }),
    );
    for (const { how, record, signal } of await Promise.all(lives)) {
      await until(() => record.body !== "open", `the body is over, read by ${how}`);
      if (over) assert.match(record.body, over, how);
      assert.equal(getEventListeners(signal, "abort").length, 0, `listeners of ${how}`);
    }
    await nothingRuns();
    await until(
      () => server.completed + server.closed === server.requests.length,
      "the server has no answer open",
    );
  });
}

/** Waits for timers that are about to go off by themselves; the timeouts of these tests are far longer, or over. */
async function nothingRuns() {
  await until(() => timers.size === 0, `no timer runs of ${[...timers.values()].join("\n")}`);
}

const enough = "enough";
const inTheBody = (record) => until(() => record.body === "open", "the body is there");
const bySignal = (act) => Object.assign(act, { needsSignal: true });

released("an answer that is whole", { id: "whole", error: undefined });
released("[DONE], with the socket held open", { id: "done", error: undefined, decoded: true });
released("a finish reason, with the socket held open", { id: "finished", error: undefined, decoded: true });
released("a body that ends too early", { id: "truncated", error: "TruncatedStreamError", over: /ended/ });
released("a connection that is lost", { id: "cut", error: "StreamError", over: /lost/ });
released("an error event, with the socket held open", {
  id: "failing",
  error: "APIError",
  decoded: true,
  options: { idleTimeout: 500 },
});
released("an event that is too large", {
  id: "huge",
  error: "StreamError",
  decoded: true,
  options: { idleTimeout: 500 },
});
released("an HTML page", { id: "html", error: "ResponseFormatError" });
released("a refusal", { id: "missing", error: "NotFoundError", over: /ended/ });
released("a refusal without an end", { id: "endless-refusal", error: "NotFoundError" });
released("a redirect", { id: "moved", error: "APIConnectionError", options: { maxRetries: 0 } });
released("the total timeout", { id: "open", error: "APITimeoutError", options: { timeout: 300 } });
released("the total timeout, before the head", {
  id: "silent",
  error: "APITimeoutError",
  options: { timeout: 300 },
});
released("headersTimeout", {
  id: "silent",
  error: "APITimeoutError",
  options: { headersTimeout: 300, maxRetries: 0 },
});
released("firstTextTimeout", {
  id: "empty",
  error: "APITimeoutError",
  options: { firstTextTimeout: 300 },
  decoded: true,
});
released("idleTimeout", {
  id: "open",
  error: "APITimeoutError",
  options: { idleTimeout: 300 },
  decoded: true,
});
released("abort() at once", { id: "open", error: enough, act: (stream) => stream.abort(enough) });
released("abort() before the head", {
  id: "silent",
  error: enough,
  act: async (stream) => {
    await sleep(100);
    stream.abort(enough);
  },
});
released("abort() in the body", {
  id: "open",
  error: enough,
  act: async (stream, _, record) => {
    await inTheBody(record);
    await sleep(50);
    stream.abort(enough);
  },
});
released("the signal, before the head", {
  id: "silent",
  error: enough,
  act: bySignal(async (_, controller) => {
    await sleep(100);
    controller.abort(enough);
  }),
});
released("the signal, in the body", {
  id: "open",
  error: enough,
  act: bySignal(async (_, controller, record) => {
    await inTheBody(record);
    await sleep(50);
    controller.abort(enough);
  }),
});
released("the signal, in a wait between attempts", {
  id: "busy",
  error: enough,
  act: bySignal(async (_, controller, record) => {
    await until(() => record.body === "ended", "the first attempt is over");
    await sleep(50);
    controller.abort(enough);
  }),
});

/** Each leaves in the middle of the body. */
const leavers = {
  "the events": async (stream) => {
    for await (const _ of stream) break;
  },
  "textStream()": async (stream) => {
    for await (const _ of stream.textStream()) break;
  },
  "toReadableStream()": async (stream) => {
    for await (const _ of stream.toReadableStream()) break;
  },
  "toResponse()": async (stream) => {
    for await (const _ of (await stream.toResponse()).body) break;
  },
  "return() before the first event": (stream) => stream.return(),
  "return() after it": async (stream) => {
    await stream.next();
    await stream.return();
  },
  "both branches of tee()": async (stream) => {
    const branches = stream.tee();
    await Promise.all(branches.map((branch) => branch.next()));
    for (const branch of branches) await branch.return();
  },
};
released("break, or return()", { id: "open", error: "AbortError", read: leavers });

/** Each holds the stream, and looks at it no more once it is aborted. */
const holders = {
  "the events": (stream) => stream.next(),
  "textStream()": (stream) => stream.textStream().next(),
  "toReadableStream()": (stream) => stream.toReadableStream().getReader().read(),
  "the head": (stream) => stream.response,
};
for (const how of ["abort()", "the signal"]) {
  test(`all is given back after ${how}, though the reader does not come to see it`, async (t) => {
    const server = await serving(t);
    for (const hold of Object.values(holders)) {
      const record = recording();
      const controller = new AbortController();
      const { signal } = controller;
      const client = new PureRouter({ baseUrl: server.url, fetch: record.fetch });
      const stream = client.deployments.stream("open", { prompt: "Hi." }, { signal });
      await settled(hold(stream));
      if (how === "abort()") stream.abort(enough);
      else controller.abort(enough);
      assert.equal(getEventListeners(signal, "abort").length, 0);
      await until(() => record.body !== "open", "the body is over");
      await nothingRuns();
      await assert.rejects(settled(stream.completion()), (error) => error === enough);
    }
    await until(() => server.closed === server.requests.length, "the server has no answer open");
  });
}

test("all is given back after the stream was dropped, and collected", async (t) => {
  const server = await serving(t);
  const { signal } = new AbortController();
  const records = [];
  for (const hold of Object.values(holders)) {
    const record = recording();
    records.push(record);
    const client = new PureRouter({ baseUrl: server.url, fetch: record.fetch });
    await settled(hold(client.deployments.stream("open", { prompt: "Hi." }, { signal })));
  }
  await until(() => {
    collectGarbage();
    return records.every(({ body }) => body !== "open");
  }, "every body is over");
  await until(() => getEventListeners(signal, "abort").length === 0, "the signal is let go");
  await nothingRuns();
  await until(() => server.closed === server.requests.length, "the server has no answer open");
});

for (const [how, read] of Object.entries(readers)) {
  test(`a stream of a thousand chunks, read by ${how}, sets a few timers, and none for a chunk`, async () => {
    const chunk = new TextEncoder().encode(delta("one"));
    let left = 1000;
    const body = new ReadableStream(
      {
        // From another turn each, as from a network: they are waited for one by one.
        pull: (controller) =>
          new Promise((resolve) => setImmediate(resolve)).then(() => {
            if (left-- > 0) controller.enqueue(chunk);
            else controller.close();
          }),
      },
      { highWaterMark: 0 },
    );
    const fetch = async () => new Response(body, { headers: { "content-type": SSE } });
    const { signal } = new AbortController();
    const before = timersSet;
    const client = new PureRouter({ baseUrl: "http://a.test", fetch });
    const reading = read(client.deployments.stream("a", { prompt: "Hi." }, { signal, timeout: 60_000 }));
    await settled(reading.catch(({ name }) => assert.equal(name, "TruncatedStreamError")));
    assert.ok(left < 0, "all was read");
    // For each body that is read: until the head, until the first text, and for the silence since.
    assert.ok(timersSet - before <= 8, `${timersSet - before} timers were set`);
    await nothingRuns();
  });
}

const calls = {
  "invoke()": (client, id, options) => client.deployments.invoke(id, { prompt: "Hi." }, options),
  "infer()": (client, id, options) => client.router.infer({ prompt: "Hi." }, options),
  "health()": (client, id, options) => client.health(options),
};

/** A body that gives no bytes, from a `fetch` of the caller's. */
for (const [how, call] of Object.entries({
  ...calls,
  "text()": (client, id, options) => client.deployments.stream(id, { prompt: "Hi." }, options).text(),
  "toReadableStream()": (client, id, options) =>
    drain(client.deployments.stream(id, { prompt: "Hi." }, options).toReadableStream()),
})) {
  test(`a body that gives no bytes is given back by ${how}`, async () => {
    const { signal } = new AbortController();
    let cancelled = false;
    let aborted = false;
    const fetch = async (_, init) => {
      init.signal.addEventListener("abort", () => (aborted = true));
      const body = {
        getReader: () => ({
          read: async () => ({ done: false, value: "text" }),
          cancel: async () => (cancelled = true),
        }),
      };
      return { status: 200, headers: new Headers({ "content-type": SSE }), body };
    };
    const client = new PureRouter({ baseUrl: "http://a.test", fetch });
    await assert.rejects(settled(call(client, "a", { signal })), /TypeError|bytes/);
    assert.ok(cancelled || aborted, "the request is ended, or the body cancelled");
    assert.equal(getEventListeners(signal, "abort").length, 0);
    await nothingRuns();
  });
}

/** What the body holds and how it is left, where the `fetch` of the caller takes no notice of the signal it gets. */
for (const [what, { chunk = delta("one"), options, leave }] of Object.entries({
  "abort() before it is read": { leave: (stream) => stream.response.then(() => stream.abort(enough)) },
  "abort()": { leave: (stream) => stream.next().then(() => stream.abort(enough)) },
  "abort() of a body that was passed on": {
    leave: (stream) => stream.toResponse().then(() => stream.abort(enough)),
  },
  "return()": { leave: (stream) => stream.next().then(() => stream.return()) },
  "[DONE]": { chunk: delta("one") + DONE, leave: (stream) => stream.text() },
  "an error event": { chunk: 'data: {"error":"No."}\n\n', leave: (stream) => stream.text() },
  "an event that is too large": { chunk: "data: ".padEnd(2 * LARGEST), leave: (stream) => stream.text() },
  idleTimeout: { options: { idleTimeout: 100 }, leave: (stream) => stream.text() },
})) {
  test(`a body that its signal does not end is cancelled after ${what}`, async () => {
    const cancelled = new Promise((cancel) => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(chunk)),
        cancel,
      });
      const fetch = async () => new Response(body, { headers: { "content-type": SSE } });
      const client = new PureRouter({ baseUrl: "http://a.test", fetch, maxEventBytes: LARGEST });
      leave(client.deployments.stream("a", { prompt: "Hi." }, options)).catch(() => {});
    });
    await settled(cancelled);
    await nothingRuns();
  });
}

/** How a call that answers once may end. */
const onceEndings = {
  "an answer": { id: "json" },
  "half an answer": { id: "broken", fails: true },
  "a refusal": { id: "missing", fails: true },
  "a refusal without an end": { id: "endless-refusal", fails: true },
  "a redirect": { id: "moved", fails: true },
  "a connection that is lost": { id: "cut", fails: true },
  idleTimeout: { id: "half", fails: true, options: { idleTimeout: 300 } },
  "the total timeout": { id: "half", fails: true, options: { timeout: 300 } },
  "the total timeout, before the head": { id: "silent", fails: true, options: { timeout: 300 } },
  "the signal, before the head": { id: "silent", fails: true, abortAfter: "request" },
  "the signal, in the body": { id: "half", fails: true, abortAfter: "body" },
  "the signal, in a wait between attempts": { id: "busy", fails: true, abortAfter: "attempt" },
};

for (const [what, { id, fails = false, options, abortAfter }] of Object.entries(onceEndings)) {
  test(`a call that answers once gives all back after ${what}`, async (t) => {
    const server = await http(t, (_, response) => answers[id](response));
    for (const [how, call] of Object.entries(calls)) {
      const record = recording();
      const controller = new AbortController();
      const { signal } = controller;
      const client = new PureRouter({ baseUrl: server.url, fetch: record.fetch, maxRetries: 1 });
      const before = server.requests.length;
      const calling = call(client, id, { signal, ...options }).then(
        () => false,
        () => true,
      );
      if (abortAfter) {
        await until(() => server.requests.length > before, "it is asked");
        if (abortAfter === "body") await inTheBody(record);
        if (abortAfter === "attempt") await until(() => record.body === "ended", "the first attempt is over");
        await sleep(50);
        controller.abort(enough);
      }
      assert.equal(await settled(calling), fails, how);
      assert.equal(getEventListeners(signal, "abort").length, 0, `listeners of ${how}`);
      await until(() => record.body !== "open", `the body of ${how} is over`);
    }
    await nothingRuns();
    await until(
      () => server.completed + server.closed === server.requests.length,
      "the server has no answer open",
    );
  });
}
