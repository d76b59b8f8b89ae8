// Waiting on behalf of the wasm, which is told by the number of its wait.
//
// JavaScript, because the other way is two closures of Rust's for each Promise: boxed, bound to their destructors and
// registered with the garbage collector, they cost more than what is awaited.

import { wasm } from "./decode.js";

/** Tells how `promise`, or whatever stands in its place, settles. */
export function settle(promise, slot, turn) {
  Promise.resolve(promise).then(
    (value) => wasm.wait_settled(slot, turn, 1, value),
    (error) => wasm.wait_settled(slot, turn, 0, error),
  );
}

/** Tells when so many milliseconds have passed. */
export const alarm = (ms, slot, turn) => setTimeout(() => wasm.wait_settled(slot, turn, 1), ms);
