import { PureRouter } from "/node_modules/purerouter/index.js";

const client = new PureRouter({ baseUrl: "https://gateway.example" });

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (!event.request.url.endsWith("/answer")) return;
  const stream = client.deployments.stream("primary-id", { prompt: "Hi." });
  event.respondWith(stream.text().then((text) => new Response(text)));
});
