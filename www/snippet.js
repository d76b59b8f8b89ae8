// The request as JSON and as code to paste, for each place it could be sent from, in step with the form: printed from
// the same call the run sends.

import { wire } from "./call.js";

/**
 * @typedef {import("./call.js").Call} Call
 * @typedef {{ kind: "" | "keyword" | "literal", text: string }} Piece
 */

/** @type {Record<string, (call: Call) => string>} */
export const languages = {
  browser: (call) =>
    script(
      call,
      'const client = new PureRouter({ baseUrl: "/" });',
      "output.append(TEXT);",
      "const output = document.body;\n",
    ),
  worker: (call) => {
    if (call.kind === "compare") {
      return worker(`    const run = ${asked(call).replaceAll("\n", "\n    ")};
    return Response.json(await run.results);`);
    }
    return worker(`    const stream = ${asked(call).replaceAll("\n", "\n    ")};
    return stream.toResponse();`);
  },
  node: (call) =>
    script(
      call,
      "const client = new PureRouter({ routerKey: process.env.PUREROUTER_KEY });",
      "process.stdout.write(TEXT);",
    ),
  rust,
  curl: (call) => {
    const { path, body } = wire(call);
    const note =
      call.kind === "fallback" || call.kind === "compare"
        ? "# One deployment: several are the client's doing.\n"
        : "";
    return `${note}curl -N https://api.purerouter-api.com${path} \\
  -H "content-type: application/json" \\
  -H "x-router-key: $PUREROUTER_KEY" \\
  -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'
`;
  },
  json: (call) => {
    const { path, body } = wire(call);
    return `POST ${path}\n\n${JSON.stringify(body, null, 2)}\n`;
  },
};

/**
 * @param {Call} call
 * @param {string} client
 * @param {string} write
 * @param {string} [before]
 */
function script(call, client, write, before = "") {
  const head = `import { PureRouter } from "purerouter";\n\n${before}${client}\n`;
  if (call.kind === "compare") {
    return `${head}const run = ${asked(call)};

for await (const { index, target, event } of run) {
  ${write.replace("TEXT", "`${index} ${target}: ${event.text}\\n`")}
}
const results = await run.results; // per lane: completion or error, and timing
`;
  }
  const events = call.kind === "fallback" && call.midStream === "restart";
  const loop = events
    ? `for await (const event of stream) {
  if (event.event === "restart") { /* what was written is void: the next target starts over */ }
  ${write.replace("TEXT", "event.text")}
}`
    : `for await (const text of stream.textStream()) {
  ${write.replace("TEXT", "text")}
}`;
  return `${head}const stream = ${asked(call)};

${loop}
const { timing, usage, finishReason, attempts } = await stream.completion();
`;
}

/** @param {string} body */
const worker = (body) => `import { PureRouter } from "purerouter";

export default {
  async fetch(request, env) {
    const client = new PureRouter({ routerKey: env.PUREROUTER_KEY });
${body}
  },
};
`;

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
  .stream(${request.replaceAll("\n", "\n  ")})`;
    case "compare": {
      const targets = call.lanes.map(
        ({ id, instance }) => `client.deployment(${JSON.stringify(id)}, { instance: "${instance}" })`,
      );
      return `client.compare(\n  [\n${targets.map((t) => `    ${t},\n`).join("")}  ],\n  ${request.replaceAll("\n", "\n  ")},\n)`;
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

/** @param {Call} call */
function rust(call) {
  const text = (/** @type {unknown} */ value) => rustString(String(value));
  const { prompt, messages, max_tokens, temperature, top_p } = call.request;
  const from = messages
    ? `Request::messages([\n${messages.map(({ role, content }) => `        Message::${role === "system" || role === "assistant" ? role : "user"}(${text(content)}),\n`).join("")}    ])`
    : `Request::prompt(${text(prompt)})`;
  const float = (/** @type {number} */ n) => (Number.isInteger(n) ? `${n}.0` : `${n}`);
  const set = [
    max_tokens === undefined ? "" : `.max_tokens(${max_tokens})`,
    temperature === undefined ? "" : `.temperature(${float(temperature)})`,
    top_p === undefined ? "" : `.top_p(${float(top_p)})`,
  ].filter(Boolean);
  const request = [from, ...set].join("\n        ");
  const target =
    call.kind === "profile"
      ? `client.profile(${text(call.profile)})`
      : call.kind === "deployment"
        ? `client.deployment(${text(call.deployment)})`
        : call.kind === "compare"
          ? `client.deployment(${text(call.lanes[0].id)})`
          : `client\n        .fallback([${call.chain.map((id) => `client.deployment(${text(id)}).into()`).join(", ")}])\n        .mid_stream(MidStream::${{ fail: "Fail", continue: "Continue", restart: "Restart" }[call.midStream]})`;
  const used = ["Client", "Error", messages && "Message", call.kind === "fallback" && "MidStream", "Request"];
  return `use futures::StreamExt;
use purerouter::{${used.filter(Boolean).join(", ")}};

async fn answer(show: impl Fn(&str)) -> Result<(), Error> {
    let client = Client::builder().base_url("/").build()?;
    let request = ${request};
    let mut stream = ${target}.stream(request);
    while let Some(event) = stream.next().await {
        show(event?.text());
    }
    Ok(())
}
`;
}

/** @param {string} value */
function rustString(value) {
  return JSON.stringify(value)
    .replace(/\\u([0-9a-f]{4})/gi, "\\u{$1}")
    .replace(/\\([bf])/g, (_, c) => (c === "b" ? "\\u{8}" : "\\u{c}"));
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
