// The service behind node:http, and node:http behind the adapter: real sockets, clients of Node's own.

import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { createService } from "../../pkg-template/testing.js";
import { serve } from "../serve.mjs";
import { events, texts, until } from "./calls.mjs";

/** Runs `use` with a server for a handler, and closes it whatever happens. */
async function serving(handler, use) {
  const server = await serve(handler);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** Waits until a counter has moved, and then no longer moves. */
async function standsStill(counter) {
  let before = 0;
  await until(async () => {
    const moved = counter() !== before;
    before = counter();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return !moved && before > 0 && counter() === before;
  }, "the counter stands still");
}

const init = (body, more) => ({
  method: "POST",
  headers: { "content-type": "application/json", "x-router-key": "sk_test" },
  body: JSON.stringify(body),
  ...more,
});
const PATH = "/v1/deployments/a/invoke";

test("the service answers over a socket as it does in process", async () => {
  const make = () => createService({ deployments: { a: { text: "Grüße 🙂 world" } } });
  const bodies = [{ prompt: "Hi." }, { prompt: "Hi.", stream: true }, { prompt: 5 }];
  const inProcess = make();
  const expected = [];
  for (const body of bodies) {
    const response = await inProcess.fetch(`http://x.test${PATH}`, init(body));
    expected.push([response.status, response.headers.get("content-type"), await response.text()]);
  }
  const service = make();
  await serving(service.fetch, async ({ url }) => {
    for (const [index, body] of bodies.entries()) {
      const response = await fetch(url + PATH, init(body));
      const actual = [response.status, response.headers.get("content-type"), await response.text()];
      assert.deepEqual(actual, expected[index]);
      assert.equal(response.headers.get("x-request-id"), `req-${index + 1}`);
    }
  });
  const [first] = service.requests;
  assert.deepEqual([first.method, first.path, first.body], ["POST", PATH, bodies[0]]);
  assert.equal(first.headers["x-router-key"], "sk_test");
  assert.equal(first.cancelled, false);
});

test("each event is on the wire before the next one is made", async () => {
  let release;
  async function* text() {
    yield "a";
    await new Promise((resolve) => (release = resolve));
    yield "b";
  }
  const service = createService({ deployments: { a: { text } } });
  await serving(service.fetch, async ({ url }) => {
    const response = await fetch(url + PATH, init({ prompt: "Hi.", stream: true }));
    const reader = response.body.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    assert.match(first, /"text":"a"/);
    assert.doesNotMatch(first, /"text":"b"/);
    await until(() => release, "the text waits");
    release();
    let rest = "";
    for (let next; !(next = await reader.read()).done;) rest += new TextDecoder().decode(next.value);
    assert.match(rest, /"text":"b"[^]*\[DONE\]/);
  });
});

test("the head is there before the first event, and after stallHeaders", async () => {
  const service = createService({ deployments: { a: { stallAfter: 0 }, b: { stallHeaders: Infinity } } });
  await serving(service.fetch, async ({ url }) => {
    const response = await fetch(url + PATH, init({ prompt: "Hi.", stream: true }));
    assert.equal(response.status, 200);
    await response.body.cancel();
    const stalled = fetch(
      url + PATH.replace("/a/", "/b/"),
      init({ prompt: "Hi." }, { signal: AbortSignal.timeout(80) }),
    );
    await assert.rejects(stalled, { name: "TimeoutError" });
    await until(() => service.requests.every(({ cancelled }) => cancelled), "both are cancelled");
  });
});

test("a client that leaves stops the text", async () => {
  let returned = 0;
  async function* text() {
    try {
      for (;;) {
        yield "x".repeat(1000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      returned += 1;
    }
  }
  const service = createService({ deployments: { a: { text } } });
  await serving(service.fetch, async ({ url }) => {
    const abort = new AbortController();
    const aborted = await fetch(url + PATH, init({ prompt: "Hi.", stream: true }, { signal: abort.signal }));
    const reader = aborted.body.getReader();
    await reader.read();
    abort.abort();
    await assert.rejects(reader.read());
    const cancelled = await fetch(url + PATH, init({ prompt: "Hi.", stream: true }));
    await cancelled.body.cancel();
    await until(() => returned === 2, "both texts have been closed");
    assert.deepEqual(
      service.requests.map((entry) => entry.cancelled),
      [true, true],
    );
  });
});

test("a client that does not read stops the text once the sockets are full", async () => {
  let made = 0;
  function* text() {
    for (;;) {
      made += 1;
      yield "x".repeat(65_536);
    }
  }
  const service = createService({ deployments: { a: { text } } });
  await serving(service.fetch, async ({ url }) => {
    const outgoing = httpRequest(url + PATH, { method: "POST", headers: { "x-router-key": "sk_test" } });
    outgoing.end('{"prompt":"Hi.","stream":true}');
    const [response] = await once(outgoing, "response");
    response.pause();
    await standsStill(() => made);
    assert.ok(made < 1000, `${made * 65_536} bytes`);
    outgoing.destroy();
    await until(() => service.requests[0].cancelled, "the request is cancelled");
  });
});

test("a cut stream ends properly on the wire, without its last events", async () => {
  const service = createService({ deployments: { a: { text: ["a", "b", "c"], cutAfter: 2 } } });
  await serving(service.fetch, async ({ url }) => {
    const all = await events(await fetch(url + PATH, init({ prompt: "Hi.", stream: true })));
    assert.deepEqual(texts(all), ["a", "b"]);
  });
});

test("serve: the request arrives as it was sent", async () => {
  const echo = async (request) =>
    Response.json({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      length: (await request.arrayBuffer()).byteLength,
    });
  await serving(echo, async ({ url, port }) => {
    const body = new Uint8Array(3_000_000);
    const put = await (
      await fetch(`${url}/a%2Fb//c?d=e&f`, { method: "PUT", body, headers: { "X-One": "1" } })
    ).json();
    assert.equal(put.method, "PUT");
    assert.equal(put.url, `http://127.0.0.1:${port}/a%2Fb//c?d=e&f`);
    assert.equal(put.headers["x-one"], "1");
    assert.equal(put.length, body.length);
    const slashes = await (await fetch(`${url}//evil.test/x`)).json();
    assert.equal(slashes.url, `http://127.0.0.1:${port}//evil.test/x`);
  });
});

test("serve: status, reason, headers and cookies arrive as they were given", async () => {
  const handler = () => {
    const headers = new Headers({ "x-one": "1", connection: "close", "transfer-encoding": "chunked" });
    headers.append("set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    headers.append("set-cookie", "b=2");
    return new Response("body", { status: 299, statusText: "Fine", headers });
  };
  await serving(handler, async ({ url }) => {
    const response = await fetch(url);
    assert.deepEqual([response.status, response.statusText], [299, "Fine"]);
    assert.deepEqual(response.headers.getSetCookie(), ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
    assert.equal(response.headers.get("connection"), "keep-alive");
    assert.equal(await response.text(), "body");
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [299, ""]);
  });
  await serving(
    () => new Response(null, { status: 204 }),
    async ({ url }) => assert.equal((await fetch(url)).status, 204),
  );
});

test("serve: a body that fails breaks the connection, it does not end the answer", async () => {
  const handler = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("half")),
        pull: (controller) => controller.error(new Error("broken")),
      }),
    );
  await serving(handler, async ({ url }) => {
    await assert.rejects(async () => (await fetch(url)).text(), TypeError);
  });
});

test("serve: an answer that did not need the body leaves the connection usable", async () => {
  let calls = 0;
  const handler = async (request) => {
    calls += 1;
    if (calls === 2) await request.body.cancel();
    if (calls === 3) await request.body.getReader().read();
    return new Response("no", { status: 413 });
  };
  await serving(handler, async ({ url }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set();
    for (let i = 0; i < 4; i += 1) {
      const outgoing = httpRequest(url, { method: "POST", agent });
      outgoing.end(Buffer.alloc(4_000_000));
      const [response] = await once(outgoing, "response");
      assert.equal(response.statusCode, 413);
      ports.add(response.socket.localPort);
      response.resume();
      await once(response, "end");
      if (!outgoing.writableFinished) await once(outgoing, "finish");
    }
    assert.equal(ports.size, 1);
    agent.destroy();
  });
});

test("serve: a handler that stops reading holds the sender back", async () => {
  await serving(
    async (request) => {
      await request.body.getReader().read();
      return new Promise(() => {});
    },
    async ({ url }) => {
      const outgoing = httpRequest(url, { method: "POST" });
      outgoing.on("error", () => {});
      let sent = 0;
      const send = () => {
        while (sent < 100 && !outgoing.destroyed) {
          sent += 1;
          if (!outgoing.write(Buffer.alloc(1_000_000))) return;
        }
      };
      outgoing.on("drain", send);
      send();
      await standsStill(() => sent);
      assert.ok(sent < 100, `${sent} MB`);
      outgoing.destroy();
    },
  );
});

test("serve: a client that leaves cancels the body, whatever the handler does with the signal", async () => {
  let cancelled = 0;
  const handler = () => new Response(new ReadableStream({ cancel: () => void (cancelled += 1) }));
  await serving(handler, async ({ url, port }) => {
    const response = await fetch(url);
    await response.body.cancel();
    await until(() => cancelled === 1, "the body is cancelled");
    // Node's own clients close the connection after a HEAD.
    const socket = connect(port, "127.0.0.1");
    socket.write("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => cancelled === 2, "the body nobody asked for is cancelled");
    assert.equal(socket.readyState, "open");
    socket.destroy();
  });
});

test("serve: a handler that throws is a 500 and said so", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const handler = () => {
    throw new Error("bug");
  };
  await serving(handler, async ({ url }) => {
    const response = await fetch(url);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /bug/);
  });
  assert.equal(error.mock.callCount(), 1);
});

test("serve: a client that breaks off its own request is nobody's failure", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const service = createService({ deployments: { a: {} } });
  await serving(service.fetch, async ({ port }) => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"prompt"`);
    await until(() => service.requests.length === 1, "the head has arrived");
    socket.destroy();
    await until(() => service.requests[0].cancelled, "the request is cancelled");
  });
  assert.equal(error.mock.callCount(), 0);
});

test("serve: close cuts what is open, and can be called twice", async () => {
  const service = createService({ deployments: { a: { stallAfter: 0 } } });
  const server = await serve(service.fetch);
  const response = await fetch(server.url + PATH, init({ prompt: "Hi.", stream: true }));
  const body = response.text();
  body.catch(() => {});
  await server.close();
  await server.close();
  await assert.rejects(body, TypeError);
  await until(() => service.requests[0].cancelled, "the request is cancelled");
  await assert.rejects(fetch(server.url), TypeError);
});

test("serve: a taken port rejects", async () => {
  await serving(
    () => new Response(),
    async ({ port }) => {
      await assert.rejects(
        serve(() => new Response(), { port }),
        { code: "EADDRINUSE" },
      );
    },
  );
});
