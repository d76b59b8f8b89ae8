// Builds examples of the crate as their users would: cargo for wasm, wasm-bindgen for the host. What cargo made stays in
// the cache folder, since a framework takes minutes to compile.

import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cache, root, toolEnvironment } from "../../scripts/tools.mjs";

const run = promisify(execFile);
const TARGET = "wasm32-unknown-unknown";

/**
 * @param {string} folder of examples/
 * @param {string} wasm the name of what cargo writes
 * @returns {Promise<string>} a folder with the program
 */
export async function built(folder, wasm) {
  const target = join(cache, "examples");
  const env = { ...toolEnvironment(), CARGO_TARGET_DIR: target, CARGO_INCREMENTAL: "0" };
  const manifest = join(root, "examples", folder, "Cargo.toml");
  await run("cargo", ["build", "--locked", "--quiet", "--target", TARGET, "--manifest-path", manifest], {
    env,
    maxBuffer: 1 << 26,
  });
  const program = await mkdtemp(join(tmpdir(), `purerouter-${folder}-`));
  const made = join(target, TARGET, "debug", `${wasm}.wasm`);
  await run("wasm-bindgen", ["--target", "web", "--no-typescript", "--out-dir", program, made], { env });
  return program;
}
