// One at a time: two commands started side by side (`npm start` and `npm test`, or two clones sharing the cache)
// must not install into the same folder or rename the same package. The lock is a file that names its owner; a
// lock whose owner no longer lives is taken over.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cache } from "./tools.mjs";

/**
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  mkdirSync(cache, { recursive: true });
  const path = join(cache, `${name}.lock`);
  for (let told = false; !take(path); await sleep(500)) {
    if (!told) console.log(`      waiting for another process (${path})`);
    told = true;
  }
  // A signal ends the process without running `finally`, so the file is also removed on exit.
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  if (!ownerLives(path)) rmSync(path, { force: true });
  return false;
}

/** @param {string} path */
function ownerLives(path) {
  try {
    const owner = Number(readFileSync(path, "utf8"));
    // Between creating and writing the file its owner is not yet named.
    if (owner === 0) return true;
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
