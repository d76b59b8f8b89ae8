// One body being read: the loop around the reader, and its end.
//
// JavaScript, because a step of an iterator that crosses into wasm and back as a Promise costs more than everything
// else together. What precedes the body (request, retries, errors) and what follows it (the completion) is the wasm's;
// here a reader is read, the decoder is called, and its findings are handed to whoever waits.

import { Clock, FINISHED, FIRST_TEXT, IDLE } from "./clock.js";
import { ChunkDecoder, DONE, ERROR, FINISH, MALFORMED, OVERSIZE } from "./decode.js";
import { Queue } from "./queue.js";

// Several reads under way at once: chunks that arrived together are handed over without a turn of the event loop
// between them. It also bounds what is read ahead of a slow reader.
const READS_AHEAD = 4;

/** What reads a stream; the words stand in the error for a second reader. */
export const UNREAD = "";
export const EVENTS = "its events";
export const TEXT = "textStream()";
export const BODY = "toReadableStream()";
export const WHOLE = "text() or completion()";
export const RESPONSE = "toResponse()";
export const BRANCHES = "tee()";

// How a body ends, in the words of `StreamCall.failed`.
const TRUNCATED = 0;
const LOST = 1;
const TOO_LARGE = 2;
const ERROR_EVENT = 3;
const NOT_JSON = 4;
const TIMED_OUT = 5;

export const ignore = () => {};

/** Cancels a reader or a body of whatever make; what it says to that changes nothing. */
export function letGo(readable, reason) {
  try {
    Promise.resolve(readable?.cancel(reason)).catch(ignore);
  } catch {
    // It cannot be cancelled.
  }
}

export const abortError = (message) => new DOMException(message, "AbortError");

// A stream that nobody holds any more gives its connection back, where the runtime tells.
const abandoned =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry((session) => {
        session.cancel(abortError("The stream was dropped unread"));
      })
    : { register: ignore, unregister: ignore };

/** The state of one body being read. It must not refer to its CompletionStream but while somebody waits (`holder`). */
export class Session {
  constructor(call, opening) {
    this.call = call;
    this.use = UNREAD;
    this.queue = new Queue();
    this.holder = null;
    // Whether somebody wants to know the completion, or has to see the body pass for another reason.
    this.asked = false;
    this.watched = false;
    this.branches = [];

    this.reader = null;
    this.reads = 0;
    this.readsAhead = READS_AHEAD;
    this.bodyOver = false;
    // Set once the head is in, with the body.
    this.clock = null;
    this.decoder = null;
    this.decoding = true;
    this.text = "";
    this.firstTextAt = NaN;

    // Nothing more comes; `failed` says whether that is an error.
    this.ended = false;
    this.failed = false;
    this.error = undefined;
    // The reader wants no more, and is told of no error.
    this.closed = false;
    // The reader knows the end.
    this.settled = false;
    this.lingering = false;

    this.outcome = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.outcome.catch(ignore);
    this.onRead = this.onRead.bind(this);
    this.onLost = this.onLost.bind(this);

    this.opening = opening.then(
      (body) => this.opened(body),
      (error) => this.end(error, true),
    );
    call.onCancel((reason) => this.cancel(reason));
  }

  /** Cancels the call when `stream` is collected. */
  guard(stream) {
    abandoned.register(stream, this, this);
  }

  opened(body) {
    if (this.ended) return letGo(body, this.error);
    this.body = body;
    this.watched = this.call.watched;
    this.decoder = new ChunkDecoder(this.call.decoder());
    const { firstTextMs: firstText, idleMs: idle, deadline } = this.call;
    this.clock = new Clock(
      { firstText, idle, deadline },
      () => this.waits && !this.ended,
      (phase) => this.expired(phase),
    );
    if (this.waits) this.pull();
  }

  get waits() {
    return this.queue.isAwaited || this.use === WHOLE;
  }

  claim(use) {
    if (this.use === use && use === EVENTS) return;
    if (this.use !== UNREAD) {
      throw new TypeError(
        `This stream is being read by ${this.use} already, and has one reader. To read it twice, call tee() before reading and read each of the two streams.`,
      );
    }
    this.use = use;
  }

  /** The next item for the reader: an event, a text or a chunk. `holder` is kept alive while it waits. */
  next(holder) {
    if (!this.queue.isEmpty) return Promise.resolve(this.queue.take());
    if (this.ended) {
      this.settle();
      return this.failed && !this.closed
        ? Promise.reject(this.error)
        : Promise.resolve({ value: undefined, done: true });
    }
    this.holder = holder;
    const next = this.queue.wait();
    this.pull();
    return next;
  }

  give(value) {
    this.queue.give(value);
    if (!this.queue.isAwaited) this.holder = null;
  }

  pull() {
    if (this.clock === null || this.ended) return;
    if (this.reader === null) {
      if (this.body === null) return this.bodyEnded();
      try {
        this.reader = this.body.getReader();
      } catch (error) {
        return this.end(this.call.failed(LOST, error, this.text), true);
      }
    }
    this.clock.wait();
    while (this.reads < this.readsAhead) {
      this.reads++;
      let read;
      // Of a custom fetch, the reader may be of any make: what is no Promise becomes one, which settles later.
      try {
        read = Promise.resolve(this.reader.read());
      } catch (error) {
        read = Promise.reject(error);
      }
      read.then(this.onRead, this.onLost);
    }
  }

  onRead(result) {
    let done, value;
    try {
      ({ done, value } = result);
    } catch {
      // No result at all: it has no bytes either, which is told below.
    }
    this.reads--;
    if (done) this.bodyOver = true;
    if (this.ended) return;
    if (done) return this.bodyEnded();
    if (!(value instanceof Uint8Array)) {
      if (!ArrayBuffer.isView(value)) {
        const what = new TypeError(`The body gave a ${typeof value} where bytes (Uint8Array) belong`);
        this.release(what);
        return this.end(this.call.failed(LOST, what, this.text), true);
      }
      value = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    if (this.decoding) this.decode(value);
    this.clock.enter(this.decoder.flags & FINISH ? FINISHED : this.text === "" ? FIRST_TEXT : IDLE);
    if (this.use === BODY && !this.closed) this.give(value);
    if (!this.ended && this.waits) this.pull();
  }

  decode(chunk) {
    const events = this.use === EVENTS ? [] : null;
    const text = this.decoder.push(chunk, events);
    this.found(text, events);
    if (this.decoder.flags & (DONE | ERROR | OVERSIZE)) this.stopped(this.decoder.flags);
  }

  found(text, events) {
    if (text !== "") {
      if (this.text === "") this.firstTextAt = performance.now();
      this.text += text;
      if (this.use === TEXT) this.give(text);
    }
    if (events !== null) for (const event of events) this.give(event);
  }

  stopped(flags) {
    if (flags & (ERROR | OVERSIZE)) {
      const error =
        flags & ERROR
          ? this.call.failed(ERROR_EVENT, this.decoder.error, this.text)
          : this.call.failed(TOO_LARGE, undefined, this.text);
      // The body's own bytes go on to whoever reads them; only what is made of them here has failed.
      if (this.use === BODY) return this.undecoded(error);
      this.release(error);
      return this.end(error, true);
    }
    // In BODY use, the chunk that held [DONE] is handed over first.
    if (this.use === BODY) queueMicrotask(() => this.complete());
    else this.complete();
  }

  undecoded(error) {
    this.decoding = false;
    this.fail(error);
  }

  /** The answer is whole, and its reader is told at once; the body may not be over. */
  complete() {
    if (this.ended) return;
    this.lingering = true;
    this.end(undefined, false);
    // Most servers end the body right behind [DONE]: a read under way then sees it, and the connection can serve the
    // next request. Of others, it is cut.
    setTimeout(() => {
      if (!this.bodyOver) this.release(undefined);
      this.lingering = false;
      if (this.settled) this.call.free();
    });
  }

  bodyEnded() {
    if (!this.decoding) return this.end(undefined, false);
    const events = this.use === EVENTS ? [] : null;
    this.found(this.decoder.finish(events), events);
    const flags = this.decoder.flags;
    if (flags & (ERROR | OVERSIZE)) return this.stopped(flags);
    let error;
    if (flags & MALFORMED) error = this.call.failed(NOT_JSON, undefined, this.text);
    else if (this.call.needsEnd && !(flags & (DONE | FINISH))) {
      error = this.call.failed(TRUNCATED, undefined, this.text);
    }
    if (error === undefined) return this.end(undefined, false);
    if (this.use !== BODY) return this.end(error, true);
    this.undecoded(error);
    this.end(undefined, false);
  }

  onLost(cause) {
    this.reads--;
    if (this.ended) return;
    // Cloudflare's bodies refuse a second read while one is under way. A connection that is lost refuses every read,
    // so the last one tells.
    if (this.reads > 0) {
      this.readsAhead = 1;
      return;
    }
    // A finish reason was the answer's end: the connection may go as it likes.
    if (this.decoder.flags & FINISH && this.use !== BODY) return this.end(undefined, false);
    this.end(this.call.failed(LOST, cause, this.text), true);
  }

  /** Lets the connection go: nothing more is wanted from it. */
  release(reason) {
    this.call.cancel(reason);
    letGo(this.reader, reason);
  }

  /** The caller's end, or the signal's: what had arrived unread is dropped. */
  cancel(reason) {
    for (const branch of this.branches) branch.cancel(reason);
    if (this.ended) {
      // All has arrived, but its reader has not come to the end yet.
      if (!this.settled) {
        this.queue.drop();
        this.failed = true;
        this.error = reason;
        this.settle();
      }
      return;
    }
    this.release(reason);
    if (this.reader === null) letGo(this.body, reason);
    this.end(reason, true);
    this.queue.drop();
    // Nothing is left to give up, whether the reader comes to see the end or not.
    this.settle();
  }

  /** The body, for somebody else to read. */
  async takeBody() {
    await this.opening;
    if (this.ended) throw this.error;
    abandoned.unregister(this);
    this.decoder.close();
    return this.body;
  }

  /** The reader's own end: it gets no error, and whoever waits for the completion does. */
  close() {
    this.closed = true;
    this.queue.drop();
    this.cancel(abortError("The stream was closed by its reader before its end"));
  }

  end(error, failed) {
    if (this.ended) return;
    this.ended = true;
    this.failed = failed;
    this.error = error;
    this.clock?.stop();
    if (failed) {
      this.call.ended(error);
      this.fail(error);
    } else if (this.decoding) {
      this.succeed(this.call.completed(this.text, this.firstTextAt));
    } else {
      this.call.ended(undefined);
    }
    this.decoder?.close();
    this.holder = null;
    const iterated = this.use === EVENTS || this.use === TEXT || this.use === BODY;
    if (this.queue.isAwaited) this.answer();
    else if (iterated && !this.closed) return;
    this.settle();
  }

  /** The reader knows the end. Until then what has arrived can still be given up, by the signal or the GC as well. */
  settle() {
    if (this.settled) return;
    this.settled = true;
    abandoned.unregister(this);
    this.call.letGo();
    if (!this.lingering) this.call.free();
  }

  answer() {
    this.queue.end((resolve, reject) => {
      if (this.failed && !this.closed) reject(this.error);
      else resolve({ value: undefined, done: true });
    });
  }

  expired(phase) {
    if (phase === FINISHED) return this.complete();
    const error = this.call.failed(TIMED_OUT, phase, this.text);
    this.release(error);
    this.end(error, true);
  }
}
