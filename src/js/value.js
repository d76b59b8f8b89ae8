// Reading that may throw, and says `undefined` instead.
//
// JavaScript, because wasm-bindgen loses a slot of its table of JavaScript values, for good, whenever a function that
// returns one throws and Rust catches it.

/** The property `name` of `value`, where it is an object that gives it. */
export function get(value, name) {
  try {
    return Object(value) === value ? value[name] : undefined;
  } catch {
    return undefined;
  }
}

/** `text` as JSON has it. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first `most` items of an iterable; `undefined` where it is none. Throws what it throws. */
export function items(value, most) {
  if (typeof get(value, Symbol.iterator) !== "function") return undefined;
  const found = [];
  for (const item of value) {
    if (found.length === most) break;
    found.push(item);
  }
  return found;
}

const utf8 = new TextDecoder();

/** `bytes` as text. */
export const decode = (bytes) => utf8.decode(bytes);

export const global = () => globalThis;
