// Several deployments and profiles behind one real server, each with an answer of its own; and what they were asked.

import { purerouter } from "../package/install.mjs";
import { DONE, SSE, delta, http } from "../package/sockets.mjs";
import { sleep } from "../package/waiting.mjs";

/**
 * A server that answers by the label of the target asked: `answers[label]({ response, body, count, key })`. `asked` holds
 * `{ label, body, headers, connection }` in the order of arrival; `connection` becomes `"answered"`, or `"closed"`
 * where it went before its answer was complete. `answers` may be changed.
 */
export async function fleet(t, answers) {
  const asked = [];
  const server = await http(t, (request, response) => {
    const body = JSON.parse(request.text);
    const [, id] = request.url.match(/^\/v1\/deployments\/([^/]+)\/invoke$/) ?? [];
    const label = id === undefined ? `profile:${body.profile}` : decodeURIComponent(id);
    const one = { label, body, headers: request.headers, connection: "open", at: performance.now() };
    asked.push(one);
    response.on("close", () => {
      one.connection = response.writableFinished ? "answered" : "closed";
      one.closedAt = performance.now();
    });
    const count = asked.filter((other) => other.label === label).length;
    const answer = answers[label];
    if (answer === undefined) return void response.writeHead(404).end("{}");
    return answer({ response, body, count, key: request.headers["x-router-key"] });
  });
  return {
    url: server.url,
    answers,
    asked,
    labels: () => asked.map(({ label }) => label),
    of: (label) => asked.filter((one) => one.label === label),
    bodies: (label) => asked.filter((one) => one.label === label).map(({ body }) => body),
  };
}

/** A client that does not try again by itself, unless it is told to. */
export const clientOf = (server, options) =>
  new purerouter.PureRouter({ baseUrl: server.url, routerKey: "sk_test", maxRetries: 0, ...options });

const head = (response) => {
  response.writeHead(200, { "content-type": SSE });
  response.flushHeaders();
};

/** These deltas, to a finish reason, `[DONE]` and the end; to a call that does not stream, the same as JSON. */
export const says =
  (...texts) =>
  ({ response, body }) => {
    if (!body.stream)
      return json({ choices: [{ text: texts.join(""), finish_reason: "stop" }] })({ response });
    head(response);
    for (const text of texts) response.write(delta(text));
    response.end(delta("", "stop") + DONE);
  };

/** An answer that comes whole. */
export const json =
  (answer) =>
  ({ response }) =>
    void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));

export const status =
  (status, headers = {}, answer = {}) =>
  ({ response }) =>
    void response.writeHead(status, headers).end(JSON.stringify(answer));

/** These chunks, as they are, and the end of the body. */
export const sends =
  (...chunks) =>
  ({ response }) => {
    head(response);
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };

/** The same, with so many milliseconds before each chunk but the first. */
export const slowly =
  (ms, ...chunks) =>
  async ({ response }) => {
    head(response);
    for (const [index, chunk] of chunks.entries()) {
      if (index > 0) await sleep(ms);
      response.write(chunk);
    }
    response.end();
  };

/** These deltas, and the body's end before the answer's. */
export const breaksAfter = (...texts) => sends(...texts.map((text) => delta(text)));

/** These deltas, and the connection is lost. */
export const losesAfter =
  (...texts) =>
  ({ response }) => {
    head(response);
    response.write(texts.map((text) => delta(text)).join(""), () => setTimeout(() => response.destroy(), 50));
  };

/** The head and these chunks, and then nothing more. */
export const holds =
  (...chunks) =>
  ({ response }) => {
    head(response);
    for (const chunk of chunks) response.write(chunk);
  };

/** Not even a head. */
export const silent = () => {};

/** `answer`, after so many milliseconds. */
export const late = (ms, answer) => (asked) =>
  void setTimeout(() => asked.response.destroyed || answer(asked), ms);

/** The answers in their order, one a request; the last of them stays. */
export const first =
  (...answers) =>
  (asked) =>
    answers[Math.min(asked.count, answers.length) - 1](asked);

/** A stream's events are these, with their ends. */
export const textsOf = (events) => events.map(({ text }) => text).filter((text) => text !== "");
