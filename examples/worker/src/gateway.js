// What the gateway lets through is set in wrangler.jsonc; what is secret, by `npx wrangler secret put`.
import { createGateway } from "purerouter/worker";

/**
 * @typedef {object} Env
 * @property {string} PUREROUTER_KEY a secret
 * @property {string[]} DEPLOYMENTS
 * @property {(string | null)[]} PROFILES
 * @property {Record<string, any>} [ROUTES]
 * @property {string} [BASE_URL] the service, where it is not the hosted one
 * @property {{ limit: (options: { key: string }) => Promise<{ success: boolean }> }} LIMITER
 * @property {{ fetch: (request: Request) => Promise<Response> }} ASSETS
 */

/** @param {Env} env */
export const gatewayFor = ({ DEPLOYMENTS, PROFILES, ROUTES, BASE_URL }) =>
  createGateway({
    routerKey: (/** @type {Env} */ env) => env.PUREROUTER_KEY,
    deployments: DEPLOYMENTS,
    profiles: PROFILES,
    ...(ROUTES && { routes: ROUTES }),
    ...(BASE_URL && { baseUrl: BASE_URL }),
    // By the visitor's address, which Cloudflare's network adds and nobody can forge. Put `authorize` beside it to let
    // in only whom your app knows.
    limit: (request, /** @type {Env} */ env) =>
      env.LIMITER.limit({ key: request.headers.get("cf-connecting-ip") ?? "local" }),
  });
