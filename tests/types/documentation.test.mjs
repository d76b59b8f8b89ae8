// What an editor shows of the package is documented: whatever an entry exports, and from there, as a user gets to it,
// each member, option, field of a request, field of a result, and error.
//
// Asked of the compiler and not of the text: a type that no entry exports is reached through a parameter all the same,
// and one that is only a part of another's making is not.

import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { join, relative } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const pkg = realpathSync(fileURLToPath(new URL("../../pkg", import.meta.url)));
const entries = ["index", "slim", "worker", "testing", "purerouter.wasm"];
const program = ts.createProgram(
  entries.map((entry) => join(pkg, `${entry}.d.ts`)),
  {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
  },
);
const checker = program.getTypeChecker();

for (const entry of entries) {
  test(`everything that ${entry}.d.ts shows is documented`, () => {
    const shown = shownBy(join(pkg, `${entry}.d.ts`));
    assert.ok(shown.size > 0);
    const bare = [...shown].filter(([node]) => !documented(node));
    assert.equal(bare.length, 0, bare.map(([node, name]) => `${name}, ${place(node)}`).join("\n"));
  });
}

/** @param {string} file @returns {Map<ts.Node, string>} what declares all that a user of the module gets to, and how */
function shownBy(file) {
  /** @type {Map<ts.Node, string>} */
  const shown = new Map();
  /** @type {Set<ts.Type>} */
  const seen = new Set();

  /** @param {ts.Symbol} symbol @param {string} name */
  function show(symbol, name) {
    for (const node of ours(symbol)) shown.set(node, name);
    follow(checker.getTypeOfSymbol(symbol), name);
    if (symbol.flags & ts.SymbolFlags.Type) follow(checker.getDeclaredTypeOfSymbol(symbol), name);
  }

  /** @param {ts.Type} type @param {string} name */
  function follow(type, name) {
    if (seen.has(type)) return;
    seen.add(type);
    const parts = type.isUnion() ? type.types : [...argumentsOf(type), ...(type.aliasTypeArguments ?? [])];
    for (const part of parts) follow(part, name);
    if (type.isUnion()) return;
    for (const member of type.getProperties()) {
      if (ours(member).length > 0) show(member, `${name}.${member.name}`);
    }
    for (const { declaration, type: field } of checker.getIndexInfosOfType(type)) {
      if (declaration && inPackage(declaration)) shown.set(declaration, `${name}[…]`);
      follow(field, `${name}[…]`);
    }
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      const { declaration } = signature;
      if (!declaration || !inPackage(declaration)) continue;
      if (!ts.isFunctionTypeNode(declaration)) shown.set(declaration, `${name}()`);
      for (const parameter of signature.getParameters())
        follow(checker.getTypeOfSymbol(parameter), `${name}(${parameter.name})`);
      follow(signature.getReturnType(), `${name}()`);
    }
  }

  const module = checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (program.getSourceFile(file)));
  for (const symbol of checker.getExportsOfModule(/** @type {ts.Symbol} */ (module))) {
    const itself = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    show(itself, itself.name);
  }
  return shown;
}

/** @param {ts.Type} type */
function argumentsOf(type) {
  const isReference =
    type.flags & ts.TypeFlags.Object &&
    /** @type {ts.ObjectType} */ (type).objectFlags & ts.ObjectFlags.Reference;
  return isReference ? checker.getTypeArguments(/** @type {ts.TypeReference} */ (type)) : [];
}

/** Its declarations in the package: some of those it inherits are the language's. @param {ts.Symbol} symbol */
const ours = (symbol) => (symbol.declarations ?? []).filter(inPackage);

/** @param {ts.Node} node */
const inPackage = (node) => node.getSourceFile().fileName.startsWith(pkg);

/** @param {ts.Node} node */
const documented = (node) => ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && doc.comment);

/** @param {ts.Node} node */
function place(node) {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(pkg, source.fileName)}:${line + 1}`;
}
