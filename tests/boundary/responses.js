// Things that look like a Response, as other realms, polyfills and mocks make them, and as nobody should.

const encoder = new TextEncoder();
const JSON_BODY = '{"choices":[{"text":"Hello","finish_reason":"stop"}]}';
const EVENTS = 'data: {"choices":[{"text":"Hello"}]}\n\ndata: [DONE]\n\n';

const refuse = () => {
  throw new Error("a getter that throws");
};

const isStream = (init) => init.headers.get("accept") === "text/event-stream";

/** What both kinds of call can read: JSON for one that answers once, events for a stream. */
const content = (init) => encoder.encode(isStream(init) ? EVENTS : JSON_BODY);

const like = (body, fields) => ({ status: 200, headers: { get: () => null }, body, ...fields });

/** A body with a reader of these methods. */
const read = (reader) => like({ getReader: () => reader });

/** A reader that gives the content of a good answer, then its end, through `result` as a reader's results. */
function reading(init, result) {
  const left = [content(init)];
  const read = () => result(left.length > 0 ? { done: false, value: left.shift() } : { done: true });
  return { read, cancel: async () => {} };
}

/** The same, but that a stream's body stays open behind its [DONE], and has to be cancelled in this way. */
function leftOpen(init, cancel) {
  const reader = reading(init, async (result) =>
    result.done && isStream(init) ? new Promise(() => {}) : result,
  );
  return read({ ...reader, cancel });
}

const bytesOf = (init, convert) => {
  const value = convert(content(init));
  return read({ ...reading(init, async (r) => (r.done ? r : { done: false, value })) });
};

const responses = {
  "a status that cannot be read": () => ({
    get status() {
      refuse();
    },
    headers: new Headers(),
  }),
  "a status that is a string": () => ({ status: "200", headers: new Headers(), body: null }),
  "no headers": () => ({ status: 200, body: null }),
  "headers without get": () => ({ status: 200, headers: { "content-type": "application/json" }, body: null }),
  "an error response": () => Response.error(),
  "a body that is null": () => new Response(null, { headers: { "content-type": "application/json" } }),
  "a body that cannot be read": () => Object.defineProperty(like(null), "body", { get: refuse }),
  "a body that is a string": () => like(JSON_BODY),
  "a body that is an array": () => like([1, 2, 3]),
  "a body whose getReader throws": () => like({ getReader: refuse }),
  "a body whose reader is undefined": () => like({ getReader() {} }),
  "a body that another reads": async (init) => {
    const response = new Response(content(init));
    response.body.getReader();
    return response;
  },
  "a reader without read": () => read({ cancel: async () => {} }),
  "a read that throws": () => read({ read: refuse, cancel: async () => {} }),
  "a read that rejects with undefined": () => read({ read: () => Promise.reject(), cancel: async () => {} }),
  "a read that gives undefined": () => read({ read: () => undefined, cancel: async () => {} }),
  "a read that resolves with undefined": () => read({ read: async () => undefined, cancel: async () => {} }),
  "a read whose done cannot be read": () =>
    read({
      read: async () => ({
        get done() {
          refuse();
        },
      }),
      cancel: async () => {},
    }),
  "chunks that are strings": (init) => bytesOf(init, (bytes) => new TextDecoder().decode(bytes)),
  "chunks that are undefined": (init) => bytesOf(init, () => undefined),
  "chunks that are numbers": (init) => bytesOf(init, (bytes) => [...bytes]),
  "a body that errors": () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.error("cable cut"),
      }),
    ),

  "headers whose get throws": (init) =>
    like(new Response(content(init)).body, { headers: { get: refuse, [Symbol.iterator]: refuse } }),
  "headers that give numbers": (init) =>
    like(new Response(content(init)).body, { headers: { get: () => 7 } }),
  "a read that gives no promise": (init) => read(reading(init, (result) => result)),
  "a read that gives a thenable": (init) =>
    read(reading(init, (result) => ({ then: (resolve) => resolve(result) }))),
  "a reader without cancel": (init) => leftOpen(init, undefined),
  "a cancel that throws": (init) => leftOpen(init, refuse),
  "a cancel that gives no promise": (init) => leftOpen(init, () => {}),
  "a cancel that rejects": (init) => leftOpen(init, async () => refuse()),
  "chunks of a larger buffer": (init) =>
    bytesOf(init, (bytes) => {
      const buffer = new Uint8Array(bytes.length + 100).fill(0x21);
      buffer.set(bytes, 50);
      return buffer.subarray(50, 50 + bytes.length);
    }),
  "chunks that are DataViews": (init) => bytesOf(init, (bytes) => new DataView(bytes.buffer)),
  "a class of its own": (init) => {
    // As polyfills do it: accessors on a prototype, nothing of its own.
    class Polyfill {
      #response = new Response(content(init));
      get status() {
        return this.#response.status;
      }
      get headers() {
        return this.#response.headers;
      }
      get body() {
        return this.#response.body;
      }
    }
    return new Polyfill();
  },
  "a proxy of a response": (init) => {
    const response = new Response(content(init));
    return new Proxy(response, { get: (target, name) => Reflect.get(target, name, target) });
  },
};

export const serviceWith = (name) => async (_, init) => responses[name](init);

/** A fetch whose bytes come from a realm of `makers`: `{ array, promise }`. */
export const foreign = (makers) => async (_, init) => {
  const value = makers.array(content(init).length);
  value.set(content(init));
  return read(reading(init, (result) => makers.promise(result.done ? result : { done: false, value })));
};
