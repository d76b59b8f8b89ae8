/**
 * Which pages may use the gateway. Exact origins only: there is no wildcard and no `null`, since the key behind
 * the gateway is worth money to any page that may call it. Requests without an `Origin` come from no other page
 * and are `authorize`'s business.
 */
import { Refusal } from "./refusal.js";

/** What a page may read besides the headers that CORS always shows it. */
const EXPOSED_HEADERS = "retry-after, retry-after-ms, x-should-retry, x-request-id, request-id, cf-ray";

/** @param {Request} request @param {ReadonlySet<string>} origins */
function allowedOrigin(request, origins) {
  const origin = request.headers.get("origin");
  if (origin === null) return null;
  return origins.has(origin) || origin === new URL(request.url).origin ? origin : undefined;
}

/**
 * The answer to a preflight, `undefined` where the request is none. It knows nothing of paths and credentials: a
 * browser shows a page nothing about a preflight that fails, and the request itself gets the telling error.
 * @param {Request} request @param {ReadonlySet<string>} origins
 */
export function preflight(request, origins) {
  if (allowedOrigin(request, origins) === undefined) {
    const origin = JSON.stringify(request.headers.get("origin"));
    throw new Refusal(
      403,
      "origin_not_allowed",
      `The origin ${origin} is not in this gateway's \`origins\`.`,
    );
  }
  if (request.method !== "OPTIONS") return undefined;

  // Any header may come (`authorize` reads what it likes), because none is forwarded.
  const requested = (request.headers.get("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const names = new Set(["content-type", "accept", "authorization", "x-router-key", ...requested]);
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers": [...names].join(", "),
      "access-control-max-age": "7200",
    },
  });
}

/**
 * Every answer gets these, refusals too: without them a page would see a refusal as a network error.
 * @param {Headers} headers @param {Request} request @param {ReadonlySet<string>} origins
 */
export function allowOrigin(headers, request, origins) {
  const origin = allowedOrigin(request, origins);
  headers.append("vary", "origin");
  if (typeof origin === "string") {
    headers.set("access-control-allow-origin", origin);
    // `authorize` may go by a cookie, and the origin is one that the owner named.
    headers.set("access-control-allow-credentials", "true");
    headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  }
}
