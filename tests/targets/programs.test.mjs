// A program that called several targets ends by itself once its calls have. Programs of their own, since a test runner
// has timers, listeners and sockets of its own; an unhandled rejection ends them with an error.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { project } from "../package/install.mjs";
import { delta } from "../package/sockets.mjs";
import { breaksAfter, fleet, holds, says, silent, status } from "./fleet.mjs";

const run = promisify(execFile);
// Far shorter than any timeout of the package, so that a timer left behind is seen.
const LIFETIME_MS = 20_000;

const PRELUDE = `
  import { PureRouter } from "purerouter";
  const client = new PureRouter({ baseUrl: process.argv.at(-1), routerKey: "sk_test", maxRetries: 0 });
  const request = { prompt: "Hi." };
  const failed = (promise) => promise.then(() => { throw new Error("It resolved"); }, (error) => error?.name ?? error);
`;

const programs = {
  "a fallback": ['console.log(await client.fallback(["failing", "whole"]).stream(request).text())', "Hello"],
  "a fallback's invoke()": [
    'console.log((await client.fallback(["failing", "whole"]).invoke(request)).text)',
    "Hello",
  ],
  "a continued stream": [
    'console.log(await client.fallback(["breaking", "whole"], { midStream: "continue" }).stream(request).text())',
    "HelHello",
  ],
  "a chain that fails": [
    'console.log(await failed(client.fallback(["failing", "breaking"], { midStream: "restart" }).stream(request).text()))',
    "FallbackError",
  ],
  "a chain that fails unread": [
    'client.fallback(["failing"]).stream(request); console.log("unread")',
    "unread",
  ],
  "a comparison that fails unread": [
    'client.compare(["failing", "breaking"], request); client.compare([], request).results; console.log("unread")',
    "unread",
  ],
  "a hedge": [
    'console.log(await client.hedge(["whole", "silent"], { delay: 60_000 }).stream(request).text())',
    "Hello",
  ],
  "a race": [
    'console.log(await client.hedge(["silent", "whole"], { delay: 0 }).stream(request).text())',
    "Hello",
  ],
  "a race of invoke()": [
    'console.log((await client.hedge(["silent", "whole"], { delay: 0 }).invoke(request)).text)',
    "Hello",
  ],
  break: [
    'for await (const _ of client.hedge(["silent", "held"], { delay: 0 }).stream(request)) break; console.log("left")',
    "left",
  ],
  "leaving a comparison": [
    'for await (const _ of client.compare(["silent", "held", "whole"], request)) break; console.log("left")',
    "left",
  ],
  "an abort": [
    'const s = client.fallback(["failing", "silent"]).stream(request); setTimeout(() => s.abort(7), 200); console.log(await failed(s.text()))',
    "7",
  ],
};

describe("a program ends by itself after", { concurrency: 2 }, () => {
  for (const [what, [source, expected]] of Object.entries(programs)) {
    test(what, async (t) => {
      const server = await fleet(t, {
        failing: status(503),
        breaking: breaksAfter("Hel"),
        silent,
        held: holds(delta("lo")),
        whole: says("Hello"),
      });
      const args = ["--input-type=module", "--eval", PRELUDE + source, "--", server.url];
      const { stdout, stderr } = await run(process.execPath, args, { cwd: project, timeout: LIFETIME_MS });
      assert.equal(stderr, "");
      assert.equal(stdout, `${expected}\n`);
    });
  }
});
