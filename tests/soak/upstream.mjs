// The service behind the soak's Worker, on a socket: each deployment's name says how it answers.

import { createServer } from "node:http";
import { once } from "node:events";
import { sleep } from "../package/waiting.mjs";

const delta = (text) => `data: ${JSON.stringify({ choices: [{ text, finish_reason: null }] })}\n\n`;
const words = (count) => Array.from({ length: count }, (_, i) => `word${i} `);
const END = `data: {"choices":[{"text":"","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
export const SHORT = words(5);
export const LONG = words(40);
export const bodyOf = (texts) => texts.map(delta).join("") + END;

export async function startUpstream() {
  const open = new Set();
  const behaviours = {
    good: (response) => write(response, SHORT, 2),
    long: (response) => write(response, LONG, 2),
    cut: (response) => write(response, LONG, 2, 10),
    refusing: (response) =>
      response.writeHead(503, { "content-type": "application/json" }).end('{"error":{}}'),
    dropping: (response) => response.destroy(),
    slow: async (response) => {
      await sleep(40);
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ output_text: SHORT.join("") }));
    },
    mute: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
    // But for a comment now and then, as services send it: workerd takes a client's FIN for half a close, and sees that
    // it has left when something is to be written to it.
    silent: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      const awake = setInterval(() => response.write(": still here\n\n"), 1000);
      response.on("close", () => clearInterval(awake));
    },
  };
  const server = createServer((request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    request.resume().on("end", () => behaviours[request.url.split("/")[3]](response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** How many answers are under way. */
    open: () => open.size,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function write(response, texts, everyMs, cutAfter = Infinity) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [i, text] of texts.entries()) {
    if (response.destroyed) return;
    if (i === cutAfter) return void response.destroy();
    response.write(delta(text));
    await sleep(everyMs);
  }
  response.end(END);
}
