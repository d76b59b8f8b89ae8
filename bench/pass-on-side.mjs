// The Worker that passes a stream on without reading it, in each of the ways that are compared.

import { PureRouter } from "purerouter";
import { overHttp } from "./bodies.mjs";

const kind = { data: "ascii", events: 20_000, chunkBytes: 16 * 1024 };

/** @param {typeof fetch} fetch */
const ours = (fetch) =>
  new PureRouter({ baseUrl: "http://service.test", fetch }).deployments.stream("bench", { prompt: "Hi." });

/** @type {Record<string, (fetch: typeof globalThis.fetch) => Response | Promise<Response>>} */
const ways = {
  async native(fetch) {
    const { body, headers } = await fetch("");
    return new Response(body, { headers: { "content-type": headers.get("content-type") ?? "" } });
  },
  toResponse: (fetch) => ours(fetch).toResponse(),
  toReadableStream: (fetch) => new Response(ours(fetch).toReadableStream()),
};

export default {
  /** @param {Request} request @param {{ SERVER: string }} env */
  fetch(request, { SERVER }) {
    const { pathname, searchParams } = new URL(request.url);
    return ways[pathname.slice(1)](overHttp(SERVER, kind, Number(searchParams.get("cycles"))));
  },
};
