// The floor: the cheapest that an iterator over a stream can be. It reads the body and gives what is known beforehand
// to have been in it, so nothing is decoded; what remains is the engine's reading, a Promise and a result an item, and
// what the loop does with it. Nobody who gives the same can take less.

/** @typedef {import("./data.mjs").Cycle & { cycles: number }} Known */

/**
 * How many events have ended once so many bytes are in: in proportion, which is near enough.
 *
 * @param {Known} known
 */
function progress({ bytes, events, cycles }) {
  let read = 0;
  return (/** @type {Uint8Array | undefined} */ chunk) => {
    if (chunk === undefined) return events * cycles;
    read += chunk.length;
    return Math.min(Math.round((read / bytes) * events), events * cycles);
  };
}

/**
 * The texts of what each read brought, as one.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Known} known
 * @returns {AsyncIterable<string>}
 */
export function knownTexts(reader, known) {
  const { text, ends, events } = known;
  const endedBy = progress(known);
  let given = 0;
  const cut = (/** @type {number} */ to) => {
    const [from, until] = [given % events, to % events];
    const [start, end] = [from === 0 ? 0 : ends[from - 1], until === 0 ? 0 : ends[until - 1]];
    const whole = Math.floor(to / events) - Math.floor(given / events);
    given = to;
    return whole === 0
      ? text.slice(start, end)
      : text.slice(start) + text.repeat(whole - 1) + text.slice(0, end);
  };
  const onRead = (/** @type {ReadableStreamReadResult<Uint8Array>} */ { done, value }) => {
    const to = endedBy(value);
    if (to > given) return { value: cut(to), done: false };
    return done ? { value: undefined, done } : next();
  };
  /** @returns {Promise<any>} */
  const next = () => reader.read().then(onRead);
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/**
 * What `make` makes of each event, by its place in the cycle.
 *
 * @template T
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Known} known
 * @param {(place: number) => T} make
 * @returns {AsyncIterable<T>}
 */
export function knownEvents(reader, known, make) {
  const endedBy = progress(known);
  let given = 0;
  let ended = 0;
  const take = () => ({ value: make(given++ % known.events), done: false });
  const onRead = (/** @type {ReadableStreamReadResult<Uint8Array>} */ { done, value }) => {
    ended = endedBy(value);
    if (ended > given) return take();
    return done ? { value: undefined, done } : next();
  };
  /** @returns {Promise<any>} */
  const next = () => (given < ended ? Promise.resolve(take()) : reader.read().then(onRead));
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
