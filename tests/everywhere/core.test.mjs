// What of the matrix runs in CI: all that needs neither Next nor Parcel, which install and build for minutes. Those two
// run with the others by `npm run test:everywhere`.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/tools.mjs";
import { closeBrowsers } from "./browsers.mjs";
import { environments } from "./environments.mjs";
import { matrix } from "./matrix.mjs";

const core = environments.filter(({ group }) => !["next", "parcel"].includes(group));

after(closeBrowsers);

const results = await matrix(core, join(root, "pkg"), () => {});
for (const { name, problem } of results) test(name, () => assert.equal(problem, ""));
test("no environment was left out", () => assert.equal(results.length, core.length));
