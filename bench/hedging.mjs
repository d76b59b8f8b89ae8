// `npm run hedging`: what hedging does to the slow tail, and what it costs in requests. A service on a real socket
// whose answers take about 100 ms, and one in twenty ten times as long, as a busy GPU or a cold start makes it; the same
// calls with and without a hedge. Wall time, since waiting is what is measured.
import { once } from "node:events";
import { createServer } from "node:http";
import { build } from "../scripts/build.mjs";
import { command, CommandError } from "../scripts/command.mjs";

const USUAL_MS = 100;
const SLOW_SHARE = 0.05;
const SLOW_FACTOR = 10;
// A little more than the usual answers take.
const DELAY_MS = 150;
const CALLS = 1000;
const AT_ONCE = 10;

/** Numbers in `0..1`, the same in every run. @param {number} seed */
function chance(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

async function serve() {
  const random = chance(7);
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const delay = USUAL_MS * (0.6 + 0.8 * random()) * (random() < SLOW_SHARE ? SLOW_FACTOR : 1);
    request.resume();
    const timer = setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices":[{"text":"Hello","finish_reason":"stop"}]}');
    }, delay);
    response.on("close", () => clearTimeout(timer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, requests: () => requests, close: () => server.close() };
}

/** @param {any} target @returns {Promise<number[]>} milliseconds, sorted */
async function measure(target) {
  /** @type {number[]} */
  const took = [];
  let left = CALLS;
  const caller = async () => {
    while (left-- > 0) took.push((await target.invoke({ prompt: "Hi." })).timing.totalMs);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  if (took.length !== CALLS) throw new CommandError(`${took.length} of ${CALLS} calls were answered`);
  return took.sort((a, b) => a - b);
}

async function hedging() {
  await build();
  const { PureRouter } = await import("../pkg/index.js");
  /** @type {Record<string, Record<string, string | number>>} */
  const rows = {};
  for (const hedged of [false, true]) {
    const service = await serve();
    const client = new PureRouter({ baseUrl: service.url });
    const target = hedged ? client.hedge(["one", "two"], { delay: DELAY_MS }) : client.deployment("one");
    const took = await measure(target);
    const at = (/** @type {number} */ share) => Math.round(took[Math.floor(share * CALLS)]);
    rows[hedged ? `hedged after ${DELAY_MS} ms` : "one deployment"] = {
      "p50 ms": at(0.5),
      "p95 ms": at(0.95),
      "p99 ms": at(0.99),
      "requests more": `${Math.round((service.requests() / CALLS - 1) * 100)} %`,
    };
    service.close();
  }
  console.table(rows);
}

command(import.meta.url, hedging);
