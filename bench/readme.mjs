// The README's part of the figures, and the goals in docs/performance.md, each between two marks: written by the command,
// so that they are never older or kinder than a run was.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../scripts/command.mjs";
import { root } from "../scripts/tools.mjs";
import { KIB } from "./cases.mjs";
import { verdicts } from "./goals.mjs";
import { losses } from "./losses.mjs";
import { short } from "./report.mjs";
import { callFigures, figures, streamFigures } from "./results.mjs";
import { readers } from "./streams.mjs";

/** @param {import("./results.mjs").Results} results */
export function writeReadme(results) {
  write("README.md", "figures", markdown(results));
  write("docs/performance.md", "goals", goals(results));
}

/** @param {string} file @param {string} what @param {string} text */
function write(file, what, text) {
  const start = `<!-- ${what}: written by \`npm run bench -- --readme\` -->`;
  const end = `<!-- end of ${what} -->`;
  const path = join(root, file);
  const whole = readFileSync(path, "utf8");
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from < 0 || to < from)
    throw new CommandError(`${file} has no place for the ${what}: ${start} … ${end}`);
  writeFileSync(path, `${whole.slice(0, from + start.length)}\n\n${text}\n\n${whole.slice(to)}`);
}

/** @param {import("./results.mjs").Results} results */
function goals(results) {
  const rows = verdicts(results).map(({ what, goal, value, unit, reached, floor }) => [
    what,
    goal,
    `${short(value)}${unit}`,
    floor === undefined ? "" : `${short(floor)}${unit}`,
    reached ? "yes" : "no",
  ]);
  return `${results.date.slice(0, 10)}.\n\n${table(["", "goal", "measured", "floor", "reached"], rows)}`;
}

/** @param {string[]} cells */
const row = (cells) => `| ${cells.join(" | ")} |`;

/** @param {string[]} head @param {string[][]} rows */
const table = (head, rows) =>
  [row(head), row(head.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(row)].join("\n");

/** @param {import("./results.mjs").Results} results @returns {string} */
function markdown(results) {
  const { machine, peers, date } = results;
  const engines = Object.entries(machine.engines).map(([name, version]) => `${name} ${version}`);
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  const paragraphs = [
    `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores; ${engines.join(", ")}; ${versions.join(", ")}.`,
    "CPU time for an event of about 200 bytes, in ns; in brackets how many times as much openai and eventsource-parser " +
      "(with JSON.parse) take. Bodies in memory, ASCII. What is called known is a floor: it reads the body, and gives in a " +
      "loop what it knew beforehand to be in it.",
    mainTable(results),
    otherTable(results),
  ];
  if (results.sizes) {
    const list = Object.entries(results.sizes).map(([name, { gzip }]) => `${name} ${short(gzip / KIB)} KiB`);
    paragraphs.push(`A streaming program, bundled, minified and with gzip -9: ${list.join(", ")}.`);
  }
  if (results.startup) {
    const { wasm, import: whole } = results.startup;
    paragraphs.push(
      `CPU time to load in Node: ${short(whole.cpuMs)} ms for the import, ${short(wasm.cpuMs)} ms of it to compile and instantiate.`,
    );
  }
  const lost = losses({ ...results, streams: results.streams.filter(({ stream }) => !stream.http) });
  if (lost.length > 0) paragraphs.push(`**Not won.** ${lost.join(" ")}`);
  return paragraphs.join("\n\n");
}

/** @param {import("./results.mjs").Results} results */
function mainTable(results) {
  const columns = ["Node", "Chromium"].flatMap((engine) =>
    [0, 16 * KIB].map((chunkBytes) => ({
      head: `${engine}, ${chunkBytes === 0 ? "1 event a chunk" : "16 KiB"}`,
      of: streamFigures(results, engine, { chunkBytes }),
    })),
  );
  const rows = readers.map((name) => [
    name,
    ...columns.map(({ of: { ns, ratio } }) => {
      const ratios = ["openai", "eventsource-parser"].map((peer) => short(ratio(peer, name)));
      return name === "reading only" ? short(ns(name)) : `${short(ns(name))} (${ratios.join(" · ")})`;
    }),
  ]);
  return table(["", ...columns.map(({ head }) => head)], rows);
}

/** @param {import("./results.mjs").Results} results */
function otherTable(results) {
  const engines = Object.keys(results.machine.engines);
  /** @type {[string, (engine: string) => number | undefined, string][]} */
  const lines = [
    [
      "`textStream`, 1 event a chunk: of reading only",
      (engine) => streamFigures(results, engine, {}).ratio("textStream", "reading only"),
      "×",
    ],
    ...["multi-byte", "varying"].map(
      (data) =>
        /** @type {[string, (engine: string) => number | undefined, string]} */ ([
          `\`textStream\`, ${data}, 16 KiB: openai takes`,
          (engine) =>
            streamFigures(results, engine, { data, chunkBytes: 16 * KIB }).ratio("openai", "textStream"),
          "×",
        ]),
    ),
    [
      "a whole answer of 100 events: openai takes, of `textStream`",
      (engine) => streamFigures(results, engine, { answer: 100 }).ratio("openai", "textStream"),
      "×",
    ],
    [
      "a call of `invoke`, over fetch and json()",
      (engine) => {
        const ns = callFigures(results, engine).difference("invoke", "fetch + json()");
        return ns && ns / 1000;
      },
      " µs",
    ],
    [
      "`toResponse()`: of `new Response(upstream.body)`",
      (engine) => (engine === "workerd" ? figures(results.passOn).ratio("toResponse", "native") : undefined),
      "×",
    ],
  ];
  const cell = (/** @type {number | undefined} */ value, /** @type {string} */ unit) =>
    value === undefined ? "" : `${short(value)}${unit}`;
  const rows = lines.map(([what, value, unit]) => [
    what,
    ...engines.map((engine) => cell(value(engine), unit)),
  ]);
  return table(["", ...engines], rows);
}
