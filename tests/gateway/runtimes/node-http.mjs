// How Node serves it: the README's lines.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import gateway from "./gateway.js";

createServer(async (incoming, outgoing) => {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  try {
    const { method, url, headers } = incoming;
    const body = method === "POST" ? Readable.toWeb(incoming) : null;
    const init = { method, headers, body, duplex: "half", signal: gone.signal };
    const response = await gateway.fetch(new Request(`http://${headers.host}${url}`, init), process.env);
    outgoing.setHeaders(response.headers).writeHead(response.status);
    await pipeline(response.body ?? [], outgoing);
  } catch {
    outgoing.destroy(); // the client left, or what it sent is no request
  }
}).listen(process.env.PORT);
