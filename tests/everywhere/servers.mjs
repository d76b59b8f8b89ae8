// What the projects talk to, on real sockets: a gateway on an origin of its own, which streams three events and lets
// pages of other origins in, and a server of files for the pages that bring none.

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "../serve.mjs";

export const TEXT = "one two three";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "content-type, x-router-key",
};

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".map": "application/json",
  ".wasm": "application/wasm",
});

export const startService = () =>
  serve(async (request) => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    const path = new URL(request.url).pathname;
    if (path !== "/v1/deployments/primary-id/invoke")
      return new Response(null, { status: 404, headers: CORS });
    const { prompt, stream } = JSON.parse(await request.text());
    if (prompt !== "Hi." || stream !== true) return new Response(null, { status: 400, headers: CORS });
    return new Response(ReadableStream.from(events()), {
      headers: { ...CORS, "content-type": "text/event-stream" },
    });
  });

async function* events() {
  const encoder = new TextEncoder();
  for (const [text, finish_reason] of [
    ["one ", null],
    ["two ", null],
    ["three", "stop"],
  ]) {
    yield encoder.encode(`data: ${JSON.stringify({ choices: [{ text, finish_reason }] })}\n\n`);
    await sleep(10);
  }
  yield encoder.encode("data: [DONE]\n\n");
}

/** @param {string} folder @param {Record<string, string>} [headers] */
export const serveFiles = (folder, headers) =>
  serve(async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname).replace(/\/$/, "/index.html");
    const file = await readFile(join(folder, path)).catch(() => undefined);
    if (!file) return new Response("Not found", { status: 404 });
    return new Response(file, { headers: { "content-type": TYPES[extname(path)] ?? "", ...headers } });
  });
