// examples/worker as its README says: installed, built, checked by wrangler, and run in workerd with its own settings.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { mkdtempSync, rmSync } from "node:fs";
import { Miniflare } from "miniflare";
import { installLocked } from "../locked.mjs";
import { settled } from "../package/waiting.mjs";
import { startService } from "./service.mjs";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "../../examples/worker");
installLocked(folder);
const out = mkdtempSync(join(tmpdir(), "purerouter-example-"));
after(() => rmSync(out, { recursive: true, force: true }));

/** @type {Awaited<ReturnType<typeof startService>>} */
let service;
before(async () => void (service = await startService()));
after(() => service.close());

test("npm run build collects the page and prints what is left to do, npm run deploy last", async () => {
  const { stdout } = await run("npm", ["run", "build"], { cwd: folder });
  assert.match(stdout.trim().split("\n").at(-1) ?? "", /^\s*npm run deploy$/);
  assert.match(stdout, /wrangler secret put PUREROUTER_KEY/);
  for (const file of ["index.html", "own.html", "page.js", "page.css", "files.json", "_headers"]) {
    assert.ok(existsSync(join(folder, "assets", file)), file);
  }
});

test("what is deployed serves the page under its policy, and the gateway with the lists of wrangler.jsonc", async (t) => {
  const wrangler = join(folder, "node_modules/.bin/wrangler");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" };
  const { stdout } = await run(wrangler, ["deploy", "--dry-run", "--outdir", out], { cwd: folder, env });
  assert.match(stdout, /env\.LIMITER \(20 requests\/60s\)/);
  assert.match(stdout, /env\.DEPLOYMENTS \(\["primary-id"\]\)/);

  const workerd = new Miniflare({
    modules: true,
    script: readFileSync(join(out, "worker.js"), "utf8"),
    compatibilityDate: "2026-04-01",
    bindings: {
      PUREROUTER_KEY: "sk_server",
      BASE_URL: service.url,
      DEPLOYMENTS: ["primary-id"],
      PROFILES: ["balanced"],
      ROUTES: { support: { fallback: ["down", "primary-id"] } },
    },
    ratelimits: { LIMITER: { simple: { limit: 3, period: 60 } } },
    assets: {
      directory: join(folder, "assets"),
      binding: "ASSETS",
      routerConfig: { has_user_worker: true, static_routing: { user_worker: ["/v1/*", "/config.json"] } },
    },
  });
  t.after(() => workerd.dispose());
  const url = await workerd.ready;
  const home = await fetch(url);
  assert.match(await home.text(), /<title>/);
  const policy = /content-security-policy: (.*)/.exec(
    readFileSync(join(folder, "assets/_headers"), "utf8"),
  )?.[1];
  assert.ok(policy?.includes("default-src 'self'"));
  const config = await (await fetch(new URL("/config.json", url))).json();
  assert.deepEqual([config.deployments, config.profiles], [["support", "primary-id"], ["balanced"]]);

  service.answers(({ path, response }) => response.writeHead(path.includes("down") ? 503 : 200).end("{}"));
  /** @param {string} id */
  const invoke = (id) =>
    fetch(new URL(`/v1/deployments/${id}/invoke`, url), { method: "POST", body: '{"prompt":"Hi"}' });
  const statuses = [];
  for (const id of ["primary-id", "other-id", "support", "primary-id"])
    statuses.push((await invoke(id)).status);
  assert.deepEqual(statuses, [200, 403, 200, 429]);
  assert.equal(service.requests[0]?.headers["x-router-key"], "sk_server");
});

test("the secrets' example names what the gateway reads, and git takes no real one", () => {
  assert.match(readFileSync(join(folder, ".dev.vars.example"), "utf8"), /^PUREROUTER_KEY="/m);
  assert.match(readFileSync(join(folder, ".gitignore"), "utf8"), /^\.dev\.vars$/m);
});

test(
  "in an empty folder, word by word, the packed package becomes a gateway that runs",
  { timeout: 180_000 },
  async (t) => {
    const own = mkdtempSync(join(tmpdir(), "purerouter-own-gateway-"));
    t.after(() => rmSync(own, { recursive: true, force: true }));
    const [, section = ""] = readFileSync(join(folder, "README.md"), "utf8").split(
      "## In a folder of your own",
    );
    const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
      language,
      text,
    }));
    const [commands, deploying] = blocks.filter(({ language }) => language === "sh");
    assert.match(deploying?.text ?? "", /wrangler deploy\n$/);
    for (const { text } of blocks.filter(({ language }) => language !== "sh")) {
      const [, name = ""] = /^\/\/ (\S+)\n/.exec(text) ?? [];
      writeFileSync(join(own, name), text);
    }
    await run("npm", ["pack", "--silent", "--pack-destination", own], { cwd: join(folder, "../../pkg") });
    for (const command of commands?.text.trim().split("\n") ?? []) {
      // What is not published yet, and what is installed for the example already.
      const here = command.replace(/^npm install purerouter$/, "npm install --silent ./purerouter-*.tgz");
      if (here.includes("wrangler@")) continue;
      await run("sh", ["-c", here], { cwd: own });
    }
    symlinkSync(join(folder, "node_modules/wrangler"), join(own, "node_modules/wrangler"), "junction");
    const service = await startService();
    t.after(() => service.close());
    service.answersWith(200, '{"status":"ok"}');
    // The one thing that the README's reader has and a test has not: the hosted service.
    const gateway = join(own, "gateway.js");
    writeFileSync(
      gateway,
      readFileSync(gateway, "utf8").replace("createGateway({", `createGateway({ baseUrl: "${service.url}",`),
    );

    const wrangler = join(own, "node_modules/wrangler/bin/wrangler.js");
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" };
    const child = spawn(process.execPath, [wrangler, "dev", "--port", "0", "--ip", "127.0.0.1"], {
      cwd: own,
      env,
    });
    const closed = once(child, "close");
    t.after(async () => {
      child.kill("SIGINT");
      await closed;
    });
    let said = "";
    const ready = new Promise((resolve, reject) => {
      for (const output of [child.stdout, child.stderr]) {
        output.on("data", (chunk) => {
          said += chunk;
          const [, url] = /Ready on (http:\/\/\S+)/.exec(said) ?? [];
          if (url) resolve(url);
        });
      }
      closed.then(() => reject(new Error(said)));
    });
    const url = await settled(ready, 120_000);
    const health = await fetch(new URL("/v1/health", url));
    assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }]);
    assert.equal(service.requests[0]?.headers["x-router-key"], "sk_your_router_key");
    const call = { method: "POST", body: '{"prompt":"Hi"}', headers: { origin: "https://app.example" } };
    const answer = await fetch(new URL("/v1/deployments/primary-id/invoke", url), call);
    assert.deepEqual(
      [answer.status, answer.headers.get("access-control-allow-origin")],
      [200, "https://app.example"],
    );
    assert.equal((await fetch(new URL("/v1/deployments/other-id/invoke", url), call)).status, 403);
  },
);
