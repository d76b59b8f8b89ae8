// The tools of the environments, in groups that are each a folder with a lock file here: installed into the cache, once
// for one content of that file. Another clone on the same machine may be using those of another content, so they go
// only when nobody has for a while.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../../scripts/lock.mjs";
import { cache } from "../../scripts/tools.mjs";
import { execute } from "./programs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const UNUSED_MS = 7 * 24 * 60 * 60_000;

/** @type {Map<string, Promise<string>>} */
const installs = new Map();

/** The folder with the `node_modules` of a group. @param {string} group */
export function tools(group) {
  let folder = installs.get(group);
  if (!folder) installs.set(group, (folder = install(group)));
  return folder;
}

/** @param {string} group */
async function install(group) {
  const sources = ["package.json", "package-lock.json"].map((name) => join(here, group, name));
  const sum = createHash("sha256").update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const path of sources) sum.update(readFileSync(path));
  const place = join(cache, "everywhere", `${group}-${sum.digest("hex").slice(0, 12)}`);
  if (!existsSync(place)) await withLock(`everywhere-${group}`, () => fill(group, sources, place));
  utimesSync(place, new Date(), new Date());
  return place;
}

/** @param {string} group @param {string[]} sources @param {string} place */
async function fill(group, sources, place) {
  if (existsSync(place)) return;
  const parent = dirname(place);
  mkdirSync(parent, { recursive: true });
  const aside = join(parent, `${group}-part`);
  for (const name of readdirSync(parent).filter((name) => name.startsWith(`${group}-`))) {
    const other = join(parent, name);
    const unused = Date.now() - statSync(other).mtimeMs > UNUSED_MS;
    if (other === aside || unused) rmSync(other, { recursive: true, force: true });
  }
  mkdirSync(aside);
  for (const path of sources) await cp(path, join(aside, path.slice(dirname(path).length)));
  // No tool here needs its install script: each brings its binary as an optional dependency.
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund"];
  // Not `npm ci`: it takes a lock file for broken where a registry lacks a binary for another platform.
  await execute("npm", ["install", "--no-save", ...quietly], { cwd: aside, timeoutMs: 10 * 60_000 });
  renameSync(aside, place);
}

/** The installed version of a tool. @param {string} group @param {string} name */
export async function versionOf(group, name) {
  const path = join(await tools(group), "node_modules", name, "package.json");
  return JSON.parse(await readFile(path, "utf8")).version;
}

// npm's `bun` and `deno` are scripts that put the binary in its place, or start it as a child that outlives them. These
// are the binaries.

const arm = process.arch === "arm64";

/** @param {string} bin the folder with the `node_modules` */
export const bunOf = (bin) =>
  join(bin, `node_modules/@oven/bun-${process.platform}-${arm ? "aarch64" : "x64"}/bin/bun`);

/** @param {string} bin the folder with the `node_modules` */
export const denoOf = (bin) =>
  join(
    bin,
    `node_modules/@deno/${process.platform}-${arm ? "arm64" : "x64"}${process.platform === "linux" ? "-glibc" : ""}/deno`,
  );
