// Puts a fetch handler (a service, a gateway, a page's server) behind node:http: real sockets for whatever is
// written against Request and Response. It knows no routes and changes nothing: head and chunks go out as the
// handler gives them, a client that leaves aborts the request's signal, and a body that fails takes its
// connection with it.

import { once } from "node:events";
import { createServer } from "node:http";

// Node's http module frames the body itself.
const CONNECTION_HEADERS = ["connection", "keep-alive", "transfer-encoding", "upgrade"];

/**
 * @param {(request: Request) => Response | Promise<Response>} handler
 * @param {{ port?: number, host?: string }} [options] a free port of 127.0.0.1 by default
 * @returns {Promise<{ url: string, port: number, close(): Promise<void> }>}
 *   `url` has no trailing slash; `close` cuts the connections that are open
 */
export async function serve(handler, { port = 0, host = "127.0.0.1" } = {}) {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error) => {
      console.error("serve: the handler failed:", error);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { "content-type": "text/plain" }).end("The handler failed.\n");
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const authority = `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  return {
    url: `http://${authority}`,
    port: address.port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * @param {(request: Request) => Response | Promise<Response>} handler
 * @param {import("node:http").IncomingMessage} incoming
 * @param {import("node:http").ServerResponse} outgoing
 */
async function answer(handler, incoming, outgoing) {
  const gone = new AbortController();
  // "close" also comes after a complete answer.
  outgoing.once("close", () => {
    if (outgoing.writableFinished) return;
    gone.abort(new DOMException("The client closed the connection.", "AbortError"));
  });
  const request = requestOf(incoming, outgoing, gone.signal);
  if (!request) return void outgoing.writeHead(400, { connection: "close" }).end();
  let response;
  try {
    response = await handler(request);
  } catch (error) {
    if (gone.signal.aborted) return;
    throw error;
  }
  outgoing.writeHead(response.status, response.statusText || undefined, headersOf(response));
  if (!response.body || incoming.method === "HEAD") {
    await response.body?.cancel();
    return void outgoing.end();
  }
  // The head does not wait for the first chunk: that may be a long time coming.
  outgoing.flushHeaders();
  await pour(response.body, outgoing, gone.signal);
}

/**
 * @param {import("node:http").IncomingMessage} incoming
 * @param {import("node:http").ServerResponse} outgoing
 * @param {AbortSignal} signal
 * @returns {Request | undefined} undefined where no Request can be made of it (a CONNECT, say)
 */
function requestOf(incoming, outgoing, signal) {
  const { method = "GET", url = "/", rawHeaders } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    const headers = new Headers();
    for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
    // Not `new URL(url, base)`: a path that starts with two slashes would be taken for a host.
    const target = url.startsWith("/") ? `http://${incoming.headers.host ?? "localhost"}${url}` : url;
    const body = hasBody ? bodyOf(incoming, outgoing) : null;
    return new Request(target, { method, headers, body, signal, duplex: "half" });
  } catch {
    return undefined;
  }
}

/**
 * Not `Readable.toWeb`: cancelling that would cut the connection under an answer which did not need the body.
 * What is not wanted (any more) is read and dropped, so that the connection serves the next request.
 *
 * @param {import("node:http").IncomingMessage} incoming
 * @param {import("node:http").ServerResponse} outgoing
 * @returns {ReadableStream<Uint8Array>}
 */
function bodyOf(incoming, outgoing) {
  let wanted = true;
  const drop = () => {
    wanted = false;
    incoming.resume();
  };
  outgoing.once("finish", drop);
  return new ReadableStream(
    {
      start(controller) {
        incoming.on("data", (chunk) => {
          if (!wanted) return;
          controller.enqueue(chunk);
          incoming.pause();
        });
        incoming.once("end", () => wanted && controller.close());
        incoming.once("error", (error) => controller.error(error));
        incoming.pause();
      },
      pull: () => void incoming.resume(),
      cancel: drop,
    },
    { highWaterMark: 0 },
  );
}

/** @param {Response} response */
function headersOf({ headers }) {
  /** @type {Record<string, string | string[]>} */
  const own = Object.fromEntries([...headers].filter(([name]) => !CONNECTION_HEADERS.includes(name)));
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) own["set-cookie"] = cookies;
  return own;
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {import("node:http").ServerResponse} outgoing
 * @param {AbortSignal} gone
 */
async function pour(body, outgoing, gone) {
  const reader = body.getReader();
  const leave = () => void reader.cancel(gone.reason).catch(() => {});
  if (gone.aborted) return leave();
  gone.addEventListener("abort", leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (gone.aborted) return;
      if (done) return void outgoing.end();
      if (!outgoing.write(value)) await once(outgoing, "drain", { signal: gone });
    }
  } catch {
    // To end it properly would tell the client that the answer is complete.
    outgoing.destroy();
  }
}
