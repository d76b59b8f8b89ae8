// What an isolate of workerd holds once its garbage is gone, read through its inspector: unlike the size of the process,
// which holds what workerd keeps of connections and what allocators keep for later, this is what the Worker's code keeps.

import { createRequire } from "node:module";
import { settled } from "../package/waiting.mjs";

// Node 20 has no WebSocket of its own; Miniflare brings one.
const { WebSocket } = createRequire(createRequire(import.meta.url).resolve("miniflare"))("ws");
const MiB = 2 ** 20;

/**
 * @param {import("miniflare").Miniflare} workerd with an `inspectorPort`
 * @param {string} name of the Worker
 * @param {() => unknown} wake gives the Worker something to do: an isolate collects on the way
 */
export async function openHeap(workerd, name, wake) {
  const socket = new WebSocket(new URL(`/core:user:${name}`, await workerd.getInspectorURL()));
  const replies = new Map();
  socket.on("message", (data) => {
    const { id, result } = JSON.parse(data);
    replies.get(id)?.(result);
  });
  await settled(new Promise((resolve) => socket.once("open", resolve)));
  let last = 0;
  const ask = (method) =>
    settled(
      new Promise((resolve) => {
        replies.set(++last, resolve);
        socket.send(JSON.stringify({ id: last, method }));
      }),
    );
  return {
    /** MiB that are in use after a collection. */
    async used() {
      const collected = ask("HeapProfiler.collectGarbage");
      const awake = setInterval(wake, 50);
      await collected.finally(() => clearInterval(awake));
      const { usedSize, embedderHeapUsedSize, backingStorageSize } = await ask("Runtime.getHeapUsage");
      return (usedSize + embedderHeapUsedSize + backingStorageSize) / MiB;
    },
    close: () => socket.close(),
  };
}
