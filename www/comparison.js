// A comparison from its start to its figures: it asks every lane, lets the race show what they write, and keeps the
// results for whoever wants to take them away.

import { csvOf, download, resultsOf, showResults } from "./results.js";
import { stopped } from "./run.js";
import { drawTimeline } from "./timeline.js";
import { Trace } from "./trace.js";

export class Comparison {
  /** @type {import("./results.js").Result[]} */
  #results = [];
  /** @type {AbortController | undefined} */
  #controller;
  /** @type {Trace[]} one a lane */
  #traces = [];
  #frame = 0;
  #race;
  #parts;

  /**
   * @param {import("./race.js").Race} race
   * @param {{
   *   results: HTMLElement,
   *   chart: HTMLElement,
   *   status: HTMLElement,
   *   json: HTMLButtonElement,
   *   csv: HTMLButtonElement,
   * }} parts
   */
  constructor(race, parts) {
    this.#race = race;
    this.#parts = parts;
    parts.json.addEventListener("click", () =>
      download("comparison.json", "application/json", `${JSON.stringify(this.#results, null, 2)}\n`),
    );
    parts.csv.addEventListener("click", () => download("comparison.csv", "text/csv", csvOf(this.#results)));
  }

  /** @param {string} problem why nothing was asked */
  refuse(problem) {
    this.#parts.results.replaceChildren(problem);
  }

  stop() {
    this.#controller?.abort(stopped);
  }

  /**
   * @param {import("/purerouter/index.js").PureRouter} client
   * @param {Extract<import("./call.js").Call, { kind: "compare" }>} call
   */
  async start(client, call) {
    this.#keep([]);
    this.#race.show(call.lanes, true);
    this.#parts.status.textContent = `Comparing ${call.lanes.length} lanes`;
    this.#traces = call.lanes.map(({ id }) => {
      const trace = new Trace();
      trace.begin(id);
      return trace;
    });
    this.#draw(true);
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const targets = call.lanes.map(({ id, instance }) => client.deployment(id, { instance }));
    const request = /** @type {import("./call.js").Sendable} */ (call.request);
    const comparison = client.compare(targets, request, {
      signal,
      onAttempt: ({ target, retryInMs }) => {
        const lanes = call.lanes.flatMap(({ id }, index) => (id === target ? [index] : []));
        // Which of two lanes of one deployment it was, only the results tell.
        if (retryInMs === null && lanes.length === 1) this.#ended(lanes[0]);
      },
    });
    try {
      for await (const { index, event } of comparison) {
        if (event.text !== "") this.#traces[index].text();
        this.#race.write(index, event.text);
      }
    } catch {
      // Each lane's end is in the results.
    }
    const ends = await comparison.results.catch(() => []);
    ends.forEach(({ error, completion, timing }, index) => {
      this.#ended(index, error === stopped ? undefined : error);
      this.#traces[index].settle(completion?.attempts ?? attemptsOf(error), timing);
    });
    this.#draw(false);
    this.#keep(resultsOf(ends, call.lanes));
    showResults(this.#parts.results, this.#results);
    this.#parts.status.textContent = signal.aborted
      ? "Stopped"
      : "Finished; the figures are in the table below";
  }

  /** @param {number} index @param {unknown} [error] */
  #ended(index, error) {
    this.#traces[index].end();
    this.#race.end(index, error);
  }

  /** @param {boolean} running then it is drawn anew with each frame */
  #draw(running) {
    cancelAnimationFrame(this.#frame);
    drawTimeline(this.#parts.chart, this.#traces);
    if (running) this.#frame = requestAnimationFrame(() => this.#draw(true));
  }

  /** @param {import("./results.js").Result[]} results */
  #keep(results) {
    this.#results = results;
    this.#parts.json.disabled = this.#parts.csv.disabled = results.length === 0;
  }
}

/** @param {unknown} error */
const attemptsOf = (error) =>
  /** @type {{ attempts?: readonly import("/purerouter/index.js").Attempt[] } | undefined} */ (error)
    ?.attempts ?? [];
