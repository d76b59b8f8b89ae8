// `npm run soak:gateway`: thousands of calls through one isolate of workerd, to the gateway and to the package's client
// in it, as figures and a verdict. The first argument is the number of requests (5000 by default).
//
// What the isolate holds is judged; what the process holds is beside it, since workerd itself keeps some kilobytes of each
// connection for a while, also with a Worker of three lines in the gateway's place.

import { MOST_HELD, soakGateway } from "./gateway-load.mjs";

const CONCURRENT = 50;
/** What a collection may leave more of, or less, from one round to another. */
const FLAT_MIB = 0.5;

const total = Number(process.argv[2] ?? 5000);

async function soak(title, load) {
  const started = performance.now();
  const { wrong, complaints, marks, held, counts, open } = await soakGateway(total, CONCURRENT, load);
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      marks.map(({ after, isolate, process }) => [
        `after ${after}`,
        { "isolate MiB": isolate.toFixed(2), "process MiB": process.toFixed(1) },
      ]),
    ),
  );
  const grown = marks.at(-1).isolate - marks[0].isolate;
  const flat = grown < FLAT_MIB && held.references < MOST_HELD && held.decoders === 0;
  console.log(
    `${total} requests, ${CONCURRENT} at once: ${counts.whole} answered as they should be, ${counts.left} left by their ` +
      `clients, ${wrong.length} wrong, ${complaints.length} complaints of the runtime, ${open} answers left open, the isolate ` +
      `grew by ${grown.toFixed(2)} MiB, its wasm refers to ${held.references} values and has ${held.decoders} decoders open${flat ? "" : ": NOT FLAT"}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const line of [...wrong, ...complaints].slice(0, 20)) console.log(line);
  if (wrong.length + complaints.length + open > 0 || !flat) process.exitCode = 1;
}

await soak("new Response(upstream.body)", "bare");
await soak("the gateway", "gateway");
await soak("the client in a Worker, given the request's signal", "signalled");
await soak("the client in a Worker", "client");
