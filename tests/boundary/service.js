// What stands at the other end of `fetch`: answers made of the runtime's own Response and ReadableStream, by a fetch
// that notes what it was asked.

const encoder = new TextEncoder();

/** One event with a text delta. */
export const delta = (text) => `data: ${JSON.stringify({ choices: [{ text }] })}\n\n`;

/** A whole answer. */
export const answer = (text) => JSON.stringify({ choices: [{ text, finish_reason: "stop" }] });

/** A fetch that gives the answers in turn, the last one for ever; `requests` holds what it was asked. */
export function service(...answers) {
  const requests = [];
  const fetch = async (url, init) => {
    const request = { url, ...init };
    requests.push(request);
    return answers[Math.min(requests.length, answers.length) - 1](request);
  };
  return Object.assign(fetch, { requests });
}

export const whole = (status, body, headers) => () =>
  new Response(body, { status, headers: { "content-type": "application/json", ...headers } });

/** Answers with `chunks` (texts or bytes), and leaves the body open after them, or ends it. */
export const streamed = (chunks, open) => (request) => {
  let at = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        const chunk = chunks[at++];
        if (chunk !== undefined)
          controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
        else if (!open) controller.close();
        else return new Promise(() => {});
      },
      cancel(reason) {
        request.cancelled = { reason };
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};

/** No answer; the signal is obeyed, as a runtime's fetch does. */
export const silent = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** No answer, whatever the signal says. */
export const deaf = () => new Promise(() => {});

/** The answer of `make`, once `release()` was called. */
export function held(make) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  return Object.assign((request) => released.then(() => make(request)), { release });
}
