// How a deployment answers one request: its fault while that lasts, else its text, streamed or whole. This is
// the only place that knows the faults.

import { encode, FLUSH } from "./body.js";
import { Generation } from "./generation.js";
import { wait } from "./pace.js";
import { errorBody, Refusal } from "./refusal.js";

/** @typedef {import("../testing.js").DeploymentBehaviour} DeploymentBehaviour */
/** @typedef {import("./body.js").Call} Call */
/** @typedef {import("./body.js").Frame} Frame */
/** @typedef {import("./shape.js").Shape} Shape */

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {AsyncIterable<Frame>} frames
 */

/** A deployment or profile of the service, with how often its fault is still to show. */
export class Deployment {
  #behaviour;
  #faultsLeft;

  /**
   * @param {string} id
   * @param {DeploymentBehaviour} behaviour
   */
  constructor(id, behaviour) {
    this.id = id;
    const text = `This is an emulated answer of ${id}.`;
    this.#behaviour = { ...behaviour, text: behaviour.text ?? text };
    this.#faultsLeft = behaviour.times ?? Infinity;
  }

  /**
   * @param {Record<string, unknown>} request
   * @param {Shape} shape
   * @param {Call} call
   * @returns {Promise<Answer>}
   */
  async answer(request, shape, call) {
    const { text, tokensPerSecond, usage, ...fault } = this.#behaviour;
    const normal = { text, tokensPerSecond, usage };
    const behaviour = this.#faultsLeft > 0 ? { ...normal, ...fault } : normal;
    this.#faultsLeft -= 1;
    return answer(this.id, behaviour, request, shape, call);
  }
}

/**
 * @param {string} id
 * @param {DeploymentBehaviour} behaviour
 * @param {Record<string, unknown>} request
 * @param {Shape} shape
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
async function answer(id, behaviour, request, shape, call) {
  const { body, retryAfter, stallHeaders = 0 } = behaviour;
  const streamed = request["stream"] === true;
  // An error event belongs to an answer that began well, so there the status is the event's, not the head's.
  const inStream = behaviour.errorAfter !== undefined;
  const faultStatus = behaviour.status ?? (retryAfter === undefined ? undefined : 429);
  const status = inStream && streamed ? 200 : (faultStatus ?? (inStream ? 500 : 200));
  const refused = status >= 300;
  const answerType = streamed && !refused ? "text/event-stream" : "application/json";
  const headers = new Headers({
    "content-type": refused && typeof body === "string" ? "text/plain;charset=UTF-8" : answerType,
  });
  if (streamed && !refused) headers.set("cache-control", "no-cache");
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  const given = [...new Headers(behaviour.headers)];
  for (const [name] of given) headers.delete(name);
  for (const [name, value] of given) headers.append(name, value);

  if (stallHeaders > 0) await wait(stallHeaders, call.signal);
  if (refused || (body !== undefined && !(inStream && streamed))) {
    const content = body ?? errorBody(status, `The emulated deployment "${id}" answers ${status}.`);
    return {
      status,
      headers,
      frames: once(typeof content === "string" ? content : JSON.stringify(content), call),
    };
  }
  const generation = new Generation(behaviour, request, call.signal);
  const frames = streamed
    ? eventFrames(id, generation, behaviour, shape, call)
    : await wholeFrames(generation, behaviour, shape, call);
  return { status, headers, frames };
}

/**
 * @param {string} text
 * @param {Call} call
 * @returns {AsyncGenerator<Frame, void, void>}
 */
export async function* once(text, call) {
  call.complete();
  yield encode(text);
}

/**
 * @param {string} id
 * @param {Generation} generation
 * @param {DeploymentBehaviour} behaviour
 * @param {Shape} shape
 * @param {Call} call
 * @returns {AsyncGenerator<Frame, void, void>}
 */
async function* eventFrames(id, generation, behaviour, shape, call) {
  const { cutAfter, errorAfter, stallAfter, noDone, status = 500, body } = behaviour;
  const events = streamEvents(generation, shape, noDone === true);
  try {
    // The faults are looked at before the next event is generated: silence begins with the event before it.
    for (let sent = 0; ; sent += 1) {
      if (sent === cutAfter) return;
      if (sent === errorAfter) {
        const error =
          body ?? errorBody(status, `The emulated deployment "${id}" failed after ${sent} events.`);
        call.complete();
        yield errorEvent(typeof error === "string" ? error : JSON.stringify(error));
        return;
      }
      if (sent === stallAfter) {
        yield FLUSH;
        await wait(Infinity, call.signal);
      }
      const next = await events.next();
      if (next.done) break;
      yield encode(`data: ${JSON.stringify(next.value)}\n\n`);
    }
    if (noDone) return;
    call.complete();
    yield encode("data: [DONE]\n\n");
  } catch (error) {
    if (call.signal.aborted) throw error;
    call.complete();
    yield errorEvent(JSON.stringify(errorBody(500, textFailed(error))));
  } finally {
    await events.return();
  }
}

/**
 * @param {Generation} generation
 * @param {Shape} shape
 * @param {boolean} unfinished
 */
async function* streamEvents(generation, shape, unfinished) {
  for await (const delta of generation) yield shape.delta(delta, generation.count - 1);
  if (!unfinished) yield shape.finish(generation);
}

/** @param {string} data */
function errorEvent(data) {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return encode(`event: error\n${lines.join("")}\n`);
}

/**
 * The head of an answer in one piece comes when its text is complete. It has no events to count, so a fault
 * of the body shows half-way through it.
 *
 * @param {Generation} generation
 * @param {DeploymentBehaviour} behaviour
 * @param {Shape} shape
 * @param {Call} call
 * @returns {Promise<AsyncIterable<Frame>>}
 */
async function wholeFrames(generation, behaviour, shape, call) {
  const { cutAfter, stallAfter, noDone } = behaviour;
  let text = "";
  try {
    for await (const delta of generation) text += delta;
  } catch (error) {
    if (call.signal.aborted) throw error;
    throw new Refusal(500, textFailed(error));
  }
  if (noDone) generation.finishReason = null;
  const json = JSON.stringify(shape.whole(text, generation));
  if (cutAfter === undefined && stallAfter === undefined) return once(json, call);
  return half(json, cutAfter === undefined, call);
}

/**
 * @param {string} text
 * @param {boolean} silent
 * @param {Call} call
 * @returns {AsyncGenerator<Frame, void, void>}
 */
async function* half(text, silent, call) {
  const bytes = encode(text);
  yield bytes.slice(0, bytes.length >> 1);
  if (!silent) return;
  yield FLUSH;
  await wait(Infinity, call.signal);
}

/** @param {unknown} error */
function textFailed(error) {
  const reason = error instanceof Error ? error.message : String(error);
  return `The text of the emulated deployment failed: ${reason}`;
}
