// `npm run release -- --dry-run`: whether what stands here can be released, and what a release would consist of.
//
// It never publishes. A release is two commands that a person types, and they are the last thing it prints: what cannot
// be taken back should not happen by a flag that was forgotten.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { command, CommandError } from "./command.mjs";
import { root } from "./tools.mjs";

/**
 * What stands in the way of a release, in words.
 * @param {object} state
 * @param {string} state.cargoToml
 * @param {string} state.cargoLock
 * @param {string} state.packageJson the npm package's
 * @param {string} state.changelog
 * @param {string[]} state.tags of the repository
 * @param {string} state.uncommitted what `git status --porcelain` says
 * @returns {{ version: string, problems: string[] }}
 */
export function review({ cargoToml, cargoLock, packageJson, changelog, tags, uncommitted }) {
  const version = /^version = "(.*)"$/m.exec(cargoToml)?.[1] ?? "";
  const locked = /^name = "purerouter"\nversion = "(.*)"$/m.exec(cargoLock)?.[1];
  const npm = JSON.parse(packageJson).version;
  const [, newest, date] = /^## \[(.*?)\](?: - (\S+))?$/m.exec(changelog) ?? [];
  const problems = [
    [!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version), `Cargo.toml's version is "${version}"`],
    [npm !== version, `pkg-template/package.json is ${npm}, and Cargo.toml ${version}`],
    [locked !== version, `Cargo.lock has purerouter ${locked}: run cargo check`],
    [newest !== version, `CHANGELOG.md's newest entry is ${newest}, not ${version}`],
    [!/^\d{4}-\d\d-\d\d$/.test(date ?? ""), `CHANGELOG.md's entry ${newest} has no date`],
    [!changelog.includes(`\n[${version}]: `), `CHANGELOG.md has no link for ${version} at its end`],
    [tags.includes(`v${version}`), `the tag v${version} is there already`],
    [uncommitted !== "", `not committed:\n${uncommitted}`],
  ];
  return { version, problems: problems.filter(([is]) => is).map(([, words]) => String(words)) };
}

async function release() {
  if (process.argv.slice(2).join(" ") !== "--dry-run") {
    throw new CommandError("It only looks, and says how to publish: npm run release -- --dry-run");
  }
  const read = (/** @type {string} */ name) => readFileSync(join(root, name), "utf8");
  const { version, problems } = review({
    cargoToml: read("Cargo.toml"),
    cargoLock: read("Cargo.lock"),
    packageJson: read("pkg-template/package.json"),
    changelog: read("CHANGELOG.md"),
    tags: output("git", ["tag"]).split("\n"),
    uncommitted: output("git", ["status", "--porcelain"]).trim(),
  });
  await build();
  console.log(`\nThe npm package, ${version}:`);
  console.log(output("npm", ["pack", "--dry-run", "--loglevel=error", "--json"], "pkg", listed));
  console.log(`\nThe crate, ${version}:`);
  // Packed from what is here, so that one sees it even where something is not committed yet.
  console.log(output("cargo", ["package", "--list", "--allow-dirty"]).trim());
  // What a program would compile of it, from the package alone.
  output("cargo", ["publish", "--dry-run", "--allow-dirty", "--target", "wasm32-unknown-unknown"]);
  if (problems.length > 0) {
    throw new CommandError(`${version} cannot be released yet:\n- ${problems.join("\n- ")}`);
  }
  console.log(`
${version} can be released. Once npm test is green on this very commit:

  git tag v${version} && git push origin v${version}
  cargo publish
  npm publish ./pkg --provenance --access public   # from CI, which is what provenance vouches for`);
}

/**
 * @param {string} program @param {string[]} args @param {string} [folder] in the repository
 * @param {(text: string) => string} [shown]
 */
function output(program, args, folder = ".", shown = (text) => text) {
  return shown(
    execFileSync(program, args, {
      cwd: join(root, folder),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

/** @param {string} json of `npm pack` */
function listed(json) {
  const [{ files, size, unpackedSize }] = JSON.parse(json);
  const lines = files.map(
    (/** @type {{ path: string, size: number }} */ { path, size }) => `${size} ${path}`,
  );
  return `${lines.join("\n")}\n${files.length} files, ${unpackedSize} bytes, ${size} packed`;
}

command(import.meta.url, release);
