// Links between the documents lead somewhere: the file is there, and so is the heading behind a `#`. What is online
// elsewhere is not asked for; this repository's own address counts as the file that it shows.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const online = "https://github.com/purerouter/purerouter-wasm";

const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
  ...readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`),
  "pkg-template/README.md",
].filter((name) => name.endsWith(".md") && existsSync(join(root, name)));

/** Its prose: nothing in a code block is a heading or a link. @param {string} document */
const prose = (document) => readFileSync(join(root, document), "utf8").replace(/^```.*?^```$/gms, "");

/** The anchors of its headings, as GitHub makes them. @param {string} document */
function anchors(document) {
  const titles = [...prose(document).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
  return titles.map((title) =>
    title
      .replace(/\[(.*?)\]\(.*?\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replace(/ /g, "-"),
  );
}

/** The file that a link names, from the root; `null` where it is none of ours. @param {string} from @param {string} path */
function target(from, path) {
  if (path.startsWith(online)) {
    const [, file] = /^\/(?:blob|tree)\/main\/(.*)$/.exec(path.slice(online.length)) ?? [];
    // What else is there is GitHub's: issues, releases.
    return file ?? (path === online ? "README.md" : null);
  }
  if (/^[a-z]+:/.test(path)) return null;
  return path === "" ? from : relative(root, join(root, dirname(from), path));
}

for (const document of documents) {
  test(`${document}: each link leads somewhere`, () => {
    for (const [, link] of prose(document).matchAll(/\]\(<?([^)>\s]+)>?\)/g)) {
      const [path, anchor] = link.split("#");
      const file = target(document, path);
      if (file === null) continue;
      assert.ok(existsSync(join(root, file)), `${link}: there is no ${file}`);
      if (anchor === undefined) continue;
      assert.ok(!statSync(join(root, file)).isDirectory(), `${link}: a folder has no headings`);
      assert.ok(anchors(file).includes(anchor), `${link}: no heading of ${file} is "${anchor}"`);
    }
  });
}

test("each guide is in the list of guides", () => {
  const list = prose("docs/README.md");
  for (const name of readdirSync(join(root, "docs")).filter((name) => name !== "README.md")) {
    assert.ok(list.includes(`](${name})`), `docs/README.md does not name ${name}`);
  }
});

test("each npm command that a document names is one", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const document of documents.filter((name) => !name.startsWith("examples/"))) {
    const text = readFileSync(join(root, document), "utf8");
    for (const [, name] of text.matchAll(/npm run ([\w:]+)/g)) {
      assert.ok(name in scripts, `${document} names npm run ${name}`);
    }
  }
});

test("each command is in the list of commands", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const list = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  for (const name of Object.keys(scripts).filter((name) => !["start", "test", "setup"].includes(name))) {
    assert.match(list, new RegExp(`npm run ${name}\\b`), `CONTRIBUTING.md does not name npm run ${name}`);
  }
});
