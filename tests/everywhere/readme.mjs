// The README's table of environments, between two marks: written by the command, so that it says what a run has seen.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../scripts/command.mjs";
import { root } from "../../scripts/tools.mjs";

const START = "<!-- environments: written by `npm run test:everywhere -- --readme` -->";
const END = "<!-- end of environments -->";

/** @param {import("./matrix.mjs").Result[]} results @param {string[]} browsers */
export function writeReadme(results, browsers) {
  const path = join(root, "README.md");
  const readme = readFileSync(path, "utf8");
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)];
  if (from < 0 || to < from)
    throw new CommandError(`README.md has no place for the table: ${START} … ${END}`);
  const rows = results.map(({ name, version, pages, problem }) => [
    name,
    version === "no tool" ? "" : version,
    pages ? "Chromium, Firefox" : "",
    problem ? "**fails**" : "ok",
  ]);
  const table = [["environment", "version", "shown by", "streams"], ["---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const head = `${new Date().toISOString().slice(0, 10)}; Node ${process.versions.node}, ${browsers.join(", ")}.`;
  writeFileSync(
    path,
    `${readme.slice(0, from + START.length)}\n\n${head}\n\n${table}\n\n${readme.slice(to)}`,
  );
}
