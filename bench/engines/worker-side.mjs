// What runs in an isolate of its own for each trial.

import { start } from "../trial.mjs";

/** @type {ReturnType<typeof start> | undefined} */
let trial;

export default {
  /** @param {Request} request @param {{ TRIAL: import("../trial.mjs").Trial }} env */
  async fetch(request, env) {
    const amount = new URL(request.url).searchParams.get("amount");
    try {
      trial ??= start(env.TRIAL);
      if (amount === null) trial.check();
      else await trial.run(Number(amount));
      return new Response("");
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : `${error}`, { status: 500 });
    }
  },
};
