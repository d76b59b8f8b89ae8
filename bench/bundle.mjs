// The code that runs inside an engine, in one file: the page, the Worker and Node then load the same.

import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError } from "../scripts/command.mjs";
import { root } from "../scripts/tools.mjs";

/** What is made on the way; git does not see it. */
export const outputs = join(root, "target/bench");

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** The wasm as workerd takes it: a module that is there beside the bundle. */
export const WASM_MODULE = "./purerouter.wasm?module";

const targets = {
  node: { entry: "engines/node-side.mjs", platform: "node", format: "esm", conditions: ["node"] },
  chromium: { entry: "engines/page-side.mjs", platform: "browser", format: "iife", conditions: ["browser"] },
  workerd: { entry: "engines/worker-side.mjs", platform: "neutral", format: "esm", conditions: ["workerd"] },
  memory: { entry: "memory-side.mjs", platform: "node", format: "esm", conditions: ["node"] },
  passOn: { entry: "pass-on-side.mjs", platform: "neutral", format: "esm", conditions: ["workerd"] },
};

/** @type {Map<string, Promise<string>>} */
const made = new Map();

/**
 * @param {keyof typeof targets} target
 * @param {string} packageFolder a built purerouter
 * @returns {Promise<string>} the file
 */
export function bundle(target, packageFolder) {
  const key = `${target} ${packageFolder}`;
  const file = made.get(key) ?? write(target, packageFolder);
  made.set(key, file);
  return file;
}

/** @param {keyof typeof targets} target @param {string} packageFolder */
async function write(target, packageFolder) {
  const { build } = await import("esbuild");
  const { entry, platform, format, conditions } = targets[target];
  const which = createHash("sha256").update(packageFolder).digest("hex").slice(0, 8);
  const outfile = join(outputs, `${target}-${which}.mjs`);
  const purerouter = join(packageFolder, conditions.includes("workerd") ? "edge.js" : "index.js");
  if (!existsSync(purerouter))
    throw new CommandError(`${purerouter} is not there: no package is built there`);
  await build({
    entryPoints: [here(entry)],
    outfile,
    bundle: true,
    platform: /** @type {"node"} */ (platform),
    format: /** @type {"esm"} */ (format),
    conditions: [...conditions, "import"],
    mainFields: ["module", "main"],
    alias: { purerouter, "purerouter/worker": join(packageFolder, "worker.js") },
    external: [WASM_MODULE, "node:*", "cloudflare:*"],
    // Some of the peers' dependencies are CommonJS and ask for Node's own modules.
    banner:
      platform === "node"
        ? {
            js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
          }
        : {},
    logLevel: "error",
  });
  return outfile;
}
