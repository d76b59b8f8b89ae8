// One body being read: the loop around its reader, its decoder and its clock, up to its end.
//
// JavaScript, because a step of an iterator that crosses into wasm and back as a Promise costs more than everything
// else together. What comes out goes to the session, whose reader decides how much is read; a session has one lane, or
// one after the other where a broken answer goes on from another target.

import { Clock, FINISHED, FIRST_TEXT, IDLE } from "./clock.js";
import { ChunkDecoder, DONE, ERROR, FINISH, MALFORMED, OVERSIZE } from "./decode.js";
import { PureRouterError } from "./errors.js";

// Several reads under way at once: chunks that arrived together are handed over without a turn of the event loop
// between them. It also bounds what is read ahead of a slow reader.
const READS_AHEAD = 4;

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

/** The bytes of what a read gave: any view will do, of this realm or another. */
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`The body gave a ${typeof value} where bytes (Uint8Array) belong`);
}

/** The error of a body that broke with `cause`; a lane's own error comes through a body that was made of lanes. */
export function lost(call, cause, text) {
  return cause instanceof PureRouterError ? cause : call.failed(LOST, cause, text);
}

/** The error that the decoder's flags tell of; `undefined` where they tell of none. */
export function fault(call, decoder, text, atEnd) {
  const { flags } = decoder;
  if (flags & ERROR) return call.failed(ERROR_EVENT, decoder.error, text);
  if (flags & OVERSIZE) return call.failed(TOO_LARGE, undefined, text);
  if (!atEnd) return undefined;
  if (flags & MALFORMED) return call.failed(NOT_JSON, undefined, text);
  if (call.needsEnd && !(flags & (DONE | FINISH))) return call.failed(TRUNCATED, undefined, text);
  return undefined;
}

export const late = (call, phase, text) => call.failed(TIMED_OUT, phase, text);

export class Lane {
  constructor(session, call, body) {
    this.session = session;
    this.call = call;
    this.body = body;
    this.reader = null;
    this.reads = 0;
    this.readsAhead = READS_AHEAD;
    this.bodyOver = false;
    this.hasText = false;
    // Not after an error where the body's bytes are what is wanted.
    this.decoding = true;
    this.ended = false;
    this.lingering = false;
    this.decoder = new ChunkDecoder(call);
    this.clock = new Clock(
      call,
      () => session.waits && !this.ended,
      (phase) => this.expired(phase),
    );
    this.onRead = this.onRead.bind(this);
    this.onLost = this.onLost.bind(this);
  }

  pull() {
    if (this.ended) return;
    if (this.reader === null) {
      if (this.body === null) return this.bodyEnded();
      try {
        this.reader = this.body.getReader();
      } catch (cause) {
        return this.end(lost(this.call, cause, this.session.text));
      }
    }
    this.clock.wait();
    while (this.reads < this.readsAhead) {
      this.reads++;
      let read;
      try {
        read = this.reader.read();
      } catch (error) {
        read = Promise.reject(error);
      }
      // Of a custom fetch, the reader may be of any make: what is no Promise becomes one, which settles later.
      if (!(read instanceof Promise)) read = Promise.resolve(read);
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
      try {
        value = bytesOf(value);
      } catch (cause) {
        this.release(cause);
        return this.end(lost(this.call, cause, this.session.text));
      }
    }
    if (this.decoding) this.decode(value);
    this.clock.enter(this.decoder.flags & FINISH ? FINISHED : this.hasText ? IDLE : FIRST_TEXT);
    this.session.passed(value);
    if (!this.ended && this.session.waits) this.pull();
  }

  decode(chunk) {
    const events = this.session.wantsEvents ? [] : null;
    this.found(this.decoder.push(chunk, events), events);
    const { flags } = this.decoder;
    if (flags & (DONE | ERROR | OVERSIZE)) this.stopped(flags);
  }

  found(text, events) {
    if (text !== "") this.hasText = true;
    this.session.found(text, events);
  }

  stopped(flags) {
    if (flags & (ERROR | OVERSIZE)) {
      const error = fault(this.call, this.decoder, this.session.text, false);
      // The body's own bytes go on to whoever reads them; only what is made of them here has failed.
      if (this.session.passesBytes) return this.undecoded(error);
      this.release(error);
      return this.end(error);
    }
    // Of bytes that are passed on, the chunk that held [DONE] is handed over first.
    if (this.session.passesBytes) queueMicrotask(() => this.complete());
    else this.complete();
  }

  undecoded(error) {
    this.decoding = false;
    this.session.undecoded(error);
  }

  /** The answer is whole, and its reader is told at once; the body may not be over. */
  complete() {
    if (this.ended) return;
    this.lingering = true;
    this.end(undefined);
    // Most servers end the body right behind [DONE]: a read under way then sees it, and the connection can serve the
    // next request. Of others, it is cut.
    setTimeout(() => {
      if (!this.bodyOver) this.release(undefined);
      this.lingering = false;
      this.session.freeIfSettled();
    });
  }

  bodyEnded() {
    if (!this.decoding) return this.end(undefined);
    const events = this.session.wantsEvents ? [] : null;
    this.found(this.decoder.finish(events), events);
    const { flags } = this.decoder;
    if (flags & (ERROR | OVERSIZE)) return this.stopped(flags);
    const error = fault(this.call, this.decoder, this.session.text, true);
    if (error === undefined || !this.session.passesBytes) return this.end(error);
    this.undecoded(error);
    this.end(undefined);
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
    if (this.decoder.flags & FINISH && !this.session.passesBytes) return this.end(undefined);
    this.end(lost(this.call, cause, this.session.text));
  }

  expired(phase) {
    if (phase === FINISHED) return this.complete();
    const error = late(this.call, phase, this.session.text);
    this.release(error);
    this.end(error);
  }

  /** Lets the connection go: nothing more is wanted from it. */
  release(reason) {
    this.call.cancel(reason);
    letGo(this.reader ?? this.body, reason);
  }

  end(error) {
    if (this.stop()) this.session.laneEnded(error);
  }

  /** Reads no more; whether it was reading. */
  stop() {
    if (this.ended) return false;
    this.ended = true;
    this.clock.stop();
    return true;
  }
}
