// Runs a program whose output nobody needs while all goes well: the output goes to a log and is shown only if
// the program fails; in the meantime a line says that it is alive and what it did last.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "./command.mjs";
import { cache, root, toolEnvironment } from "./tools.mjs";

const HEARTBEAT_MS = 10_000;
const SHOWN_LINES = 40;

/**
 * @param {string} label what is being done, for the log's name and the heartbeat
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<void>} rejects with a CommandError when the program fails; its last lines are then shown
 */
export async function quietly(label, program, args, { cwd = root, env } = {}) {
  const logs = join(cache, "logs");
  mkdirSync(logs, { recursive: true });
  const path = join(logs, `${label.replace(/[^\w.-]+/g, "-")}-${process.pid}.log`);
  const log = createWriteStream(path);
  const child = spawn(program, args, {
    cwd,
    env: { ...toolEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that its children can be ended with it.
    detached: true,
  });
  const end = () => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
  };
  process.once("exit", end);

  let lastLine = "";
  const started = Date.now();
  const heartbeat = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`      … ${label}, ${seconds} s${lastLine ? ` · ${lastLine.slice(0, 80)}` : ""}`);
  }, HEARTBEAT_MS);
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (chunk) => {
      log.write(chunk);
      lastLine = String(chunk).trimEnd().split("\n").at(-1)?.trim() || lastLine;
    });
  }

  try {
    const problem = await new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) =>
        resolve(code === 0 ? "" : signal ? `ended by ${signal}` : `exit ${code}`),
      );
    });
    await new Promise((resolve) => log.end(resolve));
    if (!problem) return;
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    for (const line of lines.slice(-SHOWN_LINES)) console.error(`      | ${line}`);
    throw new CommandError(`${label} failed (${problem}); the whole output is in ${path}`);
  } finally {
    clearInterval(heartbeat);
    process.off("exit", end);
  }
}
