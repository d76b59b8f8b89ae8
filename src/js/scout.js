// A body read until its first text, before it is known whether this answer is the one that counts.
//
// JavaScript, being calls of a reader. What it read is kept and read again by the lane that follows, so that nothing of
// an answer that loses its race, or fails before it said anything, reaches the stream's reader.

import { Clock, FINISHED } from "./clock.js";
import { ChunkDecoder, DONE, FINISH } from "./decode.js";
import { bytesOf, fault, late, letGo, lost } from "./lane.js";

export class Scout {
  call;
  #body;
  #reader = null;
  #decoder;
  #clock;
  #expire;
  #expired;
  #chunks = [];
  #read = null;
  #released = false;

  /** `begun` resolves with the first text, or the end of an answer without any; it rejects where the body fails first. */
  constructor(call, body) {
    this.call = call;
    this.#body = body;
    this.#decoder = new ChunkDecoder(call);
    this.#expired = new Promise((resolve) => (this.#expire = resolve));
    this.#clock = new Clock(call, () => true, this.#expire);
    this.begun = this.#search().finally(() => this.#stop());
    this.begun.catch((error) => this.release(error));
  }

  async #search() {
    try {
      this.#reader = this.#body?.getReader() ?? null;
    } catch (cause) {
      throw lost(this.call, cause, "");
    }
    for (let text = ""; text === "" && !(this.#decoder.flags & DONE);) {
      const { done, value } = await this.#next();
      if (this.#released) return;
      if (done) {
        if (this.#decoder.finish(null) === "") this.#check(true);
        return;
      }
      this.#chunks.push(value);
      text = this.#decoder.push(value, null);
      // After text of the same chunk, an error is one in mid-stream: the lane meets it again.
      if (text === "") this.#check(false);
      if (this.#decoder.flags & FINISH) this.#clock.enter(FINISHED);
    }
  }

  async #next() {
    if (this.#reader === null) return { done: true };
    this.#clock.wait();
    try {
      this.#read = this.#reader.read();
      const first = await Promise.race([this.#expired, this.#read]);
      // A finish reason and silence: an answer without text.
      if (first === FINISHED) return { done: true };
      if (typeof first === "string") throw late(this.call, first, "");
      this.#read = null;
      return first.done ? { done: true } : { done: false, value: bytesOf(first.value) };
    } catch (cause) {
      if (this.#released) return { done: true };
      throw lost(this.call, cause, "");
    }
  }

  #check(atEnd) {
    const error = fault(this.call, this.#decoder, "", atEnd);
    if (error !== undefined) throw error;
  }

  #stop() {
    this.#clock.stop();
    this.#decoder.close();
  }

  /** The body from its start. */
  get body() {
    const reader = this.#reader;
    if (reader === null) return null;
    const reads = this.#chunks.map((value) => Promise.resolve({ done: false, value }));
    // One may be under way still.
    if (this.#read !== null) reads.push(this.#read);
    let at = 0;
    return {
      getReader: () => ({
        read: () => (at < reads.length ? reads[at++] : reader.read()),
        cancel: (reason) => reader.cancel(reason),
      }),
    };
  }

  /** Called by the wasm as well: this answer is not wanted, or no more. */
  release(reason) {
    if (this.#released) return;
    this.#released = true;
    this.#stop();
    this.call.cancel(reason);
    letGo(this.#reader ?? this.#body, reason);
    this.call.free();
  }
}
