// What the service demands of a request's body. Unknown fields are none of its business: they pass, as they
// do at the real service, which hands them to the model. A field that is null counts as absent.

import { Refusal } from "./refusal.js";

const PROMPTS = ["prompt", "messages", "input", "inputs"];

/**
 * Parses a body and refuses, with 400 and the name of the field, what the service would refuse.
 *
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
export function parseRequest(text) {
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Refusal(400, "The body must be a JSON object.");
  }
  checkPrompt(body);
  const { max_tokens: maxTokens, parameters } = body;
  for (const name of ["max_tokens", "temperature", "top_p"]) demand(body, name, "number", "a number");
  if (typeof maxTokens === "number" && (!Number.isInteger(maxTokens) || maxTokens < 0)) {
    throw new Refusal(400, `"max_tokens" must be a whole number, 0 or more, not ${maxTokens}.`);
  }
  demand(body, "stream", "boolean", "true or false");
  demand(body, "profile", "string", "a string");
  demand(body, "parameters", "object", "an object");
  if (Array.isArray(parameters)) throw new Refusal(400, '"parameters" must be an object.');
  return body;
}

/**
 * The text a request asks about, for an estimate of its size or a look at its words.
 *
 * @param {Record<string, unknown>} body
 * @returns {string}
 */
export function promptText(body) {
  const { messages } = body;
  if (Array.isArray(messages)) return messages.map(({ content }) => textOf(content)).join("\n");
  return textOf(body["prompt"] ?? body["input"] ?? body["inputs"]);
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, `The body is not valid JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {Record<string, unknown>} body */
function checkPrompt(body) {
  if (PROMPTS.every((name) => body[name] === undefined || body[name] === null)) {
    throw new Refusal(400, 'The body needs a "prompt", "messages", "input" or "inputs".');
  }
  const { prompt, messages } = body;
  const isText =
    typeof prompt === "string" || (Array.isArray(prompt) && prompt.every((part) => typeof part === "string"));
  if (prompt !== undefined && prompt !== null && !isText)
    throw new Refusal(400, '"prompt" must be a string.');
  if (messages === undefined || messages === null) return;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new Refusal(400, '"messages" must be an array with at least one message.');
  }
  messages.forEach((message, index) => {
    if (typeof message !== "object" || message === null || typeof message.role !== "string") {
      throw new Refusal(400, `"messages[${index}]" must be an object with a string "role".`);
    }
    const { content } = message;
    if (content !== undefined && content !== null && typeof content !== "string" && !Array.isArray(content)) {
      throw new Refusal(400, `"messages[${index}].content" must be a string or an array of parts.`);
    }
  });
}

/**
 * @param {Record<string, unknown>} body
 * @param {string} name
 * @param {string} type
 * @param {string} called
 */
function demand(body, name, type, called) {
  const value = body[name];
  if (value !== undefined && value !== null && typeof value !== type) {
    throw new Refusal(400, `"${name}" must be ${called}, not ${JSON.stringify(value)}.`);
  }
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function textOf(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value === "object" && value !== null) return textOf(Object.values(value));
  return "";
}
