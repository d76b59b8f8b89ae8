// The Worker of the gateway's soak: the gateway, and the package's client, which calls it through a service binding,
// in one isolate.
import { env } from "cloudflare:workers";
import { PureRouter } from "purerouter";
import { createGateway } from "purerouter/worker";

const gateway = createGateway({
  routerKey: "sk_server",
  baseUrl: env.SERVICE,
  deployments: ["good", "long", "cut", "refusing", "dropping", "silent"],
  routes: {
    // Refusing and dropping stay under the same circuits, so most of it goes to the good one at once.
    support: { fallback: ["refusing", "dropping", "good"] },
    fast: { hedge: ["mute", "good"], delay: 20 },
  },
});

const client = new PureRouter({
  baseUrl: "https://gateway.internal",
  fetch: (input, init) => env.SELF.fetch(input, init),
  maxRetries: 0,
});

const ways = {
  passed: (id) => client.deployments.stream(id, { prompt: "Hi." }).toResponse(),
  read: async (id) => new Response(await client.deployments.stream(id, { prompt: "Hi." }).text()),
  signalled: async (id, signal) =>
    new Response(await client.deployments.stream(id, { prompt: "Hi." }, { signal }).text()),
  left: async (id) => {
    for await (const event of client.deployments.stream(id, { prompt: "Hi." }))
      return new Response(event.text);
  },
  combined: async (id) =>
    new Response(
      await client.fallback([id, "good"], { midStream: "continue" }).stream({ prompt: "Hi." }).text(),
    ),
};

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (env.BARE) {
      const { body, status } = await fetch(env.SERVICE + url.pathname, {
        method: "POST",
        body: await request.text(),
      });
      return new Response(body, { status });
    }
    if (url.pathname.startsWith("/v1/")) return gateway.fetch(request, env, context);
    const [, way, id] = url.pathname.split("/");
    try {
      return await ways[way](id, request.signal);
    } catch (error) {
      // An APIError has the service's status; all others are what a lost connection or a cut answer becomes.
      return new Response(`${error.name}: ${error.message}`, { status: error.status ?? 599 });
    }
  },
};
