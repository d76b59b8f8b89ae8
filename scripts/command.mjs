// How each of the repository's commands starts, fails and is stopped: a failure is one line where the message says
// all a user needs, and a stack where it is a defect of ours; a signal ends what the command has started.
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
  // By default a signal ends Node without its "exit" event, on which locks and child processes are let go.
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  try {
    await main();
  } catch (error) {
    console.error(error instanceof CommandError ? `\n✗ ${error.message}` : error);
    process.exit(1);
  }
}
