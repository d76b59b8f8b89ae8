// Some versions of V8 end the process where JavaScript that calls wasm is deoptimised during the call and the wasm
// returns a JavaScript value (scripts/shrink.mjs). It takes thousands of streams until that happens by itself; here it is
// made to happen, by a getter of the request.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { project } from "./install.mjs";

const run = promisify(execFile);

const PROGRAM = `
  import { PureRouter } from "purerouter";
  const fetch = async () => Response.json({ choices: [{ text: "Hi" }] });
  const { deployments } = new PureRouter({ fetch });
  const invoke = deployments.invoke;
  function call(request) { return deployments.invoke("id", request); }
  %PrepareFunctionForOptimization(invoke);
  %PrepareFunctionForOptimization(call);
  for (let i = 0; i < 20; i++) await call({ prompt: "Hi" });
  %OptimizeFunctionOnNextCall(call);
  await call({ prompt: "Hi" });
  const optimised = %GetOptimizationStatus(call) & 16;
  const request = { get prompt() { %DeoptimizeFunction(call); return "Hi"; } };
  console.log(Boolean(optimised), (await call(request)).choices[0].text);
`;

test("a caller that is deoptimised while it is in the wasm gets its answer", async () => {
  const flags = ["--allow-natives-syntax", "--input-type=module", "--eval", PROGRAM];
  const { stdout } = await run(process.execPath, flags, { cwd: project });
  assert.equal(stdout, "true Hi\n");
});
