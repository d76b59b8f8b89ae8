// What the service in memory takes as options, and what it refuses: a misspelt fault that nobody notices would be a test
// that tests nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createService, recorded } from "../../pkg-template/testing.js";

const withA = (behaviour) => () => createService({ deployments: { a: behaviour } });

test("a wrong option throws and is named", () => {
  const cases = [
    [() => createService(), TypeError, /options of createService must be an object, not undefined/],
    [() => createService({}), TypeError, /`deployments` is missing/],
    [() => createService({ deployments: {} }), RangeError, /`deployments` is empty/],
    [() => createService({ deployments: [] }), TypeError, /`deployments` must be an object, not an array/],
    [() => createService({ deployments: { a: {} }, delay: 5 }), TypeError, /no option `delay`.*chunking/],
    [
      () => createService({ deployments: { a: {} }, profiles: "x" }),
      TypeError,
      /`profiles` must be an object/,
    ],
    [
      () => createService({ deployments: { a: {} }, profiles: { p: { text: 1 } } }),
      TypeError,
      /`profiles\["p"\]\.text`/,
    ],
    [() => createService({ deployments: { a: {} }, keys: "sk" }), TypeError, /`keys` must be an array/],
    [() => createService({ deployments: { a: {} }, keys: ["x", 5] }), TypeError, /`keys\[1\]`/],
    [() => createService({ deployments: { a: {} }, chunking: "line" }), TypeError, /`chunking`.*"line"/],
    [() => createService({ deployments: { a: {} }, chunking: 0 }), RangeError, /`chunking`.*0/],
    [() => createService({ deployments: { a: {} }, chunking: 1.5 }), RangeError, /`chunking`/],
    [
      () => createService({ deployments: { "": {} } }),
      RangeError,
      /`deployments` has an entry without a name/,
    ],
    [withA("Hello"), TypeError, /`deployments\["a"\]` must be an object, not "Hello"/],
    [withA({ crashAfter: 1 }), TypeError, /`deployments\["a"\]` has no option `crashAfter`.*cutAfter/],
    [withA({ toString: 1 }), TypeError, /no option `toString`/],
    [
      withA({ text: 1 }),
      TypeError,
      /`deployments\["a"\]\.text` must be a string, an array of strings or a function/,
    ],
    [withA({ text: ["a", 1] }), TypeError, /\.text`/],
    [withA({ text: null }), TypeError, /\.text`.*not null/],
    [
      withA({ tokensPerSecond: "fast" }),
      TypeError,
      /\.tokensPerSecond` must be a number greater than 0, not "fast"/,
    ],
    [withA({ tokensPerSecond: 0 }), RangeError, /\.tokensPerSecond`/],
    [withA({ tokensPerSecond: NaN }), RangeError, /\.tokensPerSecond`/],
    [withA({ usage: 5 }), TypeError, /\.usage`/],
    [withA({ status: 199 }), RangeError, /\.status`/],
    [withA({ status: 600 }), RangeError, /\.status`/],
    [withA({ status: "503" }), TypeError, /\.status`/],
    [withA({ times: -1 }), RangeError, /\.times`/],
    [withA({ body: 5 }), TypeError, /\.body`/],
    [withA({ headers: { "a b": "c" } }), TypeError, /\.headers` cannot be sent/],
    [withA({ headers: 5 }), TypeError, /\.headers`/],
    [withA({ retryAfter: "1" }), TypeError, /\.retryAfter`/],
    [withA({ retryAfter: -1 }), RangeError, /\.retryAfter`/],
    [withA({ stallHeaders: -1 }), RangeError, /\.stallHeaders`/],
    [withA({ cutAfter: 1.5 }), RangeError, /\.cutAfter`/],
    [withA({ stallAfter: true }), TypeError, /\.stallAfter`/],
    [withA({ errorAfter: -1 }), RangeError, /\.errorAfter`/],
    [withA({ noDone: 1 }), TypeError, /\.noDone`/],
    [() => recorded({ speed: 0 }), RangeError, /`speed`/],
    [() => recorded({ speed: "2" }), TypeError, /`speed`/],
    [() => recorded({ recordings: [] }), TypeError, /`recordings`/],
  ];
  for (const [make, type, message] of cases) {
    assert.throws(
      make,
      (error) => error.constructor === type && message.test(error.message),
      String(message),
    );
  }
});

test("a key is in no message", () => {
  assert.throws(
    () => createService({ deployments: { a: {} }, keys: ["sk_secret", ""] }),
    (error) => !error.message.includes("sk_"),
  );
});

test("undefined is the same as left out", () => {
  const fields =
    "text tokensPerSecond usage status times body headers retryAfter stallHeaders cutAfter noDone";
  const behaviour = Object.fromEntries(fields.split(" ").map((field) => [field, undefined]));
  createService({ deployments: { a: behaviour }, profiles: undefined, keys: undefined, chunking: undefined });
});

test("later changes to the options change nothing", async () => {
  const options = { deployments: { a: { text: ["a"] } } };
  const service = createService(options);
  options.deployments.a.status = 500;
  const response = await service.fetch("https://x.test/v1/deployments/a/invoke", {
    method: "POST",
    headers: { "x-router-key": "sk_test" },
    body: '{"prompt":"Hi."}',
  });
  assert.equal(response.status, 200);
});
