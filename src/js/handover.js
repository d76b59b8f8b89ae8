// A body that its session doesn't read itself, but gives away: to two sessions, or to the runtime.
//
// JavaScript, being calls of streams and nothing else.

/** The two halves of the body, once it is there; each gets a session of its own. */
export async function split(session) {
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
  const outcomes = branches.map((branch) => branch.outcome);
  Promise.any(outcomes).then(session.succeed, ({ errors }) => session.fail(errors[0]));
}

/** The body, read by the runtime: neither its text nor its end is seen here. */
export async function passOn(session) {
  const body = await session.takeBody();
  session.call.ended(undefined);
  session.fail(
    new TypeError(
      "The answer was passed on by toResponse() without being read. To know its text as well, call text() or completion() before toResponse().",
    ),
  );
  return body;
}
