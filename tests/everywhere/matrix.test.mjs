// All of the matrix runs in CI; `npm run test:everywhere` runs it alone, or some of it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/tools.mjs";
import { closeBrowsers } from "./browsers.mjs";
import { environments } from "./environments.mjs";
import { matrix } from "./matrix.mjs";

after(closeBrowsers);

const results = await matrix(environments, join(root, "pkg"), () => {});
for (const { name, problem } of results) test(name, () => assert.equal(problem, ""));
test("no environment was left out", () => assert.equal(results.length, environments.length));
