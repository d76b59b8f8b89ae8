// A project as a user has it: one folder of projects/ copied beside the tools of one group, and the package from its
// tarball, as real files, unpacked anew for each project. Only the address of the service is put in.

import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execute } from "./programs.mjs";
import { tools } from "./installs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const GATEWAY = "https://gateway.example";

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
    const path = join(entry.parentPath, entry.name);
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
