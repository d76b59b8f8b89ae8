/**
 * What the gateway serves: the service's own paths, and one of its own for tokens. Exactly one decoded segment of a path
 * names a deployment, and it is encoded anew for the service: an id from the allow-list is all that ever gets into a
 * path, however the client spelled it.
 */
import { Refusal } from "./refusal.js";

/**
 * @typedef {object} Endpoint
 * @property {"health" | "infer" | "deployment" | "tokens"} name
 * @property {"GET" | "POST"} method
 * @property {string} path at the service
 * @property {string} [id] of a deployment, or the name of a route
 */

/** @param {Request} request @param {boolean} issuesTokens @returns {Endpoint} */
export function findEndpoint(request, issuesTokens) {
  const endpoint = endpointOf(new URL(request.url).pathname);
  if (endpoint === undefined || (endpoint.name === "tokens" && !issuesTokens)) {
    throw new Refusal(
      404,
      "unknown_path",
      "This gateway serves POST /v1/deployments/{id}/invoke, POST /v1/infer and GET /v1/health.",
    );
  }
  const { method, path } = endpoint;
  if (request.method !== method) {
    const message = `${path} answers ${method}, not ${request.method}.`;
    throw new Refusal(405, "method_not_allowed", message, { allow: `${method}, OPTIONS` });
  }
  return endpoint;
}

/** @param {string} path @returns {Endpoint | undefined} */
function endpointOf(path) {
  if (path === "/v1/health") return { name: "health", method: "GET", path };
  if (path === "/v1/infer") return { name: "infer", method: "POST", path };
  if (path === "/v1/tokens") return { name: "tokens", method: "POST", path };
  const segment = /^\/v1\/deployments\/([^/]+)\/invoke$/.exec(path)?.[1];
  const id = segment === undefined ? undefined : decoded(segment);
  return id === undefined ? undefined : { name: "deployment", method: "POST", path: invokePath(id), id };
}

/** @param {string} id */
export const invokePath = (id) => `/v1/deployments/${encodeURIComponent(id)}/invoke`;

/** @param {string} segment */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
