// The router key stays out of everything that is thrown, shown or recorded, even where the service echoes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, http } from "./sockets.mjs";
import { rejection } from "./waiting.mjs";

const { PureRouter } = purerouter;
// Characters that some JSON encoders escape.
const KEY = 'sk_live/a+b&c<d>"e\\f';

/** All the places in which a log could look. */
function places(error) {
  const shown = [
    error.message,
    error.stack,
    String(error),
    JSON.stringify(error),
    JSON.stringify(error.body),
  ];
  for (const attempt of error.attempts) shown.push(JSON.stringify(attempt), inspect(attempt, { depth: 20 }));
  shown.push(inspect(error, { depth: 20, showHidden: true }), error.partialText, error.requestId, error.code);
  if (error.headers) shown.push(inspect([...error.headers]));
  for (let cause = error.cause; cause; cause = cause.cause) shown.push(String(cause), cause.stack);
  return shown.filter((place) => typeof place === "string");
}

function hasNoKey(error) {
  const spelled = [KEY, JSON.stringify(KEY).slice(1, -1), inspect(KEY).slice(1, -1)];
  for (const place of places(error)) {
    for (const form of spelled) assert.ok(!place.includes(form), place);
    // Nor a piece of it that would be worth something.
    assert.ok(!place.includes(KEY.slice(0, 10)), place);
  }
}

const escapedAsUtf16 = [...KEY].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

function clients(server, options) {
  const attempts = [];
  const onAttempt = (attempt) => attempts.push(attempt);
  const common = { baseUrl: server.url, maxRetries: 0, onAttempt, ...options };
  return [
    new PureRouter({ ...common, routerKey: KEY }),
    new PureRouter({ ...common, routerKey: async () => KEY }),
  ];
}

const bodies = {
  "JSON as JSON.stringify writes it": JSON.stringify({
    error: { message: `no such key ${KEY}`, code: KEY, [KEY]: [KEY] },
  }),
  "JSON with \\/": JSON.stringify({ message: `no ${KEY}` }).replaceAll("/", "\\/"),
  "JSON with escapes": `{"error":{"message":"no ${escapedAsUtf16}","detail":{"given":"${escapedAsUtf16}"}}}`,
  text: `no such key: ${KEY}`,
  "text cut in the key": `${"x".repeat(116)}${KEY}`,
  "long text": `${"x".repeat(495)}${KEY}`,
};

for (const [what, body] of Object.entries(bodies)) {
  test(`echoed in an error: ${what}`, async (t) => {
    const server = await http(t, (_, response) => {
      response.writeHead(400, { "x-request-id": KEY, "x-echo": `Key ${KEY}` }).end(body);
    });
    for (const client of clients(server)) {
      for (const call of [client.health(), client.router.stream({ prompt: "Hi." }).text()]) {
        const error = await rejection(call);
        hasNoKey(error);
        assert.equal(error.requestId, "[redacted]");
        assert.equal(error.headers.get("x-echo"), "Key [redacted]");
        assert.ok(JSON.stringify(error.body).includes("[redacted]"));
      }
    }
  });

  test(`echoed where JSON or a stream is promised: ${what}`, async (t) => {
    for (const type of ["text/html", "text/plain", "application/json"]) {
      const server = await answering(t, type, `<${body}`);
      for (const client of clients(server)) {
        hasNoKey(await rejection(client.health()));
        if (type !== "text/plain") hasNoKey(await rejection(client.router.stream({ prompt: "Hi." }).text()));
      }
    }
  });
}

test("echoed in an error event, in the text before it, and in an error inside a 200", async (t) => {
  for (const what of ["JSON as JSON.stringify writes it", "JSON with escapes", "JSON with \\/"]) {
    const event = `event: error\ndata: ${bodies[what]}\n\n`;
    const server = await answering(t, SSE, delta(`Your key is ${KEY}, `), event);
    const whole = await answering(
      t,
      "application/json",
      bodies[what].replace('"message"', '"error":"x","message"'),
    );
    for (const [i, client] of clients(server).entries()) {
      const error = await rejection(client.router.stream({ prompt: "Hi." }).text());
      hasNoKey(error);
      assert.equal(error.partialText, "Your key is [redacted], ");
      hasNoKey(await rejection(clients(whole)[i].router.infer({ prompt: "Hi." })));
    }
  }
});

test("echoed by a redirect", async (t) => {
  const server = await http(t, (_, response) => {
    response.writeHead(302, { location: `/login?key=${KEY}` }).end();
  });
  for (const client of clients(server)) hasNoKey(await rejection(client.health()));
});

test("in what a fetch function throws", async (t) => {
  const thrown = [
    () => new Error(`cannot send ${KEY}`),
    () => new Error("cannot send", { cause: new Error(`header ${KEY}`) }),
    () => Object.assign(new Error("cannot send"), { config: { headers: { "x-router-key": KEY } } }),
    () => `cannot send ${KEY}`,
  ];
  const server = await answering(t, SSE, DONE);
  for (const make of thrown) {
    for (const client of clients(server, { fetch: () => Promise.reject(make()) }))
      hasNoKey(await rejection(client.health()));
  }
});

test("a key of an earlier attempt is redacted as well", async (t) => {
  let asked = 0;
  const server = await http(t, (_, response) =>
    response.writeHead(503, { "x-should-retry": "true" }).end("sk_first sk_second"),
  );
  const client = new PureRouter({
    baseUrl: server.url,
    maxRetries: 1,
    routerKey: () => ["sk_first", "sk_second"][asked++],
  });
  const error = await rejection(client.health());
  assert.equal(error.body, "[redacted] [redacted]");
});

test("the client itself shows no key", () => {
  const client = new PureRouter({ routerKey: KEY });
  for (const shown of [
    JSON.stringify(client),
    inspect(client, { depth: 20, showHidden: true }),
    String(client),
  ]) {
    assert.ok(!shown.includes("sk_live"), shown);
  }
  const stream = client.router.stream({ prompt: "Hi." });
  assert.ok(!inspect(stream, { depth: 20, showHidden: true }).includes("sk_live"));
  stream.abort();
});

test("a key that cannot be sent is not shown either", () => {
  for (const routerKey of ["sk_live\n", "sk_live é", "sk live"]) {
    assert.throws(
      () => new PureRouter({ routerKey }),
      (error) =>
        error instanceof TypeError && /routerKey/.test(error.message) && !/sk.live/.test(inspect(error)),
    );
  }
});
