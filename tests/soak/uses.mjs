// The lives a call can have, from its start to its end, each as one function. What is measured after thousands of them
// is what they leave behind.

import { purerouter } from "../package/install.mjs";

const request = { prompt: "Hi." };

async function drain(iterable) {
  for await (const _ of iterable);
}

/** Awaits the error that has to come: a life that ends otherwise is not the one that was meant. */
async function failing(promise) {
  const failed = await promise.then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error("It was to fail, and did not");
}

/** A client of the soak's server. Every 503 would otherwise be waited for and asked again. */
export const clientOf = (server) => new purerouter.PureRouter({ baseUrl: server.url, maxRetries: 0 });

/**
 * By name; each takes the client and, so that what stays on a long-lived signal is seen, options that may hold one.
 *
 * @type {Record<string, (client: any, options?: object) => Promise<unknown>>}
 */
export const uses = {
  "events, to the end": (client, options) => drain(open(client, "whole", options)),
  "events, cut into pieces": (client, options) => drain(open(client, "pieces", options)),
  "textStream()": (client, options) => drain(open(client, "whole", options).textStream()),
  "text()": (client, options) => open(client, "whole", options).text(),
  "an event of 300 KB": (client, options) => open(client, "wide", options).text(),
  "completion() beside a loop": async (client, options) => {
    const stream = open(client, "whole", options);
    await Promise.all([drain(stream), stream.completion()]);
  },
  "toReadableStream()": (client, options) =>
    new Response(open(client, "whole", options).toReadableStream()).text(),
  "toResponse()": async (client, options) =>
    (await open(client, "whole", options).toResponse({ status: 200 })).text(),
  "tee()": (client, options) =>
    Promise.all(
      open(client, "whole", options)
        .tee()
        .map((branch) => branch.text()),
    ),
  "[DONE], and the socket held open": (client, options) => open(client, "done", options).text(),
  break: async (client, options) => {
    for await (const _ of open(client, "held", options)) break;
  },
  "break from textStream()": async (client, options) => {
    for await (const _ of open(client, "held", options).textStream()) break;
  },
  "abort() in the body": async (client, options) => {
    const stream = open(client, "held", options);
    await stream.next();
    stream.abort();
    await failing(stream.next());
  },
  "abort() before the head": async (client, options) => {
    const stream = open(client, "silent", options);
    stream.abort();
    await failing(stream.text());
  },
  "a signal of its own": async (client) => {
    const controller = new AbortController();
    const stream = open(client, "held", { signal: controller.signal });
    await stream.next();
    controller.abort();
    await failing(stream.next());
  },
  "cut by the server": (client, options) => failing(drain(open(client, "cut", options))),
  "ended too early": (client, options) => failing(open(client, "truncated", options).text()),
  "an error event": (client, options) => failing(drain(open(client, "error", options))),
  "an HTML page": (client, options) => failing(open(client, "html", options).text()),
  503: (client, options) => failing(open(client, "busy", options).text()),
  "invoke()": (client, options) => client.deployments.invoke("json", request, options),
  "invoke(), 503": (client, options) => failing(client.deployments.invoke("busy", request, options)),
  "infer()": (client, options) => client.router.infer(request, options),
  "health()": (client, options) => client.health(options),
  "a target's invoke()": (client, options) => client.deployment("json").invoke(request, options),
  "fallback() from a refusal": (client, options) =>
    client.fallback(["busy", "whole"]).stream(request, options).text(),
  "fallback() in mid-stream, to go on": (client, options) =>
    drain(client.fallback(["cut", "whole"], { midStream: "continue" }).stream(request, options)),
  "fallback() in mid-stream, to start over": (client, options) =>
    drain(client.fallback(["cut", "whole"], { midStream: "restart" }).stream(request, options)),
  "fallback() that fails": (client, options) =>
    failing(client.fallback(["busy", "busy"]).stream(request, options).text()),
  "hedge(), whose loser is silent": (client, options) =>
    client.hedge(["silent", "whole"], { delay: 1 }).stream(request, options).text(),
  "hedge() of invoke()": (client, options) =>
    client.hedge(["silent", "json"], { delay: 1 }).invoke(request, options),
  "hedge(), left by break": async (client, options) => {
    for await (const _ of client.hedge(["silent", "held"], { delay: 1 }).stream(request, options)) break;
  },
  "compare()": async (client, options) => {
    const comparisons = client.compare(["whole", "truncated"], request, options);
    await drain(comparisons);
    await comparisons.results;
  },
  "compare(), left by break": async (client, options) => {
    for await (const _ of client.compare(["held", "held"], request, options)) break;
  },
  "a bad request": (client, options) => failing(open(client, "whole", { ...options, timeout: -1 }).text()),
};

/** All but the large event, whose buffers leave room in which a small leak is not seen. */
export const small = Object.entries(uses)
  .filter(([name]) => name !== "an event of 300 KB")
  .map(([, use]) => use);

/** Those after which garbage collection is what ends the request. */
export const drops = {
  "unread, once the head was there": (client, options) => open(client, "held", options).response,
  "after an event": (client, options) => open(client, "held", options).next(),
  "after a text": (client, options) => open(client, "held", options).textStream().next(),
  "after a chunk": (client, options) => open(client, "held", options).toReadableStream().getReader().read(),
  "a branch of tee() after an event": (client, options) => open(client, "held", options).tee()[0].next(),
  "after the first event of a whole answer": (client, options) => open(client, "whole", options).next(),
  "of a fallback() after an event": (client, options) =>
    client.fallback(["busy", "held"]).stream(request, options).next(),
  "of a hedge() after an event": (client, options) =>
    client.hedge(["silent", "held"], { delay: 1 }).stream(request, options).next(),
  "of a compare() after an event": (client, options) =>
    client.compare(["held", "held"], request, options)[Symbol.asyncIterator]().next(),
  "after a failure that was not read": async (client, options) => {
    const stream = open(client, "truncated", options);
    await stream.next();
    await stream.completion().catch(() => {});
  },
};

export const open = (client, id, options) => client.deployments.stream(id, request, options);
