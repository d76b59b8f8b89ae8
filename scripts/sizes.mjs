// What a browser downloads, and the most that it may become: growth is decided, not found out.
//
// `npm run size` prints the sizes and fails where the budget is exceeded by more than a little; `npm run size -- --set`
// makes the present size the budget.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CommandError, command } from "./command.mjs";
import { root } from "./tools.mjs";

const budgetFile = join(root, "scripts/size-budget.json");
// Compilers' whims and another zlib stay within it.
const TOLERANCE = 1.02;

/**
 * Prints the sizes of the package in `folder`.
 * @param {string} folder
 * @returns {Promise<number>} the download's, in bytes
 */
export async function printSizes(folder) {
  print("purerouter.wasm", readFileSync(join(folder, "purerouter.wasm")));
  return print("a program's download", await bundleFor(folder));
}

/** @param {string} folder @returns {Promise<Uint8Array>} what a page loads for a program that streams */
async function bundleFor(folder) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: {
      contents: 'import { PureRouter } from "./index.js"; globalThis.client = new PureRouter();',
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0].contents;
}

/** @param {string} what @param {Uint8Array} content @returns {number} */
function print(what, content) {
  const packed = gzipSync(content, { level: 9 }).length;
  console.log(`${what.padEnd(22)} ${kib(content.length)} raw ${kib(packed)} gzip -9`);
  return packed;
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);

command(import.meta.url, async () => {
  const size = await printSizes(join(root, "pkg"));
  if (process.argv.includes("--set")) {
    writeFileSync(budgetFile, `{ "gzipBytes": ${size} }\n`);
    return;
  }
  const { gzipBytes: budget } = JSON.parse(readFileSync(budgetFile, "utf8"));
  if (size > budget * TOLERANCE) {
    throw new CommandError(
      `The download is ${size} bytes and its budget ${budget}. Where that is worth it: npm run size -- --set`,
    );
  }
  if (size * TOLERANCE < budget) console.log("Much below its budget. Keep it: npm run size -- --set");
});
