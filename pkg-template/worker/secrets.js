/**
 * What the owner keeps secret: the router key, and what signs tokens. Each is text, or a function that finds it in the
 * handler's `env` and is asked when it is needed. Why one is of no use is said without quoting it.
 */
import { Refusal } from "./refusal.js";

/** @typedef {string | ((env: any) => unknown)} Secret */
/**
 * @typedef {object} Kind
 * @property {string} option
 * @property {(value: unknown) => string | undefined} flaw why a value is of no use, without quoting it
 * @property {string} code of the refusal where there is none
 * @property {string} lack what that means
 */

/** @param {Kind} kind @param {unknown} source @returns {Secret} */
export function parseSecret({ option, flaw }, source) {
  if (typeof source === "function") return /** @type {(env: any) => unknown} */ (source);
  const problem = flaw(source);
  if (problem === undefined) return /** @type {string} */ (source);
  throw new TypeError(`\`${option}\` must be text, or a function (env) => text: ${problem}.`);
}

/**
 * What the function throws goes to the owner's log only: it may hold anything.
 * @param {Kind} kind @param {Secret} source @param {any} env
 * @param {(message: string, ...details: unknown[]) => void} log @returns {Promise<string>}
 */
export async function readSecret({ option, flaw, code, lack }, source, env, log) {
  let problem;
  try {
    const secret = typeof source === "string" ? source : await source(env);
    problem = flaw(secret);
    if (problem === undefined) return /** @type {string} */ (secret);
  } catch (error) {
    log(`\`${option}\` threw`, error);
    problem = "the function threw";
  }
  const message = `The gateway ${lack}: set the secret that its \`${option}\` option reads (${problem}).`;
  throw new Refusal(500, code, message, { "x-should-retry": "false" });
}

/** @param {unknown} value */
export const notText = (value) =>
  typeof value === "string" ? undefined : `it is ${value === null ? "null" : typeof value}, not a string`;

/** @type {Kind} */
export const ROUTER_KEY = {
  option: "routerKey",
  code: "no_router_key",
  lack: "has no router key",
  // Visible ASCII: blanks at the ends would be dropped on the way, and one runtime or the other refuses all else.
  flaw(key) {
    if (key === "") return "it is empty";
    if (typeof key !== "string" || /^[\x21-\x7e]+$/.test(key)) return notText(key);
    return "no header can carry it: it holds blanks, line breaks or non-ASCII";
  },
};
