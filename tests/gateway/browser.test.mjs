// What a browser makes of the gateway's CORS headers: a page of a listed origin can call it with the package, with the
// visitor's cookie, and read why it was refused; another page can do nothing.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { chromiumFlags } from "../../scripts/tools.mjs";
import { createGateway } from "../../pkg/worker.js";
import { serve } from "../serve.mjs";

const pkg = new URL("../../pkg/", import.meta.url);

/** A page's server, with the package. */
const servePage = () =>
  serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/")
      return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    const file = await readFile(new URL(`.${pathname}`, pkg)).catch(() => undefined);
    return new Response(file ?? null, {
      status: file ? 200 : 404,
      headers: { "content-type": "text/javascript" },
    });
  });

/** @type {Awaited<ReturnType<typeof serve>>[]} */
let servers;
/** @type {import("playwright-core").Browser} */
let browser;
let asked = 0;
before(async () => {
  const [app, evil] = [await servePage(), await servePage()];
  const gateway = createGateway({
    routerKey: "sk_server_0123456789",
    deployments: ["primary-id"],
    origins: [app.url],
    authorize: (request) => request.headers.get("cookie")?.includes("session=1") ?? false,
    limit: (request) => ({ success: !request.headers.has("x-over"), retryAfter: 7 }),
    fetch: async () => {
      asked++;
      return new Response('data: {"choices":[{"text":"Hello","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n', {
        headers: { "content-type": "text/event-stream", "x-request-id": "req_1" },
      });
    },
  });
  servers = [app, evil, await serve((request) => gateway.fetch(request))];
  const executablePath = process.env.CHROME_BIN || "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: chromiumFlags });
});
after(async () => {
  await browser?.close();
  for (const server of servers ?? []) await server.close();
});

/** Calls the gateway from a page of the server, logged in or not. @param {number} from @param {boolean} loggedIn */
async function callFrom(from, loggedIn) {
  const [page, gateway] = [await browser.newPage(), servers[2]?.url];
  await page.goto(String(servers[from]?.url));
  // Ports of one host share their cookies, as subdomains of one site can.
  await page.evaluate((yes) => void (document.cookie = yes ? "session=1" : "session=; max-age=0"), loggedIn);
  const said = await page.evaluate(async (baseUrl) => {
    const { PureRouter } = await import(/** @type {any} */ ("/index.js"));
    /** @param {any} headers */
    const call = async (headers) => {
      const client = new PureRouter({
        baseUrl,
        maxRetries: 0,
        fetch: (/** @type {any} */ input, /** @type {any} */ init) =>
          fetch(input, { ...init, credentials: "include" }),
      });
      const stream = client.deployments.stream("primary-id", { prompt: "Hi." }, { headers });
      try {
        return `${await stream.text()}, ${(await stream.response).requestId}`;
      } catch (/** @type {any} */ error) {
        return [error.name, error.status, error.code, error.retryAfterMs].filter(Boolean).join(" ");
      }
    };
    return [await call({}), await call({ "x-over": "1" })];
  }, gateway);
  await page.close();
  return said;
}

test("a page of a listed origin calls it with the visitor's cookie, and reads why it is refused", async () => {
  assert.deepEqual(await callFrom(0, true), ["Hello, req_1", "RateLimitError 429 rate_limited 7000"]);
  assert.deepEqual(await callFrom(0, false), [
    "AuthenticationError 401 unauthenticated",
    "AuthenticationError 401 unauthenticated",
  ]);
  assert.equal(asked, 1);
});

test("another page gets nothing, logged in or not, and nothing of it gets to the service", async () => {
  asked = 0;
  assert.deepEqual(await callFrom(1, true), ["APIConnectionError", "APIConnectionError"]);
  assert.equal(asked, 0);
});
