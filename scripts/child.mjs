// Runs a program without showing its output while all goes well: it is kept, in memory and in a log file, and in
// the meantime a line now and then says that the program is alive and what it said last.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "./command.mjs";
import { cache, root, toolEnvironment } from "./tools.mjs";

const HEARTBEAT_MS = 10_000;
const SHOWN_LINES = 40;

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to the tools' environment
 * @property {number} [timeoutMs] after which it is ended, none by default
 */

/**
 * @param {string} label for the heartbeat and the log's name
 * @param {string} program
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<{ problem: string, output: string, log: string }>} `problem` is empty where it succeeded
 */
export async function run(label, program, args, { cwd = root, env, timeoutMs } = {}) {
  // A process group of its own, so that its children can be ended with it.
  const child = spawn(program, args, {
    cwd,
    env: { ...toolEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = (/** @type {NodeJS.Signals} */ signal) => {
    if (child.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
  };
  const endWithUs = () => end("SIGTERM");
  process.once("exit", endWithUs);

  const started = Date.now();
  /** @type {Buffer[]} */
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
  const heartbeat = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const last = String(chunks.at(-1) ?? "")
      .trim()
      .split("\n")
      .at(-1);
    console.log(`      … ${label}, ${seconds} s · ${last?.trim().slice(0, 80)}`);
  }, HEARTBEAT_MS);
  let timedOut = false;
  const outOfTime = () => {
    timedOut = true;
    end("SIGKILL");
  };
  const timeout = timeoutMs === undefined ? undefined : setTimeout(outOfTime, timeoutMs);

  const problem = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? "" : signal ? `ended by ${signal}` : `exit ${code}`),
    );
  });
  clearInterval(heartbeat);
  clearTimeout(timeout);
  process.off("exit", endWithUs);

  const output = Buffer.concat(chunks).toString();
  const logs = join(cache, "logs");
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${label.replace(/[^\w.-]+/g, "-")}.log`);
  writeFileSync(log, output);
  return { problem: timedOut ? `still running after ${timeoutMs} ms` : problem, output, log };
}

/**
 * The same for a step that has to succeed.
 * @param {string} label
 * @param {string} program
 * @param {string[]} args
 * @param {Options} [options]
 */
export async function quietly(label, program, args, options) {
  const { problem, output, log } = await run(label, program, args, options);
  if (!problem) return;
  for (const line of output.trimEnd().split("\n").slice(-SHOWN_LINES)) console.error(`      | ${line}`);
  throw new CommandError(`${label} failed (${problem}); the whole output is in ${log}`);
}
