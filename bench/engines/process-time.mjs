// The CPU time of another process, as Linux counts it for each of its threads, in nanoseconds: workerd's own clock
// stands still while it computes.

import { readFileSync, readdirSync } from "node:fs";
import { CommandError } from "../../scripts/command.mjs";

/** @param {number} pid @returns {number} ns since its start, of the threads that are alive */
export function processTime(pid) {
  let sum = 0;
  for (const thread of threadsOf(pid)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // It has ended between the two.
    }
  }
  return sum;
}

/** @param {number} pid @returns {string[]} none where it has ended */
function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** @param {string} engine */
export function needLinux(engine) {
  if (process.platform === "linux") return;
  throw new CommandError(
    `${engine}'s CPU time is read from /proc, so it is measured on Linux only: --engine node leaves it out`,
  );
}

/** The processes of that name that this one has started. @param {string} name @returns {number[]} */
export function childrenNamed(name) {
  const found = [];
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, comm, parent] = stat.match(/^\d+ \((.*)\) \S (\d+)/) ?? [];
      if (comm === name && Number(parent) === process.pid) found.push(Number(pid));
    } catch {
      // It has ended between the two.
    }
  }
  return found;
}
