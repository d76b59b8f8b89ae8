// No key in what a call of several targets says, though every target may have a key of its own and echo it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import "../package/unhandled.mjs";
import { delta } from "../package/sockets.mjs";
import { collect, rejection, settled } from "../package/waiting.mjs";
import { breaksAfter, clientOf, fleet, holds, json, sends, silent, status } from "./fleet.mjs";

const KEY = "sk_live_0123456789";
const OTHER = "sk_other_9876543210";
const request = { prompt: "Hi." };

/** All that a log could show of an error. */
function everything(error, depth = 4) {
  if (typeof error !== "object" || error === null || depth === 0) return String(error);
  const parts = [error.message, error.stack, inspect(error, { depth: 20, showHidden: true })];
  if (error.headers instanceof Headers) parts.push(JSON.stringify([...error.headers]));
  for (const inner of [
    error.cause,
    ...(error.errors ?? []),
    ...(error.attempts ?? []).map(({ error }) => error),
  ]) {
    if (inner !== error) parts.push(everything(inner, depth - 1));
  }
  try {
    parts.push(JSON.stringify(error));
  } catch {
    // What refers to itself is not written by a log of that kind either.
  }
  return parts.join("\n");
}

/** Every failure says the key that came with its request. */
const echo =
  (code) =>
  ({ response, key }) =>
    status(code, { "x-echo": key }, { error: `bad key ${key}`, keys: { [key]: key } })({ response });
const failures = {
  refused: echo(403),
  failing: echo(503),
  html: ({ response, key }) => void response.writeHead(200, { "content-type": "text/html" }).end(`<p>${key}`),
  event: ({ response, key }) => sends(`data: {"error":{"message":"bad key ${key}"}}\n\n`)({ response }),
  lost: ({ response }) => void response.destroy(),
  echoed: ({ response, key }) => breaksAfter(`Your key is ${key}. `)({ response }),
};

test("no key is in what a call of several targets fails with, whosever key it is", async (t) => {
  const server = await fleet(t, failures);
  const client = clientOf(server, { routerKey: KEY });
  const other = clientOf(server, { routerKey: OTHER });
  const ids = Object.keys(failures);
  const others = ids.map((id) => other.deployment(id));
  const both = [...ids, ...others];
  const targets = [
    client.fallback(both, { midStream: "continue" }),
    client.fallback([...both].reverse(), { midStream: "continue" }),
    client.fallback([...both].reverse(), { midStream: "restart" }),
    client.fallback([...both].reverse()),
    client.hedge(
      both.filter((one) => (one.label ?? one) !== "echoed"),
      { delay: 1 },
    ),
    client.hedge([others.at(-1)], { delay: 1 }),
    client.hedge([client.fallback(["refused", "html"]), other.fallback(others.slice(0, 5))], { delay: 1 }),
  ];
  for (const target of targets) {
    const seen = [];
    const options = { onAttempt: (attempt) => seen.push(attempt) };
    for (const error of [
      await rejection(target.stream(request, options).text()),
      await rejection(collect(target.stream(request, options))),
      (await settled(client.compare([target], request, options).results))[0].error,
    ]) {
      assert.ok(error.attempts.length > 0);
      const shown = everything(error) + seen.map(({ error }) => everything(error)).join("\n");
      assert.ok(shown.includes("[redacted]"), target.label);
      for (const key of [KEY, OTHER]) assert.ok(!shown.includes(key), `${target.label}: ${shown}`);
    }
  }
  const error = await rejection(client.fallback(["refused", others[1], "html"]).invoke(request));
  for (const key of [KEY, OTHER]) assert.ok(!everything(error).includes(key));
  assert.match(error.message, /\[redacted\]/);
});

test("a client, a target and what it gives show no key", async (t) => {
  const server = await fleet(t, { a: json({ output_text: "Hello" }), b: holds(delta("Hel")), c: silent });
  const client = clientOf(server, { routerKey: KEY });
  const target = client.fallback([client.hedge(["a", "b"], { delay: 5 }), client.profile("x")]);
  const stream = client.hedge(["b", "c"], { delay: 0 }).stream(request);
  const comparison = client.compare(["b", "c"], request);
  await settled(stream.next());
  for (const what of [client, target, await settled(target.invoke(request)), stream, comparison]) {
    const text = inspect(what, { depth: 20, showHidden: true }) + JSON.stringify(what);
    assert.ok(!text.includes(KEY), text);
  }
  stream.abort();
  for await (const _ of comparison) break;
});
