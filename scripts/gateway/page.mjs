// The files of the demo page and of the package it loads, as the Worker's assets.
import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join, sep } from "node:path";
import { build } from "esbuild";
import { root } from "../tools.mjs";

/** @type {Record<string, string>} */
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

const headers = {
  "cache-control": "no-cache",
  // The wasm is the one thing that a strict policy has to name; nothing comes from anywhere else.
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types dompurify offline",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

// The same page at a path of its own, whose policy lets it ask a base URL that its reader types.
const OWN = "/own";
const ownHeaders = {
  ...headers,
  "content-security-policy": `${headers["content-security-policy"]}; connect-src 'self' https: http://127.0.0.1:* http://localhost:*`,
};

/** @type {Promise<Map<string, Uint8Array>> | undefined} */
let bundled;

/**
 * The page's modules and styles as few small files: one script, one style sheet, and what is loaded when it is asked for
 * (the service in the page, Markdown). Unbundled they work as well, in fifty requests and without Markdown.
 *
 * @returns {Promise<Map<string, Uint8Array>>} by path
 */
function bundle() {
  return (bundled ??= (async () => {
    const { outputFiles } = await build({
      entryPoints: ["page.js", "page.css", "offline-worker.js"].map((name) => join(root, "www", name)),
      outdir: root,
      bundle: true,
      splitting: true,
      minify: true,
      keepNames: true,
      format: "esm",
      target: "es2022",
      chunkNames: "[name]-[hash]",
      external: ["*.svg"],
      legalComments: "inline",
      write: false,
      plugins: [{ name: "absolute paths", setup: resolveAbsolute }],
    });
    return new Map(outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents]));
  })());
}

/** What the page imports by the path it is served at. @param {import("esbuild").PluginBuild} bundler */
function resolveAbsolute(bundler) {
  bundler.onResolve({ filter: /^\/(purerouter\/|markdown\.js$)/ }, ({ path }) => ({ path: fileOf(path) }));
}

/** @returns {Promise<string[]>} the path of each file the page consists of: what a static host has to have */
export async function pageFiles() {
  const pictures = (await readdir(join(root, "www"))).filter((name) => name.endsWith(".svg"));
  return ["/", OWN, ...pictures.map((name) => `/${name}`), ...(await bundle()).keys()].sort();
}

/**
 * What the page has to know about the service behind it.
 * @typedef {object} Config
 * @property {string[]} deployments
 * @property {string[]} profiles
 * @property {"embedded" | "hosted" | "upstream" | "model"} service
 * @property {string} note
 * @property {string[]} prompts those it is known to have an answer to
 */

/**
 * @param {string} pathname
 * @param {() => Config | Promise<Config>} config
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: string | Uint8Array }>}
 */
export async function page(pathname, config) {
  try {
    if (pathname === "/config.json") return found(".json", JSON.stringify(await config()));
    if (pathname === "/files.json") return found(".json", JSON.stringify(await pageFiles()));
    const made = (await bundle()).get(pathname);
    if (made) return found(extname(pathname), made);
    if (pathname === OWN)
      return { ...(await page("/", config)), headers: { ...ownHeaders, "content-type": types[".html"] } };
    const path = fileOf(decodeURIComponent(pathname));
    if (path) return found(extname(path), await readFile(path));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!(error instanceof URIError) && code !== "ENOENT" && code !== "EISDIR") throw error;
  }
  return { status: 404, headers: { ...headers, "content-type": "text/plain" }, body: "Not found\n" };
}

/** @param {string} pathname @returns {string | undefined} */
function fileOf(pathname) {
  const inPackage = pathname.startsWith("/purerouter/");
  const folder = join(root, inPackage ? "pkg" : "www");
  const name = inPackage ? pathname.slice("/purerouter".length) : pathname;
  const path = join(folder, name.endsWith("/") ? `${name}index.html` : name);
  // An encoded slash gets `..` past the URL parser.
  return path.startsWith(folder + sep) && !path.includes("\0") ? path : undefined;
}

/** @param {string} extension @param {string | Uint8Array} body */
function found(extension, body) {
  const type = types[extension] ?? "application/octet-stream";
  return { status: 200, headers: { ...headers, "content-type": type }, body };
}
