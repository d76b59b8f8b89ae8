/**
 * Short-lived keys for pages: `POST /v1/tokens` issues one to whom `authorize` lets in, and every other call has to
 * present it as its router key. A token says all about itself and is signed (HMAC-SHA-256), so no isolate has to ask
 * another one. The price of that: it cannot be revoked before it expires, and how often it was used is counted by each
 * isolate for itself.
 *
 * The algorithm is part of the format's name and not a field of the token, so nobody can ask for a weaker one. Nothing
 * in a token is read before its signature holds, and WebCrypto compares that in constant time.
 */
import { Refusal } from "./refusal.js";

const FORMAT = "pr1";
const DEFAULT_TTL_SECONDS = 300;
const LONGEST_TTL_SECONDS = 86_400;
/** Machines of one network tell slightly different times. */
const SKEW_SECONDS = 30;
/** As many characters as the hash has bytes: a shorter secret would be the weakest part. */
const LEAST_SECRET_LENGTH = 32;
const MOST_COUNTED = 10_000;
const OPTIONS = ["secret", "previousSecret", "ttl", "audience", "scope", "uses"];

/** @typedef {{ max: number, seconds: number }} Uses */
/**
 * @typedef {object} Token
 * @property {string} id
 * @property {string} audience
 * @property {number} issuedAt seconds since 1970
 * @property {number} expiresAt
 * @property {string[]} [deployments] all that are listed where it names none
 * @property {(string | null)[]} [profiles]
 * @property {Uses} [uses]
 */
/** @typedef {string | ((env: any) => unknown)} Secret */
/**
 * @typedef {object} Tokens
 * @property {Secret} secret
 * @property {Secret | undefined} previousSecret
 * @property {number} ttl
 * @property {string} audience
 * @property {((request: Request, env: any) => any) | undefined} scope
 * @property {Uses | undefined} uses
 * @property {Map<string, { used: number, until: number }>} counts
 */
/** @typedef {(message: string, ...details: unknown[]) => void} Log */
/** @typedef {{ deployments: ReadonlySet<string>, routes: ReadonlyMap<string, unknown>, profiles: ReadonlySet<string | null> }} Lists */

/** @param {any} tokens @returns {Tokens | undefined} */
export function parseTokens(tokens) {
  if (tokens === undefined) return undefined;
  if (typeof tokens !== "object" || tokens === null || Array.isArray(tokens)) {
    throw new TypeError("`tokens` must be an object with a `secret`.");
  }
  for (const name of Object.keys(tokens)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`\`tokens\` has an unknown option \`${name}\`.`);
  }
  const { secret, previousSecret, ttl = DEFAULT_TTL_SECONDS, audience = "purerouter", scope, uses } = tokens;
  for (const [name, value] of Object.entries({ secret, previousSecret })) {
    if (typeof value === "function" || (value === undefined && name === "previousSecret")) continue;
    const problem = unusableSecret(value);
    if (problem)
      throw new TypeError(`\`tokens.${name}\` must be a secret, or a function (env) => secret: ${problem}.`);
  }
  if (!isCount(ttl) || ttl > LONGEST_TTL_SECONDS) {
    throw new TypeError(`\`tokens.ttl\` must be whole seconds from 1 to ${LONGEST_TTL_SECONDS}.`);
  }
  if (typeof audience !== "string" || audience === "")
    throw new TypeError("`tokens.audience` must be a name.");
  if (scope !== undefined && typeof scope !== "function")
    throw new TypeError("`tokens.scope` must be a function.");
  if (uses !== undefined && !isUses(uses)) {
    throw new TypeError("`tokens.uses` must be { max, seconds }, both whole numbers from 1.");
  }
  return { secret, previousSecret, ttl, audience, scope, uses, counts: new Map() };
}

/** @param {any} value */
const isCount = (value) => Number.isSafeInteger(value) && value > 0;

/** @param {any} uses */
const isUses = (uses) =>
  typeof uses === "object" && uses !== null && isCount(uses.max) && isCount(uses.seconds);

/** Why nothing should be signed with it, without quoting it. @param {unknown} secret */
function unusableSecret(secret) {
  if (typeof secret !== "string") return `it is ${secret === null ? "null" : typeof secret}, not a string`;
  if (secret.length < LEAST_SECRET_LENGTH) return `it has less than ${LEAST_SECRET_LENGTH} characters`;
  return undefined;
}

/** @param {Tokens} tokens @param {Lists} lists @param {Request} request @param {any} env @param {Log} log */
export async function issueToken(tokens, lists, request, env, log) {
  const now = Math.floor(Date.now() / 1000);
  const id = crypto.randomUUID();
  const { ttl, audience } = tokens;
  const scope = await scopeOf(tokens, lists, request, env, log);
  /** @type {Token} */
  const token = { id, audience, issuedAt: now, expiresAt: now + ttl, ...scope };
  const payload = `${FORMAT}.${toBase64Url(new TextEncoder().encode(JSON.stringify(token)))}`;
  const key = await hmacKey(await secretOf("secret", tokens.secret, env, log), "sign");
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(payload));
  return Response.json({ token: `${payload}.${toBase64Url(new Uint8Array(signature))}`, expires_in: ttl });
}

/**
 * A scope only narrows: what is not listed is left out, wherever the owner's function got it from.
 * @param {Tokens} tokens @param {Lists} lists @param {Request} request @param {any} env @param {Log} log
 * @returns {Promise<Pick<Token, "deployments" | "profiles" | "uses">>}
 */
async function scopeOf(tokens, lists, request, env, log) {
  let scope;
  try {
    scope = (await tokens.scope?.(request, env)) ?? {};
    const { deployments, profiles, uses = tokens.uses } = scope;
    if (uses !== undefined && !isUses(uses)) throw new TypeError("`uses` must be { max, seconds }");
    return {
      deployments: deployments?.filter(
        (/** @type {string} */ id) => lists.deployments.has(id) || lists.routes.has(id),
      ),
      profiles: profiles?.filter((/** @type {string | null} */ name) => lists.profiles.has(name)),
      uses,
    };
  } catch (error) {
    log("`tokens.scope` failed", error);
    throw new Refusal(500, "gateway_error", "The gateway could not decide what the token is for.");
  }
}

/**
 * @param {Tokens} tokens @param {string | null} given @param {any} env @param {Log} log
 * @returns {Promise<Token>}
 */
export async function verifyToken(tokens, given, env, log) {
  if (given === null)
    throw refused("missing", "has no token: get one by POST /v1/tokens, send it as `x-router-key`");
  const [, payload, signature] = /^(pr1\.[\w-]{1,8192})\.([\w-]{43})$/.exec(given) ?? [];
  if (payload === undefined || signature === undefined) {
    throw refused("malformed", "has an `x-router-key` that is no token of this gateway");
  }
  if (!(await isSigned(tokens, payload, signature, env, log))) {
    throw refused("invalid", "has a token that was altered or signed with another secret");
  }
  /** @type {Token} */
  const token = JSON.parse(new TextDecoder().decode(fromBase64Url(payload.slice(FORMAT.length + 1))));
  const now = Date.now() / 1000;
  if (token.audience !== tokens.audience) throw refused("invalid", "has a token of another gateway");
  if (token.issuedAt > now + SKEW_SECONDS) throw refused("not_yet_valid", "has a token from the future");
  if (token.expiresAt <= now - SKEW_SECONDS)
    throw refused("expired", "has a token that has expired: get a new one");
  count(tokens.counts, token, now);
  return token;
}

/** @param {string} what @param {string} message */
const refused = (what, message) =>
  new Refusal(401, `token_${what}`, `The request ${message}.`, { "www-authenticate": "Bearer" });

/** @param {Tokens} tokens @param {string} payload @param {string} signature @param {any} env @param {Log} log */
async function isSigned(tokens, payload, signature, env, log) {
  const data = new TextEncoder().encode(payload);
  const bytes = fromBase64Url(signature);
  /** @param {string} secret */
  const verified = async (secret) =>
    crypto.subtle.verify("HMAC", await hmacKey(secret, "verify"), bytes, data);

  if (await verified(await secretOf("secret", tokens.secret, env, log))) return true;
  // Between two rotations there is none, and the function that reads it finds nothing.
  const previous =
    typeof tokens.previousSecret === "function" ? await tokens.previousSecret(env) : tokens.previousSecret;
  return unusableSecret(previous) === undefined && verified(/** @type {string} */ (previous));
}

/** @param {string} name @param {Secret} source @param {any} env @param {Log} log @returns {Promise<string>} */
async function secretOf(name, source, env, log) {
  let problem;
  try {
    const secret = typeof source === "string" ? source : await source(env);
    problem = unusableSecret(secret);
    if (problem === undefined) return /** @type {string} */ (secret);
  } catch (error) {
    log(`\`tokens.${name}\` threw`, error);
    problem = "the function threw";
  }
  throw new Refusal(
    500,
    "no_token_secret",
    `The gateway cannot sign tokens: set the secret that its \`tokens.${name}\` option reads (${problem}).`,
    { "x-should-retry": "false" },
  );
}

/** @param {string} secret @param {"sign" | "verify"} usage */
const hmacKey = (secret, usage) =>
  crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    usage,
  ]);

/**
 * Counts in windows that start with a token's first use. The oldest are forgotten where there are too many: a count
 * must not become a way to fill the memory.
 * @param {Tokens["counts"]} counts @param {Token} token @param {number} now
 */
function count(counts, { id, uses }, now) {
  if (uses === undefined) return;
  let window = counts.get(id);
  if (window === undefined || window.until <= now) {
    window = { used: 0, until: now + uses.seconds };
    counts.delete(id);
    counts.set(id, window);
    const [oldest] = counts.keys();
    if (counts.size > MOST_COUNTED && oldest !== undefined) counts.delete(oldest);
  }
  if (++window.used <= uses.max) return;
  const wait = Math.ceil(window.until - now);
  const message = `This token is for ${uses.max} requests in ${uses.seconds} s: try again in ${wait} s.`;
  throw new Refusal(429, "token_used_up", message, { "retry-after": `${wait}` });
}

/** @param {Uint8Array} bytes */
const toBase64Url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {string} text */
function fromBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
