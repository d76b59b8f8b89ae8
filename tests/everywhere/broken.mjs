// The package broken on purpose. An environment that shows the text with a broken package does not look at what it says
// it looks at: its bundler took another file, or something had been cached. So each has to fail with one of these.
//
// They are the mistakes that a change of the entries makes: a wrong path in package.json, a loader that decodes
// something else, conditions that are gone, a file that is not what it was.

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @type {Record<string, (folder: string) => Promise<void>>} */
export const breaks = {
  "package.json names files that are not there": (folder) =>
    manifest(folder, (json) => {
      json.main = json.exports["."] = "./missing.js";
      json.exports["./slim"] = "./missing.js";
    }),
  "index.js decodes its letters wrongly": (folder) =>
    edit(join(folder, "index.js"), (text) => text.replace(/code ?- ?35/, "code-36")),
  "edge hosts are given index.js": (folder) =>
    manifest(folder, (json) => {
      delete json.exports["."].workerd;
      delete json.exports["."]["edge-light"];
    }),
  "purerouter.wasm is cut off": (folder) =>
    edit(join(folder, "purerouter.wasm"), (bytes) => bytes.slice(0, bytes.length / 2), "latin1"),
};

/**
 * @template T
 * @param {string} source a folder with a built package
 * @param {string} name one of `breaks`
 * @param {(folder: string) => Promise<T>} use gets a broken copy
 */
export async function broken(source, name, use) {
  const folder = await mkdtemp(join(tmpdir(), "purerouter-broken-"));
  try {
    await cp(source, folder, { recursive: true });
    await breaks[name](folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {(json: any) => void} change */
const manifest = (folder, change) =>
  edit(join(folder, "package.json"), (text) => {
    const json = JSON.parse(text);
    change(json);
    return JSON.stringify(json);
  });

/** @param {string} path @param {(text: string) => string} change @param {BufferEncoding} [encoding] */
async function edit(path, change, encoding = "utf8") {
  const before = await readFile(path, encoding);
  const after = change(before);
  if (after === before) throw new Error(`${path} is not broken by this any more`);
  await writeFile(path, after, encoding);
}
