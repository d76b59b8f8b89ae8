// What a target is: its label, whom it asks and what; what can be combined, and what cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { rejection, settled } from "../package/waiting.mjs";
import { clientOf, fleet, json, says, silent, status } from "./fleet.mjs";

const { PureRouter } = purerouter;
const request = { prompt: "Hi." };
const offline = new PureRouter({ fetch: () => assert.fail("nothing may be sent") });

test("a label is the id, profile:NAME, or the combinator with its targets, nested as they are", () => {
  const a = offline.deployment("a");
  const balanced = offline.profile("balanced");
  const table = [
    [a, "a"],
    [offline.deployment("a b/ü"), "a b/ü"],
    [balanced, "profile:balanced"],
    [offline.fallback([a, "b", balanced]), "fallback(a, b, profile:balanced)"],
    [offline.hedge(["a", "b"], { delay: 5 }), "hedge(a, b)"],
    [
      offline.fallback([offline.hedge([a, "b"], { delay: 5 }), offline.fallback(["c"])]),
      "fallback(hedge(a, b), fallback(c))",
    ],
  ];
  for (const [target, label] of table) {
    assert.equal(target.label, label);
    assert.equal(JSON.stringify(target), JSON.stringify({ label }));
  }
});

test("a deployment is asked by its id, and its request passes as it is", async (t) => {
  const server = await fleet(t, { "a b/ü": says("Hello") });
  const target = clientOf(server).deployment("a b/ü");
  const asked = { prompt: "Hi.", max_tokens: null, top_p: undefined, parameters: { top_k: 4 }, seed: 7 };
  assert.equal((await settled(target.invoke(asked))).text, "Hello");
  assert.equal(await settled(target.stream(asked).text()), "Hello");
  const wire = { prompt: "Hi.", max_tokens: null, parameters: { top_k: 4 }, seed: 7 };
  assert.deepEqual(server.bodies("a b/ü"), [wire, { ...wire, stream: true }]);
});

test("a profile is asked by the router, with its name over the request's own", async (t) => {
  const server = await fleet(t, { "profile:cheap": says("Hello") });
  const target = clientOf(server).profile("cheap");
  assert.equal((await settled(target.invoke({ ...request, profile: "best" }))).target, "profile:cheap");
  assert.equal(await settled(target.stream(request).text()), "Hello");
  assert.deepEqual(server.bodies("profile:cheap"), [
    { prompt: "Hi.", profile: "cheap" },
    { prompt: "Hi.", profile: "cheap", stream: true },
  ]);
});

test("a profile in a chain gets its name, and the deployments beside it get none", async (t) => {
  const server = await fleet(t, { a: status(404), "profile:cheap": status(404), b: says("Hello") });
  const client = clientOf(server);
  await settled(client.fallback(["a", client.profile("cheap"), "b"]).invoke(request));
  assert.deepEqual(
    server.asked.map(({ body }) => body),
    [request, { ...request, profile: "cheap" }, request],
  );
});

test("an id stands for its deployment, in every combinator", async (t) => {
  const server = await fleet(t, { a: says("Hello") });
  const client = clientOf(server);
  assert.equal((await settled(client.fallback(["a"]).invoke(request))).text, "Hello");
  assert.equal((await settled(client.hedge(["a"], { delay: 5 }).invoke(request))).text, "Hello");
  const [{ completion }] = await settled(client.compare(["a"], request).results);
  assert.equal(completion.text, "Hello");
  assert.deepEqual(server.labels(), ["a", "a", "a"]);
});

test("a target can be asked many times, and be part of several others", async (t) => {
  const server = await fleet(t, { a: says("Hello"), b: status(404) });
  const client = clientOf(server);
  const a = client.deployment("a");
  const all = [
    a,
    client.fallback(["b", a]),
    client.hedge([a, a], { delay: 10_000 }),
    client.fallback([a, a]),
  ];
  for (const target of [...all, ...all]) {
    assert.equal((await settled(target.invoke(request))).text, "Hello");
    assert.equal(await settled(target.stream(request).text()), "Hello");
  }
});

test("combinators nest: a hedge in a fallback, a fallback in a hedge", async (t) => {
  const server = await fleet(t, { a: status(503), b: status(404), c: says("of ", "c"), d: silent });
  const client = clientOf(server);
  const pair = client.hedge(["a", "b"], { delay: 0 });
  const fallback = client.fallback([pair, "c"]);
  assert.equal((await settled(fallback.invoke(request))).target, "c");
  assert.equal(await settled(fallback.stream(request).text()), "of c");
  const hedge = client.hedge(["d", client.fallback(["b", "c"])], { delay: 10 });
  assert.equal((await settled(hedge.invoke(request))).target, "c");
  assert.equal(await settled(hedge.stream(request).text()), "of c");
});

test("targets of several clients can be combined, each asked with its own key and address", async (t) => {
  const [left, right] = [await fleet(t, { a: status(404) }), await fleet(t, { b: says("Hello") })];
  const [one, other] = [
    clientOf(left),
    clientOf(right, { routerKey: "sk_other", headers: { "x-team": "b" } }),
  ];
  const target = one.fallback(["a", other.deployment("b")]);
  assert.equal((await settled(target.invoke(request))).text, "Hello");
  assert.equal(left.asked[0].headers["x-router-key"], "sk_test");
  assert.equal(right.asked[0].headers["x-router-key"], "sk_other");
  assert.equal(right.asked[0].headers["x-team"], "b");
});

test("a call's options hold for every target", async (t) => {
  const server = await fleet(t, { a: status(404), b: says("Hello") });
  const target = clientOf(server).fallback(["a", "b"]);
  await settled(target.invoke(request, { routerKey: "sk_call", headers: { "x-team": "c" } }));
  await settled(target.stream(request, { routerKey: "sk_call", headers: { "x-team": "c" } }).text());
  for (const { headers } of server.asked) {
    assert.equal(headers["x-router-key"], "sk_call");
    assert.equal(headers["x-team"], "c");
  }
});

test("a request is what it was when the call was made", async (t) => {
  const server = await fleet(t, { a: status(404), b: says("Hello") });
  const asked = { messages: [{ role: "user", content: "Hi." }] };
  const stream = clientOf(server).fallback(["a", "b"]).stream(asked);
  asked.messages[0].content = "Something else";
  asked.messages.push({ role: "user", content: "Bye." });
  await settled(stream.text());
  for (const { body } of server.asked) assert.deepEqual(body.messages, [{ role: "user", content: "Hi." }]);
});

const wrong = {
  "deployment() without an id": [() => offline.deployment(), TypeError, /^id/],
  "an empty id": [() => offline.deployment(""), TypeError, /^id/],
  "the id ..": [() => offline.deployment(".."), TypeError, /^id/],
  "an unknown option of deployment()": [
    () => offline.deployment("a", { instanc: "t4-small" }),
    TypeError,
    /instance/,
  ],
  "an instance that is none": [
    () => offline.deployment("a", { instance: "h100" }),
    RangeError,
    /instance.*t4-small.*h100/,
  ],
  "an instance that is no string": [() => offline.deployment("a", { instance: 4 }), RangeError, /instance/],
  "profile() without a name": [() => offline.profile(), TypeError, /profile/],
  "an empty profile": [() => offline.profile(""), TypeError, /profile/],
  "fallback() without targets": [() => offline.fallback(), TypeError, /fallback\(\)/],
  "an empty fallback": [() => offline.fallback([]), RangeError, /fallback\(\)/],
  "a target that is a number": [() => offline.fallback([1]), TypeError, /fallback\(\).*number/],
  "a target that is null": [() => offline.fallback([null]), TypeError, /fallback\(\)/],
  "a target that is the client": [() => offline.fallback([offline]), TypeError, /fallback\(\)/],
  "a target with methods of its own": [
    () => offline.fallback([{ label: "x", invoke() {}, stream() {} }]),
    TypeError,
    /fallback\(\)/,
  ],
  "a bad id among targets": [() => offline.fallback(["a", ""]), TypeError, /^id/],
  "an unknown option of fallback()": [
    () => offline.fallback(["a"], { midstream: "fail" }),
    TypeError,
    /midStream/,
  ],
  "a mode that is none": [
    () => offline.fallback(["a"], { midStream: "resume" }),
    TypeError,
    /midStream.*continue/,
  ],
  "a shouldFallback that is no function": [
    () => offline.fallback(["a"], { shouldFallback: true }),
    TypeError,
    /shouldFallback/,
  ],
  "hedge() without options": [() => offline.hedge(["a"]), TypeError, /delay/],
  "an empty hedge": [() => offline.hedge([], { delay: 5 }), RangeError, /hedge\(\)/],
  "a delay that is no number": [() => offline.hedge(["a"], { delay: "5" }), TypeError, /delay/],
  "a negative delay": [() => offline.hedge(["a"], { delay: -1 }), RangeError, /delay/],
  "a delay that is NaN": [() => offline.hedge(["a"], { delay: NaN }), RangeError, /delay/],
  "an unknown option of hedge()": [() => offline.hedge(["a"], { delay: 5, after: 5 }), TypeError, /after/],
};
for (const [what, [make, type, words]] of Object.entries(wrong)) {
  test(`${what} throws`, () => {
    assert.throws(make, (error) => {
      assert.equal(error.constructor, type, error.message);
      assert.match(error.message, words);
      return true;
    });
  });
}

const kinds = {
  deployment: offline.deployment("a"),
  profile: offline.profile("balanced"),
  fallback: offline.fallback(["a", "b"]),
  hedge: offline.hedge(["a", "b"], { delay: 0 }),
};
for (const [kind, target] of Object.entries(kinds)) {
  test(`a bad request or option of a ${kind} is told before anything is sent`, async () => {
    const calls = [
      [{}, undefined, TypeError, /prompt/],
      [undefined, undefined, TypeError, /request/],
      [{ prompt: "Hi.", max_tokens: "5" }, undefined, TypeError, /max_tokens/],
      [{ prompt: "Hi.", temperature: NaN }, undefined, RangeError, /temperature/],
      [request, { timeout: -1 }, RangeError, /timeout/],
      [request, { timeOut: 1 }, TypeError, /timeout/],
      [request, { delay: 1 }, TypeError, /delay/],
    ];
    for (const [asked, options, type, words] of calls) {
      for (const error of [
        await rejection(target.invoke(asked, options)),
        await rejection(target.stream(asked, options).next()),
        await rejection(target.stream(asked, options).text()),
      ]) {
        assert.equal(error.constructor, type, error.message);
        assert.match(error.message, words);
      }
    }
  });

  test(`stream: true in invoke() of a ${kind} names stream()`, async () => {
    const error = await rejection(target.invoke({ prompt: "Hi.", stream: true }));
    assert.equal(error.constructor, TypeError);
    assert.match(error.message, /stream\(\)/);
  });

  test(`a bad request of a ${kind}'s stream that nobody reads is no unhandled rejection`, () => {
    target.stream({});
    target.stream(request, { timeout: -1 });
  });
}

test("a stream's request is sent at once, not at the first read", async (t) => {
  const server = await fleet(t, { a: status(404), b: says("Hello") });
  const client = clientOf(server);
  const { stream } = { stream: client.fallback(["a", "b"]).stream(request) };
  await settled(stream.response);
  assert.deepEqual(server.labels(), ["a", "b"]);
  assert.equal(await settled(stream.text()), "Hello");
});

test("the head is that of the target that serves", async (t) => {
  const server = await fleet(t, {
    a: status(503, { "x-request-id": "from-a" }),
    b: ({ response, ...asked }) => {
      response.setHeader("x-request-id", "from-b");
      says("Hello")({ response, ...asked });
    },
  });
  for (const target of [
    clientOf(server).fallback(["a", "b"]),
    clientOf(server).hedge(["a", "b"], { delay: 0 }),
  ]) {
    const stream = target.stream(request);
    const head = await settled(stream.response);
    assert.equal(head.status, 200);
    assert.equal(head.requestId, "from-b");
    assert.equal(head.headers.get("x-request-id"), "from-b");
    await settled(stream.text());
  }
});

test("the head of a call whose targets all fail is their error", async (t) => {
  const server = await fleet(t, { a: status(404), b: json({}) });
  const stream = clientOf(server).fallback(["a"]).stream(request);
  const error = await rejection(stream.response);
  assert.equal(error.name, "FallbackError");
  assert.equal(await rejection(stream.text()), error);
});
