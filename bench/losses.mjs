// Where another way of doing the same takes less: found in the figures, so that whoever reads the table is told of
// it by the same run.

import { KIB, chunkName } from "./cases.mjs";
import { callFigures, figures } from "./results.mjs";

/** What does the same as each of ours, or more. */
const rivals = {
  textStream: ["minimal JS", "template in JS", "eventsource-parser", "openai", "AI SDK doStream"],
  "events .text": ["minimal JS", "template in JS", "eventsource-parser", "openai", "AI SDK doStream"],
  "events .data": ["minimal JS", "eventsource-parser", "openai", "AI SDK doStream"],
  "events .json": ["minimal JS", "eventsource-parser", "openai", "AI SDK doStream"],
};

const two = (/** @type {number} */ value) => value.toFixed(2);

/** @param {import("./results.mjs").Results} results @returns {string[]} a sentence for each kind of loss */
export function losses(results) {
  const sentences = [];
  for (const [ours, others] of Object.entries(rivals)) {
    const places = [];
    for (const { engine, stream, measured } of results.streams) {
      const { ratio } = figures(measured);
      const [worst] = others
        .map((rival) => ({ rival, value: ratio(ours, rival) ?? 0 }))
        .sort((a, b) => b.value - a.value);
      if (worst.value < 1.005) continue;
      const { data, chunkBytes, http, answer } = stream;
      const how = answer ? `answers of ${answer} events` : `${data}, ${chunkName(chunkBytes)}`;
      places.push(`${engine}, ${how}${http ? ", HTTP" : ""} (${two(worst.value)}× ${worst.rival})`);
    }
    if (places.length > 0) {
      sentences.push(`\`${ours}\` takes more CPU time than the best of the others in: ${places.join("; ")}.`);
    }
  }

  for (const { engine } of results.calls) {
    const { difference } = callFigures(results, engine);
    const bare = difference("invoke", "fetch + json()");
    const openai = difference("invoke", "openai");
    if (bare !== undefined && bare > 0) {
      const beside = openai !== undefined && openai > 0 ? ", more than openai's client" : "";
      sentences.push(
        `In ${engine}, a call of \`invoke\` takes ${(bare / 1000).toFixed(0)} µs more than fetch and json()${beside}.`,
      );
    }
  }
  const { names, ratio } = figures(results.passOn);
  for (const name of names.filter((name) => name.startsWith("to"))) {
    const value = ratio(name, "native");
    if (value !== undefined && value > 1) {
      sentences.push(
        `Passed on by \`${name}()\` in workerd, a byte takes ${two(value)}× the CPU time of \`new Response(upstream.body)\`.`,
      );
    }
  }
  if (results.sizes) {
    const { purerouter, ...others } = results.sizes;
    const smaller = Object.entries(others).filter(([, { gzip }]) => gzip < purerouter.gzip);
    if (smaller.length > 0) {
      const list = smaller.map(([name, { gzip }]) => `${name} (${(gzip / KIB).toFixed(1)} KiB)`);
      sentences.push(
        `A streaming program is smaller with ${list.join(", ")} than with purerouter (${(purerouter.gzip / KIB).toFixed(1)} KiB).`,
      );
    }
  }
  if (results.startup) {
    const { cpuMs } = results.startup.wasm;
    sentences.push(
      `Compiling the wasm takes ${cpuMs.toFixed(1)} ms of CPU time in Node, which plain JavaScript does not need.`,
    );
  }
  return sentences;
}
