// `npm run fuzz [executions]`: libFuzzer against the decoder, each target of tests/fuzz that many times. It starts from
// the committed corpus and keeps what it finds beyond that under target/, so that the next run goes on from there; a
// finding is a file in tests/fuzz/artifacts. No sanitizer, which would need a nightly Rust: there is no unsafe code.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { quietly } from "./child.mjs";
import { command, CommandError } from "./command.mjs";
import { setup } from "./setup.mjs";
import { root } from "./tools.mjs";

const DEFAULT_EXECUTIONS = 10_000_000;
// Structure is learned from short inputs; long ones only take time.
const MOST_BYTES = 1024;

async function fuzz() {
  const executions = Number(process.argv[2] ?? DEFAULT_EXECUTIONS);
  if (!Number.isInteger(executions) || executions < 1) {
    throw new CommandError(`How many executions? A whole number: npm run fuzz ${DEFAULT_EXECUTIONS}`);
  }
  await setup({ tests: true });
  const folder = join(root, "tests/fuzz");
  const env = { CARGO_TARGET_DIR: join(root, "target/fuzz") };
  const common = ["--sanitizer", "none", "--fuzz-dir", folder];
  await quietly("cargo fuzz build", "cargo", ["fuzz", "build", ...common], { env });
  for (const file of readdirSync(join(folder, "targets"))) {
    const target = file.replace(/\.rs$/, "");
    const found = join(root, "target/fuzz/corpus", target);
    mkdirSync(found, { recursive: true });
    const corpus = [found, join(folder, "corpus", target)];
    const limits = [`-runs=${executions}`, `-max_len=${MOST_BYTES}`, `-dict=${join(folder, "tokens.dict")}`];
    const args = ["fuzz", "run", target, ...corpus, ...common, "--", ...limits];
    const started = Date.now();
    await quietly(`cargo fuzz run ${target}`, "cargo", args, { env });
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`${target}: ${executions} executions without a finding, ${seconds} s`);
  }
}

command(import.meta.url, fuzz);
