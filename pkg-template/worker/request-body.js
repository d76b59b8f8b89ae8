/**
 * Reading a body without trusting it. It is parsed only to be judged: the service gets the bytes as they came.
 */
import { Refusal } from "./refusal.js";

/**
 * The whole body, or `undefined` as soon as it is known to be larger; the rest is then not read.
 * @param {ReadableStream<Uint8Array> | null} body @param {number} maxBytes
 */
export async function readAtMost(body, maxBytes) {
  const chunks = [];
  let length = 0;
  if (body !== null) {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > maxBytes) {
        reader.cancel().catch(() => {});
        return undefined;
      }
      chunks.push(value);
    }
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** @param {Uint8Array} bytes @returns {{ text: string, value: Record<string, unknown> }} */
export function parseObject(bytes) {
  let text, value;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid_body", "The request body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "invalid_body", "The request body must be a JSON object.");
  }
  return { text, value };
}

/**
 * Checks the profile a request names. The bytes are judged here and read again by another parser at the service, so
 * a body that two parsers may read differently (a name twice, or in capitals, which some take for the same) is
 * refused: it could show one profile here and another one there.
 * @param {string} text @param {Record<string, unknown>} value @param {ReadonlySet<string | null>} profiles
 */
export function allowedProfile(text, value, profiles) {
  const spellings = profileSpellings(text);
  if (spellings.length > 1 || (spellings.length === 1 && spellings[0] !== "profile")) {
    throw new Refusal(400, "invalid_body", "The request body must name `profile` once, in lower case.");
  }
  const profile = value["profile"] ?? null;
  if (profile !== null && typeof profile !== "string") {
    throw new Refusal(400, "invalid_body", "`profile` must be a string.");
  }
  if (profiles.has(profile)) return;
  throw new Refusal(
    403,
    "profile_not_allowed",
    profile === null
      ? "This gateway serves only requests that name a `profile`."
      : `This gateway does not serve the profile ${JSON.stringify(profile)}: its owner has not listed it.`,
  );
}

/**
 * The body that asks the router for this profile. The text is kept as it is, since parsing and writing it anew would
 * change numbers; so it must not name a profile of its own, which the service could take instead.
 * @param {string} text of an object @param {string} profile
 */
export function withProfile(text, profile) {
  if (profileSpellings(text).length > 0) {
    throw new Refusal(
      400,
      "invalid_body",
      "The request body must not name a `profile`: this route has its own.",
    );
  }
  const members = text.slice(text.indexOf("{") + 1);
  const comma = members.trimStart().startsWith("}") ? "" : ",";
  return new TextEncoder().encode(`{"profile":${JSON.stringify(profile)}${comma}${members}`);
}

/** @param {string} text of an object */
const profileSpellings = (text) => topLevelNames(text).filter((name) => name.toLowerCase() === "profile");

/**
 * The names of an object as written, repetitions included, which JSON.parse does not tell.
 * @param {string} text of an object, known to be valid JSON
 */
function topLevelNames(text) {
  const names = [];
  let depth = 0;
  let before = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') {
      const start = at;
      while (text[++at] !== '"') if (text[at] === "\\") at++;
      if (depth === 1 && (before === "{" || before === ","))
        names.push(JSON.parse(text.slice(start, at + 1)));
    } else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    if (char.trim() !== "") before = char;
  }
  return names;
}
