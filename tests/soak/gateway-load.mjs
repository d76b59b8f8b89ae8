// What the gateway's soak does to one isolate of workerd: many calls at once, of all kinds, with a service that fails in
// all ways and clients that leave at any time. Returns what was wrong, and the memory on the way.

import { readFileSync, readdirSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { sleep, until } from "../package/waiting.mjs";
import { openHeap } from "./isolate-heap.mjs";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
const HANGS_AFTER_MS = 30_000;
const ROUNDS = 5;
const MiB = 2 ** 20;

const delta = (text) => `data: ${JSON.stringify({ choices: [{ text, finish_reason: null }] })}\n\n`;
const words = (count) => Array.from({ length: count }, (_, i) => `word${i} `);
const END = `data: {"choices":[{"text":"","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
const SHORT = words(5);
const LONG = words(40);
const bodyOf = (texts) => texts.map(delta).join("") + END;

/** What each kind of call has to answer; a function judges. */
const whole = (texts) => (status, body) => status === 200 && body === bodyOf(texts);
const text = (texts) => (status, body) => status === 200 && body === texts.join("");
const cut = (status, body) => status === 0 || (status === 200 && bodyOf(LONG).startsWith(body));
const gateway = [
  ["/v1/deployments/good/invoke", whole(SHORT)],
  ["/v1/deployments/long/invoke", whole(LONG)],
  ["/v1/deployments/cut/invoke", cut],
  ["/v1/deployments/refusing/invoke", (status) => status === 503],
  ["/v1/deployments/dropping/invoke", (status) => status === 502],
  ["/v1/deployments/silent/invoke", undefined],
  ["/v1/deployments/unlisted/invoke", (status) => status === 403],
  ["/v1/deployments/support/invoke", whole(SHORT)],
  ["/v1/deployments/fast/invoke", whole(SHORT)],
];
const client = [
  ["/passed/long", whole(LONG)],
  ["/read/good", text(SHORT)],
  ["/read/refusing", (status) => status === 503],
  ["/read/cut", (status) => status === 599],
  ["/left/long", (status, body) => status === 200 && LONG[0].startsWith(body)],
  ["/combined/refusing", text(SHORT)],
];
const signalled = [
  ["/signalled/long", text(LONG)],
  ["/signalled/cut", (status) => status === 599],
];
const loads = { bare: gateway.slice(0, 2), gateway, client, signalled, both: [...gateway, ...client] };

/**
 * @param {number} total @param {number} concurrent
 * @param {keyof typeof loads} load `bare`: a Worker of three lines in the gateway's place, to tell what workerd itself
 *   keeps of each connection; `client`: the package's client in the Worker, which calls the gateway; `signalled`: the
 *   same, and it is told when the visitor leaves
 */
export async function soakGateway(total, concurrent, load) {
  const kinds = loads[load];
  const service = await startService();
  let log = "";
  const workerd = new Miniflare({
    modulesRoot: pkg,
    modules: [
      { type: "ESModule", path: `${pkg}worker.mjs`, contents: await bundle() },
      {
        type: "CompiledWasm",
        path: `${pkg}purerouter.wasm?module`,
        contents: readFileSync(`${pkg}purerouter.wasm`),
      },
    ],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: load === "signalled" ? ["enable_request_signal"] : [],
    bindings: { SERVICE: service.url, BARE: load === "bare" },
    name: "soak",
    inspectorPort: 0,
    serviceBindings: { SELF: "soak" },
    handleRuntimeStdio(stdout, stderr) {
      for (const stream of [stdout, stderr]) stream.on("data", (chunk) => (log += chunk));
    },
  });
  const url = await workerd.ready;
  const wrong = [];
  const counts = { whole: 0, left: 0 };
  const marks = [];
  const heap = await openHeap(workerd, "soak", () => call(url, "/v1/deployments/good/invoke"));

  const random = seeded(1);
  let next = 0;
  const lane = async (end) => {
    while (next < end) {
      const i = next++;
      const [path, right] = kinds[i % kinds.length];
      // One in five leaves at any time; who waits for the silent one always does.
      const leave = right === undefined || random() < 0.2 ? random() * 60 : undefined;
      const { status, body, left, hung } = await call(url, path, leave);
      if (hung) wrong.push(`${path} hung`);
      else if (left) counts.left++;
      else if (right(status, body)) counts.whole++;
      else wrong.push(`${path}: ${status} ${body.slice(0, 200)}`);
    }
  };
  for (let round = 1; round <= ROUNDS; round++) {
    const end = Math.round((total * round) / ROUNDS);
    await Promise.all(Array.from({ length: concurrent }, () => lane(end)));
    await until(() => service.open() === 0, "the service's answers are over").catch((error) =>
      wrong.push(error.message),
    );
    marks.push({ after: end, isolate: await heap.used(), process: rssOf("workerd") });
  }
  // It still works.
  const { status, body } = await call(url, "/v1/deployments/good/invoke");
  if (!whole(SHORT)(status, body)) wrong.push("no answer afterwards");
  heap.close();
  await workerd.dispose();
  service.close();
  const complaints = log
    .split("\n")
    .filter((line) =>
      /different request|will never|hang|uncaught|unhandled|unexpected|illegal invocation/i.test(line),
    );
  return { wrong, complaints, marks, counts, open: service.open() };
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("gateway-worker.js", import.meta.url))],
    alias: { purerouter: `${pkg}edge.js`, "purerouter/worker": `${pkg}worker.js` },
    bundle: true,
    format: "esm",
    target: "esnext",
    external: ["cloudflare:workers", "*.wasm?module"],
    write: false,
  });
  return outputFiles[0].text;
}

/** The same numbers in each run. */
function seeded(state) {
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function call(url, path, leaveAfterMs) {
  return new Promise((resolve) => {
    const request = httpRequest({ host: url.hostname, port: url.port, path, method: "POST", agent: false });
    let status = 0;
    let body = "";
    let left = false;
    const timers = [];
    const end = (more = {}) => {
      timers.forEach(clearTimeout);
      resolve({ status, body, left, ...more });
    };
    const leave = () => {
      left = true;
      // Some close as usual, some reset, as a phone does that loses its network.
      if (leaveAfterMs % 1 < 0.5) request.socket?.resetAndDestroy();
      request.destroy();
    };
    if (leaveAfterMs !== undefined) timers.push(setTimeout(leave, leaveAfterMs));
    timers.push(
      setTimeout(() => {
        request.destroy();
        end({ hung: true });
      }, HANGS_AFTER_MS),
    );
    request.on("error", () => end());
    request.on("response", (response) => {
      status = response.statusCode;
      response.on("data", (chunk) => (body += chunk));
      response.on("error", () => {});
      response.on("close", () => end());
    });
    request.end('{"prompt":"Hi.","stream":true}');
  });
}

async function startService() {
  const open = new Set();
  const behaviours = {
    good: (response) => write(response, SHORT, 2),
    long: (response) => write(response, LONG, 2),
    cut: (response) => write(response, LONG, 2, 10),
    refusing: (response) =>
      response.writeHead(503, { "content-type": "application/json" }).end('{"error":{}}'),
    dropping: (response) => response.destroy(),
    mute: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
    // But for a comment now and then, as services send it: workerd takes a client's FIN for half a close, and sees that
    // it has left when something is to be written to it.
    silent: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      const awake = setInterval(() => response.write(": still here\n\n"), 1000);
      response.on("close", () => clearInterval(awake));
    },
  };
  const server = createServer((request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    request.resume().on("end", () => behaviours[request.url.split("/")[3]](response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    open: () => open.size,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function write(response, texts, everyMs, cutAfter = Infinity) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [i, text] of texts.entries()) {
    if (response.destroyed) return;
    if (i === cutAfter) return void response.destroy();
    response.write(delta(text));
    await sleep(everyMs);
  }
  response.end(END);
}

/** MiB, of the child process of this name; 0 where there is no /proc. */
function rssOf(name) {
  for (const id of readdirSync("/proc").filter((id) => /^\d+$/.test(id))) {
    try {
      const status = readFileSync(`/proc/${id}/status`, "utf8");
      if (!status.startsWith(`Name:\t${name}\n`) || !isOurs(status)) continue;
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024;
    } catch {
      // It ended meanwhile.
    }
  }
  return 0;
}

/** A descendant of this process. */
function isOurs(status) {
  for (let id = parent(status); id > 1; id = parent(readFileSync(`/proc/${id}/status`, "utf8"))) {
    if (id === process.pid) return true;
  }
  return false;
}

const parent = (status) => Number(/^PPid:\s+(\d+)/m.exec(status)[1]);
