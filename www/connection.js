// Where requests go: the gateway of this origin, the service inside the page, or a base URL of the reader's own. One
// client a connection, so that its circuits and its retry budget last; each run watches what that client sends.

import { PureRouter } from "/purerouter/index.js";

/** @typedef {"gateway" | "page" | "own"} Kind */

export class Connection {
  /** @type {typeof fetch} */
  #send;

  /** @type {import("./trace.js").Trace | undefined} */
  trace;

  /**
   * @param {typeof fetch} send
   * @param {import("/purerouter/index.js").ClientOptions} options
   */
  constructor(send, options) {
    this.#send = send;
    this.client = new PureRouter({
      ...options,
      fetch: (input, init) => (this.trace ? this.trace.watch(this.#send) : this.#send)(input, init),
    });
  }

  /** @param {typeof fetch} send what the same client sends with from now on */
  sendWith(send) {
    this.#send = send;
  }
}

const network = (/** @type {RequestInfo | URL} */ input, /** @type {RequestInit | undefined} */ init) =>
  fetch(input, init);

export const throughGateway = () => new Connection(network, { baseUrl: "/" });

/**
 * The key of the service in the page opens nothing: it never leaves the tab.
 *
 * @param {typeof fetch} send
 * @param {import("/purerouter/index.js").ClientOptions} [options]
 */
export const inThisPage = (send, options) =>
  new Connection(send, {
    routerKey: "key-of-the-service-in-this-page",
    dangerouslyAllowBrowser: true,
    ...options,
  });

/**
 * @param {string} baseUrl
 * @param {string} routerKey typed by the reader, who knows whose page this is; kept in memory only
 */
export const toBaseUrl = (baseUrl, routerKey) =>
  new Connection(network, {
    baseUrl,
    ...(routerKey && { routerKey, dangerouslyAllowBrowser: true }),
  });
