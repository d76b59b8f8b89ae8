// `npm run bench`: the figures, side by side with those of other ways to do the same. It builds the package, installs
// what it is compared with, measures, and prints.
//
//   npm run bench                      all of it, about an hour
//   npm run bench -- --quick           the most important, shortly
//   npm run bench -- --readme          also writes the README's tables
//   npm run bench -- --json FILE       also writes every sample
//   npm run bench -- --from FILE       measures nothing, and shows what such a file holds; with --part, measures these
//                                      parts anew
//   npm run bench -- --against FOLDER  also measures another build of the package, in the same rounds
//
// For whoever works on one thing: --engine node,chromium,workerd  --part streams,calls,pass-on,growth,memory,startup,size
// --case "ascii, 16 KiB" (words of the case's name; may be repeated)  --subject "textStream,openai"  --rounds N

import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "../scripts/build.mjs";
import { quietly } from "../scripts/child.mjs";
import { CommandError, command } from "../scripts/command.mjs";
import { setup } from "../scripts/setup.mjs";
import { root } from "../scripts/tools.mjs";
import { outputs } from "./bundle.mjs";
import { caseName, plan } from "./cases.mjs";
import { writeReadme } from "./readme.mjs";
import { report } from "./report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const peers = ["eventsource-parser", "openai", "ai", "@ai-sdk/openai-compatible"];
const engineNames = ["node", "chromium", "workerd"];
const parts = ["streams", "calls", "pass-on", "growth", "memory", "startup", "size"];
const quickParts = parts.filter((part) => part !== "growth" && part !== "memory");

function options() {
  const text = /** @type {const} */ ({ type: "string" });
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      readme: { type: "boolean", default: false },
      json: text,
      from: text,
      against: text,
      engine: { ...text, default: engineNames.join() },
      part: text,
      case: { ...text, multiple: true, default: [""] },
      subject: text,
      rounds: text,
    },
  });
  const list = (/** @type {string} */ words) => words.split(",").map((word) => word.trim());
  const known = (/** @type {string} */ words, /** @type {string[]} */ all) => {
    const unknown = list(words).find((word) => !all.includes(word));
    if (unknown !== undefined) throw new CommandError(`There is no ${unknown}: ${all.join(", ")}`);
    return list(words);
  };
  if (values.readme && values.quick) throw new CommandError("--readme wants a full run, not --quick");
  return {
    ...values,
    measures: values.from === undefined || values.part !== undefined,
    engines: known(values.engine, engineNames),
    parts: known(values.part ?? (values.quick ? quickParts : parts).join(), parts),
    isWanted: (/** @type {string} */ name) =>
      values.case.some((words) => list(words).every((word) => name.includes(word))),
    subjects: values.subject && list(values.subject),
  };
}

/** What is compared with: its own packages, so that nobody else has to install them. */
async function installPeers() {
  const installed = join(here, "node_modules/.package-lock.json");
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(here, "package-lock.json")).mtimeMs;
  if (isCurrent) return;
  console.log("Installing what it is compared with …");
  await quietly("npm ci for the bench", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: here,
  });
}

/** @param {string} name */
const versionOf = (name) =>
  JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;

async function startServer() {
  const server = fork(join(here, "server.mjs"));
  const [{ url }] = await once(server, "message");
  return { url, stop: () => server.disconnect() };
}

/** @param {ReturnType<typeof options>} options @returns {Promise<import("./results.mjs").Results>} */
async function run(options) {
  await setup({ tests: true });
  await build();
  await installPeers();
  // Only here, since they import what has just been installed.
  const { loadEngine } = await import("./engines/engine.mjs");
  const { callers, compare, readers } = await import("./streams.mjs");

  // A copy: the package may be built anew while this goes on.
  const packageFolder = join(outputs, "package");
  rmSync(packageFolder, { recursive: true, force: true });
  cpSync(join(root, "pkg"), packageFolder, { recursive: true });
  const packages = { packageFolder, against: options.against && resolve(options.against) };
  const { cases, effort: planned } = plan(options.quick);
  const effort = { ...planned, rounds: Number(options.rounds ?? planned.rounds) };
  const engines = await Promise.all(options.engines.map(loadEngine));
  /** @type {Record<string, string>} */
  const versions = {};
  for (const { name, version } of engines) versions[name] = await version();
  const [cpu] = cpus();
  /** @type {import("./results.mjs").Results} */
  const results = {
    streams: [],
    calls: [],
    ...(options.from && JSON.parse(readFileSync(options.from, "utf8"))),
    date: new Date().toISOString(),
    quick: options.quick,
    machine: { cpu: cpu?.model.trim() ?? "", cores: cpus().length, engines: versions },
    peers: Object.fromEntries(peers.map((name) => [name, versionOf(name)])),
  };
  // What is measured anew takes the place of what was.
  const isOld = (/** @type {{ engine: string }} */ { engine }) =>
    !engines.some(({ name }) => name === engine);
  if (options.parts.includes("streams")) results.streams = results.streams.filter(isOld);
  if (options.parts.includes("calls")) results.calls = results.calls.filter(isOld);

  const keep = () => options.json && writeFileSync(options.json, `${JSON.stringify(results)}\n`);
  const wants = (/** @type {string} */ part) => options.parts.includes(part);
  /** @template T @param {string} what @param {() => Promise<T>} measure */
  const step = async (what, measure) => {
    const started = Date.now();
    process.stdout.write(`${what} … `);
    const found = await measure();
    console.log(`${Math.round((Date.now() - started) / 1000)} s`);
    return found;
  };

  const server = await startServer();
  try {
    for (const engine of wants("streams") ? engines : []) {
      for (const stream of cases) {
        const name = caseName(stream);
        if (!options.isWanted(name)) continue;
        const { data, chunkBytes, http, answer } = stream;
        const what = { data, chunkBytes, events: answer ?? effort.events, cycles: answer && 1 };
        const measured = await step(`${engine.name} · ${name}`, () =>
          compare(
            engine,
            readers.filter((reader) => options.subjects?.includes(reader) ?? true),
            http ? { ...what, url: server.url } : what,
            packages,
            what.events,
            effort,
          ),
        );
        results.streams.push({ engine: engine.name, stream, measured });
        keep();
      }
    }
    for (const engine of wants("calls") ? engines : []) {
      const measured = await step(`${engine.name} · calls`, () =>
        compare(engine, callers, {}, packages, 1, effort),
      );
      results.calls.push({ engine: engine.name, measured });
    }
    if (wants("pass-on") && options.engines.includes("workerd")) {
      const { passOn } = await import("./pass-on.mjs");
      results.passOn = await step("workerd · passing on", () => passOn(packageFolder, server.url, effort));
    }
    if (wants("growth")) {
      const { growth } = await import("./growth.mjs");
      results.growth = await step("growth", () => growth(packageFolder, effort));
    }
    if (wants("memory")) {
      const { memory } = await import("./memory.mjs");
      results.memory = await step("memory", () => memory(packageFolder, effort.growth));
    }
    if (wants("startup")) {
      const { startup } = await import("./startup.mjs");
      results.startup = await step("loading", () => startup(packageFolder, effort.processes));
    }
    if (wants("size")) {
      const { sizes } = await import("./size.mjs");
      results.sizes = await step("size", () => sizes(packageFolder));
    }
  } finally {
    server.stop();
  }
  return results;
}

command(import.meta.url, async () => {
  const chosen = options();
  const results = chosen.measures ? await run(chosen) : JSON.parse(readFileSync(chosen.from ?? "", "utf8"));
  if (chosen.json) writeFileSync(chosen.json, `${JSON.stringify(results)}\n`);
  console.log(report(results));
  if (chosen.readme) writeReadme(results);
});
