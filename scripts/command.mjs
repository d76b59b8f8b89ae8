// How each of the repository's commands starts and fails: in one line where the message says all a user needs,
// with a stack where it is a defect of ours.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A failure that its message explains. */
export class CommandError extends Error {
  name = "CommandError";
}

/**
 * Runs `main` if the module is the one Node was started with, so that a command can also be imported.
 * @param {string} module its `import.meta.url`
 * @param {() => Promise<unknown>} main
 */
export async function command(module, main) {
  const started = process.argv[1] && realpathSync(process.argv[1]);
  if (started !== fileURLToPath(module)) return;
  try {
    await main();
  } catch (error) {
    console.error(error instanceof CommandError ? `\n✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}
