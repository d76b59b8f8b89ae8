// The streams that are read: what a completion endpoint sends, one delta an event, in three kinds.
//
// Made by counting, not by chance, so that every engine and every process has the same bytes without passing them on.

const encoder = new TextEncoder();

/** What stands behind the events in every stream: the finish reason and the end, with no text of their own. */
const TAIL =
  'data: {"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],"created":1795344969,' +
  '"model":"models/smol/SmolLM2-135M-Instruct","object":"text_completion","id":"cmpl-popb4XFx"}\n\ndata: [DONE]\n\n';

// As often as in a natural language (Zipf's law): a few short words make up most of a text, and there are always new
// ones. Who profits from words that come again does it here as much as he would there.
const VOCABULARY = 5000;
const SYLLABLES = "the of to in a and is it on he for as at be by or an we up so".split(" ");

/** @param {number} i */
function word(i) {
  const chance = (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32;
  let rest = Math.floor(VOCABULARY ** chance) - 1;
  let text = SYLLABLES[rest % SYLLABLES.length];
  while ((rest = Math.floor(rest / SYLLABLES.length)) > 0) text += SYLLABLES[rest % SYLLABLES.length];
  return ` ${text}`;
}

// Half of a model's text outside of English is escaped by some servers and raw from others: both are here.
const WIDE_WORDS = [" Größe", "日本", "語の", '\n\n"', " naïve", "🦀", "привет", "\t\\frac", " ça", "é"];

/** @param {string} text */
const escaped = (text) =>
  JSON.stringify(text).replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** @type {Record<string, (i: number) => { text: string, literal: string, created: number, id: string }>} */
const kinds = {
  ascii(i) {
    const text = word(i);
    return { text, literal: JSON.stringify(text), created: 1795344969, id: "cmpl-popb4XFx" };
  },
  "multi-byte": (i) => {
    const text = WIDE_WORDS[i % 10];
    const literal = i % 20 < 10 ? JSON.stringify(text) : escaped(text);
    return { text, literal, created: 1795344969, id: "cmpl-popb4XFx" };
  },
  varying(i) {
    const text = word(i);
    const id = `cmpl-${((i + 1) * 2654435761).toString(36)}`;
    return { text, literal: JSON.stringify(text), created: 1795344969 + i, id };
  },
};

export const dataKinds = Object.keys(kinds);

/**
 * A stretch of a stream that can be repeated: `events` events, cut into chunks, and what they say.
 *
 * @typedef {object} Cycle
 * @property {Uint8Array[]} chunks
 * @property {Uint8Array} tail
 * @property {number} events
 * @property {string} text of all events
 * @property {number[]} ends where the text of each event ends in it
 * @property {string[]} datas of each event
 * @property {number} bytes
 */

/**
 * @param {string} kind one of `dataKinds`
 * @param {number} events
 * @param {number} chunkBytes 0 for one event a chunk
 * @returns {Cycle}
 */
export function makeCycle(kind, events, chunkBytes) {
  const parts = [];
  for (let i = 0; i < events; i++) {
    const { text, literal, created, id } = kinds[kind](i);
    const data =
      `{"choices":[{"text":${literal},"index":0,"logprobs":null,"finish_reason":null}],"created":${created},` +
      `"model":"models/smol/SmolLM2-135M-Instruct","object":"text_completion","id":"${id}"}`;
    parts.push({ text, data });
  }
  return cut(parts, chunkBytes);
}

/**
 * The same of events whose size is given: the shortest that has a text, then longer and longer texts.
 *
 * @param {number} eventBytes
 * @param {number} events
 * @param {number} chunkBytes
 * @returns {Cycle}
 */
export function makeSizedCycle(eventBytes, events, chunkBytes) {
  const around = 'data: {"choices":[{"text":""}]}\n\n'.length;
  const text = "words and ".repeat(eventBytes / 10 + 1).slice(0, Math.max(1, eventBytes - around));
  const data = JSON.stringify({ choices: [{ text }] });
  return cut(
    Array.from({ length: events }, () => ({ text, data })),
    chunkBytes,
  );
}

/**
 * @param {{ text: string, data: string }[]} parts
 * @param {number} chunkBytes
 * @returns {Cycle}
 */
function cut(parts, chunkBytes) {
  const texts = parts.map(({ text }) => text);
  const data = parts.map((part) => part.data);
  const encoded = data.map((line) => encoder.encode(`data: ${line}\n\n`));
  const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
  let chunks = encoded;
  if (chunkBytes > 0) {
    const all = new Uint8Array(bytes);
    let at = 0;
    for (const event of encoded) {
      all.set(event, at);
      at += event.length;
    }
    chunks = [];
    for (let from = 0; from < bytes; from += chunkBytes) chunks.push(all.slice(from, from + chunkBytes));
  }
  const tail = encoder.encode(TAIL);
  let end = 0;
  const ends = texts.map(({ length }) => (end += length));
  return { chunks, tail, events: parts.length, text: texts.join(""), ends, datas: data, bytes };
}

/** The data of the last event of every stream, the one with the finish reason. */
export const tailData = TAIL.slice("data: ".length, TAIL.indexOf("\n"));
