// Every way of giving a call up, as the caller and the server see it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, holding, http } from "./sockets.mjs";
import { collect, rejection, settled, sleep, until } from "./waiting.mjs";

const { PureRouter } = purerouter;
const whole = [delta("one "), delta("two "), delta("three", "stop"), DONE];

function client(server, options) {
  return new PureRouter({ baseUrl: server.url, routerKey: "sk_test", ...options });
}

const stream = (server, options) => client(server).deployments.stream("a", { prompt: "Hi." }, options);
const listeners = (signal) => getEventListeners(signal, "abort").length;
const isClosed = (server) => until(() => server.closed === 1, "the server sees its connection close");

test("abort() before the head: the read rejects and the request goes", async (t) => {
  const server = await http(t, () => {});
  const one = stream(server);
  await until(() => server.requests.length === 1, "the request is there");
  const read = one.text();
  one.abort();
  const error = await rejection(read);
  assert.equal(error.name, "AbortError");
  assert.equal(await rejection(one.next()), error);
  assert.equal(await rejection(one.response), error);
  await isClosed(server);
});

test("abort(reason) while a read waits: it rejects with the reason itself", async (t) => {
  for (const reason of [new Error("enough"), "a word", null, 0]) {
    const server = await holding(t, SSE, delta("one"));
    const one = stream(server);
    await one.next();
    const next = one.next();
    one.abort(reason);
    assert.equal(await rejection(next), reason);
    assert.equal(await rejection(one.next()), reason);
    assert.equal(await rejection(one.text()), reason);
    assert.equal(await rejection(one.completion()), reason);
    await isClosed(server);
  }
});

for (const [how, open] of Object.entries({
  "abort()": () => {
    const reason = new Error("enough");
    return { options: {}, reason, give_up: (stream) => stream.abort(reason) };
  },
  "the signal": () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    return { options: { signal: controller.signal }, reason, give_up: () => controller.abort(reason) };
  },
})) {
  const readers = {
    "the events": (stream) => stream,
    "textStream()": (stream) => stream.textStream(),
    "toReadableStream()": (stream) => stream.toReadableStream(),
  };
  for (const [what, read] of Object.entries(readers)) {
    test(`${how} in a loop over ${what} rejects the loop`, async (t) => {
      const { options, reason, give_up } = open();
      const server = await http(t, (_, response) => {
        response.writeHead(200, { "content-type": SSE });
        const timer = setInterval(() => response.write(delta("x")), 20);
        response.on("close", () => clearInterval(timer));
      });
      const one = stream(server, options);
      let seen = 0;
      const loop = (async () => {
        for await (const _ of read(one)) {
          seen += 1;
          give_up(one);
        }
      })();
      assert.equal(await rejection(loop), reason);
      assert.equal(seen, 1);
      await isClosed(server);
    });
  }

  for (const what of ["the events", "textStream()"]) {
    test(`${how} drops what had arrived unread of ${what}, even of a whole answer`, async (t) => {
      const { options, reason, give_up } = open();
      // In chunks of their own, so that textStream(), too, has some left.
      const server = await http(t, async (_, response) => {
        response.writeHead(200, { "content-type": SSE });
        for (const part of whole) {
          response.write(part);
          await sleep(20);
        }
        response.end();
      });
      const one = stream(server, options);
      const iterator = readers[what](one);
      const first = await iterator.next();
      assert.equal(first.value.text ?? first.value, "one ");
      await until(() => server.completed + server.closed === 1, "all is written");
      await sleep(50);
      give_up(one);
      assert.equal(await rejection(iterator.next()), reason);
      assert.equal(await rejection(iterator.next()), reason);
    });
  }

  test(`${how} after the loop has ended changes nothing`, async (t) => {
    const { options, give_up } = open();
    const server = await answering(t, SSE, ...whole);
    const one = stream(server, options);
    await collect(one);
    give_up(one);
    assert.deepEqual(await one.next(), { value: undefined, done: true });
    assert.equal(await one.text(), "one two three");
  });
}

test("all in one chunk: abort() after the first event still rejects", async (t) => {
  const server = await answering(t, SSE, whole.join(""));
  const one = stream(server);
  assert.equal((await one.next()).value.text, "one ");
  one.abort("enough");
  assert.equal(await rejection(one.next()), "enough");
});

test("break ends the request, and is no error", async (t) => {
  for (const read of [
    (stream) => stream,
    (stream) => stream.textStream(),
    (stream) => stream.toReadableStream(),
  ]) {
    const server = await holding(t, SSE, delta("one"));
    const one = stream(server);
    for await (const _ of read(one)) break;
    await isClosed(server);
    assert.equal((await rejection(one.completion())).name, "AbortError");
  }
});

test("return() resolves, ends the request, and further steps say done", async (t) => {
  const server = await holding(t, SSE, delta("one"), delta("two"));
  const one = stream(server);
  await one.next();
  assert.deepEqual(await one.return("over"), { value: "over", done: true });
  assert.deepEqual(await one.next(), { value: undefined, done: true });
  await isClosed(server);
});

test("return() before anything was read or answered", async (t) => {
  const server = await http(t, () => {});
  const one = stream(server);
  await until(() => server.requests.length === 1, "the request is there");
  await one.return();
  await isClosed(server);
});

test("Symbol.asyncDispose, which `await using` calls", async (t) => {
  for (const read of [(stream) => stream, (stream) => stream.textStream()]) {
    const server = await holding(t, SSE, delta("one"));
    const reader = read(stream(server));
    await reader.next();
    const dispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
    assert.equal(await reader[dispose](), undefined);
    await isClosed(server);
  }
});

test("toReadableStream().cancel() and cancelling toResponse()'s body end the request", async (t) => {
  const bodies = {
    stream: (one) => one.toReadableStream(),
    response: async (one) => (await one.toResponse()).body,
    watched: async (one) => {
      one.completion();
      return (await one.toResponse()).body;
    },
  };
  for (const body of Object.values(bodies)) {
    const server = await holding(t, SSE, delta("one"));
    const reader = (await body(stream(server))).getReader();
    await reader.read();
    await reader.cancel("enough");
    await isClosed(server);
  }
});

test("abort() reaches a body that toResponse() has passed on", async (t) => {
  const server = await holding(t, SSE, delta("one"));
  const one = stream(server);
  const response = await one.toResponse();
  const text = response.text();
  one.abort();
  assert.equal((await rejection(text)).name, "AbortError");
  await isClosed(server);
});

test("the signal ends a call wherever it is", async (t) => {
  const silent = await http(t, () => {});
  const controller = new AbortController();
  const { signal } = controller;
  const reads = [
    client(silent).health({ signal }),
    client(silent).router.infer({ prompt: "Hi." }, { signal }),
    client(silent).deployments.invoke("a", { prompt: "Hi." }, { signal }),
    client(silent).router.stream({ prompt: "Hi." }, { signal }).text(),
  ].map(rejection);
  await until(() => silent.requests.length === 4, "all are asked");
  const reason = { not: "an Error" };
  controller.abort(reason);
  for (const error of await Promise.all(reads)) assert.equal(error, reason);
  await until(() => silent.closed === 4, "all connections are closed");
  assert.equal(listeners(signal), 0);

  const half = await holding(t, "application/json", "{");
  const timed = AbortSignal.timeout(150);
  assert.equal(await rejection(client(half).health({ signal: timed })), timed.reason);
  await isClosed(half);
});

test("many calls follow one signal, and Node takes it for no leak", async (t) => {
  const warned = [];
  const listen = (warning) => warned.push(warning.message);
  process.on("warning", listen);
  t.after(() => process.off("warning", listen));
  const server = await http(t, () => {});
  const controller = new AbortController();
  const { signal } = controller;
  const one = client(server);
  const asked = Array.from({ length: 20 }, (_, i) =>
    rejection(i % 2 ? one.health({ signal }) : stream(server, { signal }).text()),
  );
  const compared = one.compare(Array(20).fill("a"), { prompt: "Hi." }, { signal }).results;
  await until(() => server.requests.length === 40, "all of them are under way");
  controller.abort("enough");
  for (const reason of await settled(Promise.all(asked))) assert.equal(reason, "enough");
  for (const { error } of await settled(compared)) assert.equal(error, "enough");
  assert.deepEqual(warned, []);
});

test("a signal that is aborted already sends nothing", async (t) => {
  const server = await answering(t, "application/json", "{}");
  const signal = AbortSignal.abort("before");
  assert.equal(await rejection(client(server).health({ signal })), "before");
  assert.equal(await rejection(stream(server, { signal }).next()), "before");
  assert.equal(await rejection(stream(server, { signal }).text()), "before");
  await sleep(50);
  assert.equal(server.requests.length, 0);
});

test("the signal ends a wait between attempts at once", async (t) => {
  const server = await http(t, (_, response) => response.writeHead(503, { "retry-after": "60" }).end());
  const controller = new AbortController();
  const call = rejection(client(server).health({ signal: controller.signal }));
  await until(() => server.requests.length === 1, "the first attempt is made");
  await sleep(100);
  controller.abort("enough");
  assert.equal(await settled(call, 5000), "enough");
  assert.equal(server.requests.length, 1);
});

test("nothing stays on a signal that outlives its calls", async (t) => {
  const { signal } = new AbortController();
  const good = await answering(t, SSE, ...whole);
  const json = await answering(t, "application/json", '{"choices":[]}');
  const bad = await http(t, (_, response) => response.writeHead(404).end());
  const cut = await answering(t, SSE, delta("one"));
  const held = await holding(t, SSE, delta("one"));

  await stream(good, { signal }).text();
  await collect(stream(good, { signal }));
  await collect(stream(good, { signal }).textStream());
  await new Response(stream(good, { signal }).toReadableStream()).text();
  await (await stream(good, { signal }).toResponse()).text();
  await Promise.all(
    stream(good, { signal })
      .tee()
      .map((branch) => branch.text()),
  );
  await client(json).deployments.invoke("a", { prompt: "Hi." }, { signal });
  await rejection(client(bad).health({ signal }));
  await rejection(stream(bad, { signal }).text());
  await rejection(stream(cut, { signal }).text());
  await rejection(client(json).deployments.invoke("", { prompt: "Hi." }, { signal }));
  for await (const _ of stream(held, { signal })) break;
  const aborted = stream(held, { signal });
  aborted.abort();
  await rejection(aborted.text());
  assert.equal(listeners(signal), 0);
});

test("tee(): one branch may leave; with the last, the request goes", async (t) => {
  const server = await holding(t, SSE, delta("one"));
  const [left, right] = stream(server).tee();
  assert.equal((await left.next()).value.text, "one");
  left.abort("left");
  assert.equal(await rejection(left.next()), "left");
  assert.equal((await right.next()).value.text, "one");
  assert.equal(server.closed, 0);
  right.abort("right");
  await isClosed(server);
});

test("tee(): both branches given up before the head is there", async (t) => {
  const server = await http(t, () => {});
  const branches = stream(server).tee();
  await until(() => server.requests.length === 1, "the request is there");
  for (const branch of branches) branch.abort();
  await isClosed(server);
});

test("tee(): the original's abort() ends both branches", async (t) => {
  const server = await holding(t, SSE, delta("one"));
  const one = stream(server);
  const branches = one.tee();
  await Promise.all(branches.map((branch) => branch.next()));
  one.abort("both");
  for (const branch of branches) assert.equal(await rejection(branch.next()), "both");
  await isClosed(server);
});

test("a response to a call that was given up reaches no other call", async () => {
  const answers = [];
  const fetch = () => new Promise((resolve) => answers.push(resolve));
  const one = new PureRouter({ fetch, routerKey: "sk_test" });
  const controller = new AbortController();
  const given = one.deployments.invoke("a", { prompt: "Hi." }, { signal: controller.signal });
  await until(() => answers.length === 1, "the first is asked");
  controller.abort();
  assert.equal((await rejection(given)).name, "AbortError");

  const wanted = one.deployments.invoke("b", { prompt: "Hi." });
  await until(() => answers.length === 2, "the second is asked");
  const answer = (text) => Response.json({ choices: [{ text, finish_reason: "stop" }] });
  answers[0](answer("the first's"));
  await sleep(20);
  answers[1](answer("its own"));
  assert.equal((await wanted).choices[0].text, "its own");
});
