// The client's side of a fault, for any engine: what is asked, and what came of it as plain data.
//
// It imports nothing, so that Node, a page and a Worker load this very file, with the package handed in.

/** It has characters that JSON writers escape. Nothing of what a call gives may contain it. */
export const KEY = "sk_live/0123456789+abcdef";

const REQUEST = { prompt: "Hi." };

/**
 * Runs the client's part of `fault` against the server at `url`, and gives its outcome.
 *
 * @param {{ ask?: Function, options?: object }} fault
 * @param {typeof import("../../pkg/index.js")} purerouter
 */
export async function outcomeOf({ ask = read, options = {} }, purerouter, url) {
  const client = new purerouter.PureRouter({ baseUrl: url, routerKey: async () => KEY, ...options });
  /** Tells the server something, and resolves with its answer. */
  const say = (word) => fetch(`${url}/~/${word}`, { method: "POST" });
  const settle = (promise) => promise.catch((error) => described(error, purerouter));
  return settle(Promise.resolve(ask({ client, say, settle })));
}

/** A stream, read event by event; the server hears of the first text. */
export async function read({ client, say }, options) {
  let text = "";
  for await (const event of client.deployments.stream("a", REQUEST, options)) {
    if (text === "" && event.text !== "") say("arrived").catch(() => {});
    text += event.text;
  }
  return { text };
}

export async function invoke({ client }, options) {
  return { answer: await client.deployments.invoke("a", REQUEST, options) };
}

/** Several ways of asking, one after the other: an outcome each. */
export function each(ways) {
  return async (context) => {
    const outcomes = {};
    for (const [name, ask] of Object.entries(ways)) outcomes[name] = await context.settle(ask(context));
    return outcomes;
  };
}

const both = { stream: read, invoke };
/** A stream, then a call that answers once. */
export const readAndInvoke = each(both);

/** An error as data: its class, its own fields, and all the text that a log could show of it. */
function described(error, purerouter) {
  if (!(error instanceof Error) && !(error instanceof DOMException)) return { thrown: String(error) };
  const { name, message, phase, timeoutMs, status, partialText, retryAfterMs, requestId, body } = error;
  const Class = purerouter[name];
  const attempts = (error.attempts ?? []).map((attempt) => ({
    status: attempt.status,
    error: attempt.error?.name,
    retryInMs: attempt.retryInMs,
  }));
  return {
    error: Class && !(error instanceof Class) ? `${name} by name only` : name,
    isAPIError: error instanceof purerouter.APIError,
    ...{ message, phase, timeoutMs, status, partialText, retryAfterMs, requestId, body, attempts },
    shown: shown(error),
  };
}

function shown(error) {
  const headers = error.headers ? [...error.headers].map((pair) => pair.join(": ")) : [];
  const own = [error.stack, JSON.stringify(error), JSON.stringify(error.attempts ?? []), ...headers];
  return [...own, ...(error.cause instanceof Error ? shown(error.cause) : [String(error.cause ?? "")])];
}
