// CompletionStream: one answer, and all the ways of reading it. The reading itself is the session's.
//
// JavaScript for the same reason as the session: each step of these iterators is on the hot path.

import { bytesOf, follow, passOn, split } from "./handover.js";
import { ignore } from "./lane.js";
import { BODY, BRANCHES, EVENTS, RESPONSE, Session, TEXT, UNREAD, WHOLE, abortError } from "./session.js";

class TextStream {
  #stream;
  #session;

  constructor(stream, session) {
    // Held, so that the stream is not collected while its text is read.
    this.#stream = stream;
    this.#session = session;
  }

  next() {
    return this.#session.next(this);
  }

  return(value) {
    return this.#stream.return(value);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** When things happened in a stream that has ended. */
export let timingOf;

/** Makes whoever calls it the reader of a stream's events; throws where there is another reader. */
export let readEvents;

/** What `stream()` returns. */
export class CompletionStream {
  static {
    timingOf = (stream) => stream.#session.timing;
    readEvents = (stream) => stream.#session.claim(EVENTS);
  }

  #session;
  #response;

  /** Called by the wasm, with its half of the call; a branch of `tee()` also gets what its original had opened. */
  constructor(call, opening, response) {
    this.#session = new Session(call, opening);
    this.#session.guard(this);
    this.#response = response ?? this.#session.opening.then(() => call.head());
    this.#response.catch(ignore);
  }

  next() {
    const session = this.#session;
    if (session.use !== EVENTS) {
      try {
        session.claim(EVENTS);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return session.next(this);
  }

  return(value) {
    this.#session.close();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  textStream() {
    this.#session.claim(TEXT);
    return new TextStream(this, this.#session);
  }

  text() {
    const text = this.completion().then((completion) => completion.text);
    // Asked for beside a reader, it must not report that reader's error a second time.
    text.catch(ignore);
    return text;
  }

  completion() {
    const session = this.#session;
    session.asked = true;
    if (!session.ended) {
      session.holder = this;
      // A reader may be taken right after this call; only where none is, the whole is read from here.
      queueMicrotask(() => {
        if (session.use !== UNREAD || session.ended) return;
        session.use = WHOLE;
        session.pull();
      });
    }
    return session.outcome;
  }

  get response() {
    // Whoever awaits the head alone holds no stream: this reaction does, until the head is in.
    this.#response.then(() => void this, ignore);
    return this.#response;
  }

  toReadableStream() {
    this.#session.claim(BODY);
    return bytesOf(this.#session, this);
  }

  async toResponse(init = {}) {
    const session = this.#session;
    session.claim(RESPONSE);
    const { status, headers } = await this.#response;
    let body;
    if (session.asked || session.watched) {
      session.use = BODY;
      body = bytesOf(session, this);
    } else {
      // Nobody wants to know what passes: the runtime moves the bytes itself.
      body = await passOn(session);
    }
    const sent = new Headers(init.headers);
    const type = session.encodes ? "text/event-stream" : headers.get("content-type");
    if (type !== null && !sent.has("content-type")) sent.set("content-type", type);
    return new Response(body, { status, ...init, headers: sent });
  }

  tee() {
    const session = this.#session;
    session.claim(BRANCHES);
    const halves = split(session, this);
    const branches = [0, 1].map(
      (i) =>
        new CompletionStream(
          session.call.fork(),
          halves.then((bodies) => bodies[i]),
          this.#response,
        ),
    );
    // The branches alone say from here on whether the answer is wanted.
    session.call.leave();
    follow(
      session,
      branches.map((branch) => branch.#session),
    );
    return branches;
  }

  abort(reason) {
    this.#session.cancel(reason === undefined ? abortError("The stream was aborted") : reason);
  }
}

const dispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
for (const { prototype } of [CompletionStream, TextStream]) {
  Object.defineProperty(prototype, dispose, {
    value() {
      return this.return().then(ignore);
    },
    configurable: true,
    writable: true,
  });
}
Object.defineProperty(CompletionStream.prototype, Symbol.toStringTag, {
  value: "CompletionStream",
  configurable: true,
});
