// A caller that leaves must free the model behind: whatever the phase, the server sees its connection close.
import assert from "node:assert/strict";
import test from "node:test";
import { openAiServer, upstreamService } from "./server.mjs";

/** @typedef {import("node:http").ServerResponse} ServerResponse */

const silent = () => {};
/** @param {ServerResponse} response */
const headThenSilence = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write('data: {"choices":[{"text":"a"}]}\n\n');
};

for (const [phase, answer, read] of /** @type {const} */ ([
  ["before the head", silent, false],
  ["in mid-stream", headThenSilence, true],
])) {
  for (const path of ["/v1/deployments/m/invoke", "/v1/infer"]) {
    test(`${path} cancelled ${phase}`, { timeout: 30_000 }, async (t) => {
      /** @type {(seen: import("./server.mjs").Seen) => void} */
      let arrive = () => {};
      /** @type {Promise<import("./server.mjs").Seen>} */
      const arrived = new Promise((resolve) => (arrive = resolve));
      const server = await openAiServer(t, {
        "GET /v1/models": (response) =>
          void response.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":"m"}]}'),
        "POST /v1/completions": (response, seen) => (arrive(seen), answer(response)),
      });
      const { post } = await upstreamService(t, server.url);
      const caller = new AbortController();
      const call = post(path, { prompt: "Hi", stream: true }, { signal: caller.signal });
      const seen = await arrived;
      if (read) await (await call).body?.getReader().read();
      caller.abort();
      if (!read) await assert.rejects(call, { name: "AbortError" });
      await seen.gone;
    });
  }
}

test("a stream arrives while it is being generated", { timeout: 30_000 }, async (t) => {
  /** @type {ServerResponse | undefined} */
  let generating;
  const server = await openAiServer(t, {
    "POST /v1/completions": (response) => ((generating = response), headThenSilence(response)),
  });
  const { post } = await upstreamService(t, server.url);
  const reader = (await post("/v1/deployments/m/invoke", { prompt: "Hi", stream: true })).body?.getReader();
  assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /"a"/);
  generating?.end("data: [DONE]\n\n");
  assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /DONE/);
});
