// Markdown as the text is written: marked parses, DOMPurify lets through what is harmless. Bundled with both into one
// module and loaded when it is first asked for; the raw text is shown until then, and whenever the reader prefers it.

import DOMPurify from "dompurify";
import { marked } from "marked";

// Nothing is fetched for a text: no pictures, no media, no styles, no forms.
const allowed = {
  FORBID_TAGS: [
    "img",
    "picture",
    "video",
    "audio",
    "source",
    "svg",
    "math",
    "style",
    "form",
    "input",
    "button",
    "iframe",
  ],
  FORBID_ATTR: ["style", "id", "name", "class"],
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

/** @param {string} text */
export function render(text) {
  return DOMPurify.sanitize(/** @type {string} */ (marked.parse(text, { async: false, gfm: true })), allowed);
}
