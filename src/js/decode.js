// The wasm decoder as the reading loop sees it: bytes in, strings out.
//
// JavaScript, because this runs for every network chunk: one copy into wasm memory, one plain call of a raw export and
// one string out cost a fraction of what a generated binding (a Promise, a converted string, a boxed struct) does.
// Nothing is decided here: what is an event, a text or an error is the decoder's word.

export const DONE = 1;
export const FINISH = 2;
export const ERROR = 4;
export const OVERSIZE = 8;
const WIDE = 16;
const ASCII = 32;
export const MALFORMED = 64;

// One event of a chunk: `#[repr(C)] struct Record` of six u32.
const RECORD_WORDS = 6;
const RECORD_AUX = 1;
const RECORD_JSON = 2;
const RECORD_ERROR = 8;

// A larger chunk is fed in slices, so that the wasm memory stays small whatever a runtime hands over.
const SLICE = 65536;

// `ignoreBOM`: a U+FEFF in the middle of a stream is text.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const fromCharCode = String.fromCharCode;

/** The wasm's own exports. */
export let wasm;
let report = 0;
let bytes = new Uint8Array(0);
let words = new Uint32Array(0);

/** Called once by the wasm, before all else, with its own exports. */
export function install(exports) {
  wasm = exports;
  report = exports.decoder_report() >>> 2;
}

/** A view of the wasm's memory, until it grows. */
export function bytesAt(at, length) {
  if (bytes.length === 0) refresh();
  return bytes.subarray(at, at + length);
}

// Memory that grew, for any stream, detaches every view of it.
function refresh() {
  bytes = new Uint8Array(wasm.memory.buffer);
  words = new Uint32Array(wasm.memory.buffer);
}

// Below a dozen characters, a call of TextDecoder costs more than making the string by hand.
function short(at, length) {
  const end = at + length;
  let text = "";
  // Four at a time, since each string on the way is one to collect.
  for (; at + 4 <= end; at += 4) text += fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
  for (; at < end; at++) text += fromCharCode(bytes[at]);
  return text;
}

// Lone surrogates, which UTF-8 cannot carry, arrive as UTF-16.
function wide(at, length) {
  // A copy: the text need not lie at an even address.
  const units = new Uint16Array(bytes.slice(at, at + length).buffer);
  let text = "";
  for (let i = 0; i < units.length; i += 4096) text += fromCharCode.apply(null, units.subarray(i, i + 4096));
  return text;
}

function foundText(flags) {
  if (bytes.length === 0) refresh();
  const length = words[report + 1];
  if (length === 0) return "";
  const at = words[report];
  if (flags & ASCII && length <= 12) return short(at, length);
  if (flags & WIDE) return wide(at, length);
  return utf8.decode(bytesAt(at, length));
}

const auxText = (from, to) => utf8.decode(bytesAt(words[report + 4] + from, to - from));

function errorData(chunk) {
  const at = (words[report + 2] >>> 2) + (words[report + 3] - 1) * RECORD_WORDS;
  if (words[at] & RECORD_AUX) return auxText(words[at + 2], words[at + 3]);
  return utf8.decode(chunk.subarray(words[at + 2], words[at + 3]));
}

/** The bytes of one chunk, kept while an event of it is, and decoded at most once. */
class Source {
  #string = null;
  constructor(bytes) {
    this.bytes = bytes;
  }

  slice(start, end) {
    this.#string ??= utf8.decode(this.bytes);
    // As many characters as bytes: every byte is a character, and the offsets hold.
    if (this.#string.length === this.bytes.length) return this.#string.slice(start, end);
    return utf8.decode(this.bytes.subarray(start, end));
  }
}

const UNPARSED = Symbol("unparsed");

/** One server-sent event. `data` and `json` are made when they are asked for: most readers want only `text`. */
export class StreamEvent {
  #data;
  #start;
  #end;
  #json;

  constructor(text, event, id, data, start, end, json) {
    this.text = text;
    this.event = event;
    this.id = id;
    this.#data = data;
    this.#start = start;
    this.#end = end;
    this.#json = json ? UNPARSED : undefined;
  }

  get data() {
    if (typeof this.#data !== "string") this.#data = this.#data.slice(this.#start, this.#end);
    return this.#data;
  }

  get json() {
    if (this.#json === UNPARSED) this.#json = JSON.parse(this.data);
    return this.#json;
  }

  toJSON() {
    return { data: this.data, event: this.event, id: this.id, json: this.json, text: this.text };
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    return inspect ? inspect(this.toJSON(), options) : this.toJSON();
  }
}

/** One stream's decoder, and what it found last. */
export class ChunkDecoder {
  #call;
  #slot;
  // Where the next bytes go, and how many.
  #window = 0;
  #room = 0;
  #id = "";

  constructor(call) {
    this.#call = call;
    this.#slot = call.decoder();
    this.flags = 0;
    /** Where `flags` has ERROR: the data of the error event. */
    this.error = "";
  }

  /** The joined text of all events in `chunk`; `events`, where given, gets each of them. Sets `flags`. */
  push(chunk, events) {
    if (chunk.length > SLICE) return this.#slices(chunk, events);
    const { length } = chunk;
    const at = length <= this.#room ? this.#window : wasm.decoder_reserve(this.#slot, length) >>> 0;
    if (bytes.length === 0) refresh();
    bytes.set(chunk, at);
    const flags = (this.flags = wasm.decoder_push(this.#slot, length, events === null ? 1 : 0));
    const text = foundText(flags);
    this.#window = words[report + 6];
    this.#room = words[report + 7];
    if (flags & ERROR) this.error = errorData(chunk);
    if (events !== null) this.#events(text, chunk, events);
    return text;
  }

  #slices(chunk, events) {
    let text = "";
    for (let from = 0; from < chunk.length && !(this.flags & (DONE | ERROR | OVERSIZE)); from += SLICE) {
      text += this.push(chunk.subarray(from, from + SLICE), events);
    }
    return text;
  }

  /** The body has ended: what was still pending, as `push`. */
  finish(events) {
    const flags = (this.flags = wasm.decoder_finish(this.#slot));
    const text = foundText(flags);
    if (flags & ERROR) this.error = errorData(null);
    if (events !== null) this.#events(text, null, events);
    return text;
  }

  #events(text, chunk, events) {
    const count = words[report + 3];
    let at = words[report + 2] >>> 2;
    let start = 0;
    let source = null;
    for (let i = 0; i < count; i++, at += RECORD_WORDS) {
      const flags = words[at];
      if (flags & RECORD_ERROR) return;
      const end = words[at + 1];
      const delta = count === 1 ? text : text.slice(start, end);
      const from = words[at + 2];
      const to = words[at + 3];
      start = end;
      if (flags & RECORD_AUX) {
        const nameEnd = words[at + 4];
        this.#id = auxText(nameEnd, words[at + 5]);
        const name = auxText(to, nameEnd) || "message";
        events.push(new StreamEvent(delta, name, this.#id, auxText(from, to), 0, 0, flags & RECORD_JSON));
      } else {
        source ??= new Source(chunk);
        events.push(new StreamEvent(delta, "message", this.#id, source, from, to, flags & RECORD_JSON));
      }
    }
  }

  /** The slot is another stream's soon: a second close must not close that one. */
  close() {
    if (this.#slot >= 0) this.#call.close();
    this.#slot = -1;
    this.#room = 0;
  }
}
