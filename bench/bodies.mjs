// Where a stream comes from: out of memory, or over a real connection.
//
// A body in memory must cost next to nothing itself, since every subject pays for it. Of the ways to make a
// ReadableStream, handing over prepared chunks, some dozens a pull, is the cheapest: a pull for each chunk costs half
// as much again, bytes streams four times as much (they detach each chunk, so it has to be copied first).

const CHUNKS_A_PULL = 64;
const HEADERS = { "content-type": "text/event-stream" };

/**
 * A fetch that answers with the cycle, `cycles` times over, and the tail.
 *
 * @param {import("./data.mjs").Cycle} cycle
 * @param {number} cycles
 * @returns {typeof fetch}
 */
export function fromMemory({ chunks, tail }, cycles) {
  return async () => {
    let at = 0;
    let left = cycles;
    const body = new ReadableStream({
      pull(controller) {
        for (let i = 0; i < CHUNKS_A_PULL; i++) {
          controller.enqueue(chunks[at++]);
          if (at < chunks.length) continue;
          at = 0;
          if (--left > 0) continue;
          controller.enqueue(tail);
          return controller.close();
        }
      },
    });
    return new Response(body, { headers: HEADERS });
  };
}

/**
 * A fetch that asks the server of `server.mjs` for the same, whatever it was asked for itself.
 *
 * @param {string} url
 * @param {{ data: string, events: number, chunkBytes: number }} kind
 * @param {number} cycles
 * @returns {typeof fetch}
 */
export function overHttp(url, { data, events, chunkBytes }, cycles) {
  const query = new URLSearchParams({
    data,
    events: `${events}`,
    chunk: `${chunkBytes}`,
    cycles: `${cycles}`,
  });
  return (_, init) => fetch(`${url}/stream?${query}`, { signal: init?.signal });
}
