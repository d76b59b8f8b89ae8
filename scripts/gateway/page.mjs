// The files of the demo page and of the package it loads, as the Worker's assets.
import { readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
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
    "frame-ancestors 'none'; object-src 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

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
