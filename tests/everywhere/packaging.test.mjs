// The tarball as a registry, other tools' module resolution, TypeScript 7 and the oldest TypeScript see it. (TypeScript
// 5.9, in more environments, is in tests/types.) The tools are this folder's own.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/tools.mjs";
import { tools } from "./installs.mjs";
import { execute } from "./programs.mjs";
import { pack, unpack } from "./project.mjs";

const bin = await tools("packaging");
const tarball = await pack(join(root, "pkg"));
const project = await mkdtemp(join(bin, "project-"));
await unpack(tarball, project);
after(async () => {
  await rm(project, { recursive: true });
  await rm(dirname(tarball), { recursive: true });
});

test("publint has nothing to say", async () => {
  const said = await execute("publint", ["run", tarball, "--strict"], { cwd: project, bin });
  assert.match(said, /All good!/);
});

// The rule left out is that `require()` cannot take a module: from Node 20.19 on it can, as the environments and
// tests/types/commonjs.cts show.
test("attw finds the types of every entry, by each kind of resolution", async () => {
  const options = ["--ignore-rules", "cjs-resolves-to-esm", "--format", "ascii", "--no-emoji"];
  const said = await execute("attw", [tarball, ...options], { cwd: project, bin });
  assert.match(said, /No problems found/);
  for (const entry of ["", "/slim", "/worker", "/testing", "/purerouter.wasm"]) {
    assert.match(said, new RegExp(`"purerouter${entry}"\\s+node10: OK`));
  }
});

test("what a registry and its readers want to know is in package.json", async () => {
  const manifest = JSON.parse(await readFile(join(project, "node_modules/purerouter/package.json"), "utf8"));
  assert.deepEqual(manifest.publishConfig, { access: "public", provenance: true });
  assert.match(manifest.repository.url, /^git\+https:\/\/github\.com\//);
  const cargo = await readFile(join(root, "Cargo.toml"), "utf8");
  // Provenance is refused where this is not the repository that it was built in.
  assert.ok(manifest.repository.url.includes(cargo.match(/^repository = "https:\/\/(.+)"$/m)?.[1]));
  for (const field of [
    "description",
    "homepage",
    "bugs",
    "license",
    "engines",
    "exports",
    "sideEffects",
    "files",
  ])
    assert.ok(manifest[field], field);
  assert.ok(manifest.keywords.length >= 5);
  for (const field of [
    "scripts",
    "dependencies",
    "peerDependencies",
    "optionalDependencies",
    "bundleDependencies",
  ])
    assert.equal(manifest[field], undefined, field);
});

const page = { types: [] };
const libraries = {
  "a page": page,
  Node: { lib: ["ES2022"], types: ["node"], typeRoots: [join(root, "node_modules/@types")] },
  "Cloudflare Workers": {
    lib: ["ES2022"],
    types: [join(root, "node_modules/@cloudflare/workers-types/index.d.ts")],
  },
};
const compilers = [
  { compiler: "typescript", version: "7.", preserving: "preserve", requiring: true, libraries },
  // The oldest that knows `await using`. It does not yet know that Node can require a module.
  { compiler: "typescript-5.2", version: "5.2.", preserving: "esnext", libraries: { "a page": page } },
];

for (const { compiler, version, preserving, requiring, libraries } of compilers) {
  test(`the contract compiles with TypeScript ${version}x, and its wrong uses do not`, async (t) => {
    const folder = join(project, compiler);
    await cp(join(root, "tests/types"), folder, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const tsc = (/** @type {string[]} */ ...args) =>
      execute(process.execPath, [join(bin, "node_modules", compiler, "bin/tsc"), ...args], { cwd: folder });
    assert.ok((await tsc("--version")).startsWith(`Version ${version}`));
    const resolutions = {
      bundler: { module: preserving, moduleResolution: "bundler" },
      nodenext: { module: "nodenext", moduleResolution: "nodenext" },
    };
    for (const [library, types] of Object.entries(libraries)) {
      for (const [resolution, modules] of Object.entries(resolutions)) {
        await t.test(`${library}, ${resolution}`, async () => {
          const exclude = [
            ...(library === "Node" ? ["slim.module.mts"] : []),
            ...(requiring && resolution === "nodenext" ? [] : ["*.cts"]),
          ];
          const config = { extends: "./tsconfig.json", compilerOptions: { ...types, ...modules }, exclude };
          await writeFile(join(folder, "tsconfig.one.json"), JSON.stringify(config));
          await tsc("-p", "tsconfig.one.json");
        });
      }
    }
  });
}
