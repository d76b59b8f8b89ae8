// The service that the soak reads from: a program of its own, so that what it holds is not counted as the client's.
//
// A deployment's id says how its answer goes. It keeps no record of requests, which would grow; what it counts goes to
// the parent process when that asks.

import { createServer } from "node:http";

const SSE = { "content-type": "text/event-stream" };
const DONE = "data: [DONE]\n\n";
const MiB = 2 ** 20;

/** Of about the size that gateways send. */
function delta(text, finishReason = null) {
  const choices = [{ index: 0, text, logprobs: null, finish_reason: finishReason }];
  const event = {
    id: "cmpl-0123456789abcdef",
    object: "text_completion",
    created: 1700000000,
    model: "a",
    choices,
  };
  return `data: ${JSON.stringify(event)}\n\n`;
}

const few = delta("one ") + delta("two ") + delta("three ");
const many = Array.from({ length: 20 }, (_, i) => delta(`word ${i} `));
// Larger than what is fed to the decoder at once, so that its buffers have to grow.
const wide = delta("x".repeat(300_000));
const tick = () => new Promise((resolve) => setImmediate(resolve));

const counts = { requests: 0, open: 0, written: 0 };

const answers = {
  whole: (response) => response.writeHead(200, SSE).end(many.join("") + DONE),
  async pieces(response) {
    response.writeHead(200, SSE);
    for (const event of many) {
      response.write(event.slice(0, 90));
      await tick();
      response.write(event.slice(90));
      await tick();
    }
    response.end(DONE);
  },
  wide: (response) => response.writeHead(200, SSE).end(wide + DONE),
  held: (response) => response.writeHead(200, SSE).write(few),
  done: (response) => response.writeHead(200, SSE).write(few + DONE),
  truncated: (response) => response.writeHead(200, SSE).end(few),
  cut: (response) => response.writeHead(200, SSE).write(few, () => response.destroy()),
  error: (response) =>
    response
      .writeHead(200, SSE)
      .write(few + 'event: error\ndata: {"error":{"message":"No.","status":500}}\n\n'),
  html: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello"),
  busy: (response) => response.writeHead(503, { "content-type": "application/json" }).end('{"error":"busy"}'),
  json: (response) =>
    response.writeHead(200, { "content-type": "application/json" }).end('{"choices":[{"text":"Hello"}]}'),
  silent: () => {},
  flood: (response) => flood(response, 64 * MiB),
  long: (response) => flood(response, 200 * MiB),
};

/** As much as is taken, of `total` bytes; `counts.written` is what the socket has accepted. */
async function flood(response, total) {
  const piece = delta(" and so").repeat(300);
  response.writeHead(200, SSE);
  let goOn = () => {};
  response.on("drain", () => goOn()).on("close", () => goOn());
  for (let sent = 0; sent < total && !response.destroyed; sent += piece.length) {
    counts.written += piece.length;
    if (!response.write(piece) && !response.destroyed) await new Promise((resolve) => (goOn = resolve));
  }
  response.end(DONE);
}

const server = createServer((request, response) => {
  counts.requests += 1;
  counts.open += 1;
  response.on("close", () => (counts.open -= 1));
  request.resume();
  request.on("end", () => {
    const id = request.url.split("/").at(-2);
    answers[id in answers ? id : "json"](response);
  });
});
// Thousands of streams follow each other on the same connections.
server.maxRequestsPerSocket = 0;
// The client alone closes an idle one: else a request may just then be on its way.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));

process.on("message", (reset) => {
  if (reset === "reset") counts.written = 0;
  server.getConnections((_, connections) => process.send({ ...counts, connections }));
});
process.on("disconnect", () => process.exit());
