// Installs what a folder's lock file names, once for each state of that file.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @param {string} folder @returns {string} its `node_modules` */
export function installLocked(folder) {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const modules = join(folder, "node_modules");
  const stamp = join(modules, ".installed");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    // Not `npm ci`: it takes a lock file for broken where a registry lacks a binary for another platform.
    const quietly = ["--no-audit", "--no-fund", "--silent"];
    execFileSync("npm", ["install", "--no-save", ...quietly], { cwd: folder, stdio: "pipe" });
    writeFileSync(stamp, lock);
  }
  return modules;
}
