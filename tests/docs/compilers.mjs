// The compilers of the guides' examples, installed when they are first asked for.
import { createRequire } from "node:module";
import { installLocked } from "../locked.mjs";

export const modules = installLocked(import.meta.dirname);

const require = createRequire(import.meta.url);

/** @type {() => { parse: (source: string) => any, compileScript: (descriptor: any, options: { id: string }) => any, compileTemplate: (options: any) => any }} */
export const vueCompiler = () => require("vue/compiler-sfc");
/** @type {() => { compile: (source: string, options: { filename: string }) => { warnings: { message: string }[] } }} */
export const svelteCompiler = () => require("svelte/compiler");
