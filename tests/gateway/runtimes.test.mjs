// The gateway as it is, `export default { fetch }`, in Deno, Bun and Node: what differs between runtimes is how bodies,
// cancellation and WebCrypto work, so that is what is asked of each.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { bunOf, denoOf, tools } from "../everywhere/installs.mjs";
import { startService } from "./service.mjs";
import { until } from "../package/waiting.mjs";

const folder = join(import.meta.dirname, "runtimes");
const bin = await tools("runtimes");

/** @type {Awaited<ReturnType<typeof startService>>} */
let service;
before(async () => void (service = await startService()));
after(() => service.close());
beforeEach(() => service.answersWith(200, "{}"));

/** @type {Record<string, (port: number) => [string, string[]]>} */
const runtimes = {
  Deno: (port) => [
    denoOf(bin),
    [
      "serve",
      "--no-config",
      "--allow-net",
      "--allow-env",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "gateway.js",
    ],
  ],
  Bun: () => [bunOf(bin), ["run", "gateway.js"]],
  Node: () => [process.execPath, ["node-http.mjs"]],
};

for (const [name, command] of Object.entries(runtimes)) {
  test(`${name} runs it as it is`, { timeout: 60_000 }, async (t) => {
    const url = await start(t, command);
    const good = { authorization: "Bearer good" };
    const issued = await fetch(`${url}/v1/tokens`, { method: "POST", headers: good });
    const { token } = await issued.json();
    assert.deepEqual([issued.status, typeof token], [200, "string"]);
    /** @param {string} id @param {any} [init] */
    const call = (id, init = {}) =>
      fetch(`${url}/v1/deployments/${id}/invoke`, {
        method: "POST",
        body: `{"prompt":"Hi \\ud83d","stream":true}`,
        ...init,
        headers: { "x-router-key": token, origin: "https://app.example", ...init.headers },
      });

    // Bytes as they are, the server's key and no other, CORS, a request id.
    const bytes = Buffer.from([0x64, 0xff, 0x00, 0x0d, 0x0a, 0xf0]);
    service.answers(({ response }) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(bytes),
    );
    const answer = await call("primary-id", { headers: { cookie: "a=b", authorization: "Bearer x" } });
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
    assert.equal(answer.headers.get("access-control-allow-origin"), "https://app.example");
    assert.ok(answer.headers.get("x-request-id"));
    const [seen] = service.requests;
    assert.deepEqual(
      [
        seen?.headers["x-router-key"],
        seen?.headers.cookie,
        seen?.headers.authorization,
        seen?.headers.origin,
      ],
      ["sk_server_0123456789", undefined, undefined, undefined],
    );
    assert.equal(seen?.body.toString(), `{"prompt":"Hi \\ud83d","stream":true}`);

    // Refusals.
    for (const [init, status] of /** @type {[any, number][]} */ ([
      [{ headers: { "x-router-key": "pr1.e30.x" } }, 401],
      [{ headers: { origin: "https://evil.example" } }, 403],
      [{ method: "PUT" }, 405],
      [{ body: "x".repeat(2000) }, 413],
      [{ body: pieces(["x".repeat(900), "x".repeat(900)]), duplex: "half" }, 413],
      [{ body: "x" }, 400],
    ])) {
      const refusal = await call("primary-id", init);
      assert.equal(refusal.status, status);
      assert.ok((await refusal.json()).error.code);
    }
    assert.equal((await call("constructor")).status, 403);

    // The owner's own answer, whatever it consists of.
    const login = await fetch(`${url}/v1/tokens`, {
      method: "POST",
      headers: { authorization: "Bearer new" },
      redirect: "manual",
    });
    assert.deepEqual([login.status, login.headers.getSetCookie()], [303, ["a=1", "b=2"]]);

    // Named routes.
    /** @type {Promise<void> | undefined} */
    let silentGone;
    service.answers((seen) => {
      if (seen.path.includes("/down/")) seen.response.writeHead(503).end();
      else if (seen.path.includes("/silent/")) {
        silentGone = seen.disconnected;
        seen.response.writeHead(200).flushHeaders();
      } else seen.response.writeHead(200).end("data: [DONE]\n\n");
    });
    assert.equal(await (await call("support")).text(), "data: [DONE]\n\n");
    assert.equal(await (await call("fast")).text(), "data: [DONE]\n\n");
    await silentGone;

    // The first chunk arrives while the service still writes, and a client that leaves ends its work.
    for (const id of ["primary-id", "fast"]) {
      /** @type {Promise<void> | undefined} */
      let gone;
      service.answers((seen) => {
        if (seen.path.includes("/silent/")) return void seen.response.writeHead(503).end();
        gone = seen.disconnected;
        seen.response.writeHead(200, { "content-type": "text/event-stream" });
        const writing = setInterval(() => seen.response.write("data: more\n\n"), 20);
        seen.response.on("close", () => clearInterval(writing));
      });
      const leaving = new AbortController();
      const stream = await call(id, { signal: leaving.signal });
      const reader = /** @type {ReadableStream<Uint8Array>} */ (stream.body).getReader();
      await reader.read();
      leaving.abort();
      await gone;
    }
  });
}

/** A body without a declared length. @param {string[]} texts */
const pieces = (texts) =>
  new ReadableStream({
    async pull(controller) {
      const text = texts.shift();
      if (text === undefined) return controller.close();
      controller.enqueue(new TextEncoder().encode(text));
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  });

/** @param {import("node:test").TestContext} t @param {(port: number) => [string, string[]]} command */
async function start(t, command) {
  const port = await freePort();
  const [program, args] = command(port);
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, PORT: String(port), SERVICE: service.url, NO_COLOR: "1" },
  });
  let said = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (chunk) => (said += chunk));
  const closed = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said);
    return fetch(url).then(
      () => true,
      () => false,
    );
  }, "the runtime listens");
  return url;
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}
