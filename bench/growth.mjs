// How cost grows with work, in Node: the time for an event as streams get longer and as events get larger.

import { loadEngine } from "./engines/engine.mjs";
import { measure, median } from "./rounds.mjs";

const CHUNK_BYTES = 16 * 1024;
const SUBJECTS = ["textStream", "events .text", "eventsource-parser"];
const SIZES = [32, 256, 4096, 65_536, 1_048_576];
// Streams of large events have about this many bytes.
const SIZED_BYTES = 4 * 1024 * 1024;
// Longer streams are made of cycles of this many events.
const CYCLE = 10_000;

/**
 * @typedef {{ events: number, eventBytes: number, ns: Record<string, number> }} Point ns an event of each subject
 * @typedef {{ lengths: Point[], sizes: Point[] }} Growth
 */

/** @param {string} packageFolder @param {import("./cases.mjs").Effort} effort @returns {Promise<Growth>} */
export async function growth(packageFolder, effort) {
  const engine = await loadEngine("node");
  /** @param {{ events: number, cycles: number, eventBytes?: number }[]} points */
  const curve = async (points) => {
    const trials = points.flatMap((point) =>
      SUBJECTS.map((subject) => ({
        ...point,
        subject,
        data: "ascii",
        chunkBytes: CHUNK_BYTES,
        packageFolder,
      })),
    );
    const running = await engine.start(trials);
    try {
      const contestants = trials.map(({ subject, events, cycles }, i) => {
        return { name: subject, run: running.runs[i], items: events * cycles };
      });
      const measured = await measure(contestants, effort);
      return points.map(({ events, cycles, eventBytes = 0 }, i) => {
        const of = measured.slice(i * SUBJECTS.length, (i + 1) * SUBJECTS.length);
        const ns = Object.fromEntries(of.map(({ name, samples }) => [name, median(samples)]));
        return { events: events * cycles, eventBytes, ns };
      });
    } finally {
      await running.stop();
    }
  };

  const lengths = [1];
  for (let events = 100; events <= effort.growth; events *= 10) lengths.push(events);
  return {
    lengths: await curve(
      lengths.map((events) => ({ events: Math.min(events, CYCLE), cycles: Math.ceil(events / CYCLE) })),
    ),
    sizes: await curve(
      SIZES.map((eventBytes) => ({ eventBytes, events: Math.ceil(SIZED_BYTES / eventBytes), cycles: 1 })),
    ),
  };
}
