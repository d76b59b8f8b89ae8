// The request as the code that would send it, in step with the form. It is printed from the same call the run sends.

/** @typedef {{ kind: "" | "keyword" | "literal", text: string }} Piece */

/** @param {import("./call.js").Call} call */
export function code(call) {
  const [open, request] =
    "profile" in call
      ? ["client.router.stream(", call.request]
      : [`client.deployments.stream(${JSON.stringify(call.deployment)}, `, call.request];
  const fields = Object.entries(request).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`);
  return `import { PureRouter } from "purerouter";

const client = new PureRouter({ baseUrl: "/" });
const stream = ${open}{
${fields.join("")}});

for await (const text of stream.textStream()) {
  output.append(text);
}
const { timing, usage, finishReason } = await stream.completion();
`;
}

/**
 * @param {HTMLElement} element
 * @param {string} source
 */
export function showCode(element, source) {
  element.replaceChildren(
    ...pieces(source).map(({ kind, text }) => {
      if (kind === "") return new Text(text);
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = text;
      return span;
    }),
  );
}

/**
 * @param {string} source
 * @returns {Piece[]}
 */
function pieces(source) {
  const token = /("(?:[^"\\]|\\.)*"|\b\d+(?:\.\d+)?\b)|\b(import|from|const|new|for|await|of)\b/g;
  /** @type {Piece[]} */
  const list = [];
  let end = 0;
  for (const match of source.matchAll(token)) {
    list.push({ kind: "", text: source.slice(end, match.index) });
    list.push({ kind: match[1] ? "literal" : "keyword", text: match[0] });
    end = match.index + match[0].length;
  }
  list.push({ kind: "", text: source.slice(end) });
  return list;
}
