/**
 * The options of `createGateway`, checked once, at start-up: a gateway that is set up wrongly says so when it is
 * deployed, naming the option, and not at its first request.
 */
import { isDeployment, parseRoutes } from "./routes.js";
import { parseSecret, ROUTER_KEY } from "./secrets.js";
import { parseTokens } from "./tokens.js";

const OPTIONS = [
  "routerKey",
  "deployments",
  "profiles",
  "origins",
  "authorize",
  "limit",
  "baseUrl",
  "fetch",
  "maxBodyBytes",
  "routes",
  "tokens",
];
const SERVICE = "https://api.purerouter-api.com";
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * @typedef {object} Settings
 * @property {import("./secrets.js").Secret} routerKey
 * @property {ReadonlySet<string>} deployments
 * @property {ReadonlySet<string | null>} profiles
 * @property {ReadonlySet<string>} origins
 * @property {((request: Request, env: any) => any) | undefined} authorize
 * @property {((request: Request, env: any, token?: import("./tokens.js").Token) => any) | undefined} limit
 * @property {string} baseUrl without trailing slash
 * @property {typeof globalThis.fetch | undefined} fetch
 * @property {number} maxBodyBytes
 * @property {ReadonlyMap<string, import("./routes.js").NamedRoute>} routes
 * @property {import("./tokens.js").Tokens | undefined} tokens
 */

/** @param {any} options @returns {Settings} */
export function parseOptions(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError("createGateway needs an object of options, with `routerKey` at least.");
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) {
      throw new TypeError(`Unknown option \`${name}\`: did you mean \`${nearest(name)}\`?`);
    }
  }
  const ids = "ids (not empty, `.` or `..`)";
  const deployments = parseList("deployments", options.deployments, isDeployment, ids);
  if (options.tokens !== undefined && options.authorize === undefined) {
    throw new TypeError("`tokens` needs `authorize`, which says who gets one; `() => true` is everybody.");
  }
  return {
    routerKey: parseSecret(ROUTER_KEY, options.routerKey),
    deployments,
    profiles: parseList(
      "profiles",
      options.profiles,
      isProfile,
      "names, or null for requests that name none",
    ),
    origins: parseList(
      "origins",
      options.origins,
      isOrigin,
      'origins as browsers send them ("https://app.example")',
    ),
    authorize: parseFunction("authorize", options.authorize),
    limit: parseFunction("limit", options.limit),
    baseUrl: parseBaseUrl(options.baseUrl ?? SERVICE),
    fetch: parseFunction("fetch", options.fetch),
    maxBodyBytes: parseMaxBodyBytes(options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    routes: parseRoutes(options.routes, deployments),
    tokens: parseTokens(options.tokens),
  };
}

/** @param {string} name @param {any} list @param {(item: unknown) => boolean} isItem @param {string} items */
function parseList(name, list = [], isItem, items) {
  if (!Array.isArray(list)) throw new TypeError(`\`${name}\` must be an array of ${items}.`);
  for (const item of list) {
    if (!isItem(item)) {
      throw new TypeError(`\`${name}\` must hold ${items}: ${JSON.stringify(item)} is not one.`);
    }
  }
  return new Set(list);
}

/** @param {unknown} profile */
const isProfile = (profile) => profile === null || (typeof profile === "string" && profile !== "");

/**
 * Apps have schemes of their own (`capacitor://localhost`), whose `URL.origin` is no use.
 * @param {unknown} origin
 */
function isOrigin(origin) {
  if (typeof origin !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/.test(origin)) return false;
  return !/^https?:/.test(origin) || (URL.canParse(origin) && new URL(origin).origin === origin);
}

/** @param {string} name @param {any} value */
function parseFunction(name, value) {
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`\`${name}\` must be a function.`);
}

/** @param {unknown} baseUrl */
function parseBaseUrl(baseUrl) {
  const text = String(baseUrl);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError("`baseUrl` must be an absolute http(s) URL without credentials, query or fragment.");
  }
  return url.href.replace(/\/+$/, "");
}

/** @param {unknown} bytes */
function parseMaxBodyBytes(bytes) {
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new TypeError("`maxBodyBytes` must be a positive whole number of bytes.");
}

/** @param {string} name */
function nearest(name) {
  const distances = OPTIONS.map((option) => editDistance(name.toLowerCase(), option.toLowerCase()));
  return OPTIONS[distances.indexOf(Math.min(...distances))];
}

/** @param {string} a @param {string} b */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = /** @type {number} */ (row[j - 1]) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(
        Math.min(substituted, /** @type {number} */ (row[j]) + 1, /** @type {number} */ (next[j - 1]) + 1),
      );
    }
    row = next;
  }
  return /** @type {number} */ (row[b.length]);
}
