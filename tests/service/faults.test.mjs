// Each fault that a deployment of the service in memory can be told: what its client sees of it, and for how many requests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService } from "../../pkg-template/testing.js";
import { events, invoke, parseEvents, post, stream, texts } from "./calls.mjs";

const TEXT = ["a", "b", "c"];
const make = (behaviour, more) =>
  createService({ deployments: { a: { text: TEXT, ...behaviour } }, ...more });

test("status: the service's JSON error, streamed or not", async () => {
  const types = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    418: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "unavailable_error",
    599: "server_error",
  };
  for (const [status, type] of Object.entries(types)) {
    for (const call of [invoke, stream]) {
      const response = await call(make({ status: Number(status) }));
      assert.equal(response.status, Number(status));
      assert.equal(response.headers.get("content-type"), "application/json");
      const { error } = await response.json();
      assert.deepEqual([error.type, error.code, typeof error.message], [type, Number(status), "string"]);
    }
  }
});

test("a status below 300 is the normal answer with that status", async () => {
  const response = await invoke(make({ status: 202 }));
  assert.equal(response.status, 202);
  assert.equal((await response.json()).choices[0].text, "abc");
  assert.equal((await invoke(make({ status: 204 }))).body, null);
});

test("times: so many requests, then all is well; each deployment counts its own", async () => {
  const service = createService({
    deployments: { a: { text: TEXT, status: 503, times: 2 }, b: { text: TEXT, status: 500, times: 1 } },
    profiles: { balanced: { text: TEXT, status: 502, times: 1 } },
  });
  const statuses = async (id) => (await invoke(service, undefined, {}, id)).status;
  // A refused request does not reach the deployment.
  assert.equal((await invoke(service, {}, {}, "a")).status, 400);
  assert.deepEqual([await statuses("a"), await statuses("b"), await statuses("a")], [503, 500, 503]);
  assert.deepEqual([await statuses("a"), await statuses("b"), await statuses("a")], [200, 200, 200]);
  const infer = async () => (await post(service, "/v1/infer", { prompt: "Hi." })).status;
  assert.deepEqual([await infer(), await infer()], [502, 200]);
});

test("times holds for every fault, without it a fault stays", async () => {
  const faults = [
    { cutAfter: 1 },
    { errorAfter: 1 },
    { noDone: true },
    { body: "gone" },
    { headers: { "x-f": "1" } },
  ];
  for (const fault of faults) {
    const normal = await (await stream(make({}))).text();
    const bytes = async (service) => {
      const response = await stream(service);
      return (response.headers.get("x-f") ?? "") + (await response.text());
    };
    const passing = make({ ...fault, times: 1 });
    assert.notEqual(await bytes(passing), normal, JSON.stringify(fault));
    assert.equal(await bytes(passing), normal.replaceAll("cmpl-1", "cmpl-2"), JSON.stringify(fault));
    const lasting = make(fault);
    for (let i = 1; i < 4; i += 1)
      assert.notEqual(await bytes(lasting), normal.replaceAll("cmpl-1", `cmpl-${i}`));
  }
});

test("retryAfter is a header in seconds, and makes a 429 where there is no status", async () => {
  const limited = await invoke(make({ retryAfter: 2 }));
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "2");
  const busy = await invoke(make({ status: 503, retryAfter: 0 }));
  assert.equal(busy.status, 503);
  assert.equal(busy.headers.get("retry-after"), "0");
});

test("body replaces the answer: text as it is, objects as JSON", async () => {
  const cases = [
    [
      { status: 502, body: "<h1>Bad gateway</h1>" },
      invoke,
      "text/plain;charset=UTF-8",
      "<h1>Bad gateway</h1>",
    ],
    [{ status: 422, body: { detail: "no" } }, stream, "application/json", '{"detail":"no"}'],
    [{ body: { any: "thing" } }, invoke, "application/json", '{"any":"thing"}'],
    [{ body: "data: raw\n\n" }, stream, "text/event-stream", "data: raw\n\n"],
    [{ body: "<p>", headers: { "content-type": "text/html" } }, stream, "text/html", "<p>"],
    [{ status: 500, body: "" }, invoke, "text/plain;charset=UTF-8", ""],
  ];
  for (const [behaviour, call, type, body] of cases) {
    const response = await call(make(behaviour));
    assert.equal(response.status, behaviour.status ?? 200);
    assert.equal(response.headers.get("content-type"), type);
    assert.equal(await response.text(), body);
  }
});

test("headers: added, and over the answer's own", async () => {
  const headers = new Headers({ "x-should-retry": "false", "x-request-id": "mine" });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");
  const response = await invoke(make({ headers }));
  assert.equal(response.headers.get("x-should-retry"), "false");
  assert.equal(response.headers.get("x-request-id"), "mine");
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(
    (await invoke(make({ headers: [["content-type", "text/html"]] }))).headers.get("content-type"),
    "text/html",
  );
});

test("stallHeaders: the head comes that much later", async () => {
  for (const behaviour of [{ stallHeaders: 60 }, { stallHeaders: 60, status: 503 }]) {
    const start = performance.now();
    await stream(make(behaviour));
    assert.ok(performance.now() - start >= 55);
  }
});

test("cutAfter: the stream ends after so many events, unfinished", async () => {
  for (const cutAfter of [0, 1, 3]) {
    const all = parseEvents((await (await stream(make({ cutAfter }))).text()) || "");
    assert.deepEqual(texts(all), TEXT.slice(0, cutAfter));
    for (const { data } of all) assert.equal(data.choices[0].finish_reason, null);
  }
  // The fourth event has the finish reason; only [DONE] is cut off.
  const all = await events(await stream(make({ cutAfter: 4 })));
  assert.equal(all.at(-1).data.choices[0].finish_reason, "stop");
});

test("cutAfter generates nothing beyond the cut", async () => {
  let made = 0;
  function* text() {
    for (const delta of TEXT) {
      made += 1;
      yield delta;
    }
  }
  await (await stream(make({ text, cutAfter: 2 }))).text();
  assert.equal(made, 2);
});

test("errorAfter: an error event after so many events, and nothing more", async () => {
  const all = await events(await stream(make({ errorAfter: 2 })));
  assert.deepEqual(texts(all.slice(0, 2)), ["a", "b"]);
  assert.equal(all.length, 3);
  assert.equal(all[2].event, "error");
  assert.deepEqual([all[2].data.error.code, all[2].data.error.type], [500, "server_error"]);
});

test("errorAfter takes status and body for its event", async () => {
  const response = await stream(make({ errorAfter: 0, status: 429 }));
  assert.equal(response.status, 200);
  assert.deepEqual((await events(response))[0].data.error.type, "rate_limit_error");
  const body = { error: { message: "no", code: 403 } };
  assert.deepEqual((await events(await stream(make({ errorAfter: 0, body }))))[0], {
    event: "error",
    data: body,
  });
  const lines = await (await stream(make({ errorAfter: 0, body: "one\ntwo" }))).text();
  assert.equal(lines, "event: error\ndata: one\ndata: two\n\n");
});

test("noDone: all of the text, but no finish reason and no [DONE]", async () => {
  const all = await events(await stream(make({ noDone: true })));
  assert.deepEqual(texts(all), TEXT);
  const routed = await events(
    await post(make({ noDone: true }), "/v1/infer", { prompt: "Hi.", stream: true }),
  );
  assert.deepEqual(texts(routed), TEXT);
  assert.equal((await (await invoke(make({ noDone: true }))).json()).choices[0].finish_reason, null);
});

test("faults of the body show in an answer that is not streamed, too", async () => {
  const whole = await (await invoke(make({}))).text();
  const cut = await (await invoke(make({ cutAfter: 1 }))).text();
  assert.equal(cut, whole.slice(0, whole.length >> 1));
  assert.equal((await invoke(make({ errorAfter: 1 }))).status, 500);
  assert.equal((await invoke(make({ errorAfter: 1, status: 429 }))).status, 429);
  const reader = (await invoke(make({ stallAfter: 1 }))).body.getReader();
  assert.equal((await reader.read()).value.length, whole.length >> 1);
  await assertSilent(reader);
});

test("stallAfter: silence after so many events, until the request is cancelled", async () => {
  for (const chunking of ["event", 100_000]) {
    const service = make({ stallAfter: 2 }, { chunking });
    const reader = (await stream(service)).body.getReader();
    let text = "";
    while (text.split("\n\n").length < 3) text += new TextDecoder().decode((await reader.read()).value);
    assert.deepEqual(texts(parseEvents(text)), ["a", "b"]);
    await assertSilent(reader);
    assert.equal(service.requests[0].cancelled, true);
  }
});

/** Nothing comes while other things happen, and a cancelled reader is let go. */
async function assertSilent(reader) {
  const read = reader.read();
  const other = new Promise((resolve) => setTimeout(resolve, 50, "silence"));
  assert.equal(await Promise.race([read, other]), "silence");
  await reader.cancel();
  assert.equal((await read).done, true);
}
