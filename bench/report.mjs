// What the command prints: all figures of a run, as tables of text.

import { KIB, caseName, chunkName } from "./cases.mjs";
import { verdicts } from "./goals.mjs";
import { losses } from "./losses.mjs";
import { callFigures, figures } from "./results.mjs";

/** Three figures at most, since no more of them would be the same next time. @param {number | undefined} value */
export function short(value) {
  if (value === undefined) return "";
  if (Math.abs(value) >= 100) return String(Number(value.toPrecision(3)));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** @param {string[][]} rows the first is the heading @returns {string} */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
    )
    .join("\n");
}

/** @param {string} title @param {string[][]} rows */
const section = (title, rows) => `\n${title}\n${table(rows)}`;

/** @param {number | undefined} value */
const times = (value) => (value === undefined ? "" : `${short(value)}×`);

/** @param {import("./results.mjs").Results} results @returns {string} */
export function report(results) {
  const { machine, peers, date, quick } = results;
  const engines = Object.entries(machine.engines).map(([name, version]) => `${name} ${version}`);
  const parts = [
    `\n${date.slice(0, 10)} · ${machine.cpu}, ${machine.cores} cores · ${engines.join(" · ")}`,
    Object.entries(peers)
      .map(([name, version]) => `${name} ${version}`)
      .join(" · "),
  ];
  if (quick) parts.push("A quick run: few and short rounds. Publish the full one.");

  for (const { engine, stream, measured } of results.streams) {
    const { names, ns, ratio } = figures(measured);
    const rows = names.map((name) => [
      name,
      short(ns(name)),
      times(ratio(name, "reading only")),
      times(ratio("openai", name)),
      times(ratio("eventsource-parser", name)),
    ]);
    const head = ["", "CPU ns an event", "of reading only", "openai / it", "eventsource-parser / it"];
    parts.push(section(`${engine} · ${caseName(stream)}`, [head, ...rows]));
  }

  for (const { engine, measured } of results.calls) {
    const { names, ns } = figures(measured);
    const { difference } = callFigures(results, engine);
    const micro = (/** @type {number | undefined} */ value) => short(value && value / 1000);
    const rows = names.map((name) => [name, micro(ns(name)), micro(difference(name, "fetch + json()"))]);
    parts.push(
      section(`${engine} · calls that answer once`, [["", "CPU µs a call", "over fetch + json()"], ...rows]),
    );
  }
  parts.push(...others(results));

  const goals = verdicts(results).map(({ what, goal, value, unit, reached, floor }) => [
    `${reached ? "✓" : "✗"} ${what}`,
    goal,
    `${short(value)}${unit}`,
    floor === undefined ? "" : `${short(floor)}${unit}`,
  ]);
  if (goals.length > 0) parts.push(section("Goals", [["", "goal", "this run", "floor"], ...goals]));
  const lost = losses(results);
  if (lost.length > 0) parts.push(`\nNot won\n${lost.map((sentence) => `- ${sentence}`).join("\n")}`);
  return parts.join("\n");
}

/** @param {import("./results.mjs").Results} results @returns {string[]} */
function others({ passOn, growth, memory, startup, sizes }) {
  const parts = [];
  if (passOn) {
    const { names, ns, ratio } = figures(passOn);
    const rows = names.map((name) => [name, short((ns(name) ?? 0) / 1e6), times(ratio(name, "native"))]);
    parts.push(section("workerd · passing a stream on", [["", "CPU ms a MB", "of native"], ...rows]));
  }
  if (growth) {
    const subjects = Object.keys(growth.lengths[0].ns);
    const lengths = growth.lengths.map(({ events, ns }) => [
      events.toLocaleString("en"),
      ...subjects.map((name) => short(ns[name])),
    ]);
    parts.push(
      section("Node · CPU ns an event, by events in a stream (16 KiB)", [["", ...subjects], ...lengths]),
    );
    const sizesOf = growth.sizes.map(({ eventBytes, ns }) => [
      `${eventBytes.toLocaleString("en")} B`,
      ...subjects.map((name) => short(ns[name] / eventBytes)),
    ]);
    parts.push(
      section("Node · CPU ns a byte, by bytes in an event (16 KiB)", [["", ...subjects], ...sizesOf]),
    );
  }
  if (memory) {
    const rows = memory.map(({ way, chunkBytes, events, grown, text }) => [
      `${way}, ${chunkName(chunkBytes)}`,
      `${short(grown / KIB)} KiB`,
      `${short(text / KIB)} KiB`,
      `${short(grown / events)} B`,
    ]);
    const head = ["", "grown by", "text", "grown an event"];
    parts.push(
      section(`Node · memory that ${memory[0].events.toLocaleString("en")} further events of a stream take`, [
        head,
        ...rows,
      ]),
    );
  }
  if (startup) {
    const rows = Object.entries(startup).map(([what, { ms, cpuMs }]) => [what, short(ms), short(cpuMs)]);
    parts.push(section("Node · loading", [["", "ms", "CPU ms, all threads"], ...rows]));
  }
  if (sizes) {
    const rows = Object.entries(sizes).map(([name, { raw, gzip }]) => [
      name,
      `${short(raw / KIB)} KiB`,
      `${short(gzip / KIB)} KiB`,
    ]);
    parts.push(section("A streaming program, bundled and minified", [["", "raw", "gzip -9"], ...rows]));
  }
  return parts;
}
