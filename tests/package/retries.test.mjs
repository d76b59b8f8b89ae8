// Which failures are tried again, after what wait, and how often. `Math.random` is set where a wait matters, and an
// attempt's `retryInMs` tells what was decided: nothing here depends on how fast the machine is.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, delta, http, tcp } from "./sockets.mjs";
import { rejection, settled, until } from "./waiting.mjs";

const { APIConnectionError, APITimeoutError, InternalServerError, PureRouter, RateLimitError } = purerouter;

const request = { prompt: "Hi." };
const calls = {
  health: (client, options) => client.health(options),
  invoke: (client, options) => client.deployments.invoke("a", request, options),
  infer: (client, options) => client.router.infer(request, options),
  "deployments.stream": (client, options) => client.deployments.stream("a", request, options).text(),
  "router.stream": (client, options) => client.router.stream(request, options).text(),
};

const { random } = Math;
afterEach(() => void (Math.random = random));

/** A client whose jitter is `part` of the longest wait: by default it does not wait of its own accord. */
function client(server, options, part = 0) {
  Math.random = () => part;
  return new PureRouter({ baseUrl: server.url, routerKey: "sk_test", ...options });
}

function succeed(request, response) {
  const streams = request.text.includes('"stream":true');
  response.writeHead(200, { "content-type": streams ? SSE : "application/json" });
  response.end(streams ? delta("Hello") + DONE : '{"choices":[]}');
}

/** A server whose answers are `answers` in their order, then successes: a status, `[status, headers]`, or a function. */
function answers(t, ...answers) {
  return http(t, (request, response, count) => {
    const answer = answers[count - 1];
    if (answer === undefined) return succeed(request, response);
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(...[answer].flat()).end("{}");
  });
}

/** A server that answers all requests so; `server.answer` may be changed. */
async function always(t, answer) {
  const server = await http(t, (request, response) => {
    if (server.answer === 200) return succeed(request, response);
    response.writeHead(...[server.answer].flat()).end("{}");
  });
  server.answer = answer;
  return server;
}

const waits = (error) => error.attempts.map(({ retryInMs }) => retryInMs);

for (const status of [408, 409, 425, 429, 500, 501, 502, 503, 504, 529, 599]) {
  test(`${status} is tried again, by every call, and the answer is then the answer`, async (t) => {
    for (const send of Object.values(calls)) {
      const server = await answers(t, status, status);
      await settled(send(client(server)));
      assert.equal(server.requests.length, 3);
      for (const field of ["method", "url", "text"]) {
        assert.equal(new Set(server.requests.map((request) => request[field])).size, 1, field);
      }
      for (const { headers } of server.requests) assert.equal(headers["x-router-key"], "sk_test");
    }
  });
}

for (const status of [304, 400, 401, 402, 403, 404, 405, 406, 410, 413, 415, 418, 422, 424, 426, 451, 499]) {
  test(`${status} is final`, async (t) => {
    for (const send of Object.values(calls)) {
      const server = await answers(t, status);
      const error = await rejection(send(client(server)));
      assert.equal(error.status, status);
      assert.equal(server.requests.length, 1);
      assert.deepEqual(waits(error), [null]);
    }
  });
}

test("x-should-retry wins over the status, where it is true or false", async (t) => {
  const table = [
    [400, "true", 2],
    [404, "true", 2],
    [503, "false", 1],
    [429, "false", 1],
    [503, "perhaps", 2],
    [400, "perhaps", 1],
    [400, "", 1],
  ];
  for (const [status, said, expected] of table) {
    for (const send of Object.values(calls)) {
      const server = await always(t, [status, { "x-should-retry": said }]);
      const error = await rejection(send(client(server, { maxRetries: 1 })));
      assert.equal(error.status, status);
      assert.equal(server.requests.length, expected, `${status} ${said}`);
    }
  }
});

test("x-should-retry does not win over maxRetries", async (t) => {
  const server = await always(t, [503, { "x-should-retry": "true" }]);
  await rejection(client(server, { maxRetries: 0 }).health());
  assert.equal(server.requests.length, 1);
});

test("a connection that fails before the head is tried again", async (t) => {
  for (const send of Object.values(calls)) {
    const server = await answers(
      t,
      (_, response) => response.destroy(),
      (_, response) => response.destroy(),
    );
    await settled(send(client(server)));
    assert.equal(server.requests.length, 3);
  }
});

test("a fetch that rejects is tried again, and its last error is the cause", async (t) => {
  const refused = [new TypeError("first"), new TypeError("second")];
  const fetch = t.mock.fn(async () => {
    throw refused[fetch.mock.callCount()];
  });
  const error = await rejection(client({ url: "http://127.0.0.1" }, { fetch, maxRetries: 1 }).health());
  assert.equal(error.constructor, APIConnectionError);
  assert.equal(error.cause, refused[1]);
  assert.equal(error.attempts[0].error.cause, refused[0]);
});

test("a head that does not come within headersTimeout is waited for again", async (t) => {
  const server = await answers(t, () => {});
  const one = client(server, { headersTimeout: 1000 });
  const stream = one.deployments.stream("a", request);
  assert.equal(await settled(stream.text()), "Hello");
  const { attempts } = await stream.completion();
  assert.equal(attempts[0].error.constructor, APITimeoutError);
  assert.equal(attempts[0].error.phase, "headers");
  assert.equal(server.requests.length, 2);
  await until(() => server.closed === 1, "the first request is given up");
});

test("a stream whose head is in is not asked for again, whatever becomes of it", async (t) => {
  const head = (response) => response.writeHead(200, { "content-type": SSE });
  const failures = {
    "an empty body": (_, response) => head(response).end(),
    "a body that is cut": (_, response) => head(response).end(delta("one")),
    "a lost connection": (_, response) => head(response).write(delta("one"), () => response.destroy()),
    "a connection lost at once": (_, response) => {
      head(response).flushHeaders();
      setTimeout(() => response.destroy(), 20);
    },
    "an error event": (_, response) => head(response).end('data: {"error":{"message":"No.","code":503}}\n\n'),
    "no first text": (_, response) => head(response).flushHeaders(),
    silence: (_, response) => head(response).write(delta("one")),
    "an HTML page": (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
  };
  for (const [what, fail] of Object.entries(failures)) {
    const server = await answers(t, fail);
    const one = client(server, { firstTextTimeout: 1000, idleTimeout: 1000 });
    const error = await rejection(one.deployments.stream("a", request).text());
    assert.deepEqual(waits(error), [null], what);
    assert.equal(error.attempts[0].status, 200);
    assert.equal(server.requests.length, 1, what);
  }
});

test("an answer that comes whole is not asked for again once its head is in", async (t) => {
  const server = await answers(t, (_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => setTimeout(() => response.destroy(), 20));
  });
  const error = await rejection(client(server).router.infer(request));
  assert.equal(error.constructor, APIConnectionError);
  assert.equal(server.requests.length, 1);
});

for (const [how, fail] of [
  ["a status", 503],
  ["a lost connection", (_, response) => response.destroy()],
]) {
  test(`maxRetries: so many further attempts, 4 by default, after ${how}`, async (t) => {
    for (const maxRetries of [undefined, 0, 1, 3, 6]) {
      const server = await answers(t, ...Array(20).fill(fail));
      const options = maxRetries === undefined ? {} : { maxRetries };
      const error = await rejection(client(server, options).health());
      assert.equal(server.requests.length, 1 + (maxRetries ?? 4));
      assert.equal(error.attempts.length, server.requests.length);
    }
  });
}

test("the waits are uniform up to 250 ms, doubled each time, and 8 s at most", async (t) => {
  for (const part of [0, 0.001, 0.002]) {
    const server = await always(t, 503);
    const error = await rejection(client(server, { maxRetries: 9 }, part).health());
    const longest = [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000];
    for (const [n, wait] of waits(error).slice(0, -1).entries()) {
      assert.ok(Math.abs(wait - longest[n] * part) < 1e-6, `${n}: ${wait}`);
    }
    assert.equal(waits(error).at(-1), null);
    assert.equal(server.requests.length, 10);
  }
});

test("each wait is drawn anew, and is waited", async (t) => {
  const server = await always(t, 503);
  // Not by client(), so that the randomness is real.
  const one = new PureRouter({ baseUrl: server.url, maxRetries: 3 });
  const errors = await Promise.all([1, 2, 3].map(() => rejection(one.health())));
  const drawn = errors.flatMap((error) =>
    waits(error)
      .slice(0, -1)
      .map((wait, n) => wait / (250 * 2 ** n)),
  );
  assert.equal(drawn.length, 9);
  assert.ok(drawn.every((drawn) => drawn >= 0 && drawn < 1));
  assert.equal(new Set(drawn).size, drawn.length);
  for (const { attempts } of errors) {
    for (const [n, { startedMs, durationMs, retryInMs }] of attempts.slice(0, -1).entries()) {
      // Timers count in whole milliseconds.
      assert.ok(attempts[n + 1].startedMs >= startedMs + durationMs + retryInMs - 2);
    }
  }
});

test("what the service asks for is a minimum, and jitter beyond it stands", async (t) => {
  const table = [
    [{ "retry-after-ms": "40" }, 0, 40],
    [{ "retry-after-ms": "40", "retry-after": "50" }, 0, 40],
    [{ "retry-after": "0.05" }, 0, 50],
    [{ "retry-after": "0" }, 0, 0],
    [{ "retry-after": "soon" }, 0, 0],
    [{ "retry-after-ms": "10" }, 0.2, 50],
    [{ "retry-after-ms": "80" }, 0.2, 80],
  ];
  for (const [headers, part, expected] of table) {
    for (const status of [429, 503]) {
      const server = await always(t, [status, headers]);
      const error = await rejection(client(server, { maxRetries: 1 }, part).health());
      assert.equal(server.requests.length, 2);
      assert.ok(Math.abs(waits(error)[0] - expected) < 1e-6, `${JSON.stringify(headers)}: ${waits(error)}`);
      const [first, second] = error.attempts;
      assert.ok(second.startedMs >= first.startedMs + first.durationMs + expected - 2, "it is waited");
    }
  }
});

test("Retry-After is waited for in seconds and until a date", async (t) => {
  const date = new Date(Date.now() + 2000).toUTCString();
  const wanted = Date.parse(date);
  const server = await answers(t, [503, { "retry-after": "1" }], [503, { "retry-after": date }]);
  const attempts = [];
  const came = [];
  server.requests.push = (request) => {
    came.push(Date.now());
    return Array.prototype.push.call(server.requests, request);
  };
  await settled(client(server, { onAttempt: (attempt) => attempts.push(attempt) }).health());
  assert.equal(attempts[0].retryInMs, 1000);
  assert.ok(came[1] - came[0] > 900);
  assert.ok(came[2] >= wanted - 100, `${came[2]} is before ${wanted}`);
});

test("retryAfterMs: what the headers say, in each of their forms", async (t) => {
  const inAnHour = new Date(Date.now() + 3_600_000);
  const day = (n) => ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"][n];
  const utc = inAnHour.toUTCString();
  const [, date, month, year, time] = utc.split(" ");
  const obsolete = `${day(inAnHour.getUTCDay())}, ${date}-${month}-${year.slice(2)} ${time} GMT`;
  const table = [
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": " 7 " }, 7000],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after-ms": "1234.5" }, 1234.5],
    [{ "retry-after-ms": "1500", "retry-after": "7" }, 1500],
    [{ "retry-after-ms": "soon", "retry-after": "7" }, 7000],
    [{ "retry-after": utc }, "an hour"],
    [{ "retry-after": obsolete }, "an hour"],
    [{ "retry-after": new Date(0).toUTCString() }, 0],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "" }, null],
    [{}, null],
  ];
  for (const [headers, expected] of table) {
    const server = await always(t, [429, headers]);
    const error = await rejection(client(server, { maxRetries: 0 }).health());
    assert.ok(error instanceof RateLimitError);
    const { retryAfterMs } = error;
    if (expected !== "an hour") assert.equal(retryAfterMs, expected, JSON.stringify(headers));
    else assert.ok(retryAfterMs > 3_500_000 && retryAfterMs <= 3_600_000, `${retryAfterMs}`);
  }
});

test("a wait that would outlast the timeout is not begun: the call fails at once, and says how long", async (t) => {
  for (const [name, send] of Object.entries(calls)) {
    for (const [headers, retryAfterMs] of [
      [{ "retry-after": "3600" }, 3_600_000],
      [{ "retry-after-ms": "40000" }, 40_000],
    ]) {
      const server = await always(t, [429, headers]);
      const error = await settled(rejection(send(client(server, { timeout: 30_000 }))), 15_000);
      assert.ok(error instanceof RateLimitError, `${name}: ${error}`);
      assert.equal(error.retryAfterMs, retryAfterMs);
      assert.equal(server.requests.length, 1);
      assert.deepEqual(waits(error), [null]);
    }
  }
});

test("a wait that is not begun costs nothing of the budget", async (t) => {
  const server = await always(t, [429, { "retry-after": "3600" }]);
  const one = client(server, { timeout: 30_000 });
  for (let n = 0; n < 12; n++) await rejection(one.health());
  assert.equal(server.requests.length, 12);
  server.answer = 503;
  await rejection(one.health({ maxRetries: 100 }));
  assert.equal(server.requests.length, 12 + 11);
});

test("the budget: ten retries a client, whatever its calls ask for", async (t) => {
  const server = await always(t, 503);
  const one = client(server, { maxRetries: 100 });
  const error = await rejection(one.health());
  assert.equal(server.requests.length, 11);
  assert.ok(error instanceof InternalServerError, "the error itself is the result");
  assert.deepEqual(waits(error), [...Array(10).fill(0), null]);
  for (const send of Object.values(calls)) await rejection(send(one));
  assert.equal(server.requests.length, 16, "with nothing left, errors are final");
  await rejection(client(server, { maxRetries: 100 }).health());
  assert.equal(server.requests.length, 16 + 11, "another client has its own");
});

test("the budget is one for calls of all kinds, at once", async (t) => {
  const server = await always(t, 503);
  const one = client(server);
  const sends = [...Object.values(calls), ...Object.values(calls)];
  await Promise.all(sends.map((send) => rejection(send(one))));
  assert.equal(server.requests.length, sends.length + 10);
});

test("the budget: ten successes return one retry, streams by their head", async (t) => {
  for (const send of Object.values(calls)) {
    const server = await always(t, 503);
    const one = client(server, { maxRetries: 100 });
    const requests = async (send) => {
      const before = server.requests.length;
      await send(one).catch(() => {});
      return server.requests.length - before;
    };
    assert.equal(await requests(calls.health), 11);
    const succeedTimes = async (times) => {
      server.answer = 200;
      for (let n = 0; n < times; n++) assert.equal(await requests(send), 1);
      server.answer = 503;
    };
    await succeedTimes(9);
    assert.equal(await requests(send), 1, "nine are not enough");
    await succeedTimes(1);
    assert.equal(await requests(send), 2, "the tenth is");
    assert.equal(await requests(send), 1, "and it is spent");
    await succeedTimes(25);
    assert.equal(await requests(send), 3);
    await succeedTimes(5);
    assert.equal(await requests(send), 2, "a half that was left counts");
  }
});

test("the budget is never more than ten, and an error that is final returns nothing", async (t) => {
  const server = await always(t, 200);
  const one = client(server, { maxRetries: 100 });
  for (let n = 0; n < 30; n++) await settled(one.health());
  server.answer = 503;
  await rejection(one.health());
  assert.equal(server.requests.length, 30 + 11);
  server.answer = 404;
  for (let n = 0; n < 15; n++) await rejection(one.health());
  server.answer = 503;
  await rejection(one.health());
  assert.equal(server.requests.length, 30 + 11 + 15 + 1);
});

const FIELDS = ["target", "attempt", "status", "error", "startedMs", "durationMs", "retryInMs"];

/** What every list of attempts is, whatever happened in them. */
function isRecord(attempts, target) {
  for (const [n, attempt] of attempts.entries()) {
    assert.deepEqual(Object.keys(attempt).sort(), [...FIELDS].sort());
    assert.equal(attempt.target, target);
    assert.equal(attempt.attempt, n + 1);
    assert.ok(attempt.startedMs >= 0 && attempt.durationMs >= 0);
    const previous = attempts[n - 1];
    if (previous) assert.ok(attempt.startedMs >= previous.startedMs + previous.durationMs - 2);
  }
}

const withTargets = [
  ["invoke", "a", (client) => client.deployments.invoke("a", request)],
  ["infer", "profile:balanced", (client) => client.router.infer({ ...request, profile: "balanced" })],
  ["deployments.stream", "a/b", (client) => client.deployments.stream("a/b", request).text()],
  ["router.stream", "profile:x", (client) => client.router.stream({ ...request, profile: "x" }).text()],
];

for (const [name, target, send] of withTargets) {
  test(`${name}: onAttempt is told of each attempt as it ends, and the error lists them`, async (t) => {
    const server = await answers(t, 503, (_, response) => response.destroy(), [404, { "x-request-id": "r" }]);
    const told = [];
    const one = client(server, {
      onAttempt(attempt) {
        assert.equal(server.requests.length, told.push(attempt), "before the next is sent");
      },
    });
    const logged = t.mock.method(console, "error");
    const error = await rejection(send(one));
    assert.equal(logged.mock.callCount(), 0);
    isRecord(told, target);
    assert.deepEqual(
      told.map(({ status }) => status),
      [503, null, 404],
    );
    assert.deepEqual(
      told.map(({ retryInMs }) => retryInMs),
      [0, 0, null],
    );
    assert.ok(told[0].error instanceof InternalServerError);
    assert.deepEqual(told[0].error.body, {});
    assert.equal(told[1].error.constructor, APIConnectionError);
    assert.equal(told[2].error, error);
    assert.equal(error.attempts.length, 3);
    for (const [n, attempt] of error.attempts.entries()) assert.equal(attempt.error, told[n].error);
    isRecord(error.attempts, target);
  });

  test(`${name}: the attempt that succeeds has no error`, async (t) => {
    const server = await answers(t, 429);
    const told = [];
    await settled(send(client(server, { onAttempt: (attempt) => told.push(attempt) })));
    await until(() => told.length === 2, "the last attempt is told of");
    isRecord(told, target);
    assert.ok(told[0].error instanceof RateLimitError);
    const [, { status, error, retryInMs }] = told;
    assert.deepEqual([status, error, retryInMs], [200, null, null]);
  });
}

test("a stream's attempt ends with its body", async (t) => {
  let finish;
  const server = await http(t, (_, response) => {
    response.writeHead(200, { "content-type": SSE });
    response.write(delta("one"));
    finish = () => response.end(DONE);
  });
  const told = [];
  const one = client(server, { onAttempt: (attempt) => told.push(attempt) });
  const stream = one.deployments.stream("a", request);
  assert.equal((await settled(stream.next())).value.text, "one");
  assert.equal(told.length, 0);
  finish();
  const { attempts } = await settled(stream.completion());
  assert.equal(told.length, 1);
  assert.deepEqual(attempts, told);
  assert.equal(told[0].error, null);
});

test("a stream that is cut: its attempt has the head's status and the error that ended it", async (t) => {
  const server = await answers(t, 500, (_, response) => {
    response.writeHead(200, { "content-type": SSE }).end(delta("one"));
  });
  const told = [];
  const one = client(server, { onAttempt: (attempt) => told.push(attempt) });
  const error = await rejection(one.deployments.stream("a", request).text());
  isRecord(told, "a");
  assert.deepEqual(
    told.map(({ status }) => status),
    [500, 200],
  );
  assert.equal(told[1].error, error);
});

test("a server that speaks no HTTP is tried again like one that is down", async (t) => {
  let connections = 0;
  const server = await tcp(t, (socket) => {
    connections += 1;
    socket.end("220 smtp.example ESMTP\r\n");
  });
  const error = await rejection(client(server, { maxRetries: 2 }).router.infer(request));
  assert.equal(error.constructor, APIConnectionError);
  assert.equal(connections, 3);
});
