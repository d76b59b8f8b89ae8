// Node: a process for each trial; each one counts its own CPU time, all threads of it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { bundle } from "../bundle.mjs";

export const name = "Node";
export const version = async () => process.versions.node;

/** @type {import("./engine.mjs").StartEngine} */
export async function start(trials) {
  const children = await Promise.all(
    trials.map(async ({ packageFolder, ...trial }) => {
      const child = fork(await bundle("node", packageFolder));
      const ended = once(child, "exit").then(([code, signal]) => [
        { error: `Node ended: ${code ?? signal}` },
      ]);
      const ask = async (/** @type {object} */ question) => {
        child.send(question);
        const answer = new Promise((resolve) => child.once("message", (message) => resolve([message])));
        const [{ ns, error }] = await Promise.race([answer, ended]);
        if (error) throw new Error(error);
        return ns;
      };
      await ask({ trial });
      return { run: (/** @type {number} */ amount) => ask({ amount }), child };
    }),
  );
  return {
    runs: children.map(({ run }) => run),
    async stop() {
      for (const { child } of children) if (child.connected) child.disconnect();
    },
  };
}
