// Which service answers the page, as the user chooses it: the gateway behind it, the service inside of it, or a base URL
// of his own. The last one has a page of its own (/own), whose policy lets requests out; everywhere else it does not.

import { readConfig } from "./config.js";
import { inThisPage, throughGateway, toBaseUrl } from "./connection.js";

/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {import("./config.js").Config} Config */

const SERVICE = "https://api.purerouter-api.com";

export const own = location.pathname === "/own";

export class Connections {
  #parts;
  #offer;
  /** @type {Connection} */
  #chosen = throughGateway();
  /** @type {Connection | undefined} */
  #failing;

  /**
   * @param {{ choice: HTMLSelectElement, own: HTMLElement, baseUrl: HTMLInputElement, key: HTMLInputElement }} parts
   * @param {{ offer: (config: Config) => void, leaving: () => void }} tell `offer` is what the chosen service can be
   *   asked for; `leaving`, that the page goes
   */
  constructor(parts, { offer, leaving }) {
    this.#parts = parts;
    this.#offer = offer;
    parts.own.addEventListener("submit", (event) => event.preventDefault());
    parts.choice.addEventListener("change", () => {
      leaving();
      if ((this.choice === "own") !== own) location.assign(own ? "/" : "/own");
      else void this.connect();
    });
    addEventListener("offline", () => {
      if (this.choice !== "gateway") return;
      parts.choice.value = "page";
      void this.connect();
    });
  }

  get choice() {
    return this.#parts.choice.value;
  }

  /** @param {string | undefined} saved */
  choose(saved) {
    this.#parts.choice.value = own ? "own" : saved === "page" ? "page" : "gateway";
  }

  /** Finds out what the chosen service can be asked for. */
  async connect() {
    this.#parts.own.hidden = this.choice !== "own";
    if (this.choice === "own") {
      return this.#offer({ deployments: [], profiles: ["balanced"], note: "your own base URL" });
    }
    if (this.choice === "gateway") {
      try {
        const config = await readConfig();
        this.#chosen = throughGateway();
        return this.#offer(config);
      } catch {
        // Served without a gateway, or offline: the page has a service of its own.
        this.#parts.choice.value = "page";
      }
    }
    const { embeddedConfig, embeddedFetch } = await import("./embedded.js");
    this.#chosen = inThisPage(embeddedFetch());
    this.#offer(embeddedConfig);
  }

  /** The base URL of the code that is shown, where it is not the service's own. @returns {string | undefined} */
  get elsewhere() {
    const url = this.#parts.baseUrl.value.trim();
    return this.choice === "own" && url !== "" && url !== SERVICE ? url : undefined;
  }

  /** What is chosen now. Throws what is wrong with the base URL or the key. */
  get current() {
    const { baseUrl, key } = this.#parts;
    return this.choice === "own" ? toBaseUrl(baseUrl.value.trim(), key.value.trim()) : this.#chosen;
  }

  /**
   * Faults are injected by the service in this page, whatever is chosen.
   * @param {Parameters<typeof import("./embedded.js").embeddedFetch>[0]} faults
   */
  async failing(faults) {
    const { embeddedFetch } = await import("./embedded.js");
    const fetch = embeddedFetch(faults);
    // Short limits, so that a silence is seen to be noticed.
    this.#failing ??= inThisPage(fetch, {
      maxRetries: 2,
      headersTimeout: 2500,
      firstTextTimeout: 3000,
      idleTimeout: 1200,
    });
    this.#failing.sendWith(fetch);
    return this.#failing;
  }

  /** Forgets which deployments have failed. */
  heal() {
    this.#failing = undefined;
  }
}
