// The table of the faults, as the README has it. `node tests/faults/table.mjs` prints it.

import { fileURLToPath } from "node:url";
import { groups } from "./faults.js";

/** Its rows, head included, as lists of cells. */
export function rows() {
  const body = Object.entries(groups).flatMap(([title, faults]) => [
    [`**${title}**`, ""],
    ...faults.map(({ fault, gets, engines }) => [fault, engines ? `${gets} (${engines.join(", ")})` : gets]),
  ]);
  return [["what goes wrong", "what you get"], ...body];
}

/** The rows as Markdown, in aligned columns. */
export function table() {
  const [head, ...body] = rows();
  const widths = head.map((_, column) => Math.max(...rows().map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table());
