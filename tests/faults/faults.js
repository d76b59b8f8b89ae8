// The faults: what goes wrong, and what a caller gets then. This one list is the tests of every engine and the table in
// the README. A fault is
//
//   fault     what goes wrong, in a sentence that is also the test's name
//   gets      what the caller gets, for the README
//   answer    the server's side: what it does with each request (an Exchange of peer.mjs)
//   ask       the client's side (scenario.js); by default a stream is read, with `options` for the client
//   outcome   what has to come of it, as far as it is given: values, patterns, predicates, objects of these
//   server    what the server has to have seen, likewise; by default one request
//   engines   where it can happen, if not everywhere
//   listens, cors   false for a server that does not listen, or allows no page to read it
//
// Nothing here imports anything of an engine: all of them load these files, and Node alone runs the servers.

import { connections } from "./connections.js";
import { contents } from "./contents.js";
import { events } from "./events.js";
import { leaving } from "./leaving.js";
import { secrets } from "./secrets.js";
import { silence } from "./silence.js";
import { statuses } from "./statuses.js";

export const ENGINES = ["Node", "Chromium", "workerd"];

/** By what is at fault; the titles are the table's. */
export const groups = {
  "The service is silent": silence,
  "The connection breaks, or its framing lies": connections,
  "The answer holds something else": contents,
  "The stream is well, and unusual": events,
  "The service is in trouble, or elsewhere": statuses,
  "You leave, or take your time": leaving,
  "Something could get out": secrets,
};

export const faults = Object.values(groups).flat();

export const faultsIn = (engine) => faults.filter(({ engines = ENGINES }) => engines.includes(engine));
