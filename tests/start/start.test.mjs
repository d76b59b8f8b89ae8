// `npm start` from outside: what it serves with each kind of service behind it, and that a signal ends all of it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { serve } from "../serve.mjs";
import { members, npmStart } from "./start.mjs";

const timeout = 180_000;

/** @param {string} url @param {string} path @param {unknown} body */
const post = (url, path, body) =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(
    `the embedded service behind the gateway, ended by ${signal} in mid-stream`,
    { timeout },
    async (t) => {
      const started = npmStart(t);
      const url = await started.url;

      const { deployments, profiles, service } = await (await fetch(`${url}/config.json`)).json();
      assert.equal(service, "embedded");
      assert.deepEqual(profiles, ["balanced"]);

      for (const id of deployments) {
        const answer = await post(url, `/v1/deployments/${id}/invoke`, { prompt: "Hi", max_tokens: 2 });
        assert.equal(answer.status, 200);
        assert.notEqual((await answer.json()).choices[0].text, "");
      }
      for (const profile of ["balanced", undefined]) {
        const answer = await post(url, "/v1/infer", { prompt: "Hi", profile, max_tokens: 2 });
        assert.notEqual((await answer.json()).output_text, "");
      }
      assert.equal((await post(url, "/v1/deployments/other/invoke", { prompt: "Hi" })).status, 403);

      const stream = await post(url, `/v1/deployments/${deployments[0]}/invoke`, {
        prompt: "Hi",
        stream: true,
      });
      await stream.body?.getReader().read();
      assert.ok(members(started.group).includes("workerd"), `${members(started.group)}`);
      started.kill(signal);
      await started.closed;
      assert.deepEqual(members(started.group), []);
    },
  );
}

test("the page and the package, under a policy that lets in nothing else", { timeout }, async (t) => {
  const started = npmStart(t);
  const url = await started.url;
  const page = await fetch(url);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(page.headers.get("content-security-policy") ?? "", /script-src 'self' 'wasm-unsafe-eval'/);
  const types = { "index.js": "text/javascript; charset=utf-8", "purerouter.wasm": "application/wasm" };
  for (const [file, type] of Object.entries(types)) {
    const answer = await fetch(`${url}/purerouter/${file}`);
    assert.equal(answer.headers.get("content-type"), type);
    await answer.body?.cancel();
  }
  for (const path of ["/nothing", "/..%2fpackage.json", "/purerouter/..%2f..%2fpackage.json", "/%", "/%00"]) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
});

test("the hosted service, with the key from the environment", { timeout }, async (t) => {
  /** @type {Request[]} */
  const requests = [];
  /** @type {string[]} */
  const bodies = [];
  const hosted = await serve(async (request) => {
    requests.push(request);
    bodies.push(await request.text());
    return Response.json({ choices: [{ text: "hosted", finish_reason: "stop" }] });
  });
  t.after(() => hosted.close());
  const env = {
    PUREROUTER_KEY: "sk_test",
    PUREROUTER_BASE_URL: `${hosted.url}/prefix/`,
    PUREROUTER_DEPLOYMENTS: "one, two",
  };
  const url = await npmStart(t, { env }).url;
  const config = await (await fetch(`${url}/config.json`)).json();
  assert.deepEqual(config.deployments, ["one", "two"]);
  assert.equal(config.service, "hosted");
  assert.ok(!JSON.stringify(config).includes("sk_test"));

  // Any other id can be typed.
  const answer = await post(url, "/v1/deployments/an%20other/invoke", { prompt: "Hi" });
  assert.equal((await answer.json()).choices[0].text, "hosted");
  assert.equal(new URL(requests[0].url).pathname, "/prefix/v1/deployments/an%20other/invoke");
  assert.equal(requests[0].headers.get("x-router-key"), "sk_test");

  // So can any profile be named, and none: which there are is the service's to say.
  for (const profile of ["balanced", "thrifty", undefined]) {
    assert.equal((await post(url, "/v1/infer", { prompt: "Hi", profile })).status, 200, profile);
  }
  assert.equal((await post(url, "/v1/infer", [])).status, 400);
  assert.equal(requests.length, 4);
  assert.deepEqual(JSON.parse(bodies[2]), { prompt: "Hi", profile: "thrifty" });
});

test("an OpenAI-compatible server, with the models it has now", { timeout }, async (t) => {
  let models = ["first"];
  const upstream = await serve((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/models") return Response.json({ data: models.map((id) => ({ id })) });
    return Response.json({ choices: [{ text: pathname, finish_reason: "stop" }] });
  });
  t.after(() => upstream.close());
  for (const path of ["/v1", "/v1/", "", "/"]) {
    models = ["first"];
    const started = npmStart(t, { args: ["--upstream", upstream.url + path] });
    const url = await started.url;
    models = ["first", "org/second"];
    const config = await (await fetch(`${url}/config.json`)).json();
    assert.deepEqual(config.deployments, models);
    const answer = await post(url, "/v1/deployments/org%2Fsecond/invoke", { prompt: "Hi" });
    assert.equal((await answer.json()).choices[0].text, "/v1/completions");
    started.kill("SIGINT");
    await started.closed;
  }
});

test("what is wrong is said in one line", { timeout }, async (t) => {
  const occupant = createServer().listen(0, "127.0.0.1");
  await once(occupant, "listening");
  t.after(() => void occupant.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (occupant.address());
  /** @type {[RegExp, Parameters<typeof npmStart>[1]][]} */
  const mistakes = [
    [/^✗ Port \d+ is taken: .*PORT=/m, { env: { PORT: `${port}` } }],
    [/^✗ PORT is "http"/m, { env: { PORT: "http" } }],
    [/^✗ Unknown option '--upstraem'.*--upstream URL, --model smollm2 and --help/m, { args: ["--upstraem"] }],
    [/^✗ --model knows smollm2, not "gpt"/m, { args: ["--model", "gpt"] }],
    [
      /^✗ No OpenAI-compatible server answers at http:.*\(.+\): start it first/m,
      { args: ["--upstream", "http://127.0.0.1:9"] },
    ],
  ];
  for (const [line, options] of mistakes) {
    const { code, output } = await npmStart(t, options).closed;
    assert.equal(code, 1);
    assert.match(output, line);
    assert.doesNotMatch(output, /\n {4}at /);
  }
});
