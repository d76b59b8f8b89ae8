/**
 * The one field of a body that a list decides upon. The bytes are judged here and read again by another parser at the
 * service, so a body that two parsers may read differently (a name twice, or in capitals, which some take for the same)
 * is refused: it could show one profile here and another one there.
 */
import { Refusal } from "./refusal.js";

/** @typedef {import("./request-body.js").Body} Body */

/** @param {Body} body @param {ReadonlySet<string | null>} profiles */
export function allowProfile({ text, value }, profiles) {
  const spellings = spellingsIn(text);
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
 * @param {Body} body @param {string} profile
 */
export function withProfile({ text }, profile) {
  if (spellingsIn(text).length > 0) {
    const message = "The request body must not name a `profile`: this route has its own.";
    throw new Refusal(400, "invalid_body", message);
  }
  const members = text.slice(text.indexOf("{") + 1);
  const comma = members.trimStart().startsWith("}") ? "" : ",";
  return new TextEncoder().encode(`{"profile":${JSON.stringify(profile)}${comma}${members}`);
}

/** Compared in capitals, which letters of other alphabets and ligatures share. @param {string} text of an object */
const spellingsIn = (text) => topLevelNames(text).filter((name) => name.toUpperCase() === "PROFILE");

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
