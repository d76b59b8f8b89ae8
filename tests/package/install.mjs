// The package as a user gets it: packed as for publication, installed as a real copy into a project of its own,
// outside the repository, so that nothing is found there which the tarball forgot.
//
// Test files run in processes of their own. They share one project for one content of pkg/, made by whichever comes
// first; a rename puts it in place, so that no process sees half of it.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const source = fileURLToPath(new URL("../../pkg/", import.meta.url));

/** The folder of the project in which the package is installed. */
export const project = await install();

/** `import * from "purerouter"`, as a module of that project sees it. */
export const purerouter = await import(pathToFileURL(join(project, "default.js")).href);
/** `import * from "purerouter/testing"`, likewise. */
export const testing = await import(pathToFileURL(join(project, "testing.js")).href);

async function install() {
  const prefix = `purerouter-installed-${hash([source])}-`;
  const place = join(tmpdir(), prefix + hash(await contents(source)));
  if (existsSync(place)) return place;
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(prefix)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  const aside = await mkdtemp(join(tmpdir(), "purerouter-installing-"));
  try {
    await fill(aside);
    await rename(aside, place);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}

async function fill(folder) {
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await writeFile(join(folder, "default.js"), 'export * from "purerouter";\n');
  await writeFile(join(folder, "testing.js"), 'export * from "purerouter/testing";\n');
  await run("npm", ["pack", source, "--silent", "--pack-destination", folder]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  const quietly = ["--offline", "--no-audit", "--no-fund", "--silent"];
  await run("npm", ["install", ...quietly, `./${tarball}`], { cwd: folder });
}

/** Names and contents of all files, in a fixed order. */
async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = paths.sort().map(async (path) => [path, await readFile(path)]);
  return (await Promise.all(read)).flat();
}

function hash(parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest("hex").slice(0, 12);
}
