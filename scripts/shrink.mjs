// From what wasm-bindgen leaves to what is shipped: a smaller wasm, and glue that calls it by shorter names.
//
// A program of its own, so that the build can show that it is alive meanwhile: optimising takes seconds.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import { CommandError, command } from "./command.mjs";
import { ordered } from "./order.mjs";

// Only what rustc itself lets through for wasm32-unknown-unknown: with more, the optimiser may emit instructions that
// engines in use reject.
const { Features } = binaryen;
const features =
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.Multivalue |
  Features.MutableGlobals |
  Features.NontrappingFPToInt |
  Features.ReferenceTypes |
  Features.SignExt;

// What a panic runs: functions that never return, the payloads and the formatting of their messages. Nobody sees a
// message: panics abort, and nothing prints. So each is a trap at once, which is what remained of it anyway.
const crate = "(core|alloc|std|__rustc)(\\[\\w+\\])?";
const panics = [
  `^${crate}::(panicking|panic_count|alloc::handle_alloc_error|alloc::rust_oom|sys::backtrace)\\b`,
  `^${crate}::(rust_begin_unwind|rust_panic|__rust_start_panic|__rust_abort|__rg_oom)$`,
  `^${crate}::(option|result)::(expect|unwrap)_failed$`,
  `^${crate}::cell::panic_already_(mutably_)?borrowed$`,
  `^${crate}::(slice::index|str)::slice_\\w*fail\\w*$`,
  `^${crate}::raw_vec::(handle_error|capacity_overflow)$`,
  `^${crate}::thread::local::panic_access_error$`,
  ` as ${crate}::panic::PanicPayload>::`,
  ` as ${crate}::fmt::\\w+>::`,
].map((pattern) => new RegExp(pattern));
const formatting = new RegExp(`${crate}::fmt::`);
// The types have it in another place.
const { setBody } = /** @type {any} */ (binaryen).Function;

const glueModule = "./purerouter_bg.js";
// The exports that JavaScript of ours names, rather than wasm-bindgen's glue.
const namedByHand = /^(memory|__wbindgen_start|decoder_\w+|wait_settled)$/;

/** @param {string} folder with purerouter_bg.wasm and its glue; gets purerouter.wasm and the list of its imports */
function shrink(folder) {
  const compiled = join(folder, "purerouter_bg.wasm");
  const glue = join(folder, "purerouter_bg.js");
  const module = binaryen.readBinary(readFileSync(compiled));
  module.setFeatures(features);
  trapWherePanics(module);
  let source = shortenExports(module, returnPairs(module, readFileSync(glue, "utf8")));
  optimise(module);
  const imports = shortenImports(module);
  for (const { from, name, short } of imports) {
    if (from === glueModule) source = source.replaceAll(new RegExp(`\\b${name}\\b`, "g"), short);
  }
  writeFileSync(glue, source);
  writeFileSync(join(folder, "purerouter_imports.js"), importsModule(imports));
  writeFileSync(join(folder, "purerouter.wasm"), ordered(module).emitBinary());
  rmSync(compiled);
}

/** @param {binaryen.Module} module */
function trapWherePanics(module) {
  const isPanic = (/** @type {string} */ name) => panics.some((pattern) => pattern.test(name));
  for (const { ref, name, module: from } of functionsOf(module)) {
    if (!from && isPanic(name)) setBody(ref, module.unreachable());
  }
  // Formatting goes with the panics only as long as nothing else formats, which would cost some ten kilobytes besides.
  for (const [body, name] of module.emitText().matchAll(/^ \(func \$("[^"]*"|\S+)[^]*?^ \)/gm)) {
    const called = body.match(/\(call \$("[^"]*"|\S+)/g) ?? [];
    const formatted = called.find((call) => formatting.test(call));
    if (formatted && !formatting.test(name) && !isPanic(name.replaceAll('"', ""))) {
      throw new CommandError(`${name} formats (${formatted}): core::fmt is left out of this package`);
    }
  }
}

/** @param {binaryen.Module} module */
function optimise(module) {
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(1);
  // Little is inlined: what stands in two places, or inside of something else, compresses worse than a call.
  binaryen.setAlwaysInlineMaxSize(2);
  binaryen.setFlexibleInlineMaxSize(4);
  binaryen.setOneCallerInlineMaxSize(20);
  // The stack lies lowest: its last kilobyte is that of an overflow.
  binaryen.setLowMemoryUnused(true);
  for (let size = Infinity, next; (next = module.emitBinary().length) < size; size = next) module.optimize();
}

/**
 * V8 compiles a call of wasm into its caller. Where that caller is to be deoptimised meanwhile and the wasm returns a
 * JavaScript value, V8 ends the process: "Fatal error, unreachable code" (up to 12.4 at least, which is Node 20 and 22; 13.6
 * in Node 24 does not; deoptimised.test.mjs shows it). It happened in about one of ten
 * processes of 12,000 streams with a low --interrupt-budget, and in some of 50,000 without.
 * Calls that return two values are never compiled in, so a value is returned with a zero beside it.
 * @param {binaryen.Module} module
 * @param {string} glue
 * @returns {string} the glue, which takes the first of the two
 */
function returnPairs(module, glue) {
  const { externref, i32, createType } = binaryen;
  for (const { name, value } of exportedFunctions(module)) {
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(value));
    if (results !== externref) continue;
    const call = new RegExp(`\\bwasm\\.${name}\\([^()]*\\)`, "g");
    if (
      (glue.match(call) ?? []).length !== (glue.match(new RegExp(`\\bwasm\\.${name}\\b`, "g")) ?? []).length
    ) {
      throw new CommandError(`The glue calls ${name} in a way that is not understood`);
    }
    const types = binaryen.expandType(params);
    const given = types.map((type, i) => module.local.get(i, type));
    const both = module.tuple.make([module.call(value, given, externref), module.i32.const(0)]);
    module.addFunction(`${value} and 0`, params, createType([externref, i32]), [], both);
    module.removeExport(name);
    module.addFunctionExport(`${value} and 0`, name);
    glue = glue.replaceAll(call, "$&[0]");
  }
  return glue;
}

/** @param {binaryen.Module} module */
function exportedFunctions(module) {
  return Array.from({ length: module.getNumExports() }, (_, i) =>
    binaryen.getExportInfo(module.getExportByIndex(i)),
  ).filter(({ kind }) => kind === binaryen.ExternalFunction);
}

/**
 * What the glue calls gets a short name, and what nobody calls goes.
 * @param {binaryen.Module} module
 * @param {string} glue
 * @returns {string} the glue
 */
function shortenExports(module, glue) {
  const short = shortNames();
  for (const { name, value } of exportedFunctions(module)) {
    if (namedByHand.test(name)) continue;
    const uses = new RegExp(`\\bwasm\\.${name}\\b`, "g");
    module.removeExport(name);
    if (!uses.test(glue)) continue;
    const renamed = short();
    module.addFunctionExport(value, renamed);
    glue = glue.replaceAll(uses, `wasm.${renamed}`);
  }
  return glue;
}

/**
 * @typedef {{ from: string, name: string, short: string }} Import a function, and the module it is in
 * @param {binaryen.Module} module
 * @returns {Import[]}
 */
function shortenImports(module) {
  const short = shortNames();
  return functionsOf(module)
    .filter(({ module: from }) => from)
    .map(({ name: internal, module: from, base: name, params, results }) => {
      const renamed = short();
      module.removeFunction(internal);
      module.addFunctionImport(internal, "a", renamed, params, results);
      return { from: from ?? "", name: name ?? "", short: renamed };
    });
}

/**
 * Most are in the glue; where no conversion is needed, the wasm imports straight from a snippet, whose path has a hash.
 * Named one by one, so that a bundler drops what else is in there.
 * @param {Import[]} imports
 */
function importsModule(imports) {
  const modules = [...new Set(imports.map(({ from }) => from))];
  const lines = modules.map((module) => {
    const named = imports
      .filter(({ from }) => from === module)
      .map(({ name, short }) => (module === glueModule ? short : `${name} as ${short}`));
    return `import { ${named.join(", ")} } from ${JSON.stringify(module)};`;
  });
  const shorts = imports.map(({ short }) => short).join(", ");
  return `// @ts-nocheck\n${lines.join("\n")}\nexport const imports = { a: { ${shorts} } };\n`;
}

/** @param {binaryen.Module} module */
function functionsOf(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, i) => {
    const ref = module.getFunctionByIndex(i);
    return { ref, ...binaryen.getFunctionInfo(ref) };
  });
}

/** @returns {() => string} _0, … _z, _10, …: none is a word of JavaScript, or a variable of the glue's */
function shortNames() {
  let next = 0;
  return () => `_${(next++).toString(36)}`;
}

command(import.meta.url, async () => shrink(process.argv[2]));
