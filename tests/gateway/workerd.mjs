// Runs the gateways in real workerd, and talks to them over plain sockets: node:http sends a path as it is written
// and any header, where fetch would tidy both up.
import { request as httpRequest } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { startService } from "./service.mjs";

export const KEY = "sk_server_0123456789";

export async function startGateways() {
  const service = await startService();
  const workerd = new Miniflare({
    modules: true,
    modulesRoot: fileURLToPath(new URL("../..", import.meta.url)),
    modulesRules: [{ type: "ESModule", include: ["**/*.js"] }],
    scriptPath: fileURLToPath(new URL("gateways.js", import.meta.url)),
    compatibilityDate: "2026-04-20",
    bindings: { SERVICE: service.url, PUREROUTER_KEY: KEY },
    ratelimits: { LIMITER: { simple: { limit: 2, period: 60 } } },
    // What the gateways log is for their owner; the tests read what clients get.
    handleRuntimeStdio(
      /** @type {import("node:stream").Readable} */ stdout,
      /** @type {import("node:stream").Readable} */ stderr,
    ) {
      stdout.resume();
      stderr.resume();
    },
  });
  const url = await workerd.ready;

  /**
   * @typedef {{ gateway?: string, headers?: Record<string, string>, body?: string | Buffer | Iterable<Buffer> | null }} Call
   *   `null` is a body that is yet to be sent
   * @param {string} method @param {string} path @param {Call} [call]
   */
  async function open(method, path, { gateway = "open", headers = {}, body } = {}) {
    const request = httpRequest({
      host: url.hostname,
      port: url.port,
      method,
      path,
      headers: { "x-gateway": gateway, ...headers },
      agent: false,
    });
    // After a disconnect of our own, or once a body is refused unread.
    request.on("error", () => {});
    const answered = once(request, "response");
    if (body === null) request.flushHeaders();
    else if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) request.end(body);
    else {
      for (const chunk of body) request.write(chunk);
      request.end();
    }
    return { request, answered };
  }

  /** @param {string} method @param {string} path @param {Call} [call] */
  async function call(method, path, call) {
    const { answered } = await open(method, path, call);
    const [response] = await answered;
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode, headers: response.headers, text };
  }

  return {
    service,
    open,
    call,
    origin: url.origin,
    async close() {
      await workerd.dispose();
      service.close();
    },
  };
}

/** A body that is JSON, and its declaration. @param {unknown} value */
export function json(value) {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
