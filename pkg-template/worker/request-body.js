/**
 * Reading a body without trusting it: neither its length, nor its pace, nor its pieces. It is parsed only to be judged:
 * the service gets the bytes as they came.
 */
import { Refusal } from "./refusal.js";

/** A body in the two forms it is judged in. @typedef {{ text: string, value: Record<string, unknown> }} Body */

const PATIENCE_MS = 60_000;
/** From where a large body may take longer than that; 64 KB/s. */
const SLOWEST_BYTES_PER_MS = 64;

class TooSlow extends Error {}

/**
 * @param {Request} request @param {number} maxBytes
 * @param {(message: string) => void} log
 */
export async function readBody(request, maxBytes, log) {
  if (request.bodyUsed) {
    log("`authorize` or `limit` read the body: read that of request.clone() instead");
    throw new Refusal(500, "gateway_error", "The gateway has used up the request's body.");
  }
  // A declared length saves reading what will be refused; it is never trusted to be the real one.
  const declared = Number(request.headers.get("content-length") ?? 0);
  let bytes;
  try {
    if (!(declared > maxBytes)) bytes = await readAtMost(request.body?.getReader(), maxBytes);
  } catch (error) {
    if (error instanceof TooSlow) {
      throw new Refusal(408, "body_too_slow", "The request body did not arrive in time.");
    }
    throw new Refusal(400, "invalid_body", "The request body broke off.");
  }
  if (bytes !== undefined) return bytes;
  throw new Refusal(413, "body_too_large", `The request body is larger than ${maxBytes} bytes.`);
}

/**
 * The whole body, or `undefined` as soon as it is known to be larger; rejects where it is slow. What is left is not read,
 * and not cancelled here: Node would close a client's connection before the answer is on it.
 * @param {ReadableStreamDefaultReader<Uint8Array> | undefined} reader @param {number} maxBytes
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>}
 */
export async function readAtMost(reader, maxBytes) {
  if (reader === undefined) return new Uint8Array();
  const reading = { over: false };
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, Math.max(PATIENCE_MS, maxBytes / SLOWEST_BYTES_PER_MS), new TooSlow());
  });
  try {
    return await Promise.race([collect(reader, maxBytes, reading), /** @type {Promise<never>} */ (late)]);
  } finally {
    reading.over = true;
    clearTimeout(timer);
  }
}

/**
 * Copied chunk by chunk: each may be one byte that keeps a buffer of many alive.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {number} maxBytes @param {{ over: boolean }} reading
 */
async function collect(reader, maxBytes, reading) {
  let bytes = new Uint8Array();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    const needed = length + value.byteLength;
    if (needed > maxBytes || reading.over) return undefined;
    if (needed > bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, Math.min(2 * bytes.byteLength, maxBytes)));
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(value, length);
    length = needed;
  }
}

/** @param {Uint8Array} bytes @returns {Body} */
export function parseObject(bytes) {
  let text, value;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid_body", "The request body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "invalid_body", "The request body must be a JSON object.");
  }
  return { text, value };
}
