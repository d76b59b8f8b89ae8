// Imported for its effect: a rejection that nobody handles fails the file, whichever test it belongs to.

import assert from "node:assert/strict";
import { after } from "node:test";
import { sleep } from "./waiting.mjs";

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

after(async () => {
  await sleep(50);
  assert.deepEqual(unhandled, [], "nothing becomes an unhandled rejection");
});
