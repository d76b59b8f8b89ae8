// Which tools this repository works with, in which versions, and where they are found. Everything that is
// built or downloaded for it lives in one cache folder outside the clone, so that a fresh clone on the same
// machine finds what an older one has built.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

export const cache =
  process.env.PUREROUTER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "purerouter");

/** The least Node that can `require()` an ES module, which is what the package promises. */
export const leastNode = [20, 19];

/**
 * What cargo installs. Those that only start other programs, or look at little, are compiled without optimisation,
 * which takes half the time.
 * @typedef {{ name: string, version: string, binary: string, optimised?: boolean }} CargoTool
 */

/**
 * To build. wasm-bindgen's tool and crate must be of one version: Cargo.toml pins the other half.
 * @type {CargoTool[]}
 */
export const buildTools = [
  { name: "wasm-pack", version: "0.15.1", binary: "wasm-pack" },
  { name: "wasm-bindgen-cli", version: "0.2.130", binary: "wasm-bindgen-test-runner", optimised: true },
];

/**
 * To test.
 * @type {CargoTool[]}
 */
export const testTools = [
  { name: "cargo-deny", version: "0.20.2", binary: "cargo-deny" },
  { name: "cargo-fuzz", version: "0.13.2", binary: "cargo-fuzz" },
];

/** @param {CargoTool} tool */
export const toolFolder = (tool) => join(cache, `${tool.name}-${tool.version}`);

/**
 * The environment for child processes: our tools come before whatever else is installed, and nothing waits for
 * a terminal or writes colours into a log.
 */
export function toolEnvironment() {
  const folders = [
    ...[...buildTools, ...testTools].map((tool) => join(toolFolder(tool), "bin")),
    join(root, "node_modules/.bin"),
  ];
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(delimiter),
    CARGO_TERM_COLOR: "never",
    NO_COLOR: "1",
  };
}

/**
 * @param {string[]} names
 * @returns {string | undefined} the first of these programs on PATH
 */
export function onPath(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

export const findChromium = () =>
  process.env.CHROME_BIN || onPath("chromium", "google-chrome", "google-chrome-stable", "chromium-browser");

/** Debian's is the extended support release; any works that speaks WebDriver BiDi. */
export const findFirefox = () => process.env.FIREFOX_BIN || onPath("firefox-esr", "firefox");

/** A browser for tests: as root in a container, with no GPU, and asking nothing of anybody but what it is told to. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
