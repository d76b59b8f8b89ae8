// Options and requests as a caller may come to hand them over.

import { revoked } from "./fetches.js";

const refuse = () => {
  throw new Error("a trap that throws");
};

const objects = {
  "a getter that throws": {
    prompt: "Hi.",
    get extra() {
      refuse();
    },
  },
  "a proxy without keys": new Proxy({}, { ownKeys: refuse }),
  "a proxy whose keys cannot be described": new Proxy(
    { prompt: "Hi.", extra: 1 },
    { getOwnPropertyDescriptor: refuse },
  ),
  "a revoked proxy": revoked(),
  "a revoked proxy as a field": {
    prompt: revoked(),
    headers: revoked(),
    timeout: revoked(),
    signal: revoked(),
  },
  "a circle": circle(),
  "a bigint": { prompt: "Hi.", max_tokens: 1n, extra: 1n },
  "headers whose values cannot be read": {
    headers: {
      get accept() {
        refuse();
      },
    },
  },
  "headers that cannot be iterated": { headers: { [Symbol.iterator]: refuse } },
  "headers that iterate to nothing": { headers: { [Symbol.iterator]: () => undefined } },
  "headers that end in an error": {
    headers: {
      *[Symbol.iterator]() {
        yield ["a", "b"];
        refuse();
      },
    },
  },
  "headers of single letters": { headers: ["ab"] },
  "headers with a symbol": { headers: [["a", Symbol("b")]] },
};

export const odd = (name) => objects[name];

function circle() {
  const circle = { prompt: "Hi." };
  circle.circle = circle;
  return circle;
}

const HEADERS = { "X-One": "1", "x-two": "2" };

const headers = {
  "an object": HEADERS,
  "an object without prototype": Object.assign(Object.create(null), HEADERS),
  Headers: new Headers(HEADERS),
  pairs: Object.entries(HEADERS),
  "a Map": new Map(Object.entries(HEADERS)),
  "a generator": (function* () {
    yield* Object.entries(HEADERS);
  })(),
  "a frozen object": Object.freeze({ ...HEADERS }),
  "a proxy": new Proxy(HEADERS, {}),
};

export const headersAs = (form) => headers[form];

/** Options in forms that are as good as a literal. */
export function optionsAs(form, fields) {
  if (form === "frozen") return Object.freeze({ ...fields });
  if (form === "proxy") return new Proxy(fields, {});
  if (form === "null prototype") return Object.assign(Object.create(null), fields);
  if (form === "inherited") return Object.create(fields);
  class Options {}
  for (const name of Object.keys(fields)) {
    Object.defineProperty(Options.prototype, name, { get: () => fields[name] });
  }
  return new Options();
}
