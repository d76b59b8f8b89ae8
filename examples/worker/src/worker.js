// The Worker: the gateway for the service's paths, the demo page's files for all others.
import { env } from "cloudflare:workers";
import { gatewayFor } from "./gateway.js";

/** @typedef {import("./gateway.js").Env} Env */

// At start-up, so that a list with a mistake in it fails the deployment and not a visitor's request.
const settings = /** @type {Env} */ (/** @type {unknown} */ (env));
const gateway = gatewayFor(settings);

export default {
  /** @param {Request} request @param {Env} env */
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/v1/")) return gateway.fetch(request, env);
    if (pathname === "/config.json") return Response.json(config());
    return env.ASSETS.fetch(request);
  },
};

/** What the demo page offers to its visitor. */
const config = () => ({
  deployments: [...Object.keys(settings.ROUTES ?? {}), ...settings.DEPLOYMENTS],
  profiles: settings.PROFILES.filter((name) => name !== null),
  service: "hosted",
  note: "the service, through this gateway",
  prompts: [],
});
