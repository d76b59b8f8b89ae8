// Starts the soak's server in a process of its own, and asks it for what it counts.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export async function startServer() {
  const child = fork(fileURLToPath(new URL("server.mjs", import.meta.url)));
  const [{ port }] = await once(child, "message");
  const ask = async (what) => {
    child.send(what);
    return (await once(child, "message"))[0];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** `open` answers, `connections`, `requests` so far, and bytes `written` since the last `reset()`. */
    counts: () => ask("counts"),
    reset: () => ask("reset"),
    async close() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
