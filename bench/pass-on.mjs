// What it costs a Worker to pass a stream on: CPU time of workerd for a megabyte, the service's connection and the
// client's included, beside what `new Response(upstream.body)` costs.

import { get } from "node:http";
import { makeCycle } from "./data.mjs";
import { startWorker } from "./engines/workerd.mjs";
import { measure } from "./rounds.mjs";

export const passers = ["native", "copied in JS", "gateway", "toResponse", "toReadableStream"];

/**
 * @param {string} packageFolder
 * @param {string} serverUrl
 * @param {import("./cases.mjs").Effort} effort
 */
export async function passOn(packageFolder, serverUrl, effort) {
  const { url, time, stop } = await startWorker("passOn", packageFolder, { SERVER: serverUrl });
  const { bytes, tail } = makeCycle("ascii", 20_000, 16 * 1024);
  const passer = (/** @type {string} */ name) => async (/** @type {number} */ cycles) => {
    const before = time();
    const got = await lengthOf(`${url}${encodeURIComponent(name)}?cycles=${cycles}`);
    const ns = time() - before;
    if (got !== bytes * cycles + tail.length) throw new Error(`${name} passed ${got} bytes on`);
    return ns;
  };
  try {
    const contestants = passers.map((name) => ({ name, run: passer(name), items: bytes / 1e6 }));
    return await measure(contestants, effort);
  } finally {
    await stop();
  }
}

/** @param {string} url @returns {Promise<number>} */
const lengthOf = (url) =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let length = 0;
      response.on("data", (chunk) => (length += chunk.length));
      response.on("error", reject);
      response.on("end", () => resolve(length));
    }).on("error", reject);
  });
