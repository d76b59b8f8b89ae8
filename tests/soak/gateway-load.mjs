// What the gateway's soak does to one isolate of workerd: many calls at once, of all kinds, with a service that fails in
// all ways and clients that leave at any time. Returns what was wrong, the memory on the way, and what is held at the end.

import { readFileSync, readdirSync } from "node:fs";
import { until } from "../package/waiting.mjs";
import { openIsolate } from "./isolate.mjs";
import { LONG, SHORT, bodyOf, startUpstream } from "./upstream.mjs";
import { call } from "./visitor.mjs";

const ROUNDS = 5;
/** JavaScript values that the wasm refers to with no call under way: a dozen of its own, whatever came before. */
export const MOST_HELD = 20;

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
  ["/unread/silent", (status, body) => body === "200"],
  ["/limited/long", text(LONG)],
  ["/invoked/slow", text(SHORT)],
  ["/combined/refusing", text(SHORT)],
  ["/hedged/mute", text(SHORT)],
  ["/compared/long", text(LONG)],
  ["/teed/long", text(LONG)],
];
const signalled = [
  ["/signalled/long", text(LONG)],
  ["/signalled/cut", (status) => status === 599],
];
const loads = { bare: gateway.slice(0, 2), gateway, client, signalled, both: [...gateway, ...client] };

// Timers are objects with the second.
const flags = { signalled: ["enable_request_signal"], client: ["nodejs_compat"] };

/**
 * @param {number} total @param {number} concurrent
 * @param {keyof typeof loads} load `bare`: a Worker of three lines in the gateway's place, to tell what workerd itself
 *   keeps of each connection; `client`: the package's client in the Worker, which calls the gateway; `signalled`: the
 *   same, and it is told when the visitor leaves
 */
export async function soakGateway(total, concurrent, load) {
  const kinds = loads[load];
  const service = await startUpstream();
  const isolate = await openIsolate({ SERVICE: service.url, BARE: load === "bare" }, flags[load]);
  const { url } = isolate;
  const wrong = [];
  const counts = { whole: 0, left: 0 };
  const marks = [];

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
    marks.push({ after: end, isolate: await isolate.used(), process: rssOf("workerd") });
  }
  await isolate.used();
  const held = await isolate.held();
  // It still works.
  const { status, body } = await call(url, "/v1/deployments/good/invoke");
  if (!whole(SHORT)(status, body)) wrong.push("no answer afterwards");
  await isolate.close();
  service.close();
  return { wrong, complaints: isolate.complaints(), marks, held, counts, open: service.open() };
}

/** The same numbers in each run. */
function seeded(state) {
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
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
