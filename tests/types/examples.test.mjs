// Every example in the declarations compiles as an editor shows it: with the package's names imported, and with the few
// things around it that an example takes for granted.

import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = fileURLToPath(new URL(".", import.meta.url));
const pkg = realpathSync(join(here, "../../pkg"));

const around = `
  import type { CompletionStream, PureRouter, Target } from "purerouter";
  declare global {
    const client: PureRouter;
    const target: Target;
    const stream: CompletionStream;
    const error: unknown;
    const output: HTMLElement;
    const columns: HTMLElement[];
    const button: HTMLButtonElement;
    const env: any;
    interface RateLimit {
      limit(options: { key: string }): Promise<{ success: boolean }>;
    }
    const process: { env: Record<string, string | undefined>; stdout: { write(text: string): void } };
  }`;

/** @type {Record<string, string>} */
const entries = {
  "index.d.ts": "purerouter",
  "slim.d.ts": "purerouter/slim",
  "worker.d.ts": "purerouter/worker",
  "testing.d.ts": "purerouter/testing",
};

const declared = ts.createProgram(
  Object.keys(entries).map((name) => join(pkg, name)),
  { target: ts.ScriptTarget.ES2022, types: [] },
);
const exportsOf = Object.fromEntries(
  Object.entries(entries).map(([declarations, entry]) => {
    const checker = declared.getTypeChecker();
    const source = /** @type {ts.SourceFile} */ (declared.getSourceFile(join(pkg, declarations)));
    const module = /** @type {ts.Symbol} */ (checker.getSymbolAtLocation(source));
    return [entry, checker.getExportsOfModule(module).map(({ name }) => name)];
  }),
);

/** @type {Map<string, string>} what is compiled, by the names of files that are not there */
const files = new Map([[join(here, "around.d.mts"), around]]);
for (const [declarations, entry] of Object.entries(entries)) {
  const examples = examplesIn(join(pkg, declarations));
  test(`${declarations} has examples`, () => assert.ok(examples.length > 0));
  for (const { line, code } of examples) {
    files.set(join(here, `${declarations}.${line}.mts`), `${imports(entry, code)}\n${code}`);
  }
}

const options = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  paths: { purerouter: [join(pkg, "index.d.ts")], "purerouter/*": [join(pkg, "*.d.ts")] },
  strict: true,
  noEmit: true,
};
const host = ts.createCompilerHost(options);
const { fileExists, getSourceFile } = host;
host.fileExists = (name) => files.has(name) || fileExists(name);
host.getSourceFile = (name, ...more) => {
  const text = files.get(name);
  return text === undefined
    ? getSourceFile(name, ...more)
    : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
};
const program = ts.createProgram([...files.keys()], options, host);

for (const [name, text] of files) {
  test(`${name.slice(here.length)} compiles`, () => {
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(name));
    assert.equal(problems.length, 0, `${text}\n\n${ts.formatDiagnostics(problems, host)}`);
  });
}

/** @param {string} file @returns {{ line: number, code: string }[]} */
function examplesIn(file) {
  const source = ts.createSourceFile(file, String(ts.sys.readFile(file)), ts.ScriptTarget.ES2022, true);
  /** @type {Map<number, string>} by where it stands: a node's first child has the same comments */
  const found = new Map();
  const visit = (/** @type {ts.Node} */ node) => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text === "example") found.set(tag.pos, ts.getTextOfJSDocComment(tag.comment) ?? "");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found].map(([pos, code]) => ({
    line: source.getLineAndCharacterOfPosition(pos).line + 1,
    code,
  }));
}

/** All that the main entry and `entry` export, but for what the example imports or declares itself. @param {string} entry @param {string} code */
function imports(entry, code) {
  const own = new Set(
    [...code.matchAll(/import \{(.*?)\}/g)].flatMap(([, names]) =>
      names.split(",").map((name) => name.trim()),
    ),
  );
  return [...new Set(["purerouter", entry])]
    .map((from) => {
      const names = exportsOf[from].filter((name) => !own.has(name));
      for (const name of names) own.add(name);
      return `import { ${names.join(", ")} } from "${from}";`;
    })
    .join("\n");
}
