// The Worker of `npm start`: the one of examples/worker, with what only its owner's own machine allows.
import worker from "../../examples/worker/src/worker.js";
import { gatewayFor } from "../../examples/worker/src/gateway.js";

/** @typedef {import("../../examples/worker/src/gateway.js").Env & { ANY_TARGET: boolean }} Env */

export default {
  /** @param {Request} request @param {Env} env */
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    // What is behind this gateway may change while it runs.
    if (pathname === "/config.json") return env.ASSETS.fetch(request);
    // Whichever a request names, since here its owner is the only user.
    if (env.ANY_TARGET) {
      const named = /^\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname);
      if (named) return gatewayFor({ ...env, DEPLOYMENTS: decoded(named[1]) }).fetch(request, env);
      const profile = pathname === "/v1/infer" && (await profileOf(request));
      if (profile) return gatewayFor({ ...env, PROFILES: [profile] }).fetch(request, env);
    }
    return worker.fetch(request, env);
  },
};

/** @param {Request} request @returns {Promise<string | undefined>} none where the body is no good: that is told by the gateway */
async function profileOf(request) {
  try {
    const { profile } = JSON.parse(await request.clone().text());
    return typeof profile === "string" ? profile : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} segment @returns {string[]} none where it names no deployment */
function decoded(segment) {
  try {
    const id = decodeURIComponent(segment);
    return id === "." || id === ".." ? [] : [id];
  } catch {
    return [];
  }
}
