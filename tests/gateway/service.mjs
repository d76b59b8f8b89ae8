// A service over a raw node:http server, so that a test decides each byte of its answer, sees the request as it came
// over the socket, and notices when the gateway lets the connection go.
import { createServer } from "node:http";
import { once } from "node:events";

/**
 * @typedef {object} Seen
 * @property {string} method
 * @property {string} path as on the wire
 * @property {string[]} rawHeaders
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {import("node:http").ServerResponse} response
 * @property {Promise<void>} disconnected resolves when the connection closes before the answer is complete
 */

export async function startService() {
  /** @type {Seen[]} */
  const requests = [];
  /** @type {(seen: Seen) => void} */
  let answer = () => {};
  const server = createServer(async (request, response) => {
    /** @type {Promise<void>} */
    const disconnected = new Promise((resolve) => {
      response.once("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", rawHeaders, headers } = request;
    const seen = {
      method,
      path: url,
      rawHeaders,
      headers,
      body: Buffer.concat(chunks),
      response,
      disconnected,
    };
    requests.push(seen);
    answer(seen);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    /** What the next requests get; forgets those seen so far. @param {(seen: Seen) => void} handler */
    answers(handler) {
      requests.length = 0;
      answer = handler;
    },
    /** @param {number} status @param {string} body @param {Record<string, string>} [headers] */
    answersWith(status, body, headers = { "content-type": "application/json" }) {
      this.answers(({ response }) => response.writeHead(status, headers).end(body));
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
