// The README's part of the figures, between two marks: written by the command, so that it is never older or kinder
// than a run was.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../scripts/command.mjs";
import { root } from "../scripts/tools.mjs";
import { KIB } from "./cases.mjs";
import { losses } from "./losses.mjs";
import { short } from "./report.mjs";
import { callFigures, figures, streamFigures } from "./results.mjs";
import { readers } from "./streams.mjs";

const START = "<!-- figures: written by `npm run bench -- --readme` -->";
const END = "<!-- end of figures -->";

/** @param {import("./results.mjs").Results} results */
export function writeReadme(results) {
  const path = join(root, "README.md");
  const readme = readFileSync(path, "utf8");
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)];
  if (from < 0 || to < from)
    throw new CommandError(`README.md has no place for the figures: ${START} … ${END}`);
  writeFileSync(
    path,
    `${readme.slice(0, from + START.length)}\n\n${markdown(results)}\n\n${readme.slice(to)}`,
  );
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
      "(with JSON.parse) take. Bodies in memory, ASCII.",
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
