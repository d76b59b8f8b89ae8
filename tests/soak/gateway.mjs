// `npm run soak:gateway`: thousands of calls through one isolate of workerd, to the gateway and to the package's client
// in it, as figures and a verdict. The first argument is the number of requests (5000 by default).
//
// workerd itself keeps some kilobytes of each connection for a while, so its growth is judged beside that with a Worker
// of three lines in the gateway's place.

import { soakGateway } from "./gateway-load.mjs";

const CONCURRENT = 50;
const MOST_TIMES_BARE = 3;

const total = Number(process.argv[2] ?? 5000);

async function soak(title, options) {
  const started = performance.now();
  const { wrong, complaints, marks, counts, open } = await soakGateway(total, CONCURRENT, options);
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      marks.map(({ at, workerd, node }) => [
        `after ${at}`,
        { "workerd RSS MiB": workerd.toFixed(1), "Node RSS MiB": node.toFixed(1) },
      ]),
    ),
  );
  const grown = marks.at(-1).workerd - marks[0].workerd;
  console.log(
    `${total} requests, ${CONCURRENT} at once: ${counts.whole} answered as they should be, ${counts.left} left by their ` +
      `clients, ${wrong.length} wrong, ${complaints.length} complaints of the runtime, ${open} answers left open, workerd ` +
      `grew by ${grown.toFixed(1)} MiB, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const line of [...wrong, ...complaints].slice(0, 20)) console.log(line);
  if (wrong.length + complaints.length + open > 0) process.exitCode = 1;
  return grown;
}

const bare = await soak("new Response(upstream.body)", { bare: true });
const gateway = await soak("the gateway and the client");
const verdict = gateway < MOST_TIMES_BARE * bare ? "flat beside workerd's own" : "NOT FLAT";
console.log(`\n${verdict}: ${(gateway / bare).toFixed(1)} times the growth of three lines`);
if (gateway >= MOST_TIMES_BARE * bare) process.exitCode = 1;
