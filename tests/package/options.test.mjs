// The options of a client and of a call: how they are merged; and which options, requests and ids are refused before
// anything is sent.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, delta, holding, http } from "./sockets.mjs";
import { rejection, settled, sleep } from "./waiting.mjs";

const { APITimeoutError, PureRouter } = purerouter;

const request = { prompt: "Hi." };
const secret = "sk_live_secret";

/** Every call, as a promise; for a stream that of its first read. */
const calls = {
  health: (client, options) => client.health(options),
  invoke: (client, options) => client.deployments.invoke("a", request, options),
  infer: (client, options) => client.router.infer(request, options),
  "deployments.stream": (client, options) => client.deployments.stream("a", request, options).next(),
  "router.stream": (client, options) => client.router.stream(request, options).next(),
};

/** A server that answers JSON with JSON, and a stream with a stream. */
const service = (t) =>
  http(t, (request, response) => {
    const streams = request.text.includes('"stream":true');
    response.writeHead(200, { "content-type": streams ? SSE : "application/json" });
    response.end(streams ? delta("Hello") + DONE : '{"choices":[]}');
  });

/** A server that counts the connections made to it, whatever came over them. */
async function counter(t) {
  const seen = { url: "", connections: 0 };
  const server = createServer((socket) => {
    seen.connections += 1;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  seen.url = `http://127.0.0.1:${server.address().port}`;
  return seen;
}

async function nothingCame(server) {
  // A request would be sent within a turn or two of the event loop.
  await sleep(100);
  assert.equal(server.connections, 0, "nothing was sent");
}

function isRefused(error, type, words) {
  assert.equal(error.constructor, type, String(error));
  const named = words instanceof RegExp ? words : new RegExp(`\\b${words}\\b`);
  assert.match(error.message, named);
  assert.ok(!error.message.includes(secret));
}

describe("headers", { concurrency: true }, () => {
  const forms = {
    "an object": (pairs) => Object.fromEntries(pairs),
    Headers: (pairs) => new Headers(pairs),
    pairs: (pairs) => pairs,
    "a Map": (pairs) => new Map(pairs),
  };

  for (const [clientForm, ofClient] of Object.entries(forms)) {
    for (const [callForm, ofCall] of Object.entries(forms)) {
      test(`${clientForm}, and ${callForm} over it`, async (t) => {
        const server = await service(t);
        const headers = ofClient([
          ["X-Both", "client"],
          ["x-client", "1"],
        ]);
        const one = new PureRouter({ baseUrl: server.url, headers });
        const over = ofCall([
          ["x-both", "call"],
          ["X-Call", "2"],
        ]);
        for (const send of Object.values(calls)) {
          await settled(send(one, { headers: over }));
          const { headers } = server.requests.at(-1);
          assert.deepEqual([headers["x-both"], headers["x-client"], headers["x-call"]], ["call", "1", "2"]);
        }
        await settled(one.health());
        const { headers: later } = server.requests.at(-1);
        assert.deepEqual(
          [later["x-both"], later["x-call"]],
          ["client", undefined],
          "the client's are its own",
        );
      });
    }
  }

  for (const form of ["an object", "pairs", "a Map"]) {
    test(`null in ${form} removes one, of the client's and of the package's own`, async (t) => {
      const server = await service(t);
      const one = new PureRouter({
        baseUrl: server.url,
        routerKey: secret,
        headers: { "x-one": "1", "x-two": "2" },
      });
      const headers = forms[form]([
        ["X-ONE", null],
        ["x-router-key", null],
        ["x-absent", null],
      ]);
      for (const send of Object.values(calls)) {
        await settled(send(one, { headers }));
        const { headers: arrived } = server.requests.at(-1);
        assert.deepEqual([arrived["x-one"], arrived["x-two"]], [undefined, "2"]);
        assert.ok(!("x-router-key" in arrived) && !("x-absent" in arrived));
      }
      await settled(one.health());
      assert.equal(server.requests.at(-1).headers["x-router-key"], secret);
    });
  }

  test("a call may put back what the client removes, and replace what the package sends", async (t) => {
    const server = await service(t);
    const one = new PureRouter({ baseUrl: server.url, headers: { "x-one": null, accept: "text/x-mine" } });
    await settled(one.health({ headers: { "X-One": "back" } }));
    const { headers } = server.requests[0];
    assert.deepEqual([headers["x-one"], headers.accept], ["back", "text/x-mine"]);
  });

  test("undefined counts as not given, of one and of all", async (t) => {
    const server = await service(t);
    const one = new PureRouter({ baseUrl: server.url, headers: { "x-one": "1", "x-two": undefined } });
    await settled(one.health({ headers: { "x-one": undefined } }));
    await settled(one.health({ headers: undefined }));
    for (const { headers } of server.requests) {
      assert.equal(headers["x-one"], "1");
      assert.ok(!("x-two" in headers));
    }
  });

  test("are those of the constructor, whatever becomes of the object", async (t) => {
    const server = await service(t);
    const headers = new Headers({ "x-one": "1" });
    const one = new PureRouter({ baseUrl: server.url, headers });
    headers.set("x-one", "changed");
    await settled(one.health());
    assert.equal(server.requests[0].headers["x-one"], "1");
  });
});

describe("routerKey", { concurrency: true }, () => {
  for (const [how, give] of Object.entries({
    "a function": (key) => key,
    "an async function": async (key) => {
      await sleep(5);
      return key;
    },
  })) {
    for (const [name, send] of Object.entries(calls)) {
      test(`${name}: ${how} is asked before every attempt`, async (t) => {
        const server = await http(t, (request, response, count) => {
          if (count < 3) return response.writeHead(503).end();
          const streams = request.text.includes('"stream":true');
          response.writeHead(200, { "content-type": streams ? SSE : "application/json" });
          response.end(streams ? delta("Hello") + DONE : "{}");
        });
        let asked = 0;
        const one = new PureRouter({ baseUrl: server.url, routerKey: () => give(`sk_${++asked}`) });
        await settled(send(one));
        await settled(send(one));
        assert.deepEqual(
          server.requests.map(({ headers }) => headers["x-router-key"]),
          ["sk_1", "sk_2", "sk_3", "sk_4"],
        );
        assert.equal(asked, 4);
      });
    }
  }

  test("what a function throws is what the call rejects with, once and with nothing sent", async (t) => {
    const server = await counter(t);
    for (const thrown of [new Error("the vault is closed"), "a word", null]) {
      const throwing = [
        () => {
          throw thrown;
        },
        () => Promise.reject(thrown),
      ];
      for (const vault of throwing) {
        for (const send of Object.values(calls)) {
          const routerKey = t.mock.fn(vault);
          assert.equal(await rejection(send(new PureRouter({ baseUrl: server.url, routerKey }))), thrown);
          assert.equal(routerKey.mock.callCount(), 1);
        }
      }
    }
    await nothingCame(server);
  });

  test("what a function gives is checked as a string is", async (t) => {
    const server = await counter(t);
    for (const given of ["", `${secret}\n`, `${secret} é`, undefined, null, 7, {}]) {
      for (const send of Object.values(calls)) {
        const one = new PureRouter({ baseUrl: server.url, routerKey: async () => given });
        isRefused(await rejection(send(one)), TypeError, "routerKey");
      }
    }
    await nothingCame(server);
  });

  test("a call's replaces the client's, in either form", async (t) => {
    const server = await service(t);
    const unasked = t.mock.fn(() => "sk_client");
    const keyed = [new PureRouter({ baseUrl: server.url, routerKey: "sk_client" })];
    keyed.push(new PureRouter({ baseUrl: server.url, routerKey: unasked }));
    keyed.push(new PureRouter({ baseUrl: server.url }));
    for (const one of keyed) {
      for (const routerKey of ["sk_call", () => "sk_call", async () => "sk_call"]) {
        await settled(one.health({ routerKey }));
        assert.equal(server.requests.at(-1).headers["x-router-key"], "sk_call");
      }
    }
    assert.equal(unasked.mock.callCount(), 0);
    await settled(keyed[0].health({ routerKey: undefined }));
    assert.equal(server.requests.at(-1).headers["x-router-key"], "sk_client");
  });
});

describe("baseUrl", { concurrency: true }, () => {
  test("trailing slashes are dropped, and path prefixes kept", async (t) => {
    const server = await service(t);
    const { port } = new URL(server.url);
    const forms = {
      [server.url]: "",
      [`${server.url}/`]: "",
      [`${server.url}///`]: "",
      [`${server.url}/api`]: "/api",
      [`${server.url}/api/`]: "/api",
      [`${server.url}/a/b//`]: "/a/b",
      [`${server.url}/a%2Fb/ü`]: "/a%2Fb/%C3%BC",
      [`${server.url}/a/../b`]: "/b",
      [`HTTP://LocalHost:${port}/Api`.replace("LocalHost", "127.0.0.1")]: "/Api",
    };
    for (const [form, prefix] of Object.entries(forms)) {
      for (const baseUrl of [form, new URL(form)]) {
        await settled(new PureRouter({ baseUrl }).health());
        assert.equal(server.requests.at(-1).url, `${prefix}/v1/health`, form);
        await settled(new PureRouter({ baseUrl }).deployments.invoke("x/y", request));
        assert.equal(server.requests.at(-1).url, `${prefix}/v1/deployments/x%2Fy/invoke`, form);
      }
    }
  });

  test("is what it was at the constructor", async (t) => {
    const server = await service(t);
    const baseUrl = new URL(server.url);
    const one = new PureRouter({ baseUrl });
    baseUrl.pathname = "/changed";
    await settled(one.health());
    assert.equal(server.requests[0].url, "/v1/health");
  });

  test("is the service's by default, with no options or empty ones", async (t) => {
    const fetch = t.mock.method(globalThis, "fetch", async () => Response.json({ ok: true }));
    for (const options of [[], [undefined], [{}], [{ baseUrl: undefined }]]) {
      assert.deepEqual(await settled(new PureRouter(...options).health()), { ok: true });
      const [url] = fetch.mock.calls.at(-1).arguments;
      assert.equal(String(url), "https://api.purerouter-api.com/v1/health");
    }
  });
});

describe("the others", { concurrency: true }, () => {
  test("fetch is what sends, and the global one is left alone", async (t) => {
    const server = await service(t);
    const fetching = t.mock.fn((url, init) => fetch(url, init));
    const one = new PureRouter({ baseUrl: server.url, fetch: fetching });
    for (const send of Object.values(calls)) await settled(send(one));
    assert.equal(fetching.mock.callCount(), server.requests.length);
    assert.equal(server.requests.length, Object.keys(calls).length);
  });

  test("maxRetries and onAttempt of a call replace the client's", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(503).end());
    const [ofClient, ofCall] = [t.mock.fn(), t.mock.fn()];
    const one = new PureRouter({ baseUrl: server.url, maxRetries: 3, onAttempt: ofClient });
    await rejection(one.health({ maxRetries: 1, onAttempt: ofCall }));
    assert.equal(server.requests.length, 2);
    assert.deepEqual([ofClient.mock.callCount(), ofCall.mock.callCount()], [0, 2]);
    await rejection(one.health({ maxRetries: 0 }));
    assert.equal(server.requests.length, 3);
    assert.equal(ofClient.mock.callCount(), 1);
    await rejection(one.health({ maxRetries: undefined }));
    assert.equal(server.requests.length, 7);
  });

  test("a call's timeout replaces the client's, to end it or to let it live", async (t) => {
    const headless = await http(t, () => {});
    const textless = await holding(t, SSE, ": ping\n\n");
    const idle = await holding(t, SSE, delta("one"));
    const table = [
      [headless, "timeout", "total"],
      [headless, "headersTimeout", "headers"],
      [textless, "firstTextTimeout", "first-text"],
      [idle, "idleTimeout", "idle"],
    ];
    const off = { timeout: 0, headersTimeout: 0, firstTextTimeout: 0, idleTimeout: 0, maxRetries: 0 };
    for (const [server, option, phase] of table) {
      const one = new PureRouter({ baseUrl: server.url, ...off });
      const error = await rejection(one.router.stream(request, { [option]: 150 }).text());
      assert.ok(error instanceof APITimeoutError, String(error));
      assert.deepEqual([error.phase, error.timeoutMs], [phase, 150]);
    }
    const late = await http(t, async (_, response) => {
      await sleep(200);
      response.end("{}");
    });
    const short = new PureRouter({ baseUrl: late.url, timeout: 50 });
    for (const timeout of [0, Infinity, 60_000, 2 ** 31, 1e12]) {
      assert.deepEqual(await settled(short.health({ timeout })), {}, String(timeout));
    }
    assert.ok((await rejection(short.health())) instanceof APITimeoutError);
  });

  test("options of every make: frozen, without a prototype, and left as they were", async (t) => {
    const server = await service(t);
    const plain = { baseUrl: server.url, routerKey: secret, headers: Object.freeze({ "x-one": "1" }) };
    for (const options of [Object.freeze({ ...plain }), Object.assign(Object.create(null), plain)]) {
      const one = new PureRouter(options);
      await settled(one.health(Object.freeze({ maxRetries: 0, signal: null })));
    }
    assert.equal(server.requests.length, 2);
  });
});

test("JSON.stringify(client) shows the base URL, and neither key nor headers", (t) => {
  for (const routerKey of [secret, () => secret]) {
    const baseUrl = "https://host.example/api/";
    const one = new PureRouter({ baseUrl, routerKey, headers: { authorization: `Bearer ${secret}` } });
    assert.equal(JSON.stringify(one), '{"baseUrl":"https://host.example/api"}');
    for (const part of [one.deployments, one.router]) assert.ok(!JSON.stringify(part).includes(secret));
  }
});

const times = ["timeout", "headersTimeout", "firstTextTimeout", "idleTimeout"];

/** What neither a client nor a call takes: the option, a value, and how it is refused. */
const wrongForBoth = [
  ...times.flatMap((name) => [
    ...[-1, NaN, -Infinity].map((value) => [name, value, RangeError]),
    ...["1000", null, true, {}, 1n].map((value) => [name, value, TypeError]),
  ]),
  ...[-1, 1.5, NaN, Infinity, -Infinity].map((value) => ["maxRetries", value, RangeError]),
  ...["4", null, true, []].map((value) => ["maxRetries", value, TypeError]),
  ...["", `${secret}\n`, `${secret} x`, `${secret}é`, 7, null, {}].map((value) => [
    "routerKey",
    value,
    TypeError,
  ]),
  ...["x-a: 1", 7, true, null, [["x-a"]], ["x-a"], [["x-a", "1", "2"]]].map((value) => [
    "headers",
    value,
    TypeError,
  ]),
  ...["", "a b", "a:b", "a\n", "ä"].map((name) => ["headers", { [name]: "1" }, TypeError]),
  ...["a\nb", "a\0b", "日", 7, {}].map((value) => ["headers", { "x-a": value }, TypeError]),
  ["headers", { "X-Router-Key": secret }, TypeError],
  ["headers", { "x-a": `${secret}\n` }, TypeError],
  ...["log", {}, null, 1].map((value) => ["onAttempt", value, TypeError]),
];

const wrongForClients = [
  ...[0, -1, 1.5, NaN, Infinity].map((value) => ["maxEventBytes", value, RangeError]),
  ...["1", null].map((value) => ["maxEventBytes", value, TypeError]),
  ...["fetch", {}, null].map((value) => ["fetch", value, TypeError]),
  ...["yes", 1, null].map((value) => ["dangerouslyAllowBrowser", value, TypeError]),
  ...["/", "/api", "api", "", "//host.example", "https://", "http://a b", "ftp://host.example"].map(
    (value) => ["baseUrl", value, TypeError],
  ),
  ...[
    "https://u@host.example",
    "https://u:p@host.example",
    "https://host.example/?a=1",
    "https://host.example/#a",
  ].map((value) => ["baseUrl", value, TypeError]),
  ...[7, null, {}, true].map((value) => ["baseUrl", value, TypeError]),
];

const wrongForCalls = [
  ...[{}, "signal", true, new AbortController()].map((value) => ["signal", value, TypeError]),
];

const shown = (value) => {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? `"${value}"` : String(value);
  return value instanceof AbortController ? "an AbortController" : JSON.stringify(value);
};

describe("refused by the constructor", () => {
  for (const [name, value, type] of [...wrongForBoth, ...wrongForClients]) {
    test(`${name}: ${shown(value)}`, () => {
      assert.throws(
        () => new PureRouter({ [name]: value }),
        (error) => {
          isRefused(error, type, name);
          return true;
        },
      );
    });
  }

  test("options that are no object", () => {
    for (const options of [null, secret, 7, true, [], () => {}]) {
      assert.throws(
        () => new PureRouter(options),
        (error) => {
          isRefused(error, TypeError, "options");
          return true;
        },
      );
    }
  });

  test("a relative baseUrl where there is no page: it says so", () => {
    assert.throws(() => new PureRouter({ baseUrl: "/api" }), /baseUrl.*relative.*no page/);
  });
});

describe("refused by every call, with nothing sent", { concurrency: true }, () => {
  for (const [name, value, type] of [...wrongForBoth, ...wrongForCalls]) {
    test(`${name}: ${shown(value)}`, async (t) => {
      const server = await counter(t);
      const one = new PureRouter({ baseUrl: server.url, routerKey: secret });
      for (const send of Object.values(calls)) {
        isRefused(await rejection(send(one, { [name]: value })), type, name);
      }
      await nothingCame(server);
    });
  }

  test("options that are no object", async (t) => {
    const server = await counter(t);
    for (const options of [null, secret, 7, true, [], () => {}]) {
      for (const send of Object.values(calls)) {
        isRefused(
          await rejection(send(new PureRouter({ baseUrl: server.url }), options)),
          TypeError,
          "options",
        );
      }
    }
    await nothingCame(server);
  });
});

describe("an unknown name", () => {
  const mistyped = {
    routerkey: "routerKey",
    router_key: "routerKey",
    timeOut: "timeout",
    headerTimeout: "headersTimeout",
    firsttextTimeout: "firstTextTimeout",
    idleTimeouts: "idleTimeout",
    maxRetrys: "maxRetries",
    retries: "maxRetries",
    header: "headers",
    onAttempts: "onAttempt",
  };
  const ofClients = {
    ...mistyped,
    baseURL: "baseUrl",
    base_url: "baseUrl",
    maxEventBytse: "maxEventBytes",
    dangerouslyAllowBrowsers: "dangerouslyAllowBrowser",
  };

  for (const [name, meant] of Object.entries(ofClients)) {
    test(`${name}, to a client: ${meant} was meant`, () => {
      // Even where it holds nothing: a name that is not known is not known.
      for (const value of [secret, undefined]) {
        assert.throws(
          () => new PureRouter({ [name]: value }),
          (error) => {
            isRefused(error, TypeError, new RegExp(`"${name}".*did you mean ${meant}\\?`));
            return true;
          },
        );
      }
    });
  }

  test("to a call, likewise, with nothing sent", async (t) => {
    const server = await counter(t);
    const one = new PureRouter({ baseUrl: server.url });
    for (const [name, meant] of Object.entries({ ...mistyped, signall: "signal" })) {
      for (const send of Object.values(calls)) {
        const error = await rejection(send(one, { [name]: secret }));
        isRefused(error, TypeError, new RegExp(`"${name}".*did you mean ${meant}\\?`));
      }
    }
    await nothingCame(server);
  });

  test("with none near it: the known ones are listed", () => {
    for (const name of ["apiKey", "x", "", "constructor", "__proto__x"]) {
      assert.throws(
        () => new PureRouter({ [name]: 1 }),
        (error) => {
          isRefused(error, TypeError, new RegExp(`"${name}".*routerKey.*baseUrl`));
          return true;
        },
      );
    }
  });

  test("of the other place: it says where it belongs", async (t) => {
    const server = await counter(t);
    const one = new PureRouter({ baseUrl: server.url });
    for (const name of ["baseUrl", "fetch", "maxEventBytes", "dangerouslyAllowBrowser"]) {
      for (const send of Object.values(calls)) {
        const error = await rejection(send(one, { [name]: undefined }));
        isRefused(error, TypeError, new RegExp(`"${name}".*new PureRouter\\(\\)`));
      }
    }
    assert.throws(() => new PureRouter({ signal: AbortSignal.abort() }), /"signal".*belongs to a call/);
    await nothingCame(server);
  });
});

const asks = (value) => ({ ...request, ...value });

/** What no call takes for a request: the request, and how it is refused. */
const wrongRequests = [
  ...[undefined, null, "Hi.", 7, true, [request]].map((value) => [value, TypeError, "request"]),
  ...[{}, { max_tokens: 1 }, { prompt: undefined }, { prompt: null, messages: null }].map((value) => [
    value,
    TypeError,
    /prompt, messages, input or inputs/,
  ]),
  ...[7, true, {}, 1n].map((value) => [{ prompt: value }, TypeError, "prompt"]),
  [{ prompt: [] }, RangeError, "prompt"],
  ...["Hi.", {}, 7].map((value) => [{ messages: value }, TypeError, "messages"]),
  [{ messages: [] }, RangeError, "messages"],
  [{ input: () => {} }, TypeError, "input"],
  [{ inputs: Symbol("a") }, TypeError, "inputs"],
  ...["max_tokens", "temperature", "top_p"].flatMap((name) => [
    ...["1", true, [], {}, 1n].map((value) => [asks({ [name]: value }), TypeError, name]),
    ...[NaN, Infinity, -1].map((value) => [asks({ [name]: value }), RangeError, name]),
  ]),
  ...[0, 1.5].map((value) => [asks({ max_tokens: value }), RangeError, "max_tokens"]),
  [asks({ top_p: 1.01 }), RangeError, "top_p"],
  ...[[], "seed", 7].map((value) => [asks({ parameters: value }), TypeError, "parameters"]),
  ...["true", 1, {}].map((value) => [asks({ stream: value }), TypeError, "stream"]),
  [asks({ seed: 1n }), TypeError, "request"],
  [asks({ self: circle() }), TypeError, "request"],
];

const posts = {
  invoke: (client, request) => client.deployments.invoke("a", request),
  infer: (client, request) => client.router.infer(request),
  "deployments.stream": (client, request) => client.deployments.stream("a", request).next(),
  "router.stream": (client, request) => client.router.stream(request).next(),
};

describe("a request that is none", { concurrency: true }, () => {
  for (const [i, [value, type, words]] of wrongRequests.entries()) {
    test(`${i + 1}: ${words}`, async (t) => {
      const server = await counter(t);
      const one = new PureRouter({ baseUrl: server.url, routerKey: secret });
      for (const send of Object.values(posts)) isRefused(await rejection(send(one, value)), type, words);
      await nothingCame(server);
    });
  }

  test("profile: the router's alone", async (t) => {
    const server = await counter(t);
    const one = new PureRouter({ baseUrl: server.url });
    for (const profile of [7, {}, ["balanced"], true]) {
      for (const send of [posts.infer, posts["router.stream"]]) {
        isRefused(await rejection(send(one, asks({ profile }))), TypeError, "profile");
      }
    }
    await nothingCame(server);
  });

  test("stream: true, where an answer comes whole, names stream()", async (t) => {
    const server = await counter(t);
    const one = new PureRouter({ baseUrl: server.url });
    const body = asks({ stream: true });
    isRefused(await rejection(posts.invoke(one, body)), TypeError, /deployments\.stream\(\)/);
    isRefused(await rejection(posts.infer(one, body)), TypeError, /router\.stream\(\)/);
    await nothingCame(server);
  });

  test("a getter or toJSON that throws", async (t) => {
    const server = await counter(t);
    const one = new PureRouter({ baseUrl: server.url });
    const broken = () => {
      throw new Error("broken");
    };
    const throwing = [
      { ...request, toJSON: broken },
      { ...request, parameters: { toJSON: broken } },
      Object.defineProperty({ ...request }, "other", { get: broken, enumerable: true }),
    ];
    for (const body of throwing) {
      for (const send of Object.values(posts)) {
        assert.match((await rejection(send(one, body))).message, /broken/);
      }
    }
    await nothingCame(server);
  });
});

describe("an id that is none", { concurrency: true }, () => {
  for (const id of ["", ".", "..", undefined, null, 7, {}, ["a"], "a\ud800", Symbol("a")]) {
    test(typeof id === "string" ? JSON.stringify(id) : `${typeof id}: ${String(id)}`, async (t) => {
      const server = await counter(t);
      const one = new PureRouter({ baseUrl: server.url });
      isRefused(await rejection(one.deployments.invoke(id, request)), TypeError, "id");
      isRefused(await rejection(one.deployments.stream(id, request).next()), TypeError, "id");
      await nothingCame(server);
    });
  }
});

test("a refused stream rejects where it is read, however that is, and throws nowhere", async (t) => {
  const server = await counter(t);
  const one = new PureRouter({ baseUrl: server.url });
  const reads = {
    next: (stream) => stream.next(),
    text: (stream) => stream.text(),
    completion: (stream) => stream.completion(),
    response: (stream) => stream.response,
    textStream: (stream) => stream.textStream().next(),
    toReadableStream: (stream) => stream.toReadableStream().getReader().read(),
    toResponse: (stream) => stream.toResponse(),
    tee: (stream) => Promise.all(stream.tee().map((branch) => branch.text())),
  };
  const refused = [
    [() => one.deployments.stream("", request), "id"],
    [() => one.router.stream({}), "prompt"],
    [() => one.router.stream(request, { timeout: "1" }), "timeout"],
  ];
  for (const [open, name] of refused) {
    for (const read of Object.values(reads)) isRefused(await rejection(read(open())), TypeError, name);
    open();
  }
  await nothingCame(server);
});

function circle() {
  const one = {};
  one.self = one;
  return one;
}
