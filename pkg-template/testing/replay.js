// Replays recordings of a real model as a deployment's text, token by token, at the pace at which they were
// generated. It is no model: a prompt gets the recording whose prompt it resembles most, whatever it asks.

import { Pace } from "./pace.js";
import { recordings as shipped } from "./recordings.js";
import { promptText } from "./request.js";

/** @typedef {import("../testing.js").Recording} Recording */
/** @typedef {import("../testing.js").RecordedOptions} RecordedOptions */
/** @typedef {import("../testing.js").TextFunction} TextFunction */

/**
 * @param {RecordedOptions} [options]
 * @returns {TextFunction}
 */
export function recorded({ recordings = shipped, speed = 1 } = {}) {
  if (!Array.isArray(recordings) || recordings.length === 0) {
    throw new TypeError("`recordings` must be an array with at least one recording.");
  }
  if (typeof speed !== "number") throw new TypeError(`\`speed\` must be a number, not ${String(speed)}.`);
  if (!(speed > 0)) throw new RangeError(`\`speed\` must be greater than 0, not ${speed}.`);
  return (request, context) => replay(closest(recordings, lastPrompt(request)), speed, context?.signal);
}

/**
 * @param {Recording} recording
 * @param {number} speed
 * @param {AbortSignal} [signal]
 */
async function* replay({ tokens, finishReason, usage }, speed, signal) {
  const pace = new Pace(signal);
  let previousMs = 0;
  for (const [ms, text] of tokens) {
    await pace.next((ms - previousMs) / speed);
    previousMs = ms;
    yield text;
  }
  return { finish_reason: finishReason, usage };
}

/**
 * In a conversation it is the last turn that is answered.
 *
 * @param {Record<string, unknown>} request
 */
function lastPrompt(request) {
  const { messages } = request;
  return promptText(Array.isArray(messages) ? { messages: messages.slice(-1) } : request);
}

/**
 * The recording whose prompt shares most words with this one, counting only words that tell the recordings
 * apart; where none is shared, always the same one for the same prompt.
 *
 * @param {readonly Recording[]} recordings
 * @param {string} prompt
 * @returns {Recording}
 */
function closest(recordings, prompt) {
  const asked = words(prompt);
  const vocabularies = recordings.map((recording) => words(recording.prompt));
  const scores = vocabularies.map((vocabulary) => {
    const shared = [...vocabulary].filter((word) => asked.has(word));
    return shared.filter((word) => vocabularies.filter((other) => other.has(word)).length === 1).length;
  });
  const best = Math.max(...scores);
  const index = best > 0 ? scores.indexOf(best) : hash(prompt) % recordings.length;
  return /** @type {Recording} */ (recordings[index]);
}

/** Words short enough to be "the" or "is" say nothing of the subject. @param {string} text */
function words(text) {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu));
}

/** FNV-1a: small, and the same in every engine. @param {string} text */
function hash(text) {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
