// What the guides' examples are compiled with: installed beside this file once for each lock file.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const lock = readFileSync(`${folder}package-lock.json`, "utf8");
const stamp = `${folder}node_modules/.installed`;

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder, stdio: "pipe" });
  writeFileSync(stamp, lock);
}

export const modules = `${folder}node_modules`;

const require = createRequire(import.meta.url);

/** @type {() => { parse: (source: string) => any, compileScript: (descriptor: any, options: { id: string }) => any, compileTemplate: (options: any) => any }} */
export const vueCompiler = () => require("vue/compiler-sfc");
/** @type {() => { compile: (source: string, options: { filename: string }) => { warnings: { message: string }[] } }} */
export const svelteCompiler = () => require("svelte/compiler");
