// What the package is meant to reach, each a ratio or an amount of one run, and whether that run reached it; and where it
// is known, the floor: what the same figure is for the cheapest that could stand in our place (`known.mjs`).

import { KIB } from "./cases.mjs";
import { callFigures, figures, streamFigures } from "./results.mjs";

/** @typedef {{ what: string, goal: string, value: number, unit: string, reached: boolean, floor?: number }} Verdict */

/** @type {Record<string, string>} */
const floors = {
  textStream: "known texts",
  "events .text": "known events",
  "events .json": "known JSON",
};

const CHUNK = 16 * KIB;

/** [what, stream, the slower, the faster, at least this many times in Node, in Chromium] */
const faster = /** @type {const} */ ([
  ["textStream, 1 event a chunk", {}, "openai", "textStream", 15, 5],
  ["textStream, 1 event a chunk", {}, "eventsource-parser", "textStream", 4, 2.3],
  ["textStream, 16 KiB", { chunkBytes: CHUNK }, "openai", "textStream", 150, 75],
  ["textStream, 16 KiB", { chunkBytes: CHUNK }, "eventsource-parser", "textStream", 35, 16],
  [
    "textStream, fields varying, 16 KiB",
    { data: "varying", chunkBytes: CHUNK },
    "openai",
    "textStream",
    40,
    30,
  ],
  ["events .text, 16 KiB", { chunkBytes: CHUNK }, "openai", "events .text", 50, 40],
]);

/** @param {import("./results.mjs").Results} results @returns {Verdict[]} those that the run can tell */
export function verdicts(results) {
  /** @type {Verdict[]} */
  const found = [];
  /** @param {string} what @param {number | undefined} value @param {number} limit @param {string} unit @param {number} [floor] */
  const atLeast = (what, value, limit, unit, floor) => {
    if (value !== undefined)
      found.push({ what, goal: `≥ ${limit}${unit}`, value, unit, reached: value >= limit, floor });
  };
  /** @param {string} what @param {number | undefined} value @param {number} limit @param {string} unit @param {number} [floor] */
  const atMost = (what, value, limit, unit, floor) => {
    if (value !== undefined)
      found.push({ what, goal: `≤ ${limit}${unit}`, value, unit, reached: value <= limit, floor });
  };

  for (const [what, stream, slower, ours, inNode, inChromium] of faster) {
    for (const [engine, limit] of /** @type {const} */ ([
      ["Node", inNode],
      ["Chromium", inChromium],
    ])) {
      const { ratio } = streamFigures(results, engine, stream);
      const name = `${engine}: ${what}, against ${slower}`;
      atLeast(name, ratio(slower, ours), limit, "×", ratio(slower, floors[ours]));
    }
  }
  for (const [engine, limit] of /** @type {const} */ ([
    ["Node", 1.8],
    ["Chromium", 1.15],
    ["workerd", 1.15],
  ])) {
    const { ratio } = streamFigures(results, engine, {});
    const [value, floor] = ["textStream", "known texts"].map((name) => ratio(name, "reading only"));
    atMost(`${engine}: textStream, 1 event a chunk, against reading only`, value, limit, "×", floor);
  }
  for (const engine of ["Node", "Chromium"]) {
    const { ratio } = streamFigures(results, engine, { chunkBytes: CHUNK });
    const [value, floor] = ["events .json", floors["events .json"]].map((name) =>
      ratio(name, "eventsource-parser"),
    );
    atMost(`${engine}: events .json, 16 KiB, against eventsource-parser`, value, 1, "×", floor);
  }
  for (const [engine, limit] of /** @type {const} */ ([
    ["Node", 40],
    ["Chromium", 60],
  ])) {
    const ns = callFigures(results, engine).difference("invoke", "fetch + json()");
    atMost(`${engine}: invoke over fetch + json()`, ns && ns / 1000, limit, " µs");
  }
  atMost(
    "workerd: toResponse(), against new Response(upstream.body)",
    figures(results.passOn).ratio("toResponse", "native"),
    1.1,
    "×",
  );
  const size = results.sizes?.purerouter.gzip;
  atMost("size of a streaming program, gzip -9", size && size / KIB, 24, " KiB");
  const { wasm, empty } = results.startup ?? {};
  atMost("Node: compile and instantiate (CPU)", wasm?.cpuMs, 1.5, " ms", empty?.cpuMs);
  return found;
}
