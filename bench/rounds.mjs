// Fair rounds: in each, every contestant runs once, in an order of chance, so that what else the machine does meets
// all of them alike. Ratios are taken within a round, then the median of the rounds.

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(amount: number) => Promise<number>} run gives the CPU time it took, in ns
 * @property {number} items events, calls or bytes in an amount of 1
 *
 * @typedef {{ name: string, samples: number[] }} Measured ns an item, one sample a round
 */

/**
 * @param {Contestant[]} contestants
 * @param {object} how
 * @param {number} how.rounds
 * @param {number} how.warmMs CPU time that each one runs before it counts, for the engine to optimize
 * @param {number} how.sampleMs about how much CPU time a sample takes, so that it is far above the clock's steps
 * @returns {Promise<Measured[]>}
 */
export async function measure(contestants, { rounds, warmMs, sampleMs }) {
  const measured = [];
  for (const { name, run, items } of contestants) {
    const amount = await warmUp(run, warmMs * 1e6, sampleMs * 1e6);
    measured.push({ name, run, items, amount, samples: /** @type {number[]} */ ([]) });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { run, items, amount, samples } of shuffled(measured)) {
      samples.push((await run(amount)) / (amount * items));
    }
  }
  return measured.map(({ name, samples }) => ({ name, samples }));
}

/** Gives the amount that makes a sample. @param {Contestant["run"]} run @param {number} warm @param {number} sample */
async function warmUp(run, warm, sample) {
  let amount = 1;
  for (let spent = 0; ;) {
    const cost = await run(amount);
    spent += cost;
    // Never more than eightfold: the first runs are slower than all later ones.
    const wanted = Math.max(1, Math.min(amount * 8, Math.round((amount * sample) / Math.max(cost, 1))));
    if (spent >= warm && wanted < amount * 2) return wanted;
    amount = wanted;
  }
}

/** @template T @param {T[]} list @returns {T[]} */
function shuffled(list) {
  const rest = [...list];
  return list.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0]);
}

/** @param {number[]} samples */
export function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How much more `a` takes than `b`. @param {Measured} a @param {Measured} b */
export const difference = (a, b) => median(a.samples.map((sample, round) => sample - b.samples[round]));

/** How many times as much `a` takes as `b`. @param {Measured} a @param {Measured} b */
export const ratio = (a, b) => median(a.samples.map((sample, round) => sample / b.samples[round]));
