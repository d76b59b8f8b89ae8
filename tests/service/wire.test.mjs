// The wire of the service in memory, to the letter: both shapes of answers, streamed or not, what is refused, and what is
// recorded of a request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService } from "../../pkg-template/testing.js";
import { events, get, HELLO, invoke, post, stream, texts } from "./calls.mjs";

const make = (more) => createService({ deployments: { a: HELLO }, ...more });
const messages = [{ role: "user", content: "Hi there." }];

test("a deployment answers a prompt with a text completion", async () => {
  const response = await invoke(make());
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), {
    id: "cmpl-1",
    object: "text_completion",
    created: 1767225600,
    model: "a",
    choices: [{ index: 0, text: "Hello big world", finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
  });
});

test("a conversation is answered with a message, and with the text every deployment answers with", async () => {
  const answer = await (await invoke(make(), { messages })).json();
  assert.equal(answer.object, "chat.completion");
  const [choice] = answer.choices;
  assert.deepEqual(choice, {
    index: 0,
    text: "Hello big world",
    message: { role: "assistant", content: "Hello big world" },
    finish_reason: "stop",
  });
  assert.equal(answer.usage.prompt_tokens, 2);
});

test("input and inputs are prompts too", async () => {
  for (const body of [
    { input: "Hi." },
    { inputs: "Hi." },
    { inputs: { question: "Hi." } },
    { prompt: ["Hi."] },
  ]) {
    const answer = await (await invoke(make(), body)).json();
    assert.equal(answer.choices[0].text, "Hello big world");
    assert.equal(answer.usage.prompt_tokens, 1);
  }
});

test("a streamed completion: a delta an event, then finish reason and usage, then [DONE]", async () => {
  const response = await stream(make());
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const all = await events(response);
  assert.deepEqual(texts(all.slice(0, 4)), ["Hello", " big", " world", ""]);
  const reasons = all.slice(0, 4).map(({ data }) => data.choices[0].finish_reason);
  assert.deepEqual(reasons, [null, null, null, "stop"]);
  assert.deepEqual(all[3].data.usage, { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 });
  assert.equal("usage" in all[0].data, false);
  assert.equal(all[4].data, "[DONE]");
  assert.equal(all.length, 5);
});

test("a streamed conversation: chat deltas, the first with the role", async () => {
  const all = await events(await stream(make(), { messages }));
  assert.deepEqual(all[0].data, {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1767225600,
    model: "a",
    choices: [{ index: 0, delta: { role: "assistant", content: "Hello" }, finish_reason: null }],
  });
  assert.deepEqual(all[1].data.choices[0].delta, { content: " big" });
  assert.deepEqual(all[3].data.choices[0], { index: 0, delta: {}, finish_reason: "stop" });
  assert.equal(all[3].data.usage.completion_tokens, 3);
  assert.equal(all[4].data, "[DONE]");
});

test("automatic routing answers with the text, where it came from, and what it cost", async () => {
  const answer = await (await post(make(), "/v1/infer", { prompt: "Hi.", profile: "balanced" })).json();
  const { raw, ...rest } = answer;
  assert.deepEqual(rest, {
    output_text: "Hello big world",
    provider: "purerouter-testing",
    model_id: "a",
    task: "text-generation",
    profile: "balanced",
    latency_ms: 0,
    usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
    cost_usd: 0.000004,
  });
  assert.equal(raw.choices[0].text, "Hello big world");
});

test("a cost is a round figure", async () => {
  const usage = { total_tokens: 5 };
  const service = createService({ deployments: { a: { text: "a", usage } } });
  const answer = await (await post(service, "/v1/infer", { prompt: "Hi." })).json();
  assert.equal(answer.cost_usd, 0.000005);
});

test("automatic routing streams output_text, and the bill with the finish reason", async () => {
  const all = await events(await post(make(), "/v1/infer", { prompt: "Hi.", stream: true }));
  assert.deepEqual(texts(all.slice(0, 4)), ["Hello", " big", " world", ""]);
  const { finish_reason, usage, cost_usd, model_id } = all[3].data;
  assert.deepEqual([finish_reason, usage.completion_tokens, cost_usd, model_id], ["stop", 3, 0.000004, "a"]);
  assert.equal(all[4].data, "[DONE]");
});

test("profiles: the one named, without a name balanced, without that the first", async () => {
  const ask = async (service, body) => (await (await post(service, "/v1/infer", body)).json()).output_text;
  const both = make({ profiles: { fast: { text: "fast" }, balanced: { text: "balanced" } } });
  assert.equal(await ask(both, { prompt: "Hi.", profile: "fast" }), "fast");
  assert.equal(await ask(both, { prompt: "Hi." }), "balanced");
  assert.equal(await ask(both, { prompt: "Hi.", profile: null }), "balanced");
  assert.equal(await ask(make({ profiles: { fast: { text: "fast" } } }), { prompt: "Hi." }), "fast");
  const response = await post(both, "/v1/infer", { prompt: "Hi.", profile: "cheap" });
  assert.equal(response.status, 404);
  assert.match((await response.json()).error.message, /"cheap".*fast, balanced/);
  assert.equal((await post(make({ profiles: {} }), "/v1/infer", { prompt: "Hi." })).status, 404);
});

test("health needs no key", async () => {
  const response = await get(make({ keys: ["sk_1"] }), "/v1/health");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: "ok" });
});

test("keys: any but none, or those of the list", async () => {
  const status = async (service, headers) => (await invoke(service, { prompt: "Hi." }, { headers })).status;
  assert.equal(await status(make(), {}), 401);
  assert.equal(await status(make(), { "x-router-key": "anything" }), 200);
  const strict = make({ keys: ["sk_1", "sk_2"] });
  assert.equal(await status(strict, { "x-router-key": "sk_2" }), 200);
  assert.equal(await status(strict, { "x-router-key": "sk_3" }), 401);
  assert.equal(await status(make({ keys: [] }), { "x-router-key": "sk_3" }), 401);
  const refused = await invoke(strict, { prompt: "Hi." }, { headers: { "x-router-key": "sk_secret" } });
  assert.doesNotMatch(await refused.text(), /sk_/);
});

test("deployment ids are percent-decoded, and unknown ones are not found", async () => {
  const service = createService({ deployments: { "org/møde l?": HELLO, __proto__x: HELLO } });
  const answer = await invoke(service, undefined, {}, encodeURIComponent("org/møde l?"));
  assert.equal((await answer.json()).model, "org/møde l?");
  assert.equal(service.requests[0].path, "/v1/deployments/org%2Fm%C3%B8de%20l%3F/invoke");
  assert.equal((await invoke(service, undefined, {}, "toString")).status, 404);
  assert.equal((await invoke(service, undefined, {}, "%E0%A4%A")).status, 400);
});

test("what the service would refuse is refused, with the field's name", async () => {
  const cases = [
    ["{", /not valid JSON/],
    ["", /not valid JSON/],
    ["[]", /JSON object/],
    ["null", /JSON object/],
    [{}, /"prompt", "messages", "input" or "inputs"/],
    [{ prompt: null }, /"prompt", "messages"/],
    [{ prompt: 5 }, /"prompt"/],
    [{ messages: [] }, /"messages"/],
    [{ messages: "Hi." }, /"messages"/],
    [{ messages: [{ content: "Hi." }] }, /"messages\[0\]".*"role"/],
    [{ messages: [{ role: "user", content: 5 }] }, /"messages\[0\]\.content"/],
    [{ prompt: "Hi.", max_tokens: "9" }, /"max_tokens" must be a number, not "9"/],
    [{ prompt: "Hi.", max_tokens: 1.5 }, /"max_tokens"/],
    [{ prompt: "Hi.", max_tokens: -1 }, /"max_tokens"/],
    [{ prompt: "Hi.", temperature: "hot" }, /"temperature"/],
    [{ prompt: "Hi.", top_p: true }, /"top_p"/],
    [{ prompt: "Hi.", stream: "yes" }, /"stream"/],
    [{ prompt: "Hi.", parameters: [] }, /"parameters"/],
    [{ prompt: "Hi.", profile: 1 }, /"profile"/],
  ];
  for (const [body, message] of cases) {
    for (const path of ["/v1/deployments/a/invoke", "/v1/infer"]) {
      const response = await post(make(), path, body);
      assert.equal(response.status, 400, `${path} ${JSON.stringify(body)}`);
      const { error } = await response.json();
      assert.match(error.message, message);
      assert.deepEqual([error.type, error.code], ["invalid_request_error", 400]);
    }
  }
});

test("fields that are null or unknown pass", async () => {
  const body = { prompt: "Hi.", max_tokens: null, temperature: null, stream: null, seed: 7, tools: [] };
  const service = make();
  assert.equal((await invoke(service, body)).status, 200);
  assert.deepEqual(service.requests[0].body, body);
});

test("unknown paths and wrong methods", async () => {
  for (const path of ["/", "/v1", "/v2/health", "/v1/health/", "/v1/deployments//invoke", "/v1/v1/infer"]) {
    const response = await get(make(), path);
    assert.equal(response.status, 404, path);
    assert.equal((await response.json()).error.type, "not_found_error");
  }
  const wrong = await get(make(), "/v1/infer");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST");
  const health = await post(make(), "/v1/health", {});
  assert.equal(health.status, 405);
  assert.equal(health.headers.get("allow"), "GET");
});

test("any origin and any path before /v1 is the service's", async () => {
  const response = await make().fetch("http://localhost:3000/api/router/v1/health?probe=1");
  assert.equal(response.status, 200);
});

test("pages on other origins are allowed in", async () => {
  const preflight = await make().fetch("https://x.test/v1/infer", {
    method: "OPTIONS",
    headers: { "access-control-request-method": "POST", "access-control-request-headers": "x-router-key" },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.equal(preflight.headers.get("access-control-allow-headers"), "*");
  assert.match(preflight.headers.get("access-control-allow-methods"), /POST/);
  for (const response of [await invoke(make()), await invoke(make(), {})]) {
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(response.headers.get("access-control-expose-headers"), "*");
  }
});

test("equal calls give equal bytes, and every answer its own id", async () => {
  const run = async () => {
    const service = make();
    const seen = [];
    for (const body of [{ prompt: "Hi." }, { prompt: "Hi.", stream: true }, { messages, stream: true }, {}]) {
      const response = await invoke(service, body);
      seen.push([response.status, [...response.headers], await response.text()]);
    }
    return seen;
  };
  const first = await run();
  assert.deepEqual(await run(), first);
  const ids = first.map(([, headers]) => new Map(headers).get("x-request-id"));
  assert.deepEqual(ids, ["req-1", "req-2", "req-3", "req-4"]);
});

test("requests are recorded as they came, refused ones too", async () => {
  const service = make();
  await invoke(service, { prompt: "Hi." });
  await get(service, "/v1/health?probe=1", { headers: { "X-Probe": "yes" } });
  await invoke(service, "{");
  assert.deepEqual(service.requests, [
    {
      method: "POST",
      path: "/v1/deployments/a/invoke",
      headers: { "content-type": "application/json", "x-router-key": "sk_test" },
      body: { prompt: "Hi." },
      cancelled: false,
    },
    {
      method: "GET",
      path: "/v1/health?probe=1",
      headers: { "x-probe": "yes" },
      body: undefined,
      cancelled: false,
    },
    {
      method: "POST",
      path: "/v1/deployments/a/invoke",
      headers: { "content-type": "application/json", "x-router-key": "sk_test" },
      body: "{",
      cancelled: false,
    },
  ]);
});

test("fetch takes what fetch takes, works on its own, and is a Worker's handler", async () => {
  const { fetch } = make();
  const request = () =>
    new Request("https://x.test/v1/infer", {
      method: "POST",
      headers: { "x-router-key": "sk_test" },
      body: '{"prompt":"Hi."}',
    });
  assert.equal((await fetch(request())).status, 200);
  assert.equal((await fetch(new URL("https://x.test/v1/health"))).status, 200);
  // The second argument of a Worker's handler is its env, whose bindings may have any name.
  assert.equal((await fetch(request(), { method: "DELETE", signal: {} }, {})).status, 200);
  await assert.rejects(fetch("not a url"), TypeError);
});
