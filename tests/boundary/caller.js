// The caller's side of the boundary: calls of the exported classes as JavaScript makes them, through the generated
// glue, and what becomes of them.

import { install } from "../../src/js/decode.js";
import * as errors from "../../src/js/errors.js";

// Far beyond what anything here takes, even on a busy machine: a Promise that is pending then is pending for ever.
const DEADLINE_MS = 15_000;

// What nobody handled, rejections and exceptions: an error belongs where the caller reads, and nowhere else.
const stray = [];
if (globalThis.process) {
  for (const event of ["unhandledRejection", "uncaughtException"]) {
    process.on(event, (error) => stray.push(error));
  }
} else {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    stray.push(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    stray.push(event.error ?? event.message);
  });
}

export const isPage = () => !globalThis.process;
export const pageAddress = () => globalThis.location?.href;

/** A turn of the event loop: what was to happen by itself has happened, reports of unhandled rejections too. */
export const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** `["fulfilled" | "rejected" | "pending" | "stray", value]` of what `promise` came to. */
export async function settle(promise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, DEADLINE_MS, ["pending"])));
  const settled = promise.then(
    (value) => ["fulfilled", value],
    (error) => ["rejected", error],
  );
  const outcome = await Promise.race([settled, late]);
  clearTimeout(timer);
  await turn();
  const unhandled = stray.splice(0);
  return unhandled.length > 0 ? ["stray", unhandled[0]] : outcome;
}

/** A Promise that the test reads, if only later than another one. */
function kept(promise) {
  promise.catch(() => {});
  return promise;
}

export const invoke = (client, request, options) =>
  kept(client.deployments.invoke("a-deployment", request, options));
export const invokeOf = (client, id) => kept(client.deployments.invoke(id, { prompt: "Hi." }));
export const infer = (client, request, options) => kept(client.router.infer(request, options));
export const health = (client, options) => kept(client.health(options));
export const stream = (client, request, options) =>
  client.deployments.stream("a-deployment", request, options);

export const next = (stream) => kept(stream.next());
export const text = (stream) => kept(stream.text());
export const toResponse = (stream) => kept(stream.toResponse());
export const abort = (stream, reason) => stream.abort(reason);

/** All events, as plain objects. */
export const events = (stream) => kept(collected(stream));

async function collected(stream) {
  const seen = [];
  for await (const event of stream) seen.push(event.toJSON());
  return seen;
}

export const free = (object) => object.free();

/** Does what the crate's start function does, which this test runner does not call. */
export const start = (exports) => install(exports);

export const isOf = (error, name) => error instanceof errors[name];

/** `stack` counts as written where it names the class and holds the message, as tools show it. */
export const describe = (error) => ({
  isError: Object.prototype.toString.call(error) === "[object Error]" && error instanceof Error,
  stack: typeof error.stack === "string" && error.stack.includes(error.message),
  json: JSON.stringify(error),
  printed: String(error),
  enumerable: Object.keys(error).join(),
});

/** What `console.error` got while `during` ran. */
export async function consoleErrors(during) {
  const { error } = console;
  const seen = [];
  console.error = (...values) => seen.push(values);
  try {
    await during();
  } finally {
    console.error = error;
  }
  return seen;
}

/** `code`'s value in another realm: an iframe's, or a context's in Node. A worker has none to offer but its own. */
export async function otherRealm(code) {
  const expression = `(${code})`;
  if (globalThis.document) {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    return frame.contentWindow.eval(expression);
  }
  if (isPage()) return (0, eval)(expression);
  const { createContext, runInContext } = await import("node:vm");
  // A context has the language alone; what belongs to the platform, the test hands in.
  return runInContext(expression, createContext({ URL, AbortController }));
}
