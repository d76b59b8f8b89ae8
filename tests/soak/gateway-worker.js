// The Worker of the gateway's soak: the gateway, and the package's client, which calls it through a service binding,
// in one isolate.
import { decoders, references, wasmBytes } from "./instance.mjs";
import { intervals } from "./intervals.mjs";
import { env } from "cloudflare:workers";
import { PureRouter } from "purerouter";
import { createGateway } from "purerouter/worker";

const gateway = createGateway({
  routerKey: "sk_server",
  baseUrl: env.SERVICE,
  deployments: ["good", "long", "cut", "refusing", "dropping", "silent", "mute", "slow"],
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

const never = () => new Promise(() => {});

// A stream of one request, which another one reaches.
let kept;

const ways = {
  passed: (id) => client.deployments.stream(id, { prompt: "Hi." }).toResponse(),
  read: async (id) => new Response(await client.deployments.stream(id, { prompt: "Hi." }).text()),
  signalled: async (id, signal) =>
    new Response(await client.deployments.stream(id, { prompt: "Hi." }, { signal }).text()),
  left: async (id) => {
    for await (const event of client.deployments.stream(id, { prompt: "Hi." }))
      return new Response(event.text);
  },
  // Under a limit and a signal of its own, which go with the request.
  limited: async (id) => {
    const options = { signal: AbortSignal.timeout(60_000), timeout: 60_000, onAttempt: never };
    return new Response(await client.deployments.stream(id, { prompt: "Hi." }, options).text());
  },
  invoked: async (id) => new Response((await client.deployment(id).invoke({ prompt: "Hi." })).text),
  hedged: async (id) =>
    new Response(await client.hedge([id, "good"], { delay: 20 }).stream({ prompt: "Hi." }).text()),
  compared: async (id) => {
    const [{ completion, error }] = await client.compare([id, "good"], { prompt: "Hi." }).results;
    if (error) throw error;
    return new Response(completion.text);
  },
  teed: async (id) => {
    const [one, other] = client.deployments.stream(id, { prompt: "Hi." }).tee();
    return new Response((await Promise.all([one.text(), other.text()]))[0]);
  },
  // Nobody reads it.
  unread: async (id) => {
    const { status } = await client.deployments.stream(id, { prompt: "Hi." }).response;
    return new Response(String(status));
  },
  // Nobody reads it, and the request goes on.
  dropped: async (id) => {
    await client.deployments.stream(id, { prompt: "Hi." }).response;
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new Uint8Array(1));
    setTimeout(() => writer.close(), 30_000);
    return new Response(readable);
  },
  kept: (id) => {
    kept = client.deployments.stream(id, { prompt: "Hi." });
    return kept.text().then((text) => new Response(text));
  },
  abort: () => {
    kept.abort();
    return new Response("aborted");
  },
  // Many, of a service in the Worker itself.
  many: async (count) => {
    const fetch = async () => Response.json({ output_text: "Hi." });
    const own = new PureRouter({ baseUrl: "https://own.internal", fetch });
    for (let i = 0; i < count; i++) await own.router.infer({ prompt: "Hi.", profile: "balanced" });
    return new Response("done");
  },
  combined: async (id) =>
    new Response(
      await client.fallback([id, "good"], { midStream: "continue" }).stream({ prompt: "Hi." }).text(),
    ),
};

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname === "/held") {
      return Response.json({
        decoders: decoders(),
        references: references(),
        bytes: wasmBytes(),
        intervals: intervals(),
      });
    }
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
