// The state of one stream: who reads it, what has arrived for the reader, and its end.
//
// JavaScript, as each step of an iterator passes through here. What precedes the body (request, retries, errors) and
// what follows it (the completion) is the wasm's; the body itself is read by a lane. A stream over several targets
// changes its lane when the wasm says so, and its reader sees one stream.

import { abandon } from "./beacon.js";
import { StreamEvent } from "./decode.js";
import { Lane, ignore, letGo } from "./lane.js";
import { Queue } from "./queue.js";

/** What reads a stream; the words stand in the error for a second reader. */
export const UNREAD = "";
export const EVENTS = "its events";
export const TEXT = "textStream()";
export const BODY = "toReadableStream()";
export const WHOLE = "text() or completion()";
export const RESPONSE = "toResponse()";
export const BRANCHES = "tee()";

export const abortError = (message) => new DOMException(message, "AbortError");

// A stream that nobody holds any more gives its connection back, where the runtime tells. Its session is the wasm's to keep
// until then: kept by the registry, it would stay where its end never comes.
const abandoned =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry((weak) => {
        const session = weak.deref();
        if (session !== undefined) abandon(session);
      })
    : undefined;

const utf8 = new TextEncoder();

// Deltas that are joined at once: one by one, each would keep a node of a tree of strings alive.
const DELTAS = 256;

/** An event as the wire has it, for whoever wants the bytes of an answer that is made of several bodies. */
function encoded({ data, event, id }) {
  const name = event === "message" ? "" : `event: ${event}\n`;
  return utf8.encode(`${id && `id: ${id}\n`}${name}data: ${data.replaceAll("\n", "\ndata: ")}\n\n`);
}

/** See above. It must not refer to its CompletionStream but while somebody waits (`holder`). */
export class Session {
  constructor(call, opening) {
    this.call = call;
    // Whether bytes are made of events, as the answer may consist of several bodies.
    this.encodes = call.encodes;
    this.use = UNREAD;
    this.queue = new Queue();
    this.holder = null;
    // Whether somebody wants to know the completion, or has to see the body pass for another reason.
    this.asked = false;
    this.watched = false;
    this.branches = [];
    // Of a branch, the session whose answer it reads.
    this.origin = null;
    // The error after which the answer was started over.
    this.broken = undefined;

    // Set once the head is in, with the body.
    this.lane = null;
    this.whole = "";
    this.deltas = [];
    this.firstTextAt = NaN;

    // Nothing more comes; `failed` says whether that is an error.
    this.ended = false;
    this.failed = false;
    this.error = undefined;
    // An error of what was made of the bytes that are passed on.
    this.unreadable = undefined;
    // When things happened in an answer that failed.
    this.timing = null;
    // The reader wants no more, and is told of no error.
    this.closed = false;
    // The reader knows the end.
    this.settled = false;
    this.cancelled = false;
    this.freed = false;

    this.outcome = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.outcome.catch(ignore);

    call.readBy(this);
    // A branch reads what its original has opened.
    this.opening = call.combines && opening === undefined ? this.run() : this.open(opening ?? call.open());
    this.opening.catch(ignore);
  }

  /** One target, or a branch of a stream: its body is the answer. */
  async open(opening) {
    try {
      const body = await opening;
      if (this.ended) return letGo(body, this.error);
      this.watched = this.call.watched;
      this.body = body;
      this.lane = new Lane(this, this.call, body);
      if (this.waits) this.pull();
    } catch (error) {
      this.end(error, true);
      throw error;
    }
  }

  /** Several targets: the wasm opens their bodies, and says which of them is read. Resolves with the first of them. */
  run() {
    this.watched = true;
    return new Promise((resolve, reject) => {
      this.began = resolve;
      this.call.run(this).then(
        () => this.end(undefined, false),
        (error) => {
          reject(error);
          this.end(error, true);
        },
      );
    });
  }

  /** Called by the wasm: reads on in another body. Resolves at its end, and rejects with the error that ended it. */
  follow({ call, body }) {
    return new Promise((resolve, reject) => {
      if (this.lane !== null) {
        this.lane.decoder.close();
        this.lane.call.free();
      }
      this.lane = new Lane(this, call, body);
      this.laneEnded = (error) => (error === undefined ? resolve() : reject(error));
      this.leaveLane = reject;
      this.began();
      if (this.waits) this.pull();
    });
  }

  /** What has come so far is void, because of the error `broken`. */
  startOver(broken) {
    this.broken = broken;
    this.whole = "";
    this.deltas = [];
    this.firstTextAt = NaN;
  }

  /** Called by the wasm. */
  restart(target, broken) {
    this.startOver(broken);
    this.found("", [new StreamEvent("", "restart", "", JSON.stringify({ target }), 0, 0, true)]);
  }

  /** Called by the wasm: whether `restart` can be told to whoever reads. */
  get canRestart() {
    return this.use !== TEXT;
  }

  /** Cancels the call when `stream` is collected. */
  guard(stream) {
    abandoned?.register(stream, new WeakRef(this), this);
  }

  get waits() {
    return this.queue.isAwaited || this.use === WHOLE;
  }

  get wantsEvents() {
    return this.use === EVENTS || (this.encodes && (this.use === BODY || this.origin !== null));
  }

  get passesBytes() {
    return this.use === BODY && !this.encodes;
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

  pull() {
    if (!this.ended) this.lane?.pull();
  }

  /** All text so far. */
  get text() {
    if (this.deltas.length > 0) {
      this.whole += this.deltas.join("");
      this.deltas = [];
    }
    return this.whole;
  }

  give(value) {
    this.queue.give(value);
    if (!this.queue.isAwaited) this.holder = null;
  }

  found(text, events) {
    if (text !== "") {
      if (Number.isNaN(this.firstTextAt)) this.firstTextAt = performance.now();
      if (this.deltas.push(text) === DELTAS) void this.text;
      if (this.use === TEXT) this.give(text);
    }
    if (events === null) return;
    if (this.origin !== null && this.encodes && events.some(({ event }) => event === "restart")) {
      const { broken } = this.origin;
      if (this.use === TEXT) return this.lane.end(broken);
      this.startOver(broken);
    }
    if (this.use === EVENTS) for (const event of events) this.give(event);
    else if (this.use === BODY && this.encodes) for (const event of events) this.give(encoded(event));
  }

  passed(chunk) {
    if (this.passesBytes && !this.closed) this.give(chunk);
  }

  undecoded(error) {
    this.unreadable = error;
    this.fail(error);
  }

  /** The one body of the stream has ended; where there may be others, `follow` puts its own in this place. */
  laneEnded(error) {
    this.end(error, error !== undefined);
  }

  /** Where the wasm awaits a lane's end, which it cannot forget: what is told of a Promise is kept until it settles. */
  leaveLane() {}

  /** The caller's end, or the signal's: what had arrived unread is dropped. */
  cancel(reason) {
    // What is let go below may come back here: a branch of a stream, and the stream, cancel each other.
    if (this.cancelled) return;
    this.cancelled = true;
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
    this.lane?.release(reason);
    this.call.cancel(reason);
    this.leaveLane(reason);
    this.end(reason, true);
    this.queue.drop();
    // Nothing is left to give up, whether the reader comes to see the end or not.
    this.settle();
  }

  /** Nobody holds the stream any more. */
  giveUp() {
    this.cancel(abortError("The stream was dropped unread"));
  }

  /** The body, for somebody else to read. */
  async takeBody() {
    await this.opening;
    if (this.ended) throw this.error;
    abandoned?.unregister(this);
    this.lane.decoder.close();
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
    this.lane?.stop();
    if (failed) {
      this.timing = this.call.timing(this.firstTextAt);
      this.call.ended(error);
      this.fail(error);
    } else if (this.unreadable === undefined) {
      if (this.use === BODY && this.encodes) this.give(utf8.encode("data: [DONE]\n\n"));
      this.succeed(this.lane.call.completed(this.text, this.firstTextAt));
    } else {
      this.call.ended(undefined);
    }
    this.lane?.decoder.close();
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
    abandoned?.unregister(this);
    this.call.letGo();
    this.freeIfSettled();
  }

  freeIfSettled() {
    if (!this.settled || this.freed || this.lane?.lingering) return;
    this.freed = true;
    if (this.lane !== null && this.lane.call !== this.call) this.lane.call.free();
    this.call.free();
  }

  answer() {
    this.queue.end((resolve, reject) => {
      if (this.failed && !this.closed) reject(this.error);
      else resolve({ value: undefined, done: true });
    });
  }
}
