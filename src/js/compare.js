// Several targets answering one request side by side, their events merged as they arrive.
//
// JavaScript, being about iterators: each lane is a CompletionStream of its own, and nothing here touches its bytes.

import { ignore } from "./lane.js";
import { Queue } from "./queue.js";
import { readEvents, timingOf } from "./stream.js";

/** What `compare()` returns. */
export class Comparisons {
  #labels;
  #streams;
  #signal;
  #refused;
  #results;

  /** Called by the wasm; `refused` is why nothing was asked, where that is so. */
  constructor(labels, streams, signal, refused) {
    this.#labels = labels;
    this.#streams = streams;
    this.#signal = signal;
    this.#refused = refused;
  }

  /** `{ index, target, event }` as they arrive. Leaving the loop cancels what is still under way. */
  async *[Symbol.asyncIterator]() {
    if (this.#refused !== undefined) throw this.#refused;
    const streams = this.#streams;
    streams.forEach(readEvents);
    const arrived = new Queue();
    // One event of each lane is asked for at a time, so that a slow reader holds all of them back.
    const ask = (index) =>
      streams[index].next().then(
        ({ done, value }) => arrived.give({ index, done, event: value }),
        () => arrived.give({ index, done: true }),
      );
    streams.forEach((_, index) => ask(index));
    try {
      for (let left = streams.length; left > 0;) {
        const { value } = arrived.isEmpty ? await arrived.wait() : arrived.take();
        if (this.#signal?.aborted) throw this.#signal.reason;
        const { index, done, event } = value;
        if (done) {
          left--;
          continue;
        }
        yield { index, target: this.#labels[index], event };
        ask(index);
      }
    } finally {
      for (const stream of streams) stream.return();
    }
  }

  /** Per target, in order: `{ target, timing, completion }`, or `{ target, timing, error }` where it failed. */
  get results() {
    this.#results ??= this.#collect();
    this.#results.catch(ignore);
    return this.#results;
  }

  async #collect() {
    if (this.#refused !== undefined) throw this.#refused;
    const outcomes = this.#streams.map(async (stream, index) => {
      const target = this.#labels[index];
      try {
        const completion = await stream.completion();
        return { target, timing: completion.timing, completion };
      } catch (error) {
        return { target, timing: timingOf(stream), error };
      }
    });
    return Promise.all(outcomes);
  }
}
