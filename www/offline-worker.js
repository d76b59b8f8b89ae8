// Keeps the page's files for when there is no network. The network comes first, so that what is shown is what is served;
// requests to the service (/v1/…) and what stands behind the page (/config.json) are never kept.

const CACHE = "page";
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  worker.skipWaiting();
  event.waitUntil(
    (async () => {
      const files = await (await fetch("/files.json")).json();
      await (await caches.open(CACHE)).addAll(files);
    })(),
  );
});

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/v1/") || pathname === "/config.json") return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE);
      try {
        const response = await fetch(request);
        if (response.ok) void cache.put(pathname, response.clone());
        return response;
      } catch (error) {
        const kept = await cache.match(pathname);
        if (kept) return kept;
        throw error;
      }
    })(),
  );
});
