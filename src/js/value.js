// Reading that may throw, and says `undefined` instead.
//
// JavaScript, because wasm-bindgen loses a slot of its table of JavaScript values, for good, whenever a function that
// returns one throws and Rust catches it.

import { bytesAt } from "./decode.js";

const utf8 = new TextDecoder();
const names = new Map();

/** The name that lies at an address of the wasm, for good: decoded once, as that costs more than all use of it. */
export function nameAt(at, length) {
  const key = at * 64 + length;
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = utf8.decode(bytesAt(at, length))));
  return name;
}

function read(value, name) {
  try {
    return Object(value) === value ? value[name] : undefined;
  } catch {
    return undefined;
  }
}

/** The property of `value` with that name, where it is an object that gives it. */
export const get = (value, at, length) => read(value, nameAt(at, length));

/** Sets the property of `object` with that name. */
export const set = (object, at, length, value) => void Reflect.set(object, nameAt(at, length), value);

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
  if (typeof read(value, Symbol.iterator) !== "function") return undefined;
  const found = [];
  for (const item of value) {
    if (found.length === most) break;
    found.push(item);
  }
  return found;
}

/** `bytes` as text. */
export const decode = (bytes) => utf8.decode(bytes);

export const global = () => globalThis;
