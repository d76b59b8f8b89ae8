// The request as a Rust program, for a front end, which as any page has a gateway in front of it. The crate's API is the
// same as JavaScript's but for comparing, which in Rust is a join of futures.

/** @typedef {import("./call.js").Call} Call */

/** @param {Call} call */
export function rustProgram(call) {
  const crate = ["Client", "Error", "Request"];
  if (call.request.messages) crate.push("Message");
  if (call.kind === "fallback") crate.push("MidStream");
  const uses = [`purerouter::{${crate.sort().join(", ")}}`];
  if (call.kind === "compare") uses.unshift("futures::future::join_all");
  return `${uses.map((use) => `use ${use};\n`).join("")}
async fn answer(show: impl Fn(&str)) -> Result<(), Error> {
    let client = Client::builder().base_url("/").build()?;
    let request = ${requestOf(call)};
${call.kind === "compare" ? joined(call) : streamed(call)}    Ok(())
}
`;
}

/** @param {Exclude<Call, { kind: "compare" }>} call */
function streamed(call) {
  const restarts = call.kind === "fallback" && call.midStream === "restart";
  const body = restarts
    ? `        let event = event?;
        if event.event_type() == "restart" {
            show("\\n\\n"); // the next target starts over
        }
        show(event.text());
`
    : "        show(event?.text());\n";
  return `    let mut stream = ${target(call)}.stream(request);
    while let Some(event) = stream.next().await {
${body}    }
`;
}

/** @param {Extract<Call, { kind: "compare" }>} call */
function joined({ lanes }) {
  const each = lanes.map(
    ({ id, instance }) => `        client.deployment(${string(id)}).instance(${string(instance)}),\n`,
  );
  return `    let lanes = [
${each.join("")}    ];
    for completion in join_all(lanes.iter().map(|lane| lane.invoke(request.clone()))).await {
        show(&completion?.text);
    }
`;
}

/** @param {Exclude<Call, { kind: "compare" }>} call */
function target(call) {
  switch (call.kind) {
    case "profile":
      return `client.profile(${string(call.profile)})`;
    case "deployment":
      return `client.deployment(${string(call.deployment)})`;
    case "fallback": {
      const mode = { fail: "Fail", continue: "Continue", restart: "Restart" }[call.midStream];
      const targets = call.chain.map((id) => `            client.deployment(${string(id)}).into(),\n`);
      return `client\n        .fallback([\n${targets.join("")}        ])\n        .mid_stream(MidStream::${mode})\n        `;
    }
  }
}

/** @param {Call} call */
function requestOf({ request: { prompt, messages, max_tokens, temperature, top_p } }) {
  const role = (/** @type {string} */ name) => (name === "system" || name === "assistant" ? name : "user");
  const turns = messages?.map((turn) => `        Message::${role(turn.role)}(${string(turn.content)}),\n`);
  const from = turns
    ? `Request::messages([\n${turns.join("")}    ])`
    : `Request::prompt(${string(prompt ?? "")})`;
  const float = (/** @type {number} */ n) => (Number.isInteger(n) ? `${n}.0` : `${n}`);
  const set = [
    max_tokens === undefined ? "" : `.max_tokens(${max_tokens})`,
    temperature === undefined ? "" : `.temperature(${float(temperature)})`,
    top_p === undefined ? "" : `.top_p(${float(top_p)})`,
  ];
  return [from, ...set.filter(Boolean)].join("\n        ");
}

/** A literal of Rust's, which has no lone surrogates. @param {string} value */
function string(value) {
  const text = value.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return JSON.stringify(text).replace(/\\(u([0-9a-f]{4})|.)/g, (escape, kind, code) => {
    if (code) return `\\u{${code}}`;
    return { b: "\\u{8}", f: "\\u{c}" }[/** @type {string} */ (kind)] ?? escape;
  });
}
