// What goes from the network to the one reader, who may be ahead of it or behind.
//
// JavaScript, as each step of an iterator passes through here. It holds what was read ahead and who waits, and knows
// nothing of what the items are or why there are no more.

/** A first-in, first-out hand-over. */
export class Queue {
  #items = [];
  #taken = 0;
  #resolve = null;
  #reject = null;
  // Who called `next()` again before it was answered: rare, and so kept out of the way.
  #others = [];

  get isAwaited() {
    return this.#resolve !== null;
  }

  get isEmpty() {
    return this.#taken === this.#items.length;
  }

  /** Hands `value` to whoever waits first, else keeps it. */
  give(value) {
    const resolve = this.#resolve;
    if (resolve === null) {
      this.#items.push(value);
      return;
    }
    if (this.#others.length === 0) this.#resolve = this.#reject = null;
    else [this.#resolve, this.#reject] = this.#others.splice(0, 2);
    resolve({ value, done: false });
  }

  /** The first item, of a queue that has one. */
  take() {
    const value = this.#items[this.#taken++];
    if (this.isEmpty) this.drop();
    return { value, done: false };
  }

  /** The next item to come, or the end. */
  wait() {
    return new Promise((resolve, reject) => {
      if (this.#resolve === null) {
        this.#resolve = resolve;
        this.#reject = reject;
      } else {
        this.#others.push(resolve, reject);
      }
    });
  }

  /** Tells all who wait that nothing more comes, by calling one of each pair of functions. */
  end(answer) {
    const waiting = [this.#resolve, this.#reject, ...this.#others];
    this.#resolve = null;
    this.#reject = null;
    this.#others = [];
    for (let i = 0; i < waiting.length; i += 2) answer(waiting[i], waiting[i + 1]);
  }

  /** What has not been taken is gone. */
  drop() {
    this.#items.length = 0;
    this.#taken = 0;
  }
}
