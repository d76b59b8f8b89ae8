// What runs in a Node process of its own for each trial.

import { start } from "../trial.mjs";

/** @type {ReturnType<typeof start>} */
let trial;

process.on("message", async (/** @type {any} */ { trial: what, amount }) => {
  try {
    if (what) {
      trial = start(what);
      return process.send?.({});
    }
    const before = process.cpuUsage();
    await trial.run(amount);
    const { user, system } = process.cpuUsage(before);
    trial.check();
    process.send?.({ ns: (user + system) * 1000 });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.stack : `${error}` });
  }
});
process.on("disconnect", () => process.exit());
