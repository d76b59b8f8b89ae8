// Signals of every make, and one that counts who listens.

export const controller = () => new AbortController();
export const signalOf = (controller) => controller.signal;
/** `reason` is an array, so that undefined given and nothing given are two things. */
export const abortWith = (controller, reason) => controller.abort(...reason);

/** As a polyfill makes it; `listeners` is how many there are. */
export class CountingSignal {
  #listeners = new Set();
  aborted = false;
  reason = undefined;

  get listeners() {
    return this.#listeners.size;
  }

  addEventListener(type, listener) {
    this.#listeners.add(listener);
  }

  removeEventListener(type, listener) {
    this.#listeners.delete(listener);
  }

  abort(reason) {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener({ type: "abort" });
  }
}

const refuse = () => {
  throw new Error("a trap that throws");
};

const signals = {
  "one that cannot be listened to": { aborted: false, addEventListener: refuse, removeEventListener: refuse },
  "one without removeEventListener": { aborted: false, addEventListener() {} },
  "one whose aborted cannot be read": {
    get aborted() {
      refuse();
    },
    addEventListener() {},
    removeEventListener() {},
  },
};

export const signalLike = (name) => signals[name];
