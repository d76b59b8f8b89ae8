// `purerouter/slim`: the same, but the wasm is a file of its own, loaded when you say so.

export * from "./index.js";

// Not every set of types has a `WebAssembly` (Node's has none), and some declare a module as an empty interface, which
// any value would fit.
type WebAssemblyModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module & object
  : never;

type Source = string | URL | Response | ArrayBuffer | ArrayBufferView | WebAssemblyModule;

/**
 * Loads the wasm; to be awaited before the first `new PureRouter()`. Further calls return the first one's promise, but
 * after a failure the next one tries again.
 *
 * @param source Where `purerouter/purerouter.wasm` is (a file's URL, too, where there are files), a response with it, its
 *   bytes, the compiled module, or a promise of one of these. A host that forbids compiling takes the module alone.
 * @throws {TypeError} None of these.
 * @throws {Error} It cannot be loaded, is not `purerouter.wasm`, or may not be compiled; the message says what to do.
 *
 * @example
 * import { init, PureRouter } from "purerouter/slim";
 *
 * await init(new URL("./purerouter.wasm", import.meta.url));
 * const client = new PureRouter({ baseUrl: "/" });
 */
export function init(source: Source | Promise<Source>): Promise<void>;
