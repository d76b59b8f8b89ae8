// A call's tie to the request that it was made in, on Cloudflare's runtime. What it is for is told in `beacon.rs`.
//
// JavaScript, being a timer and a registry of the runtime's.

import { wasm } from "./decode.js";

// How long a stream that nobody holds any more may keep its connection.
const BEAT_MS = 5000;

const onCloudflare = globalThis.navigator?.userAgent === "Cloudflare-Workers";

// Elsewhere a timer stays until it is cleared, and a process with it.
const gone =
  onCloudflare && typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry((beacon) => beacon.out())
    : null;

// The runtime's own, whatever a test puts in their place later: where a timer is forgotten, its request is gone.
const { setInterval, clearInterval } = globalThis;

/** Shines while its request is there and its call has not ended. */
export class Beacon {
  // Pairs of slot and turn.
  #waits = [];
  #timer = 0;
  // Sessions to be given up in this request; `null` where it is too late for that.
  #abandoned = [];

  /** `undefined` where there is none. */
  static light() {
    if (gone === null) return undefined;
    const beacon = new Beacon();
    // Nothing but the timer may refer to this function, or it would not go with its request.
    const beat = () => beacon.#abandoned?.splice(0).forEach((session) => session.giveUp());
    try {
      // A number also where `nodejs_compat` makes timers objects, which refer to their functions.
      beacon.#timer = Number(setInterval(beat, BEAT_MS));
    } catch {
      // Outside of a request there are no timers, and no fetch either.
      return undefined;
    }
    gone.register(beat, beacon);
    return beacon;
  }

  /** Ends the wait when the beacon goes out. */
  tell(slot, turn) {
    this.#waits.push(slot, turn);
  }

  /** Nobody holds the stream of `session` any more. */
  leave(session) {
    this.#abandoned?.push(session);
  }

  out() {
    this.#abandoned = null;
    const waits = this.#waits.splice(0);
    for (let i = 0; i < waits.length; i += 2) wasm.wait_settled(waits[i], waits[i + 1], 1);
  }

  /** The call has ended. */
  quench() {
    try {
      clearInterval(this.#timer);
    } catch {
      // By the garbage collector, which is in no request. The timer goes with its own.
    }
    this.out();
  }
}

/** Nobody holds the stream of `session` any more. */
export function abandon(session) {
  if (onCloudflare) session.call.beacon?.leave(session);
  else session.giveUp();
}
