// The Worker that passes a stream on without reading it, in each of the ways that are compared.

import { PureRouter } from "purerouter";
import { createGateway } from "purerouter/worker";
import { overHttp } from "./bodies.mjs";

const kind = { data: "ascii", events: 20_000, chunkBytes: 16 * 1024 };

/** @param {typeof fetch} fetch */
const ours = (fetch) =>
  new PureRouter({ baseUrl: "http://service.test", fetch }).deployments.stream("bench", { prompt: "Hi." });

/** @param {typeof fetch} fetch */
const gatewayOver = (fetch) => createGateway({ routerKey: "sk_bench", deployments: ["bench"], fetch });
const call = () =>
  new Request("http://gateway.test/v1/deployments/bench/invoke", {
    method: "POST",
    body: '{"prompt":"Hi."}',
  });

/** @type {Record<string, (fetch: typeof globalThis.fetch) => Response | Promise<Response>>} */
const ways = {
  async native(fetch) {
    const { body, headers } = await fetch("");
    return new Response(body, { headers: { "content-type": headers.get("content-type") ?? "" } });
  },
  // What any program pays that sees the bytes on their way.
  async "copied in JS"(fetch) {
    const { body } = await fetch("");
    const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
    const copy = new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(copy, { headers: { "content-type": "text/event-stream" } });
  },
  gateway: (fetch) => gatewayOver(fetch).fetch(call()),
  toResponse: (fetch) => ours(fetch).toResponse(),
  toReadableStream: (fetch) => new Response(ours(fetch).toReadableStream()),
};

export default {
  /** @param {Request} request @param {{ SERVER: string }} env */
  fetch(request, { SERVER }) {
    const { pathname, searchParams } = new URL(request.url);
    return ways[decodeURIComponent(pathname.slice(1))](
      overHttp(SERVER, kind, Number(searchParams.get("cycles"))),
    );
  },
};
