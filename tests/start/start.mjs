// Runs `npm start` as a user does: through npm, with its own process group, until a signal ends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @param {import("node:test").TestContext} t
 * @param {{ args?: string[], env?: Record<string, string> }} [options]
 */
export function npmStart(t, { args = [], env = {} } = {}) {
  const child = spawn("npm", ["start", "--silent", "--", ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, PUREROUTER_KEY: "", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = /** @type {number} */ (child.pid);
  t.after(() => {
    if (members(group).length > 0) process.kill(-group, "SIGKILL");
  });
  let output = "";
  const closed = once(child, "close").then(([code]) => ({ code, output }));
  /** @type {Promise<string>} the address it serves */
  const url = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        const found = /^http:\/\/127\.0\.0\.1:\d+(?=.*\n.*Ctrl-C)/m.exec(output);
        if (found) resolve(found[0]);
      });
    }
    closed.then(() => reject(new Error(output)));
  });
  url.catch(() => {});
  return { url, closed, kill: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal), group };
}

/**
 * @param {number} group
 * @returns {string[]} the commands of a process group that still run; a zombie only waits to be counted
 */
export function members(group) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        // "id (name) state parent group …", where a name may hold blanks.
        const [, name, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${id}/stat`, "utf8")) ?? [];
        const [state, , groupOf] = rest.split(" ");
        return Number(groupOf) === group && state !== "Z" ? [name] : [];
      } catch {
        return [];
      }
    });
}
