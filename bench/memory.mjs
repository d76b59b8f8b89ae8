// Whether the memory of a stream stays flat, however long it is. The client keeps the text itself, which completion()
// and the errors give: so the text's own length stands beside what has come on top.

import { fork } from "node:child_process";
import { once } from "node:events";
import { bundle } from "./bundle.mjs";

/**
 * What came on top in the last seven eighths of a stream, `events` of them: `grown` in bytes; `text` is how many
 * characters of text there were.
 *
 * @typedef {{ way: string, chunkBytes: number, events: number, grown: number, text: number }} Memory
 */

/** @param {string} packageFolder @param {number} events @returns {Promise<Memory[]>} */
export async function memory(packageFolder, events) {
  const file = await bundle("memory", packageFolder);
  const found = [];
  for (const way of ["textStream", "events .text"]) {
    for (const chunkBytes of [0, 16 * 1024]) {
      const child = fork(file, [way, `${events}`, `${chunkBytes}`], { execArgv: ["--expose-gc"] });
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`${way} ended with ${code}`);
      });
      const [{ left, text }] = await Promise.race([once(child, "message"), ended]);
      ended.catch(() => {});
      found.push({
        way,
        chunkBytes,
        events: (events * 7) / 8,
        grown: left.at(-1) - left[1],
        text: (text * 7) / 8,
      });
    }
  }
  return found;
}
