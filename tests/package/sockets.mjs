// Servers on real sockets, closed with the test that made them: one that speaks HTTP through node:http, and one that
// writes bytes as they are, for what no HTTP library would send.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { serve } from "../serve.mjs";
import { testing } from "./install.mjs";

export const SSE = "text/event-stream";
export const DONE = "data: [DONE]\n\n";

/** An event of a deployment's stream, as the wire has it. */
export function delta(text, finishReason = null) {
  return `data: ${JSON.stringify({ choices: [{ text, finish_reason: finishReason }] })}\n\n`;
}

/**
 * A server for `handler(request, response)`; `request.text` is the whole body. The result counts `requests`, and
 * `closed` of them whose connection went before or after their answer was complete.
 */
export async function http(t, handler) {
  const seen = { url: "", requests: [], closed: 0, completed: 0 };
  const server = createHttpServer(async (request, response) => {
    response.on("close", () => {
      if (response.writableFinished) seen.completed += 1;
      else seen.closed += 1;
    });
    const chunks = await request.toArray().catch(() => []);
    request.text = Buffer.concat(chunks).toString();
    seen.requests.push(request);
    await handler(request, response, seen.requests.length);
  });
  await listen(t, server, () => server.closeAllConnections());
  seen.url = urlOf(server);
  return seen;
}

/** A server that answers every request with these chunks, and ends the answer. */
export function answering(t, type, ...chunks) {
  return http(t, (_, response) => {
    response.writeHead(200, type === null ? {} : { "content-type": type });
    for (const chunk of chunks) response.write(chunk);
    response.end();
  });
}

/** A server that answers every request with these chunks, and leaves the answer open. */
export function holding(t, type, ...chunks) {
  return http(t, (_, response) => {
    response.writeHead(200, { "content-type": type });
    response.flushHeaders();
    for (const chunk of chunks) response.write(chunk);
  });
}

/** A server that calls `answer(socket, head)` once a request has arrived whole. */
export async function tcp(t, answer) {
  const sockets = new Set();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // The client may go as it likes.
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(received.match(/^content-length: (\d+)\r$/im)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const head = received.slice(0, end);
      received = "";
      answer(socket, head);
    });
  });
  await listen(t, server, () => sockets.forEach((socket) => socket.destroy()));
  return { url: urlOf(server), sockets };
}

/** A service of `purerouter/testing` behind a real socket. */
export async function service(t, options) {
  const inMemory = testing.createService(options);
  const server = await serve(inMemory.fetch);
  t.after(() => server.close());
  return { url: server.url, requests: inMemory.requests };
}

async function listen(t, server, cut) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    cut();
    await closed;
  });
}

const urlOf = (server) => `http://127.0.0.1:${server.address().port}`;
