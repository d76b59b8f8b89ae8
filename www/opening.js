// What a first visitor sees before having done anything: one request to one service that fails in mid-answer, asked by
// plain fetch and by the client at once. Nothing of it is staged but the faults: both read the service in this page, the
// left one as one reads a stream by hand. It plays once, and is gone with the first run.

import { PureRouter } from "/purerouter/index.js";
import { byHand } from "./by-hand.js";
import { drawTimeline } from "./timeline.js";
import { Trace } from "./trace.js";

const PROMPT = "Explain what an API gateway does in two sentences.";
const CHAIN = ["smollm2-135m-slow", "smollm2-135m-fast", "smollm2-135m"];
// Slow enough for the eye to follow.
const SPEED = 0.3;

export class Opening {
  #place;
  #over = new AbortController();
  /** @type {Trace[]} that of fetch, and that of the client */
  #traces = [];

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    this.#part("button").addEventListener("click", () => void this.play());
  }

  /** The page is used, or was before: there is nothing to show any more. */
  dismiss() {
    this.#over.abort();
    this.#place.remove();
  }

  async play() {
    if (!this.#place.isConnected) return;
    this.#over.abort();
    this.#over = new AbortController();
    const { signal } = this.#over;
    const { embeddedFetch } = await import("./embedded.js");
    const fetch = embeddedFetch(
      { [CHAIN[0]]: { cutAfter: 12 }, [CHAIN[1]]: { status: 503, headers: { "retry-after-ms": "400" } } },
      Object.fromEntries(CHAIN.map((id) => [id, SPEED])),
    );
    if (signal.aborted) return;
    this.#traces = [new Trace(), new Trace()];
    // Who wants no motion is shown how it ended.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#clear();
    if (!calm) this.#draw(signal);
    await Promise.all([this.#byHand(fetch, signal), this.#byClient(fetch, signal)]);
    if (!signal.aborted) this.#draw(signal);
  }

  /** @param {typeof fetch} fetch @param {AbortSignal} signal */
  async #byHand(fetch, signal) {
    const [trace] = this.#traces;
    const watched = trace.watch(fetch, "fetch");
    const url = new URL(`/v1/deployments/${CHAIN[0]}/invoke`, location.href).href;
    let end = "Half an answer, and no error";
    try {
      for await (const text of byHand(watched, url, { prompt: PROMPT, stream: true }, signal)) {
        trace.text();
        this.#write("fetch", text, false);
      }
    } catch (error) {
      end = error instanceof Error ? error.message : String(error);
    }
    if (signal.aborted) return;
    trace.end();
    for (const step of trace.steps) step.note = `${step.text} deltas, then nothing`;
    this.#judge("fetch", end, false);
  }

  /** @param {typeof fetch} fetch @param {AbortSignal} signal */
  async #byClient(fetch, signal) {
    const trace = this.#traces[1];
    const client = new PureRouter({
      fetch: trace.watch(fetch),
      routerKey: "key-of-the-service-in-this-page",
      dangerouslyAllowBrowser: true,
      maxRetries: 1,
      onAttempt: (attempt) => trace.ended(attempt),
    });
    try {
      const stream = client.fallback(CHAIN, { midStream: "continue" }).stream({ prompt: PROMPT }, { signal });
      for await (const { text } of stream) {
        if (text === "") continue;
        const continued = trace.texts.length > 0 && trace.steps.at(-1)?.text === 0;
        trace.text();
        this.#write("purerouter", text, continued);
      }
      const { attempts } = await stream.completion();
      const failures = attempts.filter(({ error }) => error !== null).length;
      this.#judge("purerouter", `Whole, despite ${failures} failures`, true);
    } catch (error) {
      if (signal.aborted) return;
      this.#judge("purerouter", error instanceof Error ? error.message : String(error), false);
    } finally {
      trace.end();
    }
  }

  /** @param {AbortSignal} signal */
  #draw(signal) {
    if (signal.aborted) return;
    drawTimeline(this.#part(".timeline"), this.#traces, { row: 36, curves: false });
    if (this.#traces.some(({ endMs }) => endMs === null)) requestAnimationFrame(() => this.#draw(signal));
  }

  #clear() {
    for (const side of this.#place.querySelectorAll("[data-side]")) {
      side.removeAttribute("data-well");
      for (const part of side.querySelectorAll(".said, .verdict")) part.replaceChildren();
    }
  }

  /** @param {string} side @param {string} text @param {boolean} continued from here on another model writes */
  #write(side, text, continued) {
    const said = this.#part(`[data-side="${side}"] .said`);
    if (continued || !said.lastChild) {
      const part = document.createElement("span");
      if (continued) part.className = "continued";
      said.append(part);
    }
    said.lastChild?.appendChild(new Text(text));
  }

  /** @param {string} side @param {string} verdict @param {boolean} well */
  #judge(side, verdict, well) {
    const place = this.#part(`[data-side="${side}"]`);
    place.dataset.well = String(well);
    /** @type {HTMLElement} */ (place.querySelector(".verdict")).textContent = verdict;
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#place.querySelector(selector));
  }
}
