// The declarations of the built package, as a user's compiler and editor see them: the contract's right uses compile
// in every environment, its wrong ones do not, and what is declared is there.

import assert from "node:assert/strict";
import { mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const pkg = realpathSync(join(here, "../../pkg"));
const entries = ["index", "slim", "worker", "testing"];

// By its real name, so that `exports` in its package.json is what finds the declarations.
const installed = join(here, "node_modules/purerouter");
rmSync(installed, { force: true });
mkdirSync(dirname(installed), { recursive: true });
symlinkSync(relative(dirname(installed), pkg), installed, "junction");

const { config, error } = ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile);
assert.equal(error, undefined);
const project = ts.parseJsonConfigFileContent(config, ts.sys, here);
const host = ts.createCompilerHost(project.options);

const environments = {
  "a browser": { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] },
  "a page's project with Node's types": {
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
  },
  Node: { lib: ["lib.es2022.d.ts"], types: ["node"] },
  "Cloudflare Workers": { lib: ["lib.es2022.d.ts"], types: ["@cloudflare/workers-types"] },
};
const resolutions = {
  bundler: { module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler },
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
};

for (const [environment, libraries] of Object.entries(environments)) {
  for (const [resolution, modules] of Object.entries(resolutions)) {
    test(`the contract compiles for ${environment}, resolved by ${resolution}`, () => {
      const files = project.fileNames.filter((name) => {
        // Node's types know no WebAssembly; and only Node itself requires.
        if (name.endsWith("slim.module.mts")) return environment !== "Node";
        if (name.endsWith(".cts")) return resolution === "nodenext";
        return true;
      });
      assert.ok(files.length >= 6, `only ${files.length} files to compile`);
      const program = ts.createProgram(files, { ...project.options, ...libraries, ...modules });
      const diagnostics = ts.getPreEmitDiagnostics(program);
      assert.equal(diagnostics.length, 0, ts.formatDiagnostics(diagnostics, host));
      for (const entry of entries)
        assert.ok(program.getSourceFile(declarations(entry)), `${entry}.d.ts is not used`);
    });
  }
}

const program = ts.createProgram([...entries.map(declarations), join(pkg, "edge.js")], {
  ...project.options,
  ...resolutions.bundler,
  allowJs: true,
});
const checker = program.getTypeChecker();

for (const entry of entries) {
  test(`${entry}.js exports what ${entry}.d.ts declares`, async () => {
    const actual = Object.keys(await import(pathToFileURL(join(pkg, `${entry}.js`)).href));
    assert.deepEqual(actual.sort(), valueExports(declarations(entry)));
  });

  test(`the classes of ${entry}.js extend what ${entry}.d.ts says`, async () => {
    const actual = await import(pathToFileURL(join(pkg, `${entry}.js`)).href);
    for (const symbol of moduleExports(declarations(entry))) {
      if (!(symbol.flags & ts.SymbolFlags.Class)) continue;
      const [base] = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(symbol));
      const expected = base ? (actual[base.symbol.name] ?? globalThis[base.symbol.name]) : Function.prototype;
      assert.equal(Object.getPrototypeOf(actual[symbol.name]), expected, symbol.name);
    }
  });
}

for (const entry of ["index", "slim"]) {
  test(`nothing in ${entry}.d.ts is \`any\`, but further fields of a request`, () => {
    const loose = [];
    visit(program.getSourceFile(declarations(entry)), (node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword && !ts.isIndexSignatureDeclaration(node.parent)) {
        loose.push(place(node.parent));
      }
    });
    assert.deepEqual(loose, []);
  });
}

// Its wasm import is resolved by hosts that are not Node: it can be read here, but not run.
test("edge.js exports what index.d.ts declares", () => {
  assert.deepEqual(valueExports(join(pkg, "edge.js")), valueExports(declarations("index")));
});

function declarations(entry) {
  return join(pkg, `${entry}.d.ts`);
}

const exportsOf = (file) =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
const target = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

function moduleExports(file) {
  return exportsOf(file).map(target);
}

/** By the names they are exported under, which the bundled files need not use themselves. */
function valueExports(file) {
  return exportsOf(file)
    .filter((symbol) => target(symbol).flags & ts.SymbolFlags.Value)
    .map((symbol) => symbol.name)
    .sort();
}

function visit(node, callback) {
  callback(node);
  ts.forEachChild(node, (child) => visit(child, callback));
}

function place(node) {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(pkg, source.fileName)}:${line + 1} ${node.getText().split("\n")[0]}`;
}
