// What is in the tarball, and every way of loading it: import, require(), `main`, each entry, and the wasm by hand.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { project, purerouter, testing } from "./install.mjs";
import { DONE, SSE, answering, delta, http } from "./sockets.mjs";
import { rejection } from "./waiting.mjs";

const run = promisify(execFile);
const installed = join(project, "node_modules/purerouter");
const built = fileURLToPath(new URL("../../pkg/", import.meta.url));
const require = createRequire(join(project, "package.json"));
const manifest = require("purerouter/package.json");

const CLASSES = [
  "APIConnectionError",
  "APIError",
  "APITimeoutError",
  "AuthenticationError",
  "BadRequestError",
  "CompletionStream",
  "ConflictError",
  "FallbackError",
  "InternalServerError",
  "NotFoundError",
  "PermissionDeniedError",
  "PureRouter",
  "PureRouterError",
  "RateLimitError",
  "ResponseFormatError",
  "StreamError",
  "TruncatedStreamError",
  "UnprocessableEntityError",
];

/** What a program of its own, inside the project, prints; it fails where anything is written to stderr. */
async function program(source, ...args) {
  const flags = ["--input-type=module", "--eval", source, "--", ...args];
  const { stdout, stderr } = await run(process.execPath, flags, { cwd: project, timeout: 60_000 });
  assert.equal(stderr, "");
  return stdout.trim();
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

test("import: the client works, with no init call", async (t) => {
  const server = await answering(t, SSE, delta("Hello"), DONE);
  const source = `
    import { PureRouter } from "purerouter";
    const client = new PureRouter({ baseUrl: process.argv.at(-1), routerKey: "sk_test" });
    console.log(await client.deployments.stream("a", { prompt: "Hi." }).text());`;
  assert.equal(await program(source, server.url), "Hello");
});

test("require() of the ES module gives the very same module", async () => {
  const required = require("purerouter");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(purerouter).sort());
  for (const name of Object.keys(purerouter)) assert.equal(required[name], purerouter[name], name);
});

test("require() in a CommonJS program, with nothing imported before", async (t) => {
  const server = await answering(t, "application/json", '{"status":"ok"}');
  const source = `
    const { PureRouter } = require("purerouter");
    const { createService } = require("purerouter/testing");
    const { createGateway } = require("purerouter/worker");
    if (typeof createService !== "function" || typeof createGateway !== "function") throw new Error("not loaded");
    new PureRouter({ baseUrl: process.argv.at(-1) }).health().then((health) => console.log(health.status));`;
  // Node 20 says that require() of an ES module is experimental; what it gives is the point here.
  const flags = ["--no-warnings", "--input-type=commonjs", "--eval", source, "--", server.url];
  const { stdout, stderr } = await run(process.execPath, flags, { cwd: project, timeout: 60_000 });
  assert.deepEqual([stdout, stderr], ["ok\n", ""]);
});

test("`main`, for tools that ignore `exports`, is the default entry", async () => {
  const path = require.resolve(join(installed, manifest.main));
  assert.equal(path, join(installed, "index.js"));
  assert.equal((await import(pathToFileURL(path).href)).PureRouter, purerouter.PureRouter);
});

test("the default entry exports the client, its stream and the errors, by the names they have", () => {
  for (const name of CLASSES) {
    assert.equal(typeof purerouter[name], "function", name);
    if (name.endsWith("Error")) assert.equal(purerouter[name].prototype.name, name);
  }
  assert.ok(!("default" in purerouter));
  const internal = Object.keys(purerouter).filter((name) =>
    /^(__wb|decoder_|StreamCall|Deployments|Router$)/.test(name),
  );
  assert.deepEqual(internal, []);
});

test("the error classes form the documented tree", () => {
  const parents = {
    PureRouterError: Error,
    APIError: purerouter.PureRouterError,
    BadRequestError: purerouter.APIError,
    AuthenticationError: purerouter.APIError,
    PermissionDeniedError: purerouter.APIError,
    NotFoundError: purerouter.APIError,
    ConflictError: purerouter.APIError,
    UnprocessableEntityError: purerouter.APIError,
    RateLimitError: purerouter.APIError,
    InternalServerError: purerouter.APIError,
    APIConnectionError: purerouter.PureRouterError,
    APITimeoutError: purerouter.APIConnectionError,
    StreamError: purerouter.PureRouterError,
    TruncatedStreamError: purerouter.StreamError,
    ResponseFormatError: purerouter.PureRouterError,
    FallbackError: purerouter.PureRouterError,
  };
  for (const [name, parent] of Object.entries(parents)) {
    assert.equal(Object.getPrototypeOf(purerouter[name]), parent, name);
  }
});

test("every entry loads, and nothing but the entries", async () => {
  const loaded = await program(`
    const { default: manifest } = await import("purerouter/package.json", { with: { type: "json" } });
    for (const entry of Object.keys(manifest.exports).filter((entry) => !/\\.(wasm|json)$/.test(entry))) {
      const names = Object.keys(await import("purerouter" + entry.slice(1)));
      console.log(entry, names.includes("PureRouter"), names.includes("init"), names.length > 0);
    }`);
  assert.deepEqual(loaded.split("\n"), [
    ". true false true",
    "./slim true true true",
    "./worker false false true",
    "./testing false false true",
  ]);
  assert.ok(WebAssembly.validate(await readFile(require.resolve("purerouter/purerouter.wasm"))));
  assert.equal(manifest.name, "purerouter");
  for (const inner of ["core.js", "testing/service.js", "index.js"]) {
    assert.throws(() => require.resolve(`purerouter/${inner}`), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
  }
});

test("`purerouter/testing` answers the client, without a socket", async () => {
  const service = testing.createService({ deployments: { a: { text: "Hello" } } });
  const client = new purerouter.PureRouter({ fetch: service.fetch, routerKey: "test" });
  assert.equal(await client.deployments.stream("a", { prompt: "Hi." }).text(), "Hello");
});

test("slim: before init, whatever needs the wasm throws and says what to do", async () => {
  const said = await program(`
    import { PureRouter, RateLimitError } from "purerouter/slim";
    try { new PureRouter(); } catch (error) { console.log(error.message, new RateLimitError("x") instanceof Error); }`);
  assert.match(said, /call `await init\(url\)`.* true$/);
});

test("slim: init takes bytes, a module, a URL of any type, a file's, or a promise of a response", async (t) => {
  const wasm = await readFile(join(installed, "purerouter.wasm"));
  const server = await http(t, (request, response) => {
    const type = request.url === "/typed" ? "application/wasm" : "application/octet-stream";
    response.writeHead(200, { "content-type": type }).end(wasm);
  });
  const sources = [
    "bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)",
    "new WebAssembly.Module(bytes)",
    "url + '/typed'",
    "new URL('/untyped', url)",
    "fetch(url)",
    "pathToFileURL(path)",
    "String(pathToFileURL(path))",
  ];
  const tried = sources.map((source) =>
    program(
      `
      import { readFile } from "node:fs/promises";
      import { createRequire } from "node:module";
      import { pathToFileURL } from "node:url";
      import { PureRouter, init } from "purerouter/slim";
      const path = createRequire(process.cwd() + "/").resolve("purerouter/purerouter.wasm");
      const bytes = await readFile(path);
      const url = process.argv.at(-1);
      const first = init(${source});
      console.log(first === init("another"), await first, JSON.stringify(new PureRouter({ baseUrl: "https://x.test" })));`,
      server.url,
    ),
  );
  const expected = 'true undefined {"baseUrl":"https://x.test"}';
  assert.deepEqual(await Promise.all(tried), Array(sources.length).fill(expected));
});

test("slim: an init that fails says why, and the next one may succeed", async (t) => {
  const server = await http(t, (request, response) => {
    if (request.url === "/missing") response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html" }).end("<p>");
  });
  const said = await program(
    `
    import { readFile } from "node:fs/promises";
    import { PureRouter, init } from "purerouter/slim";
    const url = process.argv.at(-1);
    const file = new URL("node_modules/purerouter/purerouter.wasm", "file://" + process.cwd() + "/");
    const none = new URL("none.wasm", file);
    for (const source of [undefined, 5, url + "/missing", url + "/page", none, "http://127.0.0.1:1/"]) {
      await init(source).then(() => console.log("loaded"), (error) => console.log(error.name, error.message));
    }
    await init(await readFile(file));
    new PureRouter();`,
    server.url,
  );
  const [nothing, number, missing, page, file, refused] = said.split("\n");
  assert.match(nothing, /^TypeError init\(\)/);
  assert.match(number, /^TypeError init\(\)/);
  assert.match(missing, /^Error .*\/missing.* 404/);
  assert.match(page, /^Error .*\/page.*text\/html/);
  assert.match(file, /^Error .*none\.wasm/);
  assert.match(refused, /^Error .*127\.0\.0\.1:1\/ could not be loaded/);
});

test("slim and the default entry, both loaded, are one instance", async () => {
  const said = await program(`
    import { PureRouter } from "purerouter";
    import { PureRouter as Slim, APIError } from "purerouter/slim";
    import { APIError as same } from "purerouter";
    console.log(PureRouter === Slim, APIError === same, String(new Slim()));`);
  assert.equal(said, "true true [object Object]");
});

test("an error that nobody catches is printed so that its message is seen", async () => {
  const sources = [
    "new PureRouter({ nonsense: 1 });",
    "await new PureRouter({ maxRetries: 0, fetch: () => Promise.reject(new Error('down')) }).health();",
    "await new PureRouter({ fetch: async () => new Response('', { headers: { 'content-type': 'text/event-stream' } }) })" +
      ".deployments.stream('a', { prompt: 'Hi.' }).text();",
  ];
  for (const source of sources) {
    const flags = ["--input-type=module", "--eval", `import { PureRouter } from "purerouter"; ${source}`];
    const { stderr } = await rejection(run(process.execPath, flags, { cwd: project }));
    const before = stderr.search(/^(TypeError|APIConnectionError|TruncatedStreamError): /m);
    // Node begins with the line of the package's code on which the error was made, and marks the place below it.
    assert.ok(before > 0 && before < 1200, `${before} characters come before the message`);
  }
});

test("the tarball has every file that was built, and no other", async () => {
  // The build keeps a note of its own there, with a dot.
  const files = (await filesOf(built)).filter((path) => !path.startsWith("."));
  assert.deepEqual(await filesOf(installed), files);
});

test("whatever a file of the package refers to is in the tarball", async () => {
  const files = (await filesOf(installed)).filter((path) => /\.(js|d\.ts)$/.test(path));
  let seen = 0;
  for (const file of files) {
    const text = await readFile(join(installed, file), "utf8");
    for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)) {
      if (!specifier.startsWith(".")) {
        // In documentation and messages, the package's own; nothing else can be there, as it depends on nothing.
        assert.ok(specifier.replace(/^purerouter/, ".") in manifest.exports, `${file} imports ${specifier}`);
        continue;
      }
      seen += 1;
      const path = join(installed, dirname(file), specifier.replace(/\?module$/, ""));
      assert.ok(existsSync(path), `${file} imports ${specifier}`);
    }
  }
  assert.ok(seen > 20, String(seen));
});

test("package.json: every path exists, types come first, and there is nothing to install", () => {
  const paths = [manifest.main, manifest.types, ...manifest.sideEffects];
  for (const entry of Object.values(manifest.exports)) {
    if (typeof entry === "string") {
      paths.push(entry);
      continue;
    }
    // Conditions are tried in their order.
    assert.equal(Object.keys(entry)[0], "types");
    assert.equal(Object.keys(entry).at(-1), "default");
    paths.push(...Object.values(entry));
  }
  for (const path of paths) {
    assert.match(path, /^\.\//);
    assert.ok(existsSync(join(installed, path)), path);
  }
  assert.equal(manifest.type, "module");
  assert.equal(manifest.main, "./index.js");
  assert.equal(manifest.types, "./index.d.ts");
  assert.equal(manifest.engines.node, ">=20.19");
  assert.equal(manifest.license, "MIT");
  for (const field of [
    "dependencies",
    "peerDependencies",
    "optionalDependencies",
    "imports",
    "scripts",
    "private",
  ]) {
    assert.equal(manifest[field], undefined, field);
  }
  // Each of these starts the wasm as it loads: a bundler that dropped one would drop the start.
  for (const entry of ["./index.js", "./edge.js", "./slim.js"])
    assert.ok(manifest.sideEffects.includes(entry), entry);
});

test("one version in package.json, Cargo.toml and the changelog", async () => {
  const cargo = await readFile(new URL("../../Cargo.toml", import.meta.url), "utf8");
  assert.equal(manifest.version, cargo.match(/^version = "(.+)"$/m)[1]);
  assert.ok((await readFile(join(installed, "CHANGELOG.md"), "utf8")).includes(manifest.version));
  for (const name of ["README.md", "LICENSE"]) assert.ok(existsSync(join(installed, name)), name);
});
