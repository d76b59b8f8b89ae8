// Every public signature of the crate, one a line, read from what rustdoc wrote: a change of the Rust API shows as a change
// of tests/rust/public-api.txt, which a reviewer sees. `--write` writes that file.
//
// From the HTML, because rustdoc's JSON is for nightly compilers only. Traits that the compiler implements by itself
// (Send, Unpin) and those implemented for every type are left out.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.mjs";
import { quietly } from "./child.mjs";
import { root } from "./tools.mjs";

export const snapshot = join(root, "tests/rust/public-api.txt");
const TARGET = "wasm32-unknown-unknown";

/** What rustdoc wrote of each public item. @returns {Promise<{ page: string, html: string }[]>} */
export async function documentation() {
  await quietly("cargo doc", "cargo", ["doc", "--no-deps", "--target", TARGET]);
  const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), TARGET, "doc/purerouter");
  const all = readFileSync(join(folder, "all.html"), "utf8");
  const pages = [...all.matchAll(/<li><a href="([^"]+)">/g)].map(([, page]) => page).sort();
  return pages.map((page) => {
    const html = readFileSync(join(folder, page), "utf8").split('<h2 id="synthetic-implementations"')[0];
    return { page, html };
  });
}

/** @param {{ html: string }[]} items */
export function publicApi(items) {
  const signatures = items.map(({ html }) => {
    const found = html.matchAll(
      /<pre class="rust item-decl">([\s\S]*?)<\/pre>|<h[34] class="code-header">([\s\S]*?)<\/h[34]>/g,
    );
    const [declaration, ...members] = [...found].map(([, first, second]) => text(first ?? second));
    // What a trait's methods are is the trait's to say.
    const own = members.filter((member) => !member.startsWith("fn "));
    return [declaration, ...own.map((member) => `    ${member}`).sort()].join("\n");
  });
  return `${signatures.join("\n\n")}\n`;
}

/** @param {string} html of one signature, which rustdoc breaks into lines where it is long */
const text = (html) =>
  html
    .replace(/<\/div>|<(div|span) class="where/g, " $&")
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/&nbsp;/g, " ")
    .replace(/\s+/g, " ")
    .trim();

command(import.meta.url, async () => {
  const api = publicApi(await documentation());
  if (process.argv.includes("--write")) writeFileSync(snapshot, api);
  else process.stdout.write(api);
});
