// The server of the streams that go over a real connection, in a process of its own, whose CPU time is nobody's.
//
// It writes the HTTP framing of a whole cycle by hand and once, so that it keeps ahead of the readers. How the bytes
// are cut when they arrive is the engine's doing: Node gives each HTTP chunk as one, Chromium and workerd what a read
// of their pipe holds.

import { createServer } from "node:http";
import { makeCycle } from "./data.mjs";

const head =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n" +
  "access-control-allow-origin: *\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";

/** @type {Map<string, { cycle: Buffer, end: Buffer }>} */
const framings = new Map();

/** @param {Uint8Array} chunk */
const framed = (chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, "\r\n"];

/** @param {string} data @param {number} events @param {number} chunkBytes */
function framing(data, events, chunkBytes) {
  const key = `${data} ${events} ${chunkBytes}`;
  let found = framings.get(key);
  if (found === undefined) {
    const { chunks, tail } = makeCycle(data, events, chunkBytes);
    const join = (/** @type {(string | Uint8Array)[]} */ parts) =>
      Buffer.concat(parts.map((part) => Buffer.from(part)));
    found = { cycle: join(chunks.flatMap(framed)), end: join([...framed(tail), "0\r\n\r\n"]) };
    framings.clear();
    framings.set(key, found);
  }
  return found;
}

/** @param {import("node:net").Socket} socket @returns {Promise<void>} once more can be written, or never again */
const drained = (socket) =>
  new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname !== "/stream") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>bench</title>");
    return;
  }
  const of = (/** @type {string} */ name) => url.searchParams.get(name) ?? "";
  const { cycle, end } = framing(of("data"), Number(of("events")), Number(of("chunk")));
  // Past Node's own framing, which would cost more than all that is measured.
  const socket = request.socket;
  socket.on("error", () => {});
  socket.write(head);
  for (let left = Number(of("cycles")); left > 0 && !socket.destroyed; left--) {
    if (!socket.write(cycle)) await drained(socket);
  }
  socket.end(end);
});

server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
process.on("disconnect", () => process.exit());
