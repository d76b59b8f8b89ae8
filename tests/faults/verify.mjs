// A fault put to the test: its server is real, its client runs in whichever engine, and both are looked at afterwards.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled, until } from "../package/waiting.mjs";
import { faultsIn } from "./faults.js";
import { Peer } from "./peer.mjs";
import { KEY } from "./scenario.js";

// Most faults wait more than they compute.
const AT_ONCE = 6;
const PATIENCE_MS = 60_000;

/**
 * A test for each fault of `engine`.
 *
 * @param {(fault: object, url: string) => Promise<{ outcome: any, leave?: () => unknown }>} run
 *   runs its client there; `leave` ends what kept the client's side alive
 */
export function verify(engine, run) {
  describe(`in ${engine}`, { concurrency: AT_ONCE }, () => {
    for (const fault of faultsIn(engine)) test(fault.fault, (t) => check(t, fault, run));
  });
}

async function check(t, fault, run) {
  const elsewhere = await new Peer(() => {}).listen();
  t.after(() => elsewhere.close());
  const answer = (exchange) => fault.answer(Object.assign(exchange, { elsewhere: elsewhere.url }));
  const peer = await new Peer(answer, fault).listen();
  t.after(() => peer.close());
  if (fault.listens === false) await peer.close();

  const { outcome, leave = () => {} } = await settled(run(fault, peer.url), PATIENCE_MS);
  t.after(leave);
  matches(outcome, fault.outcome, "outcome");
  assert.ok(!JSON.stringify(outcome).includes(KEY), "the key is in what the caller gets");

  await until(() => peer.open === 0, "the server sees every connection close that it holds open");
  matches(peer.seen, { requests: 1, ...fault.server }, "server");
  assert.equal(elsewhere.connections, 0, "another server was asked");
}

/** Compares `actual` with what is expected of it, as far as that goes. */
function matches(actual, expected, what) {
  if (expected instanceof RegExp) assert.match(String(actual), expected, what);
  else if (typeof expected === "function") assert.ok(expected(actual), `${what}: ${shown(actual)}`);
  else if (typeof expected === "object" && expected !== null) {
    assert.ok(typeof actual === "object" && actual !== null, `${what}: ${shown(actual)}`);
    for (const key of Object.keys(expected)) {
      assert.ok(key in actual, `${what}.${key} is missing in ${shown(actual)}`);
      matches(actual[key], expected[key], `${what}.${key}`);
    }
  } else assert.ok(Object.is(actual, expected), `${what}: ${shown(actual)} instead of ${shown(expected)}`);
}

const shown = (value) => (JSON.stringify(value) ?? String(value)).slice(0, 500);
