// A progress bar for a download that another program makes: how large its folder has become, of what it will be. In a
// terminal one line that is drawn anew; in a log a line for each tenth.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const EVERY_MS = 250;
const WIDTH = 28;

/**
 * @template T
 * @param {string} label
 * @param {{ folder: string, megabytes: number }} what where it arrives, and about how much it will be
 * @param {() => Promise<T>} work
 * @param {{ isTTY?: boolean, write: (text: string) => unknown }} [out]
 * @returns {Promise<T>}
 */
export async function withProgress(label, { folder, megabytes }, work, out = process.stdout) {
  let shown = -1;
  const show = (/** @type {number} */ size) => {
    const share = Math.min(1, size / megabytes);
    const text = `${label}  ${bar(share)} ${String(Math.round(share * 100)).padStart(3)} % · ${Math.round(
      share * megabytes,
    )} of ${megabytes} MB`;
    const tenth = Math.floor(share * 10);
    if (out.isTTY) out.write(`\r\x1b[2K${text}`);
    else if (tenth > shown) out.write(`${text}\n`);
    shown = Math.max(shown, tenth);
  };
  show(0);
  // Never full before it is done: what arrives last may yet fail.
  const timer = setInterval(() => show(Math.min(sizeOf(folder) / 1e6, megabytes * 0.99)), EVERY_MS);
  try {
    const result = await work();
    show(megabytes);
    return result;
  } finally {
    clearInterval(timer);
    if (out.isTTY) out.write("\n");
  }
}

/** @param {number} share */
function bar(share) {
  const full = Math.round(share * WIDTH);
  return `[${"█".repeat(full)}${"·".repeat(WIDTH - full)}]`;
}

/** @param {string} folder @returns {number} bytes; files may come and go while it is counted */
function sizeOf(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // Not there yet, or gone meanwhile: the next look finds it.
  }
  return bytes;
}
