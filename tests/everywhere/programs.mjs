// Programs that end by themselves, and servers that are ended: each in a process group of its own, so that what a tool
// has started goes with it. A failure carries what the program said.

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

const TIMEOUT_MS = 180_000;
// Some development servers wait for a mended file instead of failing.
const START_MS = 60_000;

/** @typedef {{ cwd: string, bin?: string, env?: Record<string, string>, timeoutMs?: number }} Options */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => running.forEach((child) => end(child, "SIGKILL")));

/**
 * @param {string} program @param {string[]} args @param {Options} options
 * @returns {Promise<string>} what it wrote to its standard output
 */
export async function execute(program, args, { timeoutMs = TIMEOUT_MS, ...options }) {
  const child = start(program, args, options);
  const timer = setTimeout(() => end(child, "SIGKILL"), timeoutMs);
  const said = collect(child);
  const { error, code } = await ended(child);
  clearTimeout(timer);
  if (error ?? code !== 0)
    throw new Error(failure(program, args, error?.message ?? `exit ${code}`, said.all));
  return said.out;
}

/**
 * @param {string} program @param {string[]} args @param {Options} options
 * @param {RegExp} ready what it says once it listens; its first group is the URL
 */
export async function listen(program, args, { timeoutMs = START_MS, ...options }, ready) {
  const child = start(program, args, options);
  const said = collect(child);
  const gone = ended(child);
  const close = async () => {
    end(child, "SIGTERM");
    const timer = setTimeout(() => end(child, "SIGKILL"), 5000);
    await gone;
    clearTimeout(timer);
  };
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(failure(program, args, why, said.all)));
    const timer = setTimeout(() => close().then(() => fail("did not come up")), timeoutMs);
    const look = () => {
      const found = ready.exec(said.all.replace(/\x1b\[[0-9;]*m/g, ""));
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1].replace("localhost", "127.0.0.1").replace(/\/$/, ""));
    };
    for (const pipe of [child.stdout, child.stderr]) pipe?.on("data", look);
    gone.then(({ code }) => {
      clearTimeout(timer);
      fail(`exit ${code}`);
    });
  });
  return { url, close, said };
}

/** @param {string} program @param {string[]} args @param {Options} options */
function start(program, args, { cwd, bin, env }) {
  const path = [...(bin ? [join(bin, "node_modules/.bin")] : []), process.env.PATH].join(delimiter);
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, PATH: path, NO_COLOR: "1", FORCE_COLOR: "0", CI: "1" },
  });
  running.add(child);
  return child;
}

/** @param {import("node:child_process").ChildProcess} child */
function collect(child) {
  const said = { out: "", all: "" };
  child.stdout?.on("data", (chunk) => {
    said.out += chunk;
    said.all += chunk;
  });
  child.stderr?.on("data", (chunk) => (said.all += chunk));
  return said;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ error?: Error, code?: number | string | null }>}
 */
function ended(child) {
  return new Promise((resolve) => {
    const gone = (/** @type {{ error?: Error, code?: number | string | null }} */ how) => {
      running.delete(child);
      resolve(how);
    };
    child.once("error", (error) => gone({ error }));
    child.once("close", (code, signal) => gone({ code: code ?? signal }));
  });
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
function end(child, signal) {
  if (!child.pid) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** @param {string} program @param {string[]} args @param {string} why @param {string} said */
const failure = (program, args, why, said) =>
  `${program} ${args.join(" ")}: ${why}\n${said.trim().split("\n").slice(-25).join("\n")}`;
