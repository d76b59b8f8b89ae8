// What a browser downloads: the wasm alone, and all that the default entry loads.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** @param {string} folder the built package */
export function printSizes(folder) {
  const loaded = [...modulesFrom(join(folder, "index.js"))];
  const rows = [
    { what: "purerouter.wasm", files: [join(folder, "purerouter.wasm")] },
    { what: `default entry, ${loaded.length} files`, files: loaded },
  ];
  for (const { what, files } of rows) {
    const contents = files.map((file) => readFileSync(file));
    const raw = contents.reduce((sum, content) => sum + content.length, 0);
    const packed = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
    console.log(`${what.padEnd(26)} ${kib(raw)} raw ${kib(packed)} gzip -9`);
  }
}

/**
 * @param {string} path
 * @param {Set<string>} seen
 * @returns {Set<string>} the module and all it imports statically
 */
function modulesFrom(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  const source = readFileSync(path, "utf8");
  for (const [, specifier] of source.matchAll(/^(?:import|export)\b[^;"']*?["'](\.[^"']+)["']/gm)) {
    modulesFrom(join(dirname(path), specifier), seen);
  }
  return seen;
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
