// What is remembered of a session, in this tab only, and what a link carries: the form, never a key, and in a link never
// where requests go, or its author could have a key sent to himself. A link wins over what the tab remembers, and neither
// is trusted to be of this page: what has not the type it should have is left out.

/**
 * @typedef {{
 *   view?: string,
 *   chat?: boolean,
 *   system?: string,
 *   turns?: import("./call.js").Message[],
 *   prompt?: string,
 *   target?: string,
 *   deployment?: string,
 *   max_tokens?: string,
 *   temperature?: string,
 *   top_p?: string,
 *   lanes?: { id: string, instance: string }[],
 *   chain?: import("./chain.js").Link[],
 *   midStream?: string,
 *   markdown?: boolean,
 *   language?: string,
 *   connection?: string,
 *   baseUrl?: string,
 * }} Session
 */

const KEY = "purerouter";

const isText = (/** @type {unknown} */ value) => typeof value === "string";
const isChoice = (/** @type {unknown} */ value) => typeof value === "boolean";
const areTexts = (/** @type {string[]} */ ...names) => {
  return (/** @type {unknown} */ value) =>
    Array.isArray(value) && value.every((item) => names.every((name) => isText(item?.[name])));
};

/** @type {Record<keyof Session, (value: unknown) => boolean>} */
const types = {
  view: isText,
  chat: isChoice,
  system: isText,
  turns: areTexts("role", "content"),
  prompt: isText,
  target: isText,
  deployment: isText,
  max_tokens: isText,
  temperature: isText,
  top_p: isText,
  lanes: areTexts("id", "instance"),
  chain: areTexts("id", "fault"),
  midStream: isText,
  markdown: isChoice,
  language: isText,
  connection: isText,
  baseUrl: isText,
};

/** @returns {Session} */
export function restore() {
  try {
    const shared = new URLSearchParams(location.hash.slice(1)).get("s");
    // What the link says is the session's from now on; a reload finds it there, with what was changed since.
    if (shared !== null) history.replaceState(null, "", location.pathname);
    const text = shared ?? sessionStorage.getItem(KEY);
    const { connection, baseUrl, ...form } = checked(JSON.parse(text ?? "{}"));
    return shared === null ? { connection, baseUrl, ...form } : form;
  } catch {
    // A link cut short, or storage that is switched off: the page begins anew.
    return {};
  }
}

/** @param {unknown} saved @returns {Session} */
function checked(saved) {
  return Object.fromEntries(
    Object.entries(saved ?? {}).filter(
      ([name, value]) => Object.hasOwn(types, name) && types[/** @type {keyof Session} */ (name)](value),
    ),
  );
}

/** @param {Session} session */
export function remember(session) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(session));
  } catch {
    // Storage may be switched off; the page works without.
  }
}

/** @param {Session} session @returns {string} */
export function linkTo({ connection: _, baseUrl: __, ...session }) {
  const link = new URL("/", location.href);
  link.hash = new URLSearchParams({ s: JSON.stringify(session) }).toString();
  return link.href;
}
