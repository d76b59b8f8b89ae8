// Takes the README's picture of the demo page anew: the first screen, once the client has survived what fetch has not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { command, CommandError } from "./command.mjs";
import { chromiumFlags, findChromium, root } from "./tools.mjs";

const LARGEST = 300_000;

async function picture() {
  const server = spawn(process.execPath, [join(root, "scripts/start.mjs")], {
    env: { ...process.env, PORT: "0", PUREROUTER_KEY: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
  try {
    const url = await new Promise((resolve, reject) => {
      let said = "";
      server.once("exit", (code) => reject(new CommandError(`npm start ended with ${code}`)));
      server.stdout.on("data", (chunk) => {
        said += chunk;
        const found = /^(http:\/\/127\.0\.0\.1:\d+) /m.exec(said)?.[1];
        if (found) resolve(found);
      });
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 848 }, colorScheme: "light" });
    await page.goto(url);
    await page.locator('#opening [data-side="purerouter"][data-well="true"]').waitFor();
    // The last frame, and a border that changes its colour slowly.
    await page.waitForTimeout(1000);
    const path = join(root, ".github/page.png");
    await page.screenshot({ path });
    const { size } = statSync(path);
    if (size > LARGEST) throw new CommandError(`${path} has ${size} bytes, more than ${LARGEST}`);
    console.log(`${path}: ${Math.round(size / 1000)} kB`);
  } finally {
    await browser.close();
    const ended = once(server, "exit");
    server.kill("SIGINT");
    await ended;
  }
}

command(import.meta.url, picture);
