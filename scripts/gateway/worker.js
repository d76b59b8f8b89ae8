// The Worker of `npm start`: the package's own gateway for the service's paths, the demo page for all others.
import { env } from "cloudflare:workers";
import { createGateway } from "purerouter/worker";

/**
 * @typedef {object} Settings
 * @property {string} routerKey
 * @property {string} baseUrl
 * @property {string[]} profiles
 * @property {string[] | null} deployments null: whichever a request names, since here its owner is the only user
 */

/** @type {{ SETTINGS: Settings, PAGE: { fetch: typeof fetch } }} */
const { SETTINGS, PAGE } = /** @type {any} */ (env);
const { routerKey, baseUrl } = SETTINGS;
const profiles = [...SETTINGS.profiles, null];

/** @param {string[]} deployments */
const gatewayFor = (deployments) => createGateway({ routerKey, baseUrl, profiles, deployments });
const gateway = gatewayFor(SETTINGS.deployments ?? []);

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/v1/")) return PAGE.fetch(request);
    const named = SETTINGS.deployments === null && /^\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname);
    return (named ? gatewayFor(decoded(named[1])) : gateway).fetch(request);
  },
};

/** @param {string} segment @returns {string[]} none where it is no encoding of anything */
function decoded(segment) {
  try {
    return [decodeURIComponent(segment)];
  } catch {
    return [];
  }
}
