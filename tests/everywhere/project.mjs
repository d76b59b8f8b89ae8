// A project as a user has it: the tools of one group from their lock file, one folder of projects/ copied beside them,
// and the package from its tarball, as real files. Only the address of the service is put in.
//
// The tools are installed once for one content of the lock file; the package is unpacked anew for each project.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../../scripts/lock.mjs";
import { cache } from "../../scripts/tools.mjs";
import { execute } from "./programs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const GATEWAY = "https://gateway.example";

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
  const parent = join(cache, "everywhere");
  const place = join(parent, `${group}-${sum.digest("hex").slice(0, 12)}`);
  if (existsSync(place)) return place;
  await withLock(`everywhere-${group}`, async () => {
    if (existsSync(place)) return;
    mkdirSync(parent, { recursive: true });
    for (const name of readdirSync(parent)) {
      if (name.startsWith(`${group}-`)) rmSync(join(parent, name), { recursive: true, force: true });
    }
    const aside = join(parent, `${group}-part`);
    mkdirSync(aside, { recursive: true });
    for (const path of sources) await cp(path, join(aside, path.slice(dirname(path).length)));
    // No tool here needs its install script: each brings its binary as an optional dependency.
    const quietly = ["--ignore-scripts", "--no-audit", "--no-fund"];
    // Not `npm ci`: it takes a lock file for broken where a registry lacks a binary for another platform.
    await execute("npm", ["install", "--no-save", ...quietly], { cwd: aside, timeoutMs: 10 * 60_000 });
    renameSync(aside, place);
  });
  return place;
}

/** The installed version of a tool. @param {string} group @param {string} name */
export async function versionOf(group, name) {
  const path = join(await tools(group), "node_modules", name, "package.json");
  return JSON.parse(await readFile(path, "utf8")).version;
}

/** @param {string} source a folder with a built package @returns {Promise<string>} the tarball */
export async function pack(source) {
  const folder = await mkdtemp(join(tmpdir(), "purerouter-packed-"));
  await execute("npm", ["pack", source, "--silent", "--pack-destination", folder], { cwd: folder });
  const name = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  return join(folder, String(name));
}

/**
 * @param {string} name of a folder in projects/
 * @param {{ group: string, tarball: string, service: string }} options
 */
export async function project(name, { group, tarball, service }) {
  const parent = join(await tools(group), "projects");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, `${name}-`));
  await cp(join(here, "projects", name), folder, { recursive: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const text = await readFile(path, "utf8");
    if (text.includes(GATEWAY)) await writeFile(path, text.replaceAll(GATEWAY, service));
  }
  await writeFile(
    join(folder, "package.json"),
    `${JSON.stringify({ private: true, type: "module", dependencies: { purerouter: "*" } })}\n`,
  );
  await unpack(tarball, folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * What npm does with a tarball that has no dependencies and no scripts, without looking into the tools' tree.
 * @param {string} tarball @param {string} folder the project's
 */
export async function unpack(tarball, folder) {
  const installed = join(folder, "node_modules/purerouter");
  await mkdir(installed, { recursive: true });
  await execute("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed], { cwd: folder });
}
