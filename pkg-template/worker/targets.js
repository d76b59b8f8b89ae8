/**
 * Asks the targets of a named route. `fallback` asks the next one when one fails before its answer begins; `hedge` also
 * when those before have sent nothing for a while, and takes whichever sends its first bytes first. Both end where a
 * good answer begins: its bytes are the client's. Where all fail, the last failure is the answer as it is, so that the
 * client's own retries decide by its status and `Retry-After`.
 */
import { withProfile } from "./profile.js";
import { parseObject } from "./request-body.js";
import { idOf, redact, send, withFirstBytes } from "./upstream.js";

/** @typedef {import("./upstream.js").Call} Call */
/** @typedef {import("./routes.js").NamedRoute} NamedRoute */
/** @typedef {import("./routes.js").Target} Target */
/** @typedef {{ response?: Response, error?: unknown, ok: boolean, final: boolean }} Outcome `final`: no other is asked */
/** @typedef {{ outcome: Promise<Outcome>, cancel: () => void }} Attempt */

/** For an answer that comes at once, which is written before its head is sent; the client's own `timeout`. */
const ANSWER_TIMEOUT_MS = 300_000;

/** @param {NamedRoute} route @param {Call} call @param {Uint8Array} bytes the body */
export async function askTargets(route, call, bytes) {
  const { bodies, timeout } = bodiesFor(route, bytes);
  /** @param {Target} target */
  const ask = (target) => attempt(route, target, call, bodies.get(target), timeout);
  const { response, error } = await (route.delay === undefined
    ? fallback(route, ask)
    : hedge(route, ask, route.delay));
  if (response === undefined) throw error;
  return response;
}

/** @param {NamedRoute} route @param {Uint8Array} bytes */
function bodiesFor({ targets, headersTimeout }, bytes) {
  const body = parseObject(bytes);
  const timeout = body.value["stream"] === true ? headersTimeout : ANSWER_TIMEOUT_MS;
  const bodies = new Map(
    targets.map((target) => [
      target,
      target.profile === undefined ? bytes : withProfile(body, target.profile),
    ]),
  );
  return { bodies, timeout };
}

/** @param {NamedRoute} route @param {(target: Target) => Attempt} ask @returns {Promise<Outcome>} */
async function fallback({ circuits, targets }, ask) {
  /** @type {Outcome} */
  let last = { ok: false, final: false };
  for (const target of circuits.admitted(targets)) {
    discard(last);
    last = await ask(target).outcome;
    if (last.ok || last.final) break;
  }
  return last;
}

/** @param {NamedRoute} route @param {(target: Target) => Attempt} ask @param {number} delay @returns {Promise<Outcome>} */
function hedge({ circuits, targets }, ask, delay) {
  const order = circuits.admitted(targets);
  /** @type {Set<Attempt>} */
  const running = new Set();
  /** @type {Outcome} */
  let last = { ok: false, final: false };
  let over = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  return new Promise((resolve) => {
    /** @param {Outcome} outcome */
    const end = (outcome) => {
      over = true;
      clearTimeout(timer);
      for (const { cancel } of running) cancel();
      resolve(outcome);
    };
    const askNext = () => {
      clearTimeout(timer);
      const { done, value: target } = order.next();
      if (done || target === undefined) {
        if (running.size === 0) end(last);
        return;
      }
      const attempt = ask(target);
      running.add(attempt);
      timer = setTimeout(askNext, delay);
      attempt.outcome.then((outcome) => {
        running.delete(attempt);
        if (over) return discard(outcome);
        discard(last);
        last = outcome;
        if (outcome.ok || outcome.final) end(outcome);
        else askNext();
      });
    };
    askNext();
  });
}

/**
 * @param {NamedRoute} route @param {Target} target @param {Call} call @param {Uint8Array | undefined} body
 * @param {number} timeout ms @returns {Attempt}
 */
function attempt(route, target, call, body, timeout) {
  const { name, circuits, delay } = route;
  const { request, key, log } = call;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  let cancelled = false;

  /** @returns {Promise<Outcome>} */
  const outcome = async () => {
    try {
      const signal = AbortSignal.any([request.signal, controller.signal]);
      const response = await send(call, { method: "POST", path: target.path }, body, signal);
      const { status, headers } = response;
      const type = headers.get("content-type") ?? "no type";
      // A page with a good status is what a proxy or a front end has to say, not a model.
      if (status >= 200 && status < 300 && !/^text\/html\b/i.test(type)) {
        const begun = delay === undefined ? response : await withFirstBytes(response);
        circuits.answered(target);
        return { response: begun, ok: true, final: false };
      }
      const id = idOf(headers);
      const said = `${status}, ${type}${id === null ? "" : `, request ${id}`}`;
      log(redact(`route ${name}: ${target.label} answered ${said}`, key));
      // Only what is the service's fault: if a bad request counted, any visitor could switch a target off for all.
      if (status < 400 || status === 408 || status === 429 || status >= 500) circuits.failed(target);
      // A wrong key is wrong for all of them.
      return { response, ok: false, final: status === 401 };
    } catch (error) {
      const left = request.signal.aborted;
      if (!left && !cancelled) {
        circuits.failed(target);
        log(`route ${name}: ${target.label} did not answer`);
      }
      return { error, ok: false, final: left };
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    outcome: outcome(),
    cancel() {
      cancelled = true;
      controller.abort();
    },
  };
}

/** An answer nobody reads would keep its connection. @param {Outcome} outcome */
function discard({ response }) {
  response?.body?.cancel().catch(() => {});
}
