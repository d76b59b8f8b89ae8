// Sets up what is missing on this machine: npm packages, the wasm target, wasm-pack and wasm-bindgen, and for the
// tests a browser. What is there already is left alone, so running it again costs nothing. It imports only what
// Node itself brings, since it is what installs the rest.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { command, CommandError } from "./command.mjs";
import { withLock } from "./lock.mjs";
import { quietly, run } from "./child.mjs";
import {
  buildTools,
  cache,
  findChromium,
  findFirefox,
  leastNode,
  onPath,
  root,
  testTools,
  toolFolder,
} from "./tools.mjs";

/**
 * A part of the setup: `ready` looks, `install` acts; `ready` is asked again after it.
 * @typedef {{ name: string, ready: () => boolean, note: string, install: () => Promise<void> }} Part
 */

/** @returns {Part} */
const npmPackages = () => ({
  name: "npm packages",
  note: "about half a minute",
  ready() {
    // npm writes this file last, so its absence also tells of an install that was broken off.
    const installed = join(root, "node_modules/.package-lock.json");
    return (
      existsSync(installed) &&
      statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs
    );
  },
  // No package we use needs its install script: each brings its binary as an optional dependency.
  install: () => quietly("npm ci", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
});

/** @returns {Part} */
const wasmTarget = () => ({
  name: "Rust's wasm target",
  note: "a few seconds",
  ready: () =>
    existsSync(
      output("rustc", "--print", "target-libdir", "--target", "wasm32-unknown-unknown") || "/nowhere",
    ),
  async install() {
    if (!onPath("rustup")) {
      throw new CommandError(
        "This Rust has no wasm32-unknown-unknown target: install Rust by https://rustup.rs",
      );
    }
    await quietly("rustup target add", "rustup", ["target", "add", "wasm32-unknown-unknown"]);
  },
});

const unoptimised = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
};

/**
 * @param {import("./tools.mjs").CargoTool} tool
 * @returns {Part}
 */
const cargoTool = (tool) => ({
  name: `${tool.name} ${tool.version}`,
  note: "about 3 minutes, once",
  ready: () => existsSync(join(toolFolder(tool), "bin", tool.binary)),
  async install() {
    // Built aside and renamed, so that a broken build is never taken for a tool.
    const aside = `${toolFolder(tool)}.part`;
    const args = ["install", tool.name, "--version", tool.version, "--root", aside, "--force"];
    const env = { CARGO_TARGET_DIR: join(cache, "build", tool.name), ...(tool.optimised ? {} : unoptimised) };
    const locked = await run(`cargo install ${tool.name}`, "cargo", [...args, "--locked"], { env });
    if (locked.problem) {
      // Its lock file can name a crate that a registry mirror does not hold or that was yanked.
      console.log(
        `      ${tool.name} does not build with its own Cargo.lock here: trying current dependencies`,
      );
      await quietly(`cargo install ${tool.name}`, "cargo", args, { env });
    }
    rmSync(toolFolder(tool), { recursive: true, force: true });
    renameSync(aside, toolFolder(tool));
    rmSync(env.CARGO_TARGET_DIR, { recursive: true, force: true });
  },
});

/** @returns {Part} */
const rustComponents = () => ({
  name: "clippy and rustfmt",
  note: "a few seconds",
  ready: () => Boolean(output("cargo", "clippy", "--version") && output("cargo", "fmt", "--version")),
  async install() {
    if (!onPath("rustup"))
      throw new CommandError("clippy or rustfmt is missing: install Rust by https://rustup.rs");
    await quietly("rustup component add", "rustup", ["component", "add", "clippy", "rustfmt"]);
  },
});

/**
 * @param {string} name
 * @param {string} debian the package's name in Debian
 * @param {string} variable that names another one
 * @param {() => string | undefined} find
 * @returns {Part}
 */
const browser = (name, debian, variable, find) => ({
  name,
  note: "about a minute, once",
  ready: () => Boolean(find()),
  async install() {
    if (process.getuid?.() !== 0 || !onPath("apt-get")) {
      throw new CommandError(
        `${name} is missing and only root on Debian can install it from here: install it, or name it in ${variable}`,
      );
    }
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await quietly("apt-get update", "apt-get", ["update"], { env });
    await quietly("apt-get install", "apt-get", ["install", "-y", "--no-install-recommends", debian], {
      env,
    });
  },
});

/** @param {string} program @param {string[]} args @returns {string} empty where the program fails or is missing */
function output(program, ...args) {
  try {
    return execFileSync(program, args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "";
  }
}

function checkWhatMustBeThere() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < leastNode[0] || (major === leastNode[0] && minor < leastNode[1])) {
    throw new CommandError(
      `Node ${leastNode.join(".")} or newer is needed; this is ${process.versions.node}`,
    );
  }
  if (!output("cargo", "--version"))
    throw new CommandError("Rust is missing: install it by https://rustup.rs");
  if (!onPath("cc", "gcc", "clang")) {
    throw new CommandError("A C linker is missing: install gcc (Debian: apt-get install build-essential)");
  }
}

/**
 * @param {{ tests?: boolean }} [options] tests: also what only the tests need
 */
export async function setup({ tests = false } = {}) {
  checkWhatMustBeThere();
  mkdirSync(cache, { recursive: true });
  const parts = [npmPackages(), wasmTarget(), ...buildTools.map(cargoTool)];
  if (tests) {
    const chromium = browser("Chromium", "chromium", "CHROME_BIN", findChromium);
    const firefox = browser("Firefox", "firefox-esr", "FIREFOX_BIN", findFirefox);
    parts.push(rustComponents(), chromium, firefox, ...testTools.map(cargoTool));
  }
  if (parts.every((part) => part.ready())) return;

  await withLock("setup", async () => {
    for (const [index, part] of parts.entries()) {
      const heading = `[${index + 1}/${parts.length}] ${part.name}`;
      if (part.ready()) {
        console.log(`${heading} … there`);
        continue;
      }
      console.log(`${heading} … installing (${part.note})`);
      const started = Date.now();
      await part.install();
      if (!part.ready()) throw new CommandError(`${part.name} was installed, but cannot be found`);
      console.log(`${heading} … installed in ${Math.round((Date.now() - started) / 1000)} s`);
    }
  });
}

command(import.meta.url, async () => {
  await setup({ tests: true });
  console.log("Everything is set up.");
});
