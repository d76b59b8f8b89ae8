// The one run of the page, as a state machine: idle → waiting → streaming → finished, stopped or failed, and round
// again. It knows the client and nothing of the document; the views are told each state and each text.

import { send } from "./call.js";

/**
 * @typedef {import("/purerouter/index.js").Completion} Completion
 * @typedef {import("/purerouter/index.js").Attempt} Attempt
 * @typedef {{ phase: "idle" }
 *   | { phase: "waiting", failed?: Attempt }
 *   | { phase: "streaming", firstTextMs: number }
 *   | { phase: "finished", completion: Completion }
 *   | { phase: "stopped" }
 *   | { phase: "failed", error: unknown }} State `failed` is the attempt that a retry follows.
 */

export class Run {
  /** @type {import("/purerouter/index.js").CompletionStream | undefined} */
  #stream;
  #client;
  #onState;
  #onText;

  /**
   * @param {import("/purerouter/index.js").PureRouter} client
   * @param {{ onState: (state: State) => void, onText: (text: string) => void }} views
   */
  constructor(client, { onState, onText }) {
    this.#client = client;
    this.#onState = onState;
    this.#onText = onText;
  }

  /**
   * Sends a call and follows it to its end. It never rejects: what goes wrong is a state.
   *
   * @param {import("./call.js").Call} call
   */
  async start(call) {
    if (this.#stream) return;
    const sent = performance.now();
    this.#onState({ phase: "waiting" });
    try {
      this.#stream = send(this.#client, call, {
        onAttempt: (attempt) => {
          if (attempt.retryInMs !== null) this.#onState({ phase: "waiting", failed: attempt });
        },
      });
      let first = true;
      for await (const text of this.#stream.textStream()) {
        if (first) this.#onState({ phase: "streaming", firstTextMs: performance.now() - sent });
        first = false;
        this.#onText(text);
      }
      this.#end({ phase: "finished", completion: await this.#stream.completion() });
    } catch (error) {
      this.#end(error === stopped ? { phase: "stopped" } : { phase: "failed", error });
    }
  }

  /** Cancels the request; the service sees its connection close. */
  stop() {
    this.#stream?.abort(stopped);
  }

  /** @param {State} state */
  #end(state) {
    this.#stream = undefined;
    this.#onState(state);
  }
}

// Aborting with a reason of our own tells the reader's Stop from any other abort: a stream rejects with the reason itself.
const stopped = new DOMException("Stopped by the reader", "AbortError");
