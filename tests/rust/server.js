// A real service on a socket, for what a mock of fetch cannot show: that a connection closes.

import { createServer } from "node:http";
import { once } from "node:events";

const event = (text) => `data: ${JSON.stringify({ choices: [{ text }] })}\n\n`;

export class Server {
  #server = createServer((request, response) => {
    this.connections++;
    response.once("close", () => {
      if (!response.writableFinished) this.cancelled++;
    });
    request.resume();
    if (request.url.includes("/silent/")) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(event("Hello"));
    if (request.url.includes("/endless/")) return;
    setTimeout(() => response.end(`${event(" there")}data: [DONE]\n\n`), 5);
  });

  connections = 0;
  cancelled = 0;

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Resolves once `done()` says so; a generous deadline, as the machine is shared. */
export async function until(done) {
  for (let waited = 0; !done(); waited += 10) {
    if (waited > 15_000) throw new Error("it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
