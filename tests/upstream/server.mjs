// OpenAI-compatible servers for these tests, on real sockets: one whose answers a test writes, and one that sends
// the bytes a llama.cpp server once sent, framing included.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { createUpstream } from "../../scripts/service/upstream.mjs";
import { serve } from "../serve.mjs";

/**
 * @typedef {{ path: string, headers: import("node:http").IncomingHttpHeaders, body: any, gone: Promise<void> }} Seen
 * @typedef {(response: import("node:http").ServerResponse, seen: Seen) => void} Answer
 */

/**
 * @param {import("node:test").TestContext} t
 * @param {Record<string, Answer>} answers by method and path; what is not there is a 404
 */
export async function openAiServer(t, answers) {
  /** @type {Seen[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const gone = once(response, "close").then(() => {});
    let text = "";
    for await (const chunk of request) text += chunk;
    const seen = { path: request.url ?? "", headers: request.headers, body: text && JSON.parse(text), gone };
    requests.push(seen);
    const answer = answers[`${request.method} ${request.url}`];
    if (answer) answer(response, seen);
    else
      json({ error: { message: "File Not Found", type: "not_found_error", code: 404 } }, 404)(response, seen);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${port(server)}`, requests };
}

/**
 * @param {import("node:test").TestContext} t
 * @param {string} capture its name in tests/captures
 */
export async function capturedServer(t, capture) {
  const bytes = readFileSync(new URL(`../captures/${capture}.response.raw`, import.meta.url));
  const server = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(bytes));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  return { url: `http://127.0.0.1:${port(server)}`, body: bodyOf(bytes.toString("latin1")) };
}

/**
 * The service under test, on a port of its own.
 * @param {import("node:test").TestContext} t
 * @param {string} url
 */
export async function upstreamService(t, url) {
  const service = await serve(createUpstream(url).fetch);
  t.after(() => service.close());
  /** @param {string} path @param {unknown} body @param {RequestInit} [init] */
  const post = (path, body, init) =>
    fetch(service.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-router-key": "local" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
  return { url: service.url, post };
}

/** @param {unknown} value @param {number} [status] @param {Record<string, string>} [headers] @returns {Answer} */
export const json =
  (value, status = 200, headers = {}) =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

/** @param {{ address(): any }} server @returns {number} */
const port = (server) => server.address().port;

/** @param {string} raw a whole HTTP/1.1 response @returns {Buffer} its body, without the chunks' framing */
function bodyOf(raw) {
  const [head, ...rest] = raw.split("\r\n\r\n");
  let framed = rest.join("\r\n\r\n");
  if (!/transfer-encoding: chunked/i.test(head)) return Buffer.from(framed, "latin1");
  let body = "";
  for (;;) {
    const line = framed.indexOf("\r\n");
    const size = parseInt(framed.slice(0, line), 16);
    if (!size) return Buffer.from(body, "latin1");
    body += framed.slice(line + 2, line + 2 + size);
    framed = framed.slice(line + 2 + size + 2);
  }
}
