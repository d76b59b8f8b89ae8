// What is remembered of a session, in this tab only, and what a link carries: the form, never a key. A link wins over
// what the tab remembers.

/**
 * @typedef {{
 *   view?: string,
 *   chat?: boolean,
 *   system?: string,
 *   prompt?: string,
 *   target?: string,
 *   deployment?: string,
 *   max_tokens?: string,
 *   temperature?: string,
 *   top_p?: string,
 *   lanes?: { id: string, instance: string }[],
 *   chain?: { id: string, fault: string }[],
 *   midStream?: string,
 *   markdown?: boolean,
 *   language?: string,
 *   connection?: string,
 *   baseUrl?: string,
 * }} Session
 */

const KEY = "purerouter";

/** @returns {Session} */
export function restore() {
  try {
    const shared = new URLSearchParams(location.hash.slice(1)).get("s");
    // What the link says is the session's from now on; a reload finds it there, with what was changed since.
    if (shared !== null) history.replaceState(null, "", location.pathname);
    const text = shared ?? sessionStorage.getItem(KEY);
    const session = text === null ? {} : JSON.parse(text);
    return typeof session === "object" && session !== null ? session : {};
  } catch {
    // A link cut short, or storage that is switched off: the page begins anew.
    return {};
  }
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
