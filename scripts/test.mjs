// `npm test`: sets up what is missing, builds, and runs every suite. One that fails does not keep the others from
// running; the last line sums up. `npm test -- page wasm` runs the suites with these words in their names.
import { build } from "./build.mjs";
import { run } from "./child.mjs";
import { command, CommandError } from "./command.mjs";
import { setup } from "./setup.mjs";
import { suites } from "./suites.mjs";

// Far beyond the slowest: a suite that hangs must not take the others' results with it.
const TIMEOUT_MS = 15 * 60_000;
const SHOWN_LINES = 200;

async function test() {
  const words = process.argv.slice(2);
  // Chosen before anything is installed, so that a mistyped name says so at once, and again after it, since the
  // suites name the browser that is then there.
  choose(words);
  await setup({ tests: true });
  await build();
  const chosen = choose(words);

  let passed = 0;
  let failed = 0;
  for (const [index, { name, program, args, env, count }] of chosen.entries()) {
    console.log(`\n[${index + 1}/${chosen.length}] ${name}`);
    const started = Date.now();
    const { problem, output, log } = await run(name, program, args, { env, timeoutMs: TIMEOUT_MS });
    const result = count(output, !problem);
    // What fails before or beside its tests (a compiler, a crash) has no count of its own; nor has a runner that
    // found no tests and calls that a success.
    if (result.failed === 0 && (problem || result.passed === 0)) result.failed = 1;
    if (result.failed > 0) {
      console.log(output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n"));
      console.log(`      ${problem || "no test ran"}; the whole output is in ${log}`);
    }
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `${result.failed > 0 ? "✗" : "✓"} ${result.passed} passed, ${result.failed} failed, ${seconds} s`,
    );
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

/** @param {string[]} words */
function choose(words) {
  const all = suites();
  const chosen = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length > 0) return chosen;
  throw new CommandError(`No suite is named so; there are: ${all.map(({ name }) => name).join(", ")}`);
}

command(import.meta.url, test);
