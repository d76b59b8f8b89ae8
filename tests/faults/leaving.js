// What the caller does is no fault. That the server goes on all the same is the fault of many a client.

import { delta } from "./events.js";

// What a pair of sockets on one machine and the engine may hold: Chromium's own fetch, read once, lets 75 MiB be written.
const MOST_AHEAD = 128 * 2 ** 20;
const IDLE_MS = 1500;

const PIECE = 65_536;

/** Offers more than any buffer takes, yet not more than a machine can bear where a client takes it all. */
async function flood(exchange) {
  await exchange.head();
  const piece = delta("x".repeat(PIECE));
  for (let offered = 0; offered < 4 * MOST_AHEAD && exchange.isOpen; offered += PIECE)
    await exchange.body(piece);
}

export const leaving = [
  {
    fault: "You `break` from the loop, and the body is endless",
    gets: "an end at once; the server sees its connection close, and writes no more",
    answer: flood,
    async ask({ client }) {
      for await (const { text } of client.deployments.stream("a", { prompt: "Hi." }))
        return { got: text.length };
    },
    outcome: { got: PIECE },
    server: { written: (bytes) => bytes < MOST_AHEAD },
  },
  {
    fault: "You abort in the middle of a stream",
    gets: "`signal.reason` itself, never a silent end; the server sees its connection close",
    answer: flood,
    async ask({ client }) {
      const stop = new AbortController();
      const reason = { mine: true };
      try {
        for await (const _ of client.deployments.stream("a", { prompt: "Hi." }, { signal: stop.signal })) {
          stop.abort(reason);
        }
      } catch (error) {
        return { rejected: error === reason };
      }
      return { rejected: false };
    },
    outcome: { rejected: true },
    server: { written: (bytes) => bytes < MOST_AHEAD },
  },
  {
    fault: "You read slowly, and the body is endless",
    gets: "what you read; the server is held back meanwhile, and no timeout runs",
    options: { idleTimeout: IDLE_MS },
    answer: flood,
    async ask({ client, say }) {
      const stream = client.deployments.stream("a", { prompt: "Hi." });
      let got = 0;
      const take = async (count) => {
        for (; count > 0; count--) got += (await stream.next()).value.text.length;
      };
      // More than what is read ahead, before and after.
      await take(20);
      await say("standstill");
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS + 500));
      await take(20);
      await stream.return();
      return { got };
    },
    outcome: { got: 40 * PIECE },
    server: { written: (bytes) => bytes < MOST_AHEAD },
  },
];
