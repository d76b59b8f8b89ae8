// A body that its session doesn't read itself, but gives away: to two sessions, or to the runtime.
//
// JavaScript, being calls of streams and nothing else.

import { letGo } from "./lane.js";
import { BODY } from "./session.js";

/** The bytes that pass through `session`, as a stream. `holder` is kept alive while they are wanted. */
export function bytesOf(session, holder) {
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await session.next(holder);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => session.close(),
    },
    // Nothing is read before somebody wants it.
    { highWaterMark: 0 },
  );
}

/** The two halves of the body, once it is there; each gets a session of its own. */
export async function split(session, holder) {
  if (session.call.combines) {
    // There may be several bodies: what is split is what comes of them.
    session.use = BODY;
    await session.opening;
    return bytesOf(session, holder).tee();
  }
  const body = await session.takeBody();
  const halves = body?.tee() ?? [null, null];
  session.ended = true;
  session.settled = true;
  session.call.free();
  return halves;
}

/** Lets `session` end as the first of its `branches` to succeed does. */
export function follow(session, branches) {
  session.branches = branches;
  for (const branch of branches) branch.origin = session;
  const outcomes = branches.map((branch) => branch.outcome);
  Promise.any(outcomes).then(session.succeed, ({ errors }) => session.fail(errors[0]));
}

// Node cancels an unread body as soon as the Response that it came with is collected, whoever holds the body.
const origins = new WeakMap();

/** The body, read by the runtime: neither its text nor its end is seen here, and of the call only abort() is left. */
export async function passOn(session) {
  const body = await session.takeBody();
  const { response, request } = session.call;
  if (body !== null) origins.set(body, response);
  session.branches = [
    {
      cancel(reason) {
        request?.abort(reason);
        letGo(body, reason);
      },
    },
  ];
  session.ended = true;
  session.settled = true;
  session.call.ended(undefined);
  session.call.free();
  session.fail(
    new TypeError(
      "The answer was passed on by toResponse() without being read. To know its text as well, call text() or completion() before toResponse().",
    ),
  );
  return body;
}
