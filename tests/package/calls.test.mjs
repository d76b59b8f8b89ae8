// The calls that answer once, and what a stream sends: the bytes on the wire, and what becomes of each kind of answer.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import "./unhandled.mjs";
import { purerouter } from "./install.mjs";
import { DONE, SSE, answering, delta, http, tcp } from "./sockets.mjs";
import { rejection, settled } from "./waiting.mjs";

const { APIConnectionError, APIError, PureRouter, PureRouterError, ResponseFormatError } = purerouter;

const JSON_TYPE = "application/json";
const request = { prompt: "Hi." };
const answer = '{"choices":[{"text":"Hello","finish_reason":"stop"}],"usage":null}';

function client(server, options) {
  return new PureRouter({ baseUrl: server.url, routerKey: "sk_test", maxRetries: 0, ...options });
}

/** Each call of the client, and where it goes. */
const calls = {
  health: {
    send: (client, _, options) => client.health(options),
    line: "GET /v1/health",
  },
  invoke: {
    send: (client, body = request, options) => client.deployments.invoke("a", body, options),
    line: "POST /v1/deployments/a/invoke",
  },
  infer: {
    send: (client, body = request, options) => client.router.infer(body, options),
    line: "POST /v1/infer",
  },
  "deployments.stream": {
    send: (client, body = request, options) => client.deployments.stream("a", body, options).text(),
    line: "POST /v1/deployments/a/invoke",
    streams: true,
  },
  "router.stream": {
    send: (client, body = request, options) => client.router.stream(body, options).text(),
    line: "POST /v1/infer",
    streams: true,
  },
};
const once = Object.entries(calls).filter(([, { streams }]) => !streams);
const posts = Object.entries(calls).filter(([, { line }]) => line.startsWith("POST"));

/** A server that answers JSON with JSON, and a stream with a stream. */
const service = (t) =>
  http(t, (request, response) => {
    const streams = request.text.includes('"stream":true');
    response.writeHead(200, { "content-type": streams ? SSE : JSON_TYPE });
    response.end(streams ? delta("Hello") + DONE : answer);
  });

describe("on the wire", { concurrency: true }, () => {
  for (const [name, { send, line, streams }] of Object.entries(calls)) {
    test(`${name}: method, path, and no header that the wire does not need`, async (t) => {
      const server = await service(t);
      const [method] = line.split(" ");
      const body = method === "POST" ? "{}" : undefined;
      await (await fetch(server.url, { method, body })).text();
      await settled(send(client(server)));
      await settled(send(client(server, { routerKey: undefined })));
      const [bare, keyed, keyless] = server.requests;

      assert.equal(`${keyed.method} ${keyed.url}`, line);
      const expected = new Set([...Object.keys(bare.headers), "accept"]);
      if (body !== undefined) expected.add("content-type");
      assert.deepEqual(Object.keys(keyless.headers).sort(), [...expected].sort(), "without a key");
      expected.add("x-router-key");
      assert.deepEqual(Object.keys(keyed.headers).sort(), [...expected].sort(), "with a key");

      assert.equal(keyed.headers["x-router-key"], "sk_test");
      assert.equal(keyed.headers.accept, streams ? SSE : JSON_TYPE);
      assert.equal(keyed.headers["content-type"], body && JSON_TYPE);
      if (body === undefined) assert.equal(keyed.text, "");
    });
  }

  for (const [name, { send, streams }] of posts) {
    test(`${name}: the body`, async (t) => {
      const server = await service(t);
      const given = {
        prompt: 'Ünï "quoted"\n\u2028\ud83d\ude00 \ud800',
        max_tokens: undefined,
        temperature: null,
        top_p: 0.5,
        stop: ["a", "b"],
        parameters: { seed: 7, deep: { undefined: undefined, null: null } },
        camelCase: 1e-7,
      };
      const before = structuredClone(given);
      await settled(send(client(server), given));
      assert.deepEqual(given, before, "the caller's object is left as it is");
      const asSent = JSON.stringify(streams ? { ...given, stream: true } : given);
      assert.equal(server.requests[0].text, asSent);
      assert.ok(!("max_tokens" in JSON.parse(server.requests[0].text)));
      assert.ok(!("stream" in JSON.parse(server.requests[0].text)) || streams);

      await settled(send(client(server), { ...request, stream: false }));
      assert.equal(JSON.parse(server.requests[1].text).stream, Boolean(streams));
    });

    test(`${name}: the body is what the request was at the call`, async (t) => {
      const server = await service(t);
      const given = { prompt: "before" };
      const sent = send(client(server, { routerKey: async () => "sk_later" }), given);
      given.prompt = "after";
      await settled(sent);
      assert.equal(JSON.parse(server.requests[0].text).prompt, "before");
    });

    test(`${name}: prompt, messages, input and inputs, each alone`, async (t) => {
      const server = await service(t);
      const asked = [
        { prompt: "" },
        { prompt: ["one", "two"] },
        { messages: [{ role: "user", content: "Hi." }] },
        { input: { any: ["thing"] } },
        { inputs: 7 },
        { prompt: null, input: "Hi." },
      ];
      for (const body of asked) await settled(send(client(server), body));
      const { stream, ...first } = JSON.parse(server.requests[0].text);
      assert.deepEqual([first, stream], [{ prompt: "" }, streams && true]);
      const arrived = server.requests.map(({ text }) => JSON.parse(text));
      assert.deepEqual(
        arrived,
        asked.map((body) => (streams ? { ...body, stream: true } : body)),
      );
    });
  }

  test("ids are percent-encoded as one segment", async (t) => {
    const server = await service(t);
    const segments = {
      "gpt-4_x.1~": "gpt-4_x.1~",
      "a/../b": "a%2F..%2Fb",
      "%2e%2e": "%252e%252e",
      "a?b#c&d=e": "a%3Fb%23c%26d%3De",
      "ü 日😀": "%C3%BC%20%E6%97%A5%F0%9F%98%80",
      "a\r\nb\\c": "a%0D%0Ab%5Cc",
      "...": "...",
      "a+b:c@d;e,f": "a%2Bb%3Ac%40d%3Be%2Cf",
    };
    for (const [id, segment] of Object.entries(segments)) {
      await settled(client(server).deployments.invoke(id, request));
      assert.equal(server.requests.at(-1).url, `/v1/deployments/${segment}/invoke`);
      await settled(client(server).deployments.stream(id, request).text());
      assert.equal(server.requests.at(-1).url, `/v1/deployments/${segment}/invoke`);
    }
  });

  test("a stream's request is sent before anybody reads, and once", async (t) => {
    const server = await service(t);
    const stream = client(server).deployments.stream("a", request);
    await settled(stream.response);
    assert.equal(server.requests.length, 1);
    assert.equal(await settled(stream.text()), "Hello");
    assert.equal(server.requests.length, 1);
  });

  test("client.deployments and client.router are the same objects at each read", (t) => {
    const one = new PureRouter();
    assert.equal(one.deployments, one.deployments);
    assert.equal(one.router, one.router);
    assert.notEqual(one.router, new PureRouter().router);
  });
});

describe("an answer", { concurrency: true }, () => {
  test("is the wire's own JSON, as JSON.parse gives it", async (t) => {
    const bodies = [
      answer,
      ' \n{"output_text":"Hi","cost_usd":1e-5,"raw":{"a":[null,{}]},"__proto__":{"x":1}}\n',
      '{"text":"\\ud800 \\u0000 ünï 日本 😀","error":null}',
      '{"choices":[],"error":{"message":"beside an answer it is a field like others"}}',
      "{}",
    ];
    for (const body of bodies) {
      const server = await answering(t, JSON_TYPE, body);
      for (const [name, { send }] of once) {
        assert.deepEqual(await settled(send(client(server))), JSON.parse(body), `${name}: ${body}`);
      }
    }
  });

  test("cut in any place, within a letter too, is one", async (t) => {
    const whole = Buffer.from('{"text":"ü日😀"}');
    const server = await answering(t, JSON_TYPE, ...Array.from(whole, (byte) => Buffer.of(byte)));
    assert.deepEqual(await settled(client(server).router.infer(request)), { text: "ü日😀" });
  });

  test("of health() may be any JSON", async (t) => {
    for (const body of ['{"status":"ok"}', '"ok"', "[1]", "true", "0", "null"]) {
      const server = await answering(t, JSON_TYPE, body);
      assert.deepEqual(await settled(client(server).health()), JSON.parse(body));
    }
  });

  test("counts by its JSON, not by its content type, and by any 2xx", async (t) => {
    for (const type of [null, "text/plain", "application/vnd.api+json; charset=utf-8"]) {
      const server = await answering(t, type, answer);
      assert.deepEqual(await settled(client(server).router.infer(request)), JSON.parse(answer));
    }
    for (const status of [201, 202, 203]) {
      const server = await http(t, (_, response) => response.writeHead(status).end(answer));
      assert.deepEqual(await settled(client(server).router.infer(request)), JSON.parse(answer));
    }
  });
});

describe("ResponseFormatError: a 2xx that is not what the call promises", { concurrency: true }, () => {
  const wrong = {
    "an HTML page": ["text/html", "<!doctype html><title>Sign in</title>"],
    "an empty body": [JSON_TYPE, ""],
    "half an object": [JSON_TYPE, '{"choices":['],
    "two objects": [JSON_TYPE, "{}{}"],
  };
  const noObject = {
    "a list": [JSON_TYPE, "[1,2]"],
    "a string": [JSON_TYPE, '"Hi"'],
    null: [JSON_TYPE, "null"],
  };

  for (const [name, { send }] of once) {
    for (const [what, [type, body]] of Object.entries(
      name === "health" ? wrong : { ...wrong, ...noObject },
    )) {
      test(`${name}: ${what}`, async (t) => {
        const server = await answering(t, type, body);
        const error = await rejection(send(client(server, { maxRetries: 3 })));
        assert.ok(error instanceof ResponseFormatError && error instanceof PureRouterError, String(error));
        assert.ok(!(error instanceof APIError));
        assert.equal(error.name, "ResponseFormatError");
        assert.equal(error.status, 200);
        assert.equal(error.body, body);
        assert.match(error.message, /baseUrl/);
        assert.ok(error.message.includes(type));
        assert.equal(server.requests.length, 1, "the service would say the same again");
        assert.equal(error.attempts.length, 1);
        assert.equal(error.attempts[0].status, 200);
        assert.equal(error.attempts[0].error, error);
      });
    }
  }

  test("204, which has no body", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(204).end());
    const error = await rejection(client(server).router.infer(request));
    assert.ok(error instanceof ResponseFormatError, String(error));
    assert.equal(error.status, 204);
  });

  test("a stream answered with an HTML page", async (t) => {
    const server = await answering(t, "text/html; charset=utf-8", "<p>Sign in</p>");
    const error = await rejection(client(server).deployments.stream("a", request).text());
    assert.ok(error instanceof ResponseFormatError, String(error));
    assert.equal(error.status, 200);
    assert.equal(error.body, "<p>Sign in</p>");
  });
});

describe("an error answer", { concurrency: true }, () => {
  const classes = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "APIError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    405: "APIError",
    408: "APIError",
    409: "ConflictError",
    413: "APIError",
    418: "APIError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    501: "InternalServerError",
    503: "InternalServerError",
    599: "InternalServerError",
  };
  for (const [status, name] of Object.entries(classes)) {
    test(`${status}: ${name}, by every call`, async (t) => {
      const body = { error: { message: "No such luck.", code: "unlucky", detail: [1] } };
      const server = await http(t, (_, response) => {
        response.writeHead(Number(status), {
          "content-type": JSON_TYPE,
          "x-request-id": "req_1",
          "retry-after": "2",
        });
        response.end(JSON.stringify(body));
      });
      for (const { send } of Object.values(calls)) {
        const error = await rejection(send(client(server)));
        assert.equal(error.constructor, purerouter[name]);
        assert.ok(error instanceof APIError && error instanceof PureRouterError && error instanceof Error);
        assert.equal(error.name, name);
        assert.equal(error.status, Number(status));
        assert.ok(error.headers instanceof Headers);
        assert.equal(error.headers.get("x-request-id"), "req_1");
        assert.deepEqual(error.body, body);
        assert.equal(error.requestId, "req_1");
        assert.equal(error.code, "unlucky");
        assert.equal(error.retryAfterMs, 2000);
        assert.match(error.message, new RegExp(`${status}.*No such luck\\.`));
        assert.match(error.stack, /No such luck/);
        assert.equal(error.attempts.length, 1);
        const [attempt] = error.attempts;
        assert.deepEqual([attempt.status, attempt.error], [Number(status), error]);
      }
    });
  }

  test("its message is the service's, wherever it says it", async (t) => {
    const said = {
      '{"error":{"message":"the words"}}': "the words",
      '{"error":"the words"}': "the words",
      '{"message":"the words"}': "the words",
      '{"detail":"the words"}': "the words",
      '{"detail":{"message":"the words"}}': "the words",
      '{"detail":{"error":"the words"}}': "the words",
      '{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"the words"}]}':
        "messages: the words",
      '{"detail":[{"loc":["body"],"msg":"the words"}]}': "418 the words",
      '{"detail":[{"msg":"the words"},{"msg":"others"}]}': "418 the words",
      "the words": "the words",
      '"the words"': "the words",
    };
    for (const [body, words] of Object.entries(said)) {
      const server = await http(t, (_, response) => response.writeHead(418).end(body));
      const error = await rejection(client(server).health());
      assert.ok(error.message.includes(words), `${body}: ${error.message}`);
    }
    for (const body of ["", "{}", "[]", '{"error":{}}', '{"detail":[{"msg":1}]}', '{"detail":[[]]}']) {
      const server = await http(t, (_, response) => response.writeHead(418).end(body));
      const error = await rejection(client(server).health());
      assert.match(error.message, /418 ./, "there is always something to read");
      assert.ok(!error.message.includes("undefined") && !error.message.includes("[object"));
    }
  });

  test("its body is JSON, else text", async (t) => {
    for (const [body, expected] of [
      ["<h1>Bad gateway</h1>", "<h1>Bad gateway</h1>"],
      ["", ""],
      ['{"a":', '{"a":'],
      ["[1]", [1]],
    ]) {
      const server = await http(t, (_, response) => response.writeHead(502).end(body));
      const error = await rejection(client(server).health());
      assert.deepEqual(error.body, expected);
      assert.equal(error.code, null);
    }
  });

  test("its code: a string or a number, in `error` or at the top", async (t) => {
    for (const [body, code] of [
      ['{"error":{"code":"inner"},"code":"outer"}', "inner"],
      ['{"code":"outer"}', "outer"],
      ['{"error":{"code":17}}', 17],
      ['{"error":{"code":null}}', null],
      ["{}", null],
    ]) {
      const server = await http(t, (_, response) => response.writeHead(400).end(body));
      assert.equal((await rejection(client(server).health())).code, code, body);
    }
  });

  test("its requestId: x-request-id, else request-id, else cf-ray, else null", async (t) => {
    const named = { "cf-ray": "ray", "request-id": "second", "x-request-id": "first" };
    const given = {};
    for (const [name, value] of [["x-unrelated", null], ...Object.entries(named)]) {
      given[name] = value ?? "x";
      const server = await http(t, (_, response) => response.writeHead(400, { ...given }).end());
      for (const { send } of Object.values(calls)) {
        assert.equal((await rejection(send(client(server)))).requestId, value);
      }
    }
  });

  test("without Retry-After has no retryAfterMs", async (t) => {
    const server = await http(t, (_, response) => response.writeHead(429).end());
    assert.equal((await rejection(client(server).health())).retryAfterMs, null);
  });

  test("whose body never ends is an error all the same", async (t) => {
    const server = await http(t, (_, response) => {
      response.writeHead(403, { "content-type": JSON_TYPE });
      response.write('{"error":');
    });
    const error = await rejection(client(server, { idleTimeout: 200 }).health());
    assert.equal(error.name, "PermissionDeniedError");
    assert.equal(error.status, 403);
  });

  test("in a 2xx is one, with the status it names, else the answer's", async (t) => {
    const bodies = [
      ['{"error":{"message":"Overloaded.","code":503}}', "InternalServerError", 503],
      ['{"error":{"message":"Slow down.","status":429}}', "RateLimitError", 429],
      ['{"error":"Not found.","status":404}', "NotFoundError", 404],
      ['{"error":{"message":"Hm."},"code":401}', "AuthenticationError", 401],
      ['{"error":{"message":"Odd.","code":200}}', "APIError", 200],
      ['{"error":{"message":"Odd.","code":"503"}}', "APIError", 200],
    ];
    for (const [body, name, status] of bodies) {
      const server = await http(t, (_, response) =>
        response.writeHead(200, { "content-type": JSON_TYPE, "cf-ray": "ray" }).end(body),
      );
      for (const [call, { send }] of Object.entries(calls)) {
        const error = await rejection(send(client(server, { maxRetries: 3 })));
        assert.equal(error.name, name, `${call}: ${body}`);
        assert.equal(error.constructor, purerouter[name]);
        assert.equal(error.status, status);
        assert.deepEqual(error.body, JSON.parse(body));
        assert.equal(error.requestId, "ray");
        assert.equal(error.attempts.length, 1, "the head was in: it is not asked again");
      }
      assert.equal(server.requests.length, Object.keys(calls).length);
    }
  });
});

describe("no answer", { concurrency: true }, () => {
  test("a redirect is not followed: the key would travel", async (t) => {
    const elsewhere = await answering(t, JSON_TYPE, answer);
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await http(t, (_, response) => {
        response.writeHead(status, { location: `${elsewhere.url}/v1/health` }).end();
      });
      for (const { send } of Object.values(calls)) {
        const error = await rejection(send(client(server, { maxRetries: 3 })));
        assert.equal(error.constructor, APIConnectionError, String(error));
        assert.match(error.message, /redirect/);
        assert.ok(error.message.includes(elsewhere.url), "says where to");
        assert.equal(error.attempts.length, 1);
      }
      assert.equal(server.requests.length, Object.keys(calls).length, "nor is it asked again");
    }
    assert.equal(elsewhere.requests.length, 0);
  });

  test("a refused connection", async () => {
    const url = await closedPort();
    for (const { send } of Object.values(calls)) {
      const error = await rejection(send(client({ url })));
      assert.equal(error.constructor, APIConnectionError, String(error));
      assert.equal(error.name, "APIConnectionError");
      assert.ok(error.message.includes(url), error.message);
      assert.match(error.message, /ECONNREFUSED/);
      assert.ok(error.cause instanceof Error);
      const [attempt] = error.attempts;
      assert.deepEqual([attempt.status, attempt.error], [null, error]);
    }
  });

  test("a connection closed before the head, or by something that speaks no HTTP", async (t) => {
    for (const bytes of ["", "SSH-2.0-OpenSSH_9.9\r\n"]) {
      const server = await tcp(t, (socket) => socket.end(bytes));
      for (const { send } of Object.values(calls)) {
        const error = await rejection(send(client(server)));
        assert.equal(error.constructor, APIConnectionError, String(error));
        assert.ok(error.cause instanceof Error);
      }
    }
  });

  test("a connection lost in the middle of an answer that comes whole", async (t) => {
    const server = await http(t, (_, response) => {
      response.writeHead(200, { "content-type": JSON_TYPE, "content-length": "1000" });
      response.write('{"choices":', () => setTimeout(() => response.destroy(), 20));
    });
    for (const [, { send }] of once) {
      const error = await rejection(send(client(server, { maxRetries: 3 })));
      assert.equal(error.constructor, APIConnectionError, String(error));
      assert.ok(error.cause instanceof Error);
    }
    assert.equal(server.requests.length, once.length, "the head was in: it is not asked again");
  });
});

/** An address where nobody listens. */
async function closedPort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}
