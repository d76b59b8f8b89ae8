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
import { notText, parseSecret, readSecret } from "./secrets.js";
import { isCount, isUses, TokenUses } from "./token-uses.js";

const FORMAT = "pr1";
const DEFAULT_TTL_SECONDS = 300;
const LONGEST_TTL_SECONDS = 86_400;
/** Machines of one network tell slightly different times. */
const SKEW_SECONDS = 30;
/** As many characters as the hash has bytes: a shorter secret would be the weakest part. */
const LEAST_SECRET_LENGTH = 32;
/** What fits into a header wherever it passes. */
const LONGEST_CLAIMS = 8192;
const OPTIONS = ["secret", "previousSecret", "ttl", "audience", "scope", "uses"];
const SCOPE = ["deployments", "profiles", "uses"];

/** @typedef {import("./secrets.js").Secret} Secret */
/**
 * @typedef {object} Token
 * @property {string} id
 * @property {string} audience
 * @property {number} issuedAt seconds since 1970
 * @property {number} expiresAt
 * @property {string[]} [deployments] all that are listed where it names none
 * @property {(string | null)[]} [profiles]
 * @property {import("./token-uses.js").Uses} [uses]
 */
/**
 * @typedef {object} Tokens
 * @property {Secret} secret
 * @property {Secret | undefined} previousSecret
 * @property {number} ttl
 * @property {string} audience
 * @property {((request: Request, env: any) => any) | undefined} scope
 * @property {import("./token-uses.js").Uses | undefined} uses
 * @property {TokenUses} counted
 */
/** @typedef {(message: string, ...details: unknown[]) => void} Log */
/** @typedef {{ deployments: ReadonlySet<string>, routes: ReadonlyMap<string, unknown>, profiles: ReadonlySet<string | null> }} Lists */

/** @type {import("./secrets.js").Kind} */
const SECRET = {
  option: "tokens.secret",
  code: "no_token_secret",
  lack: "cannot sign tokens",
  flaw(secret) {
    if (typeof secret !== "string" || secret.length >= LEAST_SECRET_LENGTH) return notText(secret);
    return `it has less than ${LEAST_SECRET_LENGTH} characters`;
  },
};

/** Between two rotations there is none, and the function that reads it finds nothing. */
const PREVIOUS_SECRET = {
  ...SECRET,
  option: "tokens.previousSecret",
  lack: "cannot check tokens",
  flaw: (/** @type {unknown} */ secret) => (secret === undefined ? undefined : SECRET.flaw(secret)),
};

/** @param {any} tokens @returns {Tokens | undefined} */
export function parseTokens(tokens) {
  if (tokens === undefined) return undefined;
  if (typeof tokens !== "object" || tokens === null || Array.isArray(tokens)) {
    throw new TypeError("`tokens` must be an object with a `secret`.");
  }
  for (const name of Object.keys(tokens)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`\`tokens\` has an unknown option \`${name}\`.`);
  }
  const { previousSecret, ttl = DEFAULT_TTL_SECONDS, audience = "purerouter", scope, uses } = tokens;
  const secret = parseSecret(SECRET, tokens.secret);
  if (previousSecret !== undefined) parseSecret(PREVIOUS_SECRET, previousSecret);
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
  return { secret, previousSecret, ttl, audience, scope, uses, counted: new TokenUses() };
}

/** @param {Tokens} tokens @param {Lists} lists @param {Request} request @param {any} env @param {Log} log */
export async function issueToken(tokens, lists, request, env, log) {
  const now = Math.floor(Date.now() / 1000);
  const id = crypto.randomUUID();
  const { ttl, audience } = tokens;
  const scope = await scopeOf(tokens, lists, request, env, log);
  /** @type {Token} */
  const token = { id, audience, issuedAt: now, expiresAt: now + ttl, ...scope };
  const claims = toBase64Url(new TextEncoder().encode(JSON.stringify(token)));
  if (claims.length > LONGEST_CLAIMS) throw noScope("it names more than a header can carry", log);
  const payload = `${FORMAT}.${claims}`;
  const key = await hmacKey(await readSecret(SECRET, tokens.secret, env, log), "sign");
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(payload));
  return Response.json({ token: `${payload}.${toBase64Url(new Uint8Array(signature))}`, expires_in: ttl });
}

/**
 * A scope only narrows: what is not listed is left out, wherever the owner's function got it from. A name it does not
 * have, or a value that is no scope, would narrow nothing.
 * @param {Tokens} tokens @param {Lists} lists @param {Request} request @param {any} env @param {Log} log
 * @returns {Promise<Pick<Token, "deployments" | "profiles" | "uses">>}
 */
async function scopeOf(tokens, lists, request, env, log) {
  try {
    const scope = (await tokens.scope?.(request, env)) ?? {};
    if (typeof scope !== "object") throw new TypeError(`a scope is an object, not a ${typeof scope}`);
    const unknown = Object.keys(scope).find((name) => !SCOPE.includes(name));
    if (unknown !== undefined) throw new TypeError(`a scope has no \`${unknown}\``);
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
    throw noScope(error, log);
  }
}

/** @param {unknown} problem @param {Log} log */
function noScope(problem, log) {
  log("`tokens.scope` failed", problem);
  return new Refusal(500, "gateway_error", "The gateway could not decide what the token is for.");
}

/**
 * @param {Tokens} tokens @param {string | null} given @param {any} env @param {Log} log
 * @returns {Promise<Token>}
 */
export async function verifyToken(tokens, given, env, log) {
  if (given === null)
    throw refused("missing", "has no token: get one by POST /v1/tokens, send it as `x-router-key`");
  const [, payload, claims, signature] = /^(pr1\.([\w-]+))\.([\w-]{43})$/.exec(given) ?? [];
  if (payload === undefined || claims === undefined || signature === undefined) {
    throw refused("malformed", "has an `x-router-key` that is no token of this gateway");
  }
  if (!(await isSigned(tokens, payload, signature, env, log))) {
    throw refused("invalid", "has a token that was altered or signed with another secret");
  }
  /** @type {Token} */
  const token = JSON.parse(new TextDecoder().decode(fromBase64Url(claims)));
  const now = Date.now() / 1000;
  if (token.audience !== tokens.audience) throw refused("invalid", "has a token of another gateway");
  if (token.issuedAt > now + SKEW_SECONDS) throw refused("not_yet_valid", "has a token from the future");
  if (token.expiresAt <= now - SKEW_SECONDS)
    throw refused("expired", "has a token that has expired: get a new one");
  tokens.counted.count(token, now);
  return token;
}

/** @param {string} what @param {string} message */
const refused = (what, message) =>
  new Refusal(401, `token_${what}`, `The request ${message}.`, { "www-authenticate": "Bearer" });

/** @param {Tokens} tokens @param {string} payload @param {string} signature @param {any} env @param {Log} log */
async function isSigned({ secret, previousSecret }, payload, signature, env, log) {
  const data = new TextEncoder().encode(payload);
  const bytes = fromBase64Url(signature);
  /** @param {string} secret */
  const verified = async (secret) =>
    crypto.subtle.verify("HMAC", await hmacKey(secret, "verify"), bytes, data);

  if (await verified(await readSecret(SECRET, secret, env, log))) return true;
  const previous = previousSecret && (await readSecret(PREVIOUS_SECRET, previousSecret, env, log));
  return previous !== undefined && verified(previous);
}

/** @param {string} secret @param {"sign" | "verify"} usage */
const hmacKey = (secret, usage) =>
  crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    usage,
  ]);

/** @param {Uint8Array} bytes */
const toBase64Url = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {string} text */
function fromBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
