// The body of an answer, and how it ends before its time. Nothing is generated ahead of the reader: a chunk
// is made when it is asked for, so a reader that stops reading stops the generation, as a full socket would.

/** Stands between chunks where a body falls silent: what is buffered so far goes out first. */
export const FLUSH = Symbol("flush");

/** @typedef {Uint8Array | typeof FLUSH} Frame */
/** @typedef {import("../testing.js").RecordedRequest} RecordedRequest */

const encoder = new TextEncoder();

/** @param {string} text */
export function encode(text) {
  return encoder.encode(text);
}

/** One request, from its arrival to the end of its answer. */
export class Call {
  #caller;
  #entry;
  #controller = new AbortController();
  #complete = false;
  #ended = false;
  #onAbort = () => this.cancel(this.#caller?.reason);

  /**
   * @param {AbortSignal | null | undefined} caller the signal the request came with
   * @param {RecordedRequest} entry
   */
  constructor(caller, entry) {
    this.#caller = caller;
    this.#entry = entry;
    caller?.addEventListener("abort", this.#onAbort);
  }

  /** Aborted when the request is cancelled, with the reason. */
  get signal() {
    return this.#controller.signal;
  }

  /** @param {unknown} [reason] */
  cancel(reason) {
    if (this.#ended) return;
    this.end();
    this.#entry.cancelled = !this.#complete;
    this.#controller.abort(reason);
  }

  /**
   * Nothing is left to generate. A client that stops reading at `[DONE]`, as clients do, has cancelled nothing,
   * though the end of the body is still to come.
   */
  complete() {
    this.#complete = true;
  }

  /** The body has ended: what the caller's signal does from now on is no concern of this request. */
  end() {
    this.#ended = true;
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * @param {AsyncIterable<Frame>} frames
 * @param {"event" | number} chunking
 * @param {Call} call
 * @returns {ReadableStream<Uint8Array>}
 */
export function bodyStream(frames, chunking, call) {
  const chunks = chunking === "event" ? framesAsTheyAre(frames) : rechunk(frames, chunking);
  return new ReadableStream(
    {
      start(controller) {
        const stop = () => {
          controller.error(call.signal.reason);
          chunks.return().catch(() => {});
        };
        call.signal.addEventListener("abort", stop, { once: true });
      },
      async pull(controller) {
        try {
          const next = await chunks.next();
          if (call.signal.aborted) return;
          if (!next.done) return controller.enqueue(next.value);
          call.end();
          controller.close();
        } catch (error) {
          call.end();
          controller.error(error);
        }
      },
      cancel(reason) {
        call.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {AsyncIterable<Frame>} frames
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* framesAsTheyAre(frames) {
  for await (const frame of frames) if (frame !== FLUSH) yield frame;
}

/**
 * Cuts a body into chunks of `size` bytes, across the events' borders: what networks do, and what a client
 * must not care about.
 *
 * @param {AsyncIterable<Frame>} frames
 * @param {number} size
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* rechunk(frames, size) {
  let pending = new Uint8Array(0);
  for await (const frame of frames) {
    if (frame === FLUSH) {
      if (pending.length > 0) yield pending;
      pending = new Uint8Array(0);
      continue;
    }
    const bytes = new Uint8Array(pending.length + frame.length);
    bytes.set(pending);
    bytes.set(frame, pending.length);
    let start = 0;
    for (; bytes.length - start >= size; start += size) yield bytes.slice(start, start + size);
    pending = bytes.slice(start);
  }
  if (pending.length > 0) yield pending;
}
