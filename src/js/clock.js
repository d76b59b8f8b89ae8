// How long a body may be silent: one timer a stream, whatever the number of its chunks.
//
// A timer set and cleared for every chunk costs more than reading it, and so does looking at the time. So a wait only
// leaves a mark, and a timer that goes off several times within a limit sees when the last one can have begun: a silence
// is told a little late, and never too early. Only waiting for the network counts: a reader who takes his time is none.

/** What the silence means, and so which limit holds. */
export const FIRST_TEXT = "first-text";
export const IDLE = "idle";
/** There has been a finish reason: more may come, and need not. */
export const FINISHED = "finished";
const TOTAL = "total";

// After a finish reason, a usage event may still come; this much silence says that it doesn't.
const FINISHED_SILENCE_MS = 1000;

// How often within a limit the timer looks: so much of it may a silence last longer.
const LOOKS = 8;

// Timers count in 31 bits.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Clock {
  #limits;
  #isAwaited;
  #expired;
  #phase = FIRST_TEXT;
  #timer = 0;
  #readingSince = NaN;
  #waitingSince = NaN;
  // Whether a wait has begun since the timer last looked.
  #fresh = false;

  /**
   * The limits are `call`'s. `expired(phase)` is called once one of them is over while `isAwaited()`.
   */
  constructor(call, isAwaited, expired) {
    // Milliseconds, infinite where off, but for the deadline, which is a time.
    this.#limits = { firstText: call.limit(0), idle: call.limit(1), deadline: call.limit(2) };
    this.#isAwaited = isAwaited;
    this.#expired = expired;
  }

  /** A wait for the network begins. */
  wait() {
    this.#fresh = true;
    if (this.#timer !== 0) return;
    this.#fresh = false;
    this.#waitingSince = performance.now();
    // What the head took is spent of the time to the first text; what a late reader took is not.
    if (Number.isNaN(this.#readingSince)) this.#readingSince = this.#waitingSince;
    this.#arm(this.#waitingSince);
  }

  /** Another limit holds from here on. It may be nearer than the timer that runs. */
  enter(phase) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.stop();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #end() {
    const { firstText, idle, deadline } = this.#limits;
    const phase = this.#phase;
    let at = this.#waitingSince + idle;
    if (phase === FIRST_TEXT) at = this.#readingSince + firstText;
    else if (phase === FINISHED) at = this.#waitingSince + FINISHED_SILENCE_MS;
    if (at <= deadline) return [at, phase];
    return [deadline, phase === FINISHED ? FINISHED : TOTAL];
  }

  #arm(now) {
    const [at, phase] = this.#end();
    if (at === Infinity) return;
    const limit = phase === FINISHED ? FINISHED_SILENCE_MS : this.#limits.idle;
    const look = this.#phase === FIRST_TEXT ? Infinity : limit / LOOKS;
    this.#timer = setTimeout(() => this.#ring(), Math.min(at - now, look, LONGEST_TIMER_MS));
  }

  #ring() {
    this.#timer = 0;
    if (!this.#isAwaited()) return;
    const now = performance.now();
    if (this.#fresh) this.#waitingSince = now;
    this.#fresh = false;
    const [at, phase] = this.#end();
    if (now < at) this.#arm(now);
    else this.#expired(phase);
  }
}
