// What Node wants to be told of a signal that many calls follow.
//
// JavaScript, being nothing but a call of Node's, made where there is one and nowhere else.

/**
 * Each call listens to its caller's signal until it ends, and Node takes the eleventh listener for a leak and says so on
 * the console. Its own fetch has the same answer to that, and the same number.
 */
export function expectListeners(signal) {
  try {
    globalThis.process?.getBuiltinModule?.("node:events").setMaxListeners(1500, signal);
  } catch {
    // A signal of another make: Node counts nothing there.
  }
}
