// Functions that are given as `fetch` and are none, or no good one.

const answer = () => new Response('{"choices":[{"text":"Hello","finish_reason":"stop"}]}');

const fetches = {
  "throws an Error": () => {
    throw new Error("no network today");
  },
  "throws a string": () => {
    throw "no network today";
  },
  "throws undefined": () => {
    throw undefined;
  },
  "rejects with undefined": () => Promise.reject(),
  "rejects with null": () => Promise.reject(null),
  "rejects with a string": () => Promise.reject("no network today"),
  "rejects with a symbol": () => Promise.reject(Symbol("no")),
  "rejects with a bigint": () => Promise.reject(1n),
  "rejects with an object": () => Promise.reject({ message: "no network today" }),
  "rejects with a function": () => Promise.reject(() => {}),
  "rejects with an error whose message throws": () =>
    Promise.reject({
      get message() {
        throw new Error("unreadable");
      },
    }),
  "rejects with an error that holds something unreadable": () =>
    Promise.reject(
      Object.assign(new Error("no network today"), { request: { inner: [unreadable(), revoked()] } }),
    ),
  "rejects with a proxy that allows nothing": () => Promise.reject(unreadable()),
  "rejects with a revoked proxy": () => Promise.reject(revoked()),
  "returns undefined": () => undefined,
  "returns null": () => null,
  "returns a string": () => "Hello",
  "returns a number": () => 200,
  "returns an array": () => [],
  "returns a function": () => () => {},
  "returns a symbol": () => Symbol("response"),
  "resolves with undefined": async () => undefined,
  "resolves with a plain object": async () => ({}),
  "resolves with a proxy that allows nothing but being awaited": async () => awaitable(unreadable()),
  "resolves with a proxy that is revoked when looked at": async () => revokedWhenRead(),
  "returns a revoked proxy": () => revoked(),
  "returns a thenable whose then throws": () => ({
    then() {
      throw new Error("no network today");
    },
  }),
  "returns an object whose then cannot be read": () => ({
    get then() {
      throw new Error("no network today");
    },
  }),
  "returns a response, not a promise": () => answer(),
  "returns a thenable": () => ({ then: (resolve) => resolve(answer()) }),
  "settles twice": () => ({
    then(resolve, reject) {
      resolve(answer());
      reject(new Error("second"));
      resolve(null);
    },
  }),
};

export const fetchThat = (name) => fetches[name];

function unreadable() {
  const refuse = () => {
    throw new Error("unreadable");
  };
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
}

export function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const awaitable = (value) =>
  new Proxy(value, { get: (target, name) => (name === "then" ? undefined : target[name]) });

function revokedWhenRead() {
  const { proxy, revoke } = Proxy.revocable(
    {},
    {
      get(_, name) {
        if (name !== "then") revoke();
      },
    },
  );
  return proxy;
}
