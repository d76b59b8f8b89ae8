// The examples of a README, as files of a project that has the package installed. What a reader copies is what is
// run: a block is known by the file name in its first line, and nothing in it is replaced.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Miniflare, Response as WorkerdResponse } from "miniflare";
import { KEY } from "./network.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const network = new URL("network.mjs", import.meta.url).href;
const wasm = "purerouter.wasm";

const PATIENCE_MS = 120_000;

/**
 * The blocks of a document in one of `languages`.
 * @param {string} document its path in the repository
 * @param {string[]} languages
 */
export function blocks(document, languages) {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, language]) => languages.includes(language))
    .map(([, , source]) => ({ name: /^(?:\/\/|#|<!--) (\S+)(?: -->)?\n/.exec(source)?.[1] ?? "", source }));
}

/** A new project, with the built package installed in it. */
export class Project {
  folder = mkdtempSync(join(tmpdir(), "purerouter-readme-"));

  /** @param {{ name: string, source: string }[]} files */
  constructor(files) {
    mkdirSync(join(this.folder, "node_modules"));
    symlinkSync(join(root, "pkg"), join(this.folder, "node_modules/purerouter"), "junction");
    for (const { name, source } of files) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), source);
    }
  }

  /**
   * Runs Node in the project, with the emulated service as its network, and gives what it prints.
   * @param {string[]} args
   * @param {import("../../pkg/testing.js").DeploymentBehaviour} [behaviour]
   */
  async node(args, behaviour = {}) {
    // Node's test runner would report to this one instead of printing.
    const { NODE_TEST_CONTEXT, ...inherited } = process.env;
    const env = { ...inherited, PUREROUTER_KEY: KEY, EXAMPLE_BEHAVIOUR: JSON.stringify(behaviour) };
    const options = { cwd: this.folder, env, timeout: PATIENCE_MS };
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", network, ...args], options);
    return stdout;
  }

  /** As a page's bundler makes it. @param {string} name */
  forPage(name) {
    return this.#bundle(name, { platform: "browser" });
  }

  /**
   * Runs a Worker of the project in workerd, bundled as wrangler does it; what it fetches, `service` answers.
   * @param {string} name
   * @param {import("../../pkg/testing.js").Service} service
   * @param {string} compatibilityDate
   */
  async worker(name, service, compatibilityDate) {
    const contents = await this.#bundle(name, { conditions: ["workerd"], external: [`*/${wasm}?module`] });
    const worker = new Miniflare({
      compatibilityDate,
      modules: [
        { type: "ESModule", path: name, contents },
        { type: "CompiledWasm", path: `${wasm}?module`, contents: readFileSync(join(root, "pkg", wasm)) },
      ],
      bindings: { PUREROUTER_KEY: KEY, TOKEN_SECRET: "s".repeat(32) },
      kvNamespaces: ["SESSIONS"],
      ratelimits: { LIMITER: { simple: { limit: 20, period: 60 } } },
      async outboundService(/** @type {import("miniflare").Request} */ request) {
        const { url, method, headers } = request;
        const body = method === "GET" ? undefined : await request.text();
        const response = await service.fetch(url, { method, headers: [...headers], body });
        return new WorkerdResponse(response.body, {
          status: response.status,
          headers: [...response.headers],
        });
      },
    });
    await worker.ready;
    return worker;
  }

  /** @param {string} name @param {import("esbuild").BuildOptions} options */
  async #bundle(name, options) {
    const entryPoints = [join(this.folder, name)];
    const { outputFiles } = await build({
      entryPoints,
      bundle: true,
      format: "esm",
      target: "es2022",
      write: false,
      ...options,
    });
    return /** @type {{ text: string }[]} */ (outputFiles)[0].text;
  }

  /** @param {string} name */
  url(name) {
    return pathToFileURL(join(this.folder, name)).href;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
