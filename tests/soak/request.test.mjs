// A call in a Worker, and the request that it was made in: what the runtime takes from it, and what it gives back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../package/waiting.mjs";
import { openIsolate } from "./isolate.mjs";
import { SHORT, startUpstream } from "./upstream.mjs";
import { call } from "./visitor.mjs";

let upstream, isolate;
before(async () => {
  upstream = await startUpstream();
  isolate = await openIsolate({ SERVICE: upstream.url });
});
after(async () => {
  await isolate?.close();
  upstream?.close();
});

test("a stream that nobody holds gives its connection back while its request goes on", async () => {
  void call(isolate.url, "/dropped/mute");
  await until(() => upstream.open() === 1, "the stream is open");
  const givenBack = async () => {
    await isolate.used();
    return upstream.open() === 0;
  };
  await until(givenBack, "its connection is given back");
  assert.deepEqual(isolate.complaints(), []);
});

test("calls that have ended leave no timer behind, and nothing that waits", async () => {
  await call(isolate.url, "/many/200");
  const before = await isolate.held();
  await call(isolate.url, "/many/4000");
  const after = await isolate.held();
  assert.deepEqual(after, before);
});

test("abort() from another request does not throw, and the client goes on", async () => {
  void call(isolate.url, "/kept/mute");
  await until(() => upstream.open() === 1, "the stream is open");
  assert.equal((await call(isolate.url, "/abort")).body, "aborted");
  assert.equal((await call(isolate.url, "/read/good")).body, SHORT.join(""));
});
