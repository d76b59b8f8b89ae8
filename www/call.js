// A call as the form describes it: to a deployment one chose, or to the router with a profile. It is data, so that the
// run can send it and the snippet can print it, and the two cannot drift apart.

/**
 * @typedef {{ deployment: string, request: { prompt: string, max_tokens?: number, temperature?: number, top_p?: number } }
 *   | { profile: string, request: { prompt: string, profile: string } }} Call
 */

/**
 * @param {import("/purerouter/index.js").PureRouter} client
 * @param {Call} call
 * @param {import("/purerouter/index.js").RequestOptions} options
 */
export function send(client, call, options) {
  return "profile" in call
    ? client.router.stream(call.request, options)
    : client.deployments.stream(call.deployment, call.request, options);
}
