// Starts the gateway Worker in workerd, the runtime of Cloudflare Workers, so that what `npm start` shows is what
// a deployed gateway does.
import { createServer } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare, Response } from "miniflare";
import { CommandError } from "../command.mjs";
import { root } from "../tools.mjs";
import { page } from "./page.mjs";

/**
 * @param {object} options
 * @param {number} options.port 0 for any free one
 * @param {string} options.baseUrl the service
 * @param {string} options.routerKey
 * @param {string[] | null} options.deployments the allow-list; null admits any, and any profile
 * @param {() => import("./page.mjs").Config | Promise<import("./page.mjs").Config>} options.config
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startGateway({ port, baseUrl, routerKey, deployments, config }) {
  const host = "127.0.0.1";
  if (port !== 0) await checkFree(host, port);
  const worker = new Miniflare({
    host,
    port,
    modules: true,
    script: await bundle(),
    compatibilityDate: "2026-04-01",
    bindings: {
      PUREROUTER_KEY: routerKey,
      BASE_URL: baseUrl,
      DEPLOYMENTS: deployments ?? [],
      ANY_TARGET: deployments === null,
      PROFILES: [...(await config()).profiles, null],
    },
    // The binding that the Worker counts by, with room for one user and any test.
    ratelimits: { LIMITER: { simple: { limit: 1_000_000, period: 60 } } },
    serviceBindings: {
      /** @param {{ url: string }} request */
      async ASSETS(request) {
        const { body, ...init } = await page(new URL(request.url).pathname, config);
        return new Response(body, init);
      },
    },
  });
  const url = await worker.ready;
  return { url: url.origin, close: () => worker.dispose() };
}

/** As wrangler does it: one script, the package found by its conditions for Workers. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "scripts/gateway/worker.js")],
    alias: { "purerouter/worker": join(root, "pkg/worker.js") },
    bundle: true,
    format: "esm",
    target: "esnext",
    conditions: ["workerd"],
    external: ["cloudflare:workers"],
    write: false,
  });
  return outputFiles[0].text;
}

/** @param {string} host @param {number} port */
function checkFree(host, port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const taken = /** @type {NodeJS.ErrnoException} */ (error).code === "EADDRINUSE";
      const problem = taken ? "is taken" : `cannot be used (${error.message})`;
      reject(new CommandError(`Port ${port} ${problem}: choose another one with PORT=… npm start`));
    });
    probe.listen(port, host, () => probe.close(resolve));
  });
}
