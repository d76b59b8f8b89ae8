// Every example of the guides: run in Node against the emulated service where it is a program, else checked by the
// compiler of its language. A block in a language that nothing here knows fails.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Project, blocks } from "../readme/examples.mjs";
import { STORY } from "../readme/network.mjs";
import { modules, svelteCompiler, vueCompiler } from "./compilers.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = STORY.join("");
const guides = readdirSync(join(root, "docs")).map((name) => `docs/${name}`);

/**
 * What a program prints, and the fault that the service has meanwhile.
 * @type {Record<string, [RegExp, import("../../pkg/testing.js").DeploymentBehaviour?][]>}
 */
const programs = {
  "docs/ui.md after.mjs": [[new RegExp(`^${text}\nstop, 3 tokens, in good time\n$`)]],
  "docs/streams.md reading.mjs": [
    [
      new RegExp(
        `^${text}${text}true stop 3 true\n${text}200 req-5 \\d+\ntrue\n` +
          String.raw`(?:data: \{.*\}\n\n)+data: \[DONE\]\n\n200 text/event-stream true\n$`,
      ),
    ],
  ],
  "docs/streams.md cancelling.mjs": [[new RegExp(`^No longer needed\n${STORY[0]}\n$`)]],
  "docs/requests.md requests.mjs": [[new RegExp(`^(?:${text}\n){4}ok\n$`)]],
  "docs/options.md options.mjs": [[new RegExp(`^200\n${text}\n$`)]],
  "docs/errors.md answer.mjs": [
    [new RegExp(`^${text}\n$`)],
    [/^Once upon  … \(broke off\)\n$/, { cutAfter: 2 }],
    [/^Refused with 404, request req-1\.\n$/, { status: 404 }],
  ],
  "docs/errors.md attempts.mjs": [
    [new RegExp(`^primary-id 1: 503 again soon\nprimary-id 2: 200 \n${text}\n$`), { status: 503, times: 1 }],
  ],
  "docs/errors.md giving-up.mjs": [[/^Once \nThat is enough\n$/]],
  "docs/targets.md chain.mjs": [
    [new RegExp(`^${text} \\(primary-id, 1 attempts\\)\n$`)],
    [new RegExp(`^${text} \\(backup-id, 2 attempts\\)\n$`), { status: 404 }],
  ],
  "docs/targets.md going-on.mjs": [
    [new RegExp(`^Once upon ${text}\nprimary-id: TruncatedStreamError, backup-id: well\n$`), { cutAfter: 2 }],
  ],
  "docs/targets.md hedged.mjs": [[new RegExp(`^${text}\n$`), { stallHeaders: 5000 }]],
  "docs/targets.md cost.mjs": [[/^t4-small: \$1\.41, .*\n0\.3025 dollars each\n$/]],
  "docs/targets.md nested.mjs": [[new RegExp(`^${text}\n$`), { status: 404 }]],
  "docs/testing.md summary.mjs": [[/^$/]],
  "docs/testing.md summary.test.mjs": [[/^# pass 4$/m]],
  "docs/from-python.md invoke.mjs": [[new RegExp(`^${text}\n$`)]],
  "docs/from-python.md several.mjs": [[new RegExp(`^${text}\n${text}\n$`)]],
  "docs/from-python.md parameters.mjs": [[new RegExp(`^${text}\n$`)]],
  "docs/from-python.md stream.mjs": [[new RegExp(`^${text}$`)]],
  "docs/from-python.md fallback.mjs": [[new RegExp(`^${text}\n$`)], [new RegExp(text), { status: 500 }]],
  "docs/from-openai.md chat.mjs": [[new RegExp(`^${text}\n\\d+ tokens, stop\n$`)]],
  "docs/performance.md times.mjs": [[/^true true true\n$/]],
};

/** The guide that is one whole program, run as such by `start.test.mjs`. */
const beginning = "docs/start.md";

/** Languages that something here checks, those of pages and projects that other tests open, and commands. */
const checked = ["js", "ts", "tsx", "vue", "svelte", "python", "rust"];
const projects = ["html", "toml"];
const commands = ["sh"];

const named = (/** @type {string} */ guide) => blocks(guide, ["js", "ts", "tsx"]);

test("each block is of a language that is checked", () => {
  for (const guide of guides) {
    for (const [, language] of readFileSync(join(root, guide), "utf8").matchAll(/^```(\w*)\n.*?^```$/gms)) {
      assert.ok(
        [...checked, ...projects, ...commands].includes(language),
        `${guide} has a block in "${language}"`,
      );
    }
    for (const { name, source } of named(guide))
      assert.notEqual(name, "", `${guide} has no name for:\n${source}`);
  }
});

test("each program is run here", () => {
  const found = guides
    .filter((guide) => guide !== beginning)
    .flatMap((guide) => named(guide).map(({ name }) => `${guide} ${name}`));
  assert.deepEqual(
    found.filter((name) => name.endsWith(".mjs")).toSorted(),
    Object.keys(programs).toSorted(),
  );
});

for (const guide of guides.filter((guide) => guide !== beginning)) {
  const files = named(guide);
  if (files.length === 0) continue;
  const project = new Project(files);
  after(() => project.remove());

  for (const { name } of files.filter(({ name }) => `${guide} ${name}` in programs)) {
    test(`${guide}: ${name} runs`, { timeout: 180_000 }, async () => {
      const args = name.endsWith(".test.mjs") ? ["--test", "--test-reporter=tap", name] : [name];
      for (const [expected, behaviour] of programs[`${guide} ${name}`] ?? []) {
        assert.match(await project.node(args, behaviour), expected);
      }
    });
  }
}

test("the scripts of all guides have the types of the package", { timeout: 180_000 }, async (t) => {
  const files = guides
    .filter((guide) => guide !== beginning)
    .flatMap((guide) => named(guide).map(({ name, source }) => ({ name: `${guide}/${name}`, source })));
  const project = new Project(files);
  t.after(() => project.remove());
  for (const name of ["@types", "csstype"]) {
    symlinkSync(join(modules, name), join(project.folder, "node_modules", name), "junction");
  }
  const options = {
    strict: false,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
    jsx: "react-jsx",
    target: "esnext",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  };
  writeFileSync(
    join(project.folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, files: files.map(({ name }) => name) }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", project.folder]).catch(({ stdout }) =>
    assert.fail(stdout),
  );
});

for (const guide of guides) {
  for (const { source } of blocks(guide, ["vue"])) {
    test(`${guide}: the Vue component compiles`, () => {
      const { parse, compileScript, compileTemplate } = vueCompiler();
      const { descriptor, errors } = parse(source);
      assert.deepEqual(errors, []);
      const { bindings } = compileScript(descriptor, { id: "answer" });
      const template = { source: descriptor.template.content, filename: "Answer.vue", id: "answer" };
      const compiled = compileTemplate({ ...template, compilerOptions: { bindingMetadata: bindings } });
      assert.deepEqual(compiled.errors, []);
    });
  }

  for (const { source } of blocks(guide, ["svelte"])) {
    test(`${guide}: the Svelte component compiles`, () => {
      assert.deepEqual(svelteCompiler().compile(source, { filename: "Answer.svelte" }).warnings, []);
    });
  }

  const python = blocks(guide, ["python"]);
  const hasPython = spawnSync("python3", ["--version"]).status === 0;
  if (python.length > 0 && hasPython) {
    test(`${guide}: the Python it compares with parses`, () => {
      for (const { source } of python) {
        execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: source });
      }
    });
  }

  // Compiled with the documentation of the crate (`cargo test --doc`), which has to name the guide for that.
  if (blocks(guide, ["rust"]).length > 0) {
    test(`${guide}: the crate compiles its Rust`, () => {
      assert.match(
        readFileSync(join(root, "src/lib.rs"), "utf8"),
        new RegExp(`include_str!\\("../${guide}"\\)`),
      );
    });
  }
}
