/**
 * The option `routes`: one id for the page, several targets behind it. Checked at start-up like all options; how the
 * targets are asked is `targets.js`.
 */
import { Circuits } from "./circuits.js";
import { invokePath } from "./endpoints.js";

/** @typedef {{ label: string, path: string, profile?: string }} Target */
/**
 * @typedef {object} NamedRoute
 * @property {string} name
 * @property {Target[]} targets
 * @property {number | undefined} delay of a hedge, in ms; undefined: a fallback
 * @property {number} headersTimeout ms
 * @property {Circuits} circuits
 */

const ALLOWED = ["fallback", "hedge", "delay", "headersTimeout"];
const HEADERS_TIMEOUT_MS = 60_000;

/** @param {any} routes @param {ReadonlySet<unknown>} deployments @returns {Map<string, NamedRoute>} */
export function parseRoutes(routes = {}, deployments) {
  if (!isObject(routes)) {
    throw new TypeError(
      "`routes` must be an object: { name: { fallback: [ids] } } or { name: { hedge: [ids], delay } }.",
    );
  }
  return new Map(Object.entries(routes).map(([name, route]) => [name, parseRoute(name, route, deployments)]));
}

/** @param {string} name @param {any} route @param {ReadonlySet<unknown>} deployments @returns {NamedRoute} */
function parseRoute(name, route, deployments) {
  const field = `\`routes.${name}\``;
  if (!isDeployment(name)) throw new TypeError(`${field}: a route needs a name that can be an id.`);
  if (deployments.has(name)) {
    throw new TypeError(
      `${field} has the name of a deployment in \`deployments\`: one of them could not be called.`,
    );
  }
  if (!isObject(route) || (route.fallback === undefined) === (route.hedge === undefined)) {
    throw new TypeError(`${field} must have either \`fallback\` or \`hedge\`, a list of targets.`);
  }
  for (const option of Object.keys(route)) {
    if (!ALLOWED.includes(option)) throw new TypeError(`${field} has an unknown option \`${option}\`.`);
  }
  const kind = route.hedge === undefined ? "fallback" : "hedge";
  const list = route[kind];
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`\`routes.${name}.${kind}\` must be a list of ids or { profile }, not empty.`);
  }
  if (kind === "hedge" ? !isMs(route.delay) : route.delay !== undefined) {
    throw new TypeError(
      `\`routes.${name}.delay\` must be ${kind === "hedge" ? "milliseconds, 0 or more" : "left out: only a hedge has one"}.`,
    );
  }
  const { headersTimeout = HEADERS_TIMEOUT_MS } = route;
  if (!isMs(headersTimeout) || headersTimeout === 0) {
    throw new TypeError(`\`routes.${name}.headersTimeout\` must be milliseconds, more than 0.`);
  }
  const targets = list.map((target, at) => parseTarget(target, `routes.${name}.${kind}[${at}]`));
  return { name, targets, delay: route.delay, headersTimeout, circuits: new Circuits() };
}

/** @param {any} target @param {string} field @returns {Target} */
function parseTarget(target, field) {
  if (isDeployment(target)) return { label: target, path: invokePath(target) };
  const profile = isObject(target) && Object.keys(target).length === 1 ? target.profile : undefined;
  if (typeof profile === "string" && profile !== "") {
    return { label: `profile:${profile}`, path: "/v1/infer", profile };
  }
  throw new TypeError(`\`${field}\` must be the id of a deployment or { profile: "name" }.`);
}

/** @param {any} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Timers of all runtimes take 32 bits. @param {unknown} ms */
const isMs = (ms) => typeof ms === "number" && ms >= 0 && ms < 2 ** 31;

/** What can be one segment of a path. @param {unknown} id */
export const isDeployment = (id) =>
  typeof id === "string" && !["", ".", ".."].includes(id) && id.isWellFormed();
