// Many calls of several targets, at once and one after the other: each gets its own answer, and nothing stays behind
// in the process, whatever became of its lanes.

import assert from "node:assert/strict";
import { getEventListeners, setMaxListeners } from "node:events";
import { test } from "node:test";
import { census, collectGarbage, decoders, references } from "../soak/census.mjs";
import "../package/unhandled.mjs";
import { DONE, delta } from "../package/sockets.mjs";
import { collect, settled, until } from "../package/waiting.mjs";
import { breaksAfter, clientOf, fleet, holds, late, says, sends, silent, status } from "./fleet.mjs";

const request = { prompt: "Hi." };
const { signal } = new AbortController();
setMaxListeners(0, signal);

const answers = {
  failing: status(404),
  breaking: breaksAfter("Hel"),
  whole: says("He", "llo"),
  echoing: ({ response, body }) => sends(delta(body.prompt), DONE)({ response }),
  slow: ({ response, body }) => late(20, sends(delta(body.prompt), DONE))({ response }),
  held: holds(delta("Hel")),
  silent,
};
const ignore = () => {};

/** The lives of a call, each from its start to its end. */
const lives = {
  "a fallback": (c, o) => c.fallback(["failing", "whole"]).stream(request, o).text(),
  "a fallback's events": (c, o) => collect(c.fallback(["failing", "whole"]).stream(request, o)),
  "a continued stream": (c, o) =>
    c.fallback(["breaking", "whole"], { midStream: "continue" }).stream(request, o).text(),
  "a stream that starts over": (c, o) =>
    collect(c.fallback(["breaking", "whole"], { midStream: "restart" }).stream(request, o)),
  "bytes of several bodies": (c, o) =>
    new Response(
      c.fallback(["breaking", "whole"], { midStream: "continue" }).stream(request, o).toReadableStream(),
    ).text(),
  "tee()": (c, o) =>
    Promise.all(
      c
        .fallback(["failing", "whole"])
        .stream(request, o)
        .tee()
        .map((branch) => branch.text()),
    ),
  "a chain that fails": (c, o) => c.fallback(["failing", "breaking"]).stream(request, o).text().catch(ignore),
  "a hedge": (c, o) => c.hedge(["silent", "whole"], { delay: 0 }).stream(request, o).text(),
  "a hedge that nobody else joins": (c, o) =>
    c.hedge(["whole", "silent"], { delay: 50_000 }).stream(request, o).text(),
  "a hedge that fails": (c, o) =>
    c.hedge(["failing", "failing"], { delay: 0 }).stream(request, o).text().catch(ignore),
  "a hedge that is left": async (c, o) => {
    for await (const _ of c.hedge(["silent", "held"], { delay: 0 }).stream(request, o)) break;
  },
  "a continued stream that is left": async (c, o) => {
    let left = 2;
    const target = c.fallback(["breaking", "held"], { midStream: "continue" });
    for await (const _ of target.stream(request, o)) if (--left === 0) break;
  },
  "an abort after the first text": async (c, o) => {
    const stream = c.fallback(["failing", "held"]).stream(request, o);
    await stream.next();
    stream.abort();
    await stream.next().catch(ignore);
  },
  "invoke()": (c, o) =>
    c.fallback(["failing", c.hedge(["silent", "whole"], { delay: 0 })]).invoke(request, o),
  "an abort before any text": async (c, o) => {
    const stream = c.fallback(["failing", "silent"]).stream(request, o);
    setTimeout(() => stream.abort(), 5);
    await stream.text().catch(ignore);
  },
  compare: async (c, o) => {
    const comparison = c.compare(["whole", "failing"], request, o);
    await collect(comparison);
    await comparison.results;
  },
  "a comparison that is left": async (c, o) => {
    for await (const _ of c.compare(["silent", "held"], request, o)) break;
  },
};

async function over(server) {
  await until(async () => {
    await collectGarbage();
    return decoders() === 0 && server.asked.every(({ connection }) => connection !== "open");
  }, "the last answer is over");
  server.asked.length = 0;
}

async function nothingLeft(server) {
  await over(server);
  const counted = await census();
  const { sessions, streams, timers } = counted;
  const left = { sessions, streams, timers, listeners: getEventListeners(signal, "abort").length };
  assert.deepEqual(left, { sessions: 0, streams: 0, timers: 0, listeners: 0 });
  return counted;
}

// A circuit that has opened would keep a failing target from being asked: the package's clock is put forward.
const now = performance.now.bind(performance);
let ahead = 0;
performance.now = () => now() + ahead;

test("the wasm's memory and what it refers to are the same after 600 calls as after 150", async (t) => {
  const server = await fleet(t, answers);
  const all = Object.values(lives).map((life) => [life, clientOf(server)]);
  const live = async (count) => {
    for (let i = 0; i < count; i += all.length) {
      const some = all.map(([life, client], j) => life(client, (i + j) % 2 ? { signal } : undefined));
      await settled(Promise.all(some));
      server.asked.splice(0, Math.max(0, server.asked.length - 100));
      ahead += 31_000;
      // Targets are the runtime's to free, whenever it collects them.
      await collectGarbage();
    }
  };
  await live(150);
  const before = await nothingLeft(server);
  await live(450);
  const after = await nothingLeft(server);
  assert.equal(after.references, before.references);
  // Where lanes overlap otherwise, a place or a page more is used; a thing lost with each call needs more.
  assert.ok(after.places <= before.places + 20, `${before.places} places have become ${after.places}`);
  assert.ok(after.wasm <= before.wasm + 65536, `${before.wasm} bytes have become ${after.wasm}`);
});

test("fifty streams at once through one client are fifty answers, and leave nothing", async (t) => {
  const server = await fleet(t, answers);
  const client = clientOf(server);
  const target = client.fallback(["failing", client.hedge(["slow", "echoing"], { delay: 10 })]);
  const all = Array.from({ length: 50 }, (_, i) => target.stream({ prompt: `question ${i} 😀` }, { signal }));
  const texts = await settled(Promise.all(all.map((stream) => stream.text())));
  for (const [i, text] of texts.entries()) assert.equal(text, `question ${i} 😀`);
  assert.ok(server.of("failing").length <= 50);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("fifty streams at once continue, each on its own text", async (t) => {
  const breaking = ({ response, body }) => breaksAfter(`${body.prompt}/`)({ response });
  const server = await fleet(t, { ...answers, breaking });
  const target = clientOf(server).fallback(["breaking", "echoing"], { midStream: "continue" });
  const all = Array.from({ length: 50 }, (_, i) => target.stream({ prompt: `${i}` }).text());
  for (const [i, text] of (await settled(Promise.all(all))).entries()) {
    // What the second is asked is the prompt with the text so far, and it says that.
    assert.ok([`${i}/${i}${i}/`, `${i}`].includes(text), text);
  }
});

const dropped = {
  "a fallback that waits": [(c) => c.fallback(["failing", "silent"]).stream(request), 2],
  "a fallback that nobody reads": [(c) => c.fallback(["failing", "held"]).stream(request), 2],
  "a hedge": [(c) => c.hedge(["silent", "silent"], { delay: 0 }).stream(request), 2],
  "a comparison": [(c) => c.compare(["silent", "held"], request), 2],
};
for (const [what, [begin, requests]] of Object.entries(dropped)) {
  test(`${what} that is dropped, and collected, is cancelled`, async (t) => {
    const server = await fleet(t, answers);
    // In a function of its own, which holds nothing once it has returned.
    await (async () => {
      begin(clientOf(server), { signal });
      await until(() => server.asked.length === requests, "all are asked");
    })();
    await until(async () => {
      await collectGarbage();
      return server.asked.every(({ connection }) => connection !== "open");
    }, "every connection is let go");
    await until(() => decoders() === 0 && references() > 0, "every decoder is closed");
  });
}
