// `npm run audit`: known vulnerabilities in what the crate and this repository's commands are made of. No part of
// `npm test`, because it asks databases on the network, whose answer changes while the sources don't.
import { run } from "./child.mjs";
import { command, CommandError } from "./command.mjs";
import { setup } from "./setup.mjs";

const audits = [
  { name: "cargo deny check advisories", program: "cargo", args: ["deny", "check", "advisories"] },
  { name: "npm audit", program: "npm", args: ["audit"] },
];

async function audit() {
  await setup({ tests: true });
  const failed = [];
  for (const { name, program, args } of audits) {
    const { problem, output } = await run(name, program, args);
    console.log(`${problem ? "✗" : "✓"} ${name}\n${output.trimEnd()}\n`);
    if (problem) failed.push(name);
  }
  if (failed.length === 0) return;
  throw new CommandError(
    `${failed.join(" and ")} failed: read above whether it found something or could not reach its database.`,
  );
}

command(import.meta.url, audit);
