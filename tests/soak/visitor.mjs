// A visitor of a Worker, over a socket of its own: one who may leave in any way, and is not patient for ever.

import { request as httpRequest } from "node:http";

const HANGS_AFTER_MS = 30_000;

/** Resolves with `{ status, body, left, hung }`, whatever comes. */
export function call(url, path, leaveAfterMs) {
  return new Promise((resolve) => {
    const request = httpRequest({ host: url.hostname, port: url.port, path, method: "POST", agent: false });
    let status = 0;
    let body = "";
    let left = false;
    const timers = [];
    const end = (more = {}) => {
      timers.forEach(clearTimeout);
      resolve({ status, body, left, ...more });
    };
    const leave = () => {
      left = true;
      // Some close as usual, some reset, as a phone does that loses its network.
      if (leaveAfterMs % 1 < 0.5) request.socket?.resetAndDestroy();
      request.destroy();
    };
    if (leaveAfterMs !== undefined) timers.push(setTimeout(leave, leaveAfterMs));
    timers.push(
      setTimeout(() => {
        request.destroy();
        end({ hung: true });
      }, HANGS_AFTER_MS),
    );
    request.on("error", () => end());
    request.on("response", (response) => {
      status = response.statusCode;
      response.on("data", (chunk) => (body += chunk));
      response.on("error", () => {});
      response.on("close", () => end());
    });
    request.end('{"prompt":"Hi.","stream":true}');
  });
}
