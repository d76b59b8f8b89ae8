// Every place the package is said to run in: which tools it takes, which project, and how that one is run. Each gives
// the text that the project shows; for pages it is asked of both browsers.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { browserNames, output } from "./browsers.mjs";
import { bunOf, denoOf } from "./installs.mjs";
import { execute, listen } from "./programs.mjs";
import { TEXT, serveFiles } from "./servers.mjs";

/**
 * @typedef {object} Place
 * @property {string} folder the project's
 * @property {string} bin the folder whose node_modules/.bin holds the tools
 * @property {string} service URL of the gateway
 *
 * @typedef {object} Environment
 * @property {string} name
 * @property {string} group whose tools it takes
 * @property {string} [tool] the npm package whose version is shown; Node's version without one
 * @property {string} project the folder in projects/
 * @property {boolean} [pages] shown by Chromium and Firefox
 * @property {(place: Place) => Promise<string>} run
 */

/** @type {Environment[]} */
export const environments = [
  { name: "Vite, dev", group: "bundlers", tool: "vite", project: "page", pages: true, run: viteDev },
  { name: "Vite, build", group: "bundlers", tool: "vite", project: "page", pages: true, run: viteBuild },
  {
    name: "Vite, build with a Web Worker",
    group: "bundlers",
    tool: "vite",
    project: "web-worker",
    pages: true,
    run: viteBuild,
  },
  bundler("webpack", [
    ..."webpack --mode production --entry ./main.js --output-path".split(" "),
    "{dist}",
    "--output-filename",
    "bundle.js",
  ]),
  bundler("rollup", ["rollup", "main.js", "-p", "node-resolve", "--file", "{dist}/bundle.js"]),
  bundler("rolldown", ["rolldown", "main.js", "--file", "{dist}/bundle.js"]),
  bundler("esbuild", ["esbuild", "main.js", "--bundle", "--format=esm", "--outfile={dist}/bundle.js"]),
  { name: "Parcel", group: "parcel", tool: "parcel", project: "page", pages: true, run: parcel },
  page("page without a bundler, by import map", "import-map"),
  page("page without a bundler, by path", "by-path"),
  page("page with a Content-Security-Policy", "csp", (service) => ({
    "content-security-policy": `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${service}`,
  })),
  page("service worker", "service-worker"),
  page("SharedWorker", "shared-worker"),
  program("Node, import", "program", () => [process.execPath, "program.js"]),
  program("Node, require()", "require", () => [process.execPath, "program.cjs"]),
  {
    name: "vitest",
    group: "runtimes",
    tool: "vitest",
    project: "vitest",
    run: async ({ folder, bin }) =>
      (await execute("vitest", ["run"], { cwd: folder, bin })).includes(`\n${TEXT}\n`) ? TEXT : "",
  },
  program("Deno", "program", (bin) => [denoOf(bin), "run", "--allow-net", "program.js"], "deno"),
  program("Bun, run", "program", (bin) => [bunOf(bin), "program.js"], "bun"),
  {
    name: "Bun, build",
    group: "runtimes",
    tool: "bun",
    project: "page",
    pages: true,
    run: (place) => bundle(place, [bunOf(place.bin), "build", "main.js", "--outfile={dist}/bundle.js"]),
  },
  wrangler("2024-01-01"),
  wrangler("2026-04-20"),
  cloudflareVite("dev"),
  cloudflareVite("preview"),
  next("Next", async (options) => {
    await execute("next", ["build"], options);
    return ["start"];
  }),
  next("Next by Turbopack, dev", async () => ["dev", "--turbopack"]),
  program("slim: Node", "slim-program", () => [process.execPath, "program.js"]),
  {
    name: "slim: Vite, dev",
    group: "bundlers",
    tool: "vite",
    project: "slim-vite",
    pages: true,
    run: viteDev,
  },
  {
    name: "slim: Vite, build",
    group: "bundlers",
    tool: "vite",
    project: "slim-vite",
    pages: true,
    run: viteBuild,
  },
  page("slim: page without a bundler", "slim-page"),
];

/** @param {string} name @param {string} project @param {(service: string) => Record<string, string>} [headers] @returns {Environment} */
function page(name, project, headers) {
  return {
    name,
    group: "browsers",
    project,
    pages: true,
    run: async ({ folder, service }) => shownFrom(folder, headers?.(service)),
  };
}

/** @param {string} name @param {string} project @param {(bin: string) => string[]} command @param {string} [tool] @returns {Environment} */
function program(name, project, command, tool) {
  return {
    name,
    group: tool ? "runtimes" : "browsers",
    tool,
    project,
    async run({ folder, bin }) {
      const [program, ...args] = command(bin);
      return (await execute(program, args, { cwd: folder, bin })).trim();
    },
  };
}

/** @param {string} tool @param {string[]} command @returns {Environment} */
function bundler(tool, command) {
  return {
    name: tool === "rollup" ? "Rollup" : tool,
    group: "bundlers",
    tool,
    project: "page",
    pages: true,
    run: (place) => bundle(place, command),
  };
}

/** A bundler that takes the script alone; the page comes with the project. @param {Place} place @param {string[]} command */
async function bundle({ folder, bin }, command) {
  const dist = join(folder, "dist");
  const [program, ...args] = command.map((word) => word.replace("{dist}", dist));
  await execute(program, args, { cwd: folder, bin });
  return shownFrom(
    dist,
    undefined,
    '<!doctype html><output></output><script type="module" src="bundle.js"></script>',
  );
}

/** @param {Place} place */
async function viteDev({ folder, bin }) {
  const args = ["dev", "--host", "127.0.0.1", "--port", "0"];
  return whileUp(await listen("vite", args, { cwd: folder, bin }, /Local:\s+(http:\S+)/), shown);
}

/** @param {Place} place */
async function viteBuild({ folder, bin }) {
  await execute("vite", ["build"], { cwd: folder, bin });
  return shownFrom(join(folder, "dist"));
}

/** @param {Place} place */
async function parcel({ folder, bin }) {
  await execute("parcel", ["build", "index.html", "--no-cache"], { cwd: folder, bin });
  return shownFrom(join(folder, "dist"));
}

/** @param {string} date @returns {Environment} */
function wrangler(date) {
  return {
    name: `workerd by wrangler, compatibility date ${date}`,
    group: "cloudflare",
    tool: "wrangler",
    project: "wrangler",
    async run({ folder, bin }) {
      const words = `dev worker.js --compatibility-date ${date} --ip 127.0.0.1 --port 0 --inspector-port 0`;
      const up = await listen("wrangler", words.split(" "), cloudflare(folder, bin), /Ready on (http:\S+)/);
      return whileUp(up, textOf);
    },
  };
}

/** @param {"dev" | "preview"} how @returns {Environment} */
function cloudflareVite(how) {
  return {
    name: `workerd by Cloudflare's Vite plugin, ${how}`,
    group: "cloudflare",
    tool: "@cloudflare/vite-plugin",
    project: "cloudflare-vite",
    async run({ folder, bin }) {
      const options = cloudflare(folder, bin);
      if (how === "preview") await execute("vite", ["build"], options);
      const args = [how, "--host", "127.0.0.1", "--port", String(40000 + (process.pid % 9000))];
      return whileUp(await listen("vite", args, options, /Local:\s+(http:\S+)/), textOf);
    },
  };
}

/** @param {string} folder @param {string} bin */
const cloudflare = (folder, bin) => ({
  cwd: folder,
  bin,
  // It writes into the project alone, and asks nobody where on earth it runs.
  env: {
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    XDG_CONFIG_HOME: join(folder, ".config"),
  },
});

/**
 * @param {string} name
 * @param {(options: import("./programs.mjs").Options) => Promise<string[]>} served how, after what has to come first
 * @returns {Environment}
 */
function next(name, served) {
  return {
    name: `${name}: page, Node route and edge route`,
    group: "next",
    tool: "next",
    project: "next",
    pages: true,
    async run({ folder, bin }) {
      // It would ask the registry about binaries for platforms that are not this one.
      const env = { NEXT_TELEMETRY_DISABLED: "1", NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };
      const options = { cwd: folder, bin, env, timeoutMs: 10 * 60_000 };
      const args = [...(await served(options)), "--hostname", "127.0.0.1", "--port", "0"];
      return whileUp(await listen("next", args, options, /Local:\s+(http:\S+)/), async (url) => {
        /** @type {string[]} */
        const texts = [];
        // One after the other: a development server compiles each when it is first asked for.
        for (const route of ["node", "edge"]) {
          const text = await textOf(`${url}/${route}`).catch((error) => error.message);
          texts.push(text === TEXT ? TEXT : `the ${route} route answers ${JSON.stringify(text)}`);
        }
        return together([...texts, shown(url)]);
      });
    },
  };
}

/** @param {{ url: string, close(): Promise<void>, said?: { all: string } }} up @param {(url: string) => Promise<string>} ask */
async function whileUp(up, ask) {
  try {
    return await ask(up.url);
  } catch (error) {
    const said = up.said?.all.trim().split("\n").slice(-15).join("\n") ?? "";
    throw new Error(`${/** @type {Error} */ (error).message}\n${said}`, { cause: error });
  } finally {
    await up.close();
  }
}

/** @param {string} folder @param {Record<string, string>} [headers] @param {string} [index] */
async function shownFrom(folder, headers, index) {
  if (index) await writeFile(join(folder, "index.html"), index);
  return whileUp(await serveFiles(folder, headers), shown);
}

/** @param {string} url */
const shown = (url) => together(browserNames.map((name) => output(name, url, (text) => text === TEXT)));

/** The text that all of them give, or what each of the others says instead. @param {(string | Promise<string>)[]} texts */
async function together(texts) {
  const said = await Promise.all(texts.map((text) => Promise.resolve(text).catch((error) => error.message)));
  return said.filter((text) => text !== TEXT).join("\n") || TEXT;
}

/** @param {string} url */
async function textOf(url) {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 2000)}`);
  return text;
}
