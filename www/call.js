// A call as the form describes it. It is data, so that the run can send it and the code can print it, and the two cannot
// drift apart.

/**
 * @typedef {{ role: string, content: string }} Message
 * @typedef {{
 *   prompt?: string,
 *   messages?: Message[],
 *   profile?: string,
 *   max_tokens?: number,
 *   temperature?: number,
 *   top_p?: number,
 * }} Request
 * @typedef {{ prompt: string } & Request} Sendable what TypeScript takes for either shape
 * @typedef {{ kind: "deployment", deployment: string, request: Request }
 *   | { kind: "profile", profile: string, request: Request }
 *   | { kind: "fallback", chain: string[], midStream: MidStream, request: Request }
 *   | { kind: "compare", lanes: { id: string, instance: string }[], request: Request }} Call
 * @typedef {"fail" | "continue" | "restart"} MidStream
 */

/**
 * @param {import("/purerouter/index.js").PureRouter} client
 * @param {Exclude<Call, { kind: "compare" }>} call
 * @param {import("/purerouter/index.js").RequestOptions} options
 */
export function send(client, call, options) {
  const request = /** @type {Sendable} */ (call.request);
  switch (call.kind) {
    case "profile":
      return client.router.stream(request, options);
    case "deployment":
      return client.deployments.stream(call.deployment, request, options);
    case "fallback":
      return client.fallback(call.chain, { midStream: call.midStream }).stream(request, options);
  }
}

/** @param {Call} call @returns {{ path: string, body: object }} what goes over the wire first */
export function wire(call) {
  const body = { ...call.request, stream: true };
  if (call.kind === "profile") return { path: "/v1/infer", body };
  const id =
    call.kind === "deployment"
      ? call.deployment
      : call.kind === "fallback"
        ? call.chain[0]
        : (call.lanes[0]?.id ?? ""); // None until the service has said what it offers.
  return { path: `/v1/deployments/${encodeURIComponent(id)}/invoke`, body };
}
