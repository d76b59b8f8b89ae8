// The other side of a fault: a server whose sockets are written to byte by byte, for what no HTTP library would send.
//
// node:http reads the requests, since they are well formed; what goes back is the fault's own doing, down to the framing.
// Every connection carries one answer, so that no engine takes a lost one for a stale one and asks again by itself.

import { once } from "node:events";
import { createServer } from "node:http";
import { sleep, until } from "../package/waiting.mjs";

const REASONS = {
  200: "OK",
  204: "No Content",
  302: "Found",
  307: "Temporary Redirect",
  429: "Too Many Requests",
};

// Else an engine might send the next request into a connection that is about to be closed.
const CLOSE = { connection: "close" };

/** What lets a page of another origin read every answer. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-expose-headers": "*",
};

/** A server that answers each request by `answer(exchange)`. */
export class Peer {
  requests = [];
  connections = 0;
  /** Bytes that went into sockets. */
  written = 0;
  /** Answers that are neither over nor left by the client. */
  open = 0;
  #heard = new Map();
  #server = createServer((request, response) => this.#received(request, response));
  #answer;
  #cors;

  constructor(answer, { cors = true } = {}) {
    this.#answer = answer;
    this.#cors = cors ? CORS : {};
    this.#server.on("connection", () => this.connections++);
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async close() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Resolves once the client has said `word` (`say` in scenario.js). */
  heard(word) {
    if (!this.#heard.has(word)) {
      let hear;
      const promise = new Promise((resolve) => (hear = resolve));
      this.#heard.set(word, { hear, promise });
    }
    return this.#heard.get(word).promise;
  }

  async #received(request, response) {
    const head = { ...this.#cors, ...CLOSE };
    if (request.method === "OPTIONS") return response.writeHead(204, head).end();
    if (request.url.startsWith("/~/")) {
      const word = request.url.slice(3);
      this.heard(word);
      this.#heard.get(word).hear();
      if (word === "standstill") await this.#standstill();
      return response.writeHead(204, head).end();
    }
    const at = performance.now();
    const body = Buffer.concat(await request.toArray().catch(() => [])).toString();
    const number = this.requests.push({ path: request.url, headers: request.headers, body, at });
    const exchange = new Exchange(this, request, this.#cors);
    exchange.number = number;
    exchange.sinceFirstMs = at - this.requests[0].at;
    await this.#answer(exchange);
  }

  /** Until nothing more can be written, as the client takes nothing. */
  async #standstill() {
    const seen = [];
    await until(async () => {
      seen.push(this.written);
      await sleep(60);
      const last = seen.slice(-6);
      return this.written > 0 && last.length === 6 && last.every((written) => written === this.written);
    }, "the client holds the server back");
  }

  /** What a fault can expect of its server. */
  get seen() {
    const times = this.requests.map(({ at }) => at);
    return {
      requests: this.requests.length,
      paths: this.requests.map(({ path }) => path),
      gaps: times.slice(1).map((at, i) => at - times[i]),
      written: this.written,
    };
  }
}

/** One request and its answer. */
class Exchange {
  /** Which request this is, from 1 on, and how long after the first. */
  number = 1;
  sinceFirstMs = 0;
  #peer;
  #socket;
  #common;
  #isOver = false;
  #chunked = false;
  #writable = () => {};

  constructor(peer, request, common) {
    this.#peer = peer;
    this.#socket = request.socket;
    this.#common = common;
    this.path = request.url;
    this.#socket.setNoDelay(true);
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#over();
      this.#writable();
    });
    peer.open++;
  }

  get isOpen() {
    return !this.#socket.destroyed;
  }

  /** Waits until the client says so; what was sent before has then arrived. */
  heard(word) {
    return this.#peer.heard(word);
  }

  pause(ms) {
    return sleep(ms);
  }

  /** A head. The body is chunked, but where the headers give a length, or a status none. */
  head(status = 200, headers = { "content-type": "text/event-stream" }) {
    const all = { ...this.#common, ...headers };
    this.#chunked = !("content-length" in all) && status !== 204;
    if (this.#chunked) all["transfer-encoding"] = "chunked";
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.bytes(`HTTP/1.1 ${status} ${REASONS[status] ?? "Whatever"}\r\n${lines.join("")}\r\n`);
  }

  /** Some of the body, framed as the head announced it. */
  body(data) {
    const bytes = Buffer.from(data);
    if (!this.#chunked) return this.bytes(bytes);
    return this.bytes(
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]),
    );
  }

  /** These bytes, as they are; resolves once the socket takes more. */
  async bytes(data) {
    if (!this.isOpen) return;
    this.#peer.written += data.length;
    if (this.#socket.write(data)) return;
    await new Promise((resolve) => {
      this.#writable = resolve;
      this.#socket.once("drain", resolve);
    });
  }

  /** The body's proper end. */
  async end() {
    if (this.#chunked) await this.bytes("0\r\n\r\n");
    this.hangUp();
  }

  /** A whole answer. */
  async answer(status, headers, body) {
    await this.head(status, { ...headers, ...CLOSE });
    if (body !== "") await this.body(body);
    await this.end();
  }

  #over() {
    if (!this.#isOver) this.#peer.open--;
    this.#isOver = true;
  }

  /** Closes the connection, as a program does that ends. */
  hangUp() {
    this.#over();
    this.#socket.end();
  }

  /** Cuts the connection, as a machine does that fails. */
  reset() {
    this.#over();
    this.#socket.resetAndDestroy();
  }
}
