// Builds the publishable npm package into pkg/: the crate through wasm-pack and wasm-opt, the files of
// pkg-template/ around it. wasm-pack's own loader, package.json and types are dropped: each works in some bundlers
// only. It is assembled aside and renamed, so that a broken build never leaves half a package.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { command } from "./command.mjs";
import { withLock } from "./lock.mjs";
import { printSizes } from "./sizes.mjs";
import { quietly } from "./child.mjs";
import { toLetters } from "./letters.mjs";
import { setup } from "./setup.mjs";
import { buildTools, root } from "./tools.mjs";

const packageFolder = join(root, "pkg");
const stamp = join(packageFolder, ".inputs");

/** Builds unless pkg/ is what the present sources give. */
export async function build() {
  await setup();
  const clone = createHash("sha256").update(root).digest("hex").slice(0, 12);
  await withLock(`build-${clone}`, async () => {
    const inputs = hashOfInputs();
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) {
      console.log("pkg/ is up to date");
      return;
    }
    console.log("Building pkg/ …");
    const aside = join(root, "target/package");
    rmSync(aside, { recursive: true, force: true });
    await compile(aside);
    await assemble(aside);
    writeFileSync(join(aside, ".inputs"), inputs);
    rmSync(packageFolder, { recursive: true, force: true });
    renameSync(aside, packageFolder);
    await printSizes(packageFolder);
  });
}

/** @param {string} folder where purerouter_bg.js, purerouter.wasm and snippets/ are written */
async function compile(folder) {
  mkdirSync(folder, { recursive: true });
  const out = ["--no-opt", "--no-pack", "--no-gitignore", "--no-typescript", "--out-dir", folder];
  // Panic messages hold the paths of sources: the same bytes wherever it is built, and nobody's home in them.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const remapped = [`--remap-path-prefix=${cargoHome}/registry/src=cargo`, `--remap-path-prefix=${root}=.`];
  // Half of what "s" would inline: the decoder is as fast as with "s", and all else as small as with "z".
  const flags = [...remapped, "-Cllvm-args=-inline-threshold=25"];
  const env = { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f") };
  const args = [
    "build",
    root,
    "--release",
    "--target",
    "bundler",
    ...out,
    "--no-default-features",
    "--features",
    "npm",
  ];
  await quietly("wasm-pack build", "wasm-pack", args, { env });
  await quietly("shrink", process.execPath, [join(root, "scripts/shrink.mjs"), folder]);
  rmSync(join(folder, "purerouter.js"));
}

// What the entries are made of, and no files of the package: a page without a bundler would ask for each of them, one
// after the other as each names the next, and Node takes ten milliseconds for them. They are kept beside it for the type
// checker, who sees the entries as they are written.
const partsFolder = join(root, "target/parts");
const parts = [
  "instance.js",
  "purerouter_bg.js",
  "purerouter_imports.js",
  "purerouter_inline.js",
  "snippets",
];

/** @param {string} folder */
async function assemble(folder) {
  const { common, letters } = toLetters(readFileSync(join(folder, "purerouter.wasm")));
  const constants = `export const common = "${common}";\nexport const letters = "${letters}";\n`;
  writeFileSync(join(folder, "purerouter_inline.js"), constants);
  cpSync(join(root, "pkg-template"), folder, { recursive: true });
  await bundleEntries(folder);
  rmSync(partsFolder, { recursive: true, force: true });
  mkdirSync(partsFolder);
  for (const part of parts) renameSync(join(folder, part), join(partsFolder, part));
  for (const path of filesUnder(partsFolder).filter((path) => path.endsWith(".js"))) {
    writeFileSync(path, `// @ts-nocheck\n${readFileSync(path, "utf8")}`);
  }
  for (const name of ["LICENSE", "CHANGELOG.md"]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name));
  }
}

/** Each entry is one file, and what they share, with the one wasm instance, another. @param {string} folder */
async function bundleEntries(folder) {
  const { build, transform } = await import("esbuild");
  // Comments are the first to go, and the type checker needs this one.
  const banner = "// @ts-nocheck";
  await build({
    entryPoints: ["index.js", "edge.js", "slim.js"].map((name) => join(folder, name)),
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    // There is one; if there were two, they would collide and the build would fail.
    chunkNames: "core",
    external: ["./purerouter.wasm?module"],
    format: "esm",
    target: "es2022",
    // Class names are part of the interface, and identifiers are 1 % of the download: only comments and spaces go.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: banner },
    logLevel: "error",
  });
  // Of an error that nobody catches, Node prints the line on which it was made, and all errors are made here. Not in the
  // entry, whose one long line is the wasm.
  const core = join(folder, "core.js");
  const broken = await transform(readFileSync(core, "utf8"), {
    minifyWhitespace: true,
    lineLimit: 160,
    banner,
  });
  writeFileSync(core, broken.code);
}

function hashOfInputs() {
  const hash = createHash("sha256").update(JSON.stringify(buildTools));
  const single = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "CHANGELOG.md",
    "package-lock.json",
    "scripts/build.mjs",
    "scripts/letters.mjs",
    "scripts/order.mjs",
    "scripts/shrink.mjs",
  ];
  const paths = [...single.map((name) => join(root, name)), ...filesUnder(join(root, "src"))];
  for (const path of [...paths, ...filesUnder(join(root, "pkg-template"))]) {
    if (existsSync(path)) hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return entries.map((entry) => join(entry.parentPath, entry.name)).sort();
}

command(import.meta.url, build);
