// What a PureRouter call becomes at an OpenAI-compatible server, and what the server's answer becomes on the way back.
import assert from "node:assert/strict";
import test from "node:test";
import { createUpstream } from "../../scripts/service/upstream.mjs";
import { capturedServer, json, openAiServer, upstreamService } from "./server.mjs";

const models = json({ object: "list", data: [{ id: "org/first:1b" }, { id: "second" }] });
const completion = json({
  model: "m",
  choices: [{ index: 0, text: " Paris", finish_reason: "stop" }],
  usage: { total_tokens: 3 },
});
const chat = json({
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Paris" }, finish_reason: "stop" }],
});

const both = {
  "POST /v1/completions": completion,
  "POST /v1/chat/completions": chat,
  "GET /v1/models": models,
};

test("a prompt goes to /v1/completions, with the deployment's id as the model and all fields", async (t) => {
  const server = await openAiServer(t, both);
  const { post } = await upstreamService(t, server.url);
  const body = { prompt: "Hi", max_tokens: 3, seed: 7, stop: null, parameters: { a: 1 } };
  const answer = await post("/v1/deployments/org%2Ffirst%3A1b/invoke", body);
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).choices[0].text, " Paris");
  assert.deepEqual(
    server.requests.map(({ path, body }) => ({ path, body })),
    [{ path: "/v1/completions", body: { ...body, model: "org/first:1b" } }],
  );
});

test("the router key stays here", async (t) => {
  const server = await openAiServer(t, both);
  const { post } = await upstreamService(t, server.url);
  await post("/v1/deployments/second/invoke", { prompt: "Hi" });
  assert.equal(server.requests[0].headers["x-router-key"], undefined);
  assert.equal(server.requests[0].headers.authorization, undefined);
});

for (const name of ["input", "inputs"]) {
  test(`${name} is a prompt by another name`, async (t) => {
    const server = await openAiServer(t, both);
    const { post } = await upstreamService(t, server.url);
    await post("/v1/deployments/second/invoke", { [name]: "Hi" });
    assert.deepEqual(server.requests[0].body, { prompt: "Hi", model: "second" });
  });
}

test("messages go to /v1/chat/completions; the answer keeps its message and gains the text", async (t) => {
  const server = await openAiServer(t, both);
  const { post } = await upstreamService(t, server.url);
  const messages = [{ role: "user", content: "Hi" }];
  const answer = await (await post("/v1/deployments/second/invoke", { messages })).json();
  assert.equal(answer.choices[0].text, "Paris");
  assert.equal(answer.choices[0].message.content, "Paris");
  assert.deepEqual(server.requests[0].body, { messages, model: "second" });
});

for (const status of [404, 405]) {
  test(`a prompt becomes a chat where the server has no /v1/completions (${status})`, async (t) => {
    const server = await openAiServer(t, { ...both, "POST /v1/completions": json({}, status) });
    const { post } = await upstreamService(t, server.url);
    const answer = await (
      await post("/v1/deployments/second/invoke", { prompt: "Hi", max_tokens: 2 })
    ).json();
    assert.equal(answer.choices[0].text, "Paris");
    assert.deepEqual(server.requests.at(-1)?.body, {
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 2,
      model: "second",
    });
  });
}

test("infer asks the first model and answers in the router's shape", async (t) => {
  const server = await openAiServer(t, both);
  const { post } = await upstreamService(t, server.url);
  const answer = await (
    await post("/v1/infer", { prompt: "Hi", profile: "balanced", temperature: 0 })
  ).json();
  assert.deepEqual(server.requests.at(-1)?.body, { prompt: "Hi", temperature: 0, model: "org/first:1b" });
  assert.equal(typeof answer.latency_ms, "number");
  const { latency_ms: _, raw, ...rest } = answer;
  assert.deepEqual(rest, {
    output_text: " Paris",
    provider: "upstream",
    model_id: "m",
    task: "text-generation",
    profile: "balanced",
    usage: { total_tokens: 3 },
    cost_usd: null,
  });
  assert.equal(raw.choices[0].text, " Paris");
});

test("health is the server's list of models", async (t) => {
  const server = await openAiServer(t, both);
  const { url } = await upstreamService(t, server.url);
  const answer = await fetch(`${url}/v1/health`);
  assert.deepEqual(await answer.json(), { status: "ok", models: ["org/first:1b", "second"] });
});

for (const suffix of ["", "/", "/v1", "/v1/"]) {
  test(`the server's URL may end in "${suffix}"`, async (t) => {
    const server = await openAiServer(t, both);
    assert.deepEqual(await createUpstream(server.url + suffix).models(), ["org/first:1b", "second"]);
  });
}

test("an error passes with its status, body and Retry-After", async (t) => {
  const error = { error: { message: "Slow down", code: 429 } };
  const refusal = json(error, 429, { "retry-after": "7" });
  const server = await openAiServer(t, { ...both, "POST /v1/completions": refusal });
  const { post } = await upstreamService(t, server.url);
  const answer = await post("/v1/deployments/second/invoke", { prompt: "Hi", stream: true });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get("retry-after"), "7");
  assert.deepEqual(await answer.json(), error);
});

test("a server that is not there is a 502 that names it", async (t) => {
  const { post, url } = await upstreamService(t, "http://127.0.0.1:9");
  for (const answer of [await post("/v1/infer", { prompt: "Hi" }), await fetch(`${url}/v1/health`)]) {
    assert.equal(answer.status, 502);
    assert.match((await answer.json()).error.message, /http:\/\/127\.0\.0\.1:9 cannot be reached/);
  }
});

test("a body that is no JSON object, an unknown path and a wrong method are refused here", async (t) => {
  const server = await openAiServer(t, both);
  const { post, url } = await upstreamService(t, server.url);
  assert.equal((await post("/v1/infer", "[1]")).status, 400);
  assert.equal((await post("/v1/infer", "{")).status, 400);
  assert.equal((await post("/v1/models", {})).status, 404);
  assert.equal((await fetch(`${url}/v1/infer`)).status, 405);
  assert.equal(server.requests.length, 0);
});

for (const capture of ["chat-stream", "completion-stream", "gzip-stream"]) {
  test(`a llama.cpp stream passes byte by byte: ${capture}`, async (t) => {
    const server = await capturedServer(t, capture);
    const { post } = await upstreamService(t, server.url);
    const answer = await post("/v1/deployments/m/invoke", { messages: [], stream: true });
    assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
    const text = await answer.text();
    assert.ok(text.length > 500 && text.endsWith("data: [DONE]\n\n"), text.slice(-100));
    assert.equal(text, server.body.toString());
  });
}

test("a llama.cpp chat answer gains its text", async (t) => {
  const server = await capturedServer(t, "chat-normal");
  const { post } = await upstreamService(t, server.url);
  const answer = await (await post("/v1/deployments/m/invoke", { messages: [] })).json();
  const original = JSON.parse(server.body.toString());
  assert.equal(answer.choices[0].text, original.choices[0].message.content);
  assert.deepEqual(answer.usage, original.usage);
});

test("a llama.cpp refusal of a streaming request passes", async (t) => {
  const server = await capturedServer(t, "bad-no-prompt");
  const { post } = await upstreamService(t, server.url);
  const answer = await post("/v1/deployments/m/invoke", { messages: [], stream: true });
  assert.equal(answer.status, 400);
  assert.equal(await answer.text(), server.body.toString());
});
