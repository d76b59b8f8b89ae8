// The types of `purerouter/testing`: what has to compile, and what must not. Never run.

import { PureRouter } from "purerouter";
import { createService } from "purerouter/testing";

const service = createService({
  deployments: {
    "primary-id": { text: "Hello", tokensPerSecond: 50 },
    "backup-id": { text: ["Hel", "lo"], usage: { completion_tokens: 2 }, noDone: true },
    "echo-id": { text: (request) => `You said: ${request.prompt}` },
    "slow-id": {
      text: async function* () {
        yield "Hel";
        yield "lo";
      },
    },
    "broken-id": {
      status: 503,
      times: 2,
      body: { error: { message: "overloaded" } },
      headers: { "x-request-id": "1" },
      retryAfter: 1,
      stallHeaders: 100,
      cutAfter: 1,
      stallAfter: 2,
      errorAfter: 3,
    },
  },
  profiles: { balanced: { text: "Hello" } },
  keys: ["test"],
  chunking: "byte",
});
createService({ deployments: {}, chunking: "event" });
createService({ deployments: {}, chunking: 7 });
new PureRouter({ fetch: service.fetch, routerKey: "test", dangerouslyAllowBrowser: true });
for (const request of service.requests) {
  const strings: string[] = [request.method, request.path];
  const cancelled: boolean = request.cancelled;
  void [strings, cancelled, request.headers, request.body];
}

// @ts-expect-error: an unknown option
createService({ deployments: {}, delay: 5 });
// @ts-expect-error: an unknown fault
createService({ deployments: { a: { text: "Hello", crashAfter: 1 } } });
// @ts-expect-error: a text is text
createService({ deployments: { a: { text: 1 } } });
// @ts-expect-error: seconds are a number
createService({ deployments: { a: { retryAfter: "1" } } });
// @ts-expect-error: no such chunking
createService({ deployments: {}, chunking: "line" });
