// The request as JSON and as code to paste, for each place it could be sent from, in step with the form: printed from
// the same call the run sends.

import { wire } from "./call.js";
import { rustProgram } from "./snippet-rust.js";

/**
 * @typedef {import("./call.js").Call} Call
 * @typedef {{ kind: "" | "keyword" | "literal", text: string }} Piece
 */

const SERVICE = "https://api.purerouter-api.com";

/**
 * Each takes the call, and the base URL where it is not the service's own.
 *
 * @type {Record<string, (call: Call, baseUrl?: string) => string>}
 */
export const languages = {
  // A page has a gateway in front of it, wherever the service is.
  browser: (call) =>
    script(call, 'const client = new PureRouter({ baseUrl: "/" });', {
      before: "const output = document.body;\n",
      write: (text) => `output.append(${text});`,
      restart: 'output.textContent = "";',
    }),
  worker: (call, baseUrl) => {
    const answer = call.kind === "compare" ? "Response.json(await answer.results)" : "answer.toResponse()";
    return `import { PureRouter } from "purerouter";

export default {
  async fetch(request, env) {
    const client = ${client("env.PUREROUTER_KEY", baseUrl)};
    const answer = ${indented(asked(call), 4)};
    return ${answer};
  },
};
`;
  },
  node: (call, baseUrl) =>
    script(call, `const client = ${client("process.env.PUREROUTER_KEY", baseUrl)};`, {
      before: "",
      write: (text) => `process.stdout.write(${text});`,
      restart: 'process.stdout.write("\\n\\n");',
    }),
  rust: (call) => rustProgram(call),
  curl: (call, baseUrl = SERVICE) => {
    const { path, body } = wire(call);
    const several = call.kind === "fallback" || call.kind === "compare";
    return `${several ? "# One deployment: several are the client's doing.\n" : ""}curl -N ${quoted(baseUrl.replace(/\/+$/, "") + path)} \\
  -H 'content-type: application/json' \\
  -H "x-router-key: $PUREROUTER_KEY" \\
  -d ${quoted(JSON.stringify(body))}
`;
  },
  json: (call) => {
    const { path, body } = wire(call);
    return `POST ${path}\n\n${JSON.stringify(body, null, 2)}\n`;
  },
};

/** @param {string} key an expression @param {string} [baseUrl] */
function client(key, baseUrl) {
  const where = baseUrl === undefined ? "" : `, baseUrl: ${JSON.stringify(baseUrl)}`;
  return `new PureRouter({ routerKey: ${key}${where} })`;
}

/** For a shell. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {string} text @param {number} by */
const indented = (text, by) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/**
 * @param {Call} call
 * @param {string} client
 * @param {{ before: string, write: (text: string) => string, restart: string }} here what differs from place to place
 */
function script(call, client, { before, write, restart }) {
  const head = `import { PureRouter } from "purerouter";\n\n${before}${client}\n`;
  if (call.kind === "compare") {
    return `${head}const run = ${asked(call)};

for await (const { index, target, event } of run) {
  ${write("`${index} ${target}: ${event.text}\\n`")}
}
const results = await run.results; // per lane: completion or error, and timing
`;
  }
  const loop =
    call.kind === "fallback" && call.midStream === "restart"
      ? `for await (const event of stream) {
  if (event.event === "restart") {
    ${restart} // the next target starts over
  }
  ${write("event.text")}
}`
      : `for await (const text of stream.textStream()) {
  ${write("text")}
}`;
  return `${head}const stream = ${asked(call)};

${loop}
const { timing, usage, finishReason, attempts } = await stream.completion();
`;
}

/** @param {Call} call the expression that asks */
function asked(call) {
  const request = literal(call.request);
  switch (call.kind) {
    case "profile":
      return `client.router.stream(${request})`;
    case "deployment":
      return `client.deployments.stream(${JSON.stringify(call.deployment)}, ${request})`;
    case "fallback":
      return `client
  .fallback(${list(call.chain.map((id) => JSON.stringify(id)))}, { midStream: "${call.midStream}" })
  .stream(${indented(request, 2)})`;
    case "compare": {
      const targets = call.lanes.map(
        ({ id, instance }) => `client.deployment(${JSON.stringify(id)}, { instance: "${instance}" })`,
      );
      return `client.compare(\n  [\n${targets.map((t) => `    ${t},\n`).join("")}  ],\n  ${indented(request, 2)},\n)`;
    }
  }
}

/** @param {string[]} items */
const list = (items) => `[${items.join(", ")}]`;

/** @param {object} request */
function literal(request) {
  const fields = Object.entries(request).map(([name, value]) => {
    if (!Array.isArray(value)) return `  ${name}: ${JSON.stringify(value)},\n`;
    const rows = value.map(
      ({ role, content }) => `    { role: ${JSON.stringify(role)}, content: ${JSON.stringify(content)} },\n`,
    );
    return `  ${name}: [\n${rows.join("")}  ],\n`;
  });
  return `{\n${fields.join("")}}`;
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
  const token =
    /("(?:[^"\\]|\\.)*"|\b\d+(?:\.\d+)?\b)|\b(import|from|const|new|for|await|of|async|return|export|default|use|let|mut|while|fn|curl|POST)\b/g;
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
