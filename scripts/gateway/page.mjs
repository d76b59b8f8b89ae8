// The files of the demo page and of the package it loads, as the Worker's assets.
import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
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

// Of the package, what a page imports; the other entries and the types are for other places.
const ofThePackage =
  /^(index|instance|purerouter_bg|purerouter_imports|purerouter_inline|testing)\.js$|^(snippets|testing)\//;

/** @returns {Promise<string[]>} the path of each file the page consists of */
export async function pageFiles() {
  const www = await readdir(join(root, "www"));
  const all = await readdir(join(root, "pkg"), { recursive: true });
  const scripts = all
    .map((name) => name.replaceAll(sep, "/"))
    .filter((name) => /\.js$/.test(name) && ofThePackage.test(name));
  return [
    "/",
    OWN,
    ...www.filter((name) => name !== "index.html" && name !== "offline-worker.js").map((name) => `/${name}`),
    ...scripts.map((name) => `/purerouter/${name}`),
  ].sort();
}

/** @type {Promise<string> | undefined} */
let markdown;

/** The page's Markdown with its parser and sanitizer, the one thing of it that is bundled. */
async function bundleMarkdown() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "www/markdown.js")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "inline",
    write: false,
  });
  return outputFiles[0].text;
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
    if (pathname === "/markdown.js") return found(".js", await (markdown ??= bundleMarkdown()));
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
