// The one run of the page, as a state machine: idle → waiting → streaming → finished, stopped or failed, and round
// again. It knows a stream and nothing of the document; the views are told each state and each text.

/**
 * @typedef {import("/purerouter/index.js").Completion} Completion
 * @typedef {import("/purerouter/index.js").Attempt} Attempt
 * @typedef {import("/purerouter/index.js").RequestOptions} RequestOptions
 * @typedef {{ phase: "idle" }
 *   | { phase: "waiting", failed?: Attempt }
 *   | { phase: "streaming", firstTextMs: number }
 *   | { phase: "finished", completion: Completion }
 *   | { phase: "stopped" }
 *   | { phase: "failed", error: unknown }} State `failed` is the attempt that a retry follows.
 */

export class Run {
  /** @type {{ abort(reason: unknown): void } | undefined} */
  #stream;
  #views;

  /**
   * @param {{
   *   onState: (state: State) => void,
   *   onText: (text: string) => void,
   *   onRestart: () => void,
   *   onAttempt: (attempt: Attempt) => void,
   * }} views
   */
  constructor(views) {
    this.#views = views;
  }

  /**
   * Sends a call and follows it to its end. It never rejects: what goes wrong is a state.
   *
   * @param {(options: RequestOptions) => import("/purerouter/index.js").CompletionStream} send
   */
  async start(send) {
    if (this.#stream) return;
    const { onState, onText, onRestart, onAttempt } = this.#views;
    const sent = performance.now();
    onState({ phase: "waiting" });
    let first = true;
    try {
      const stream = send({
        onAttempt: (attempt) => {
          onAttempt(attempt);
          if (first && attempt.retryInMs !== null) onState({ phase: "waiting", failed: attempt });
        },
      });
      this.#stream = stream;
      // Events, not textStream(): a stream that starts over says so by an event.
      for await (const { event, text } of stream) {
        if (event === "restart") onRestart();
        if (text === "") continue;
        if (first) onState({ phase: "streaming", firstTextMs: performance.now() - sent });
        first = false;
        onText(text);
      }
      this.#end({ phase: "finished", completion: await stream.completion() });
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
    this.#views.onState(state);
  }
}

// Aborting with a reason of our own tells the reader's Stop from any other abort: a stream rejects with the reason itself.
export const stopped = new DOMException("Stopped by the reader", "AbortError");
