// Writes the demo page's files, as `npm start` of the repository serves them, to assets/.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { page, pageFiles } from "../../scripts/gateway/page.mjs";

const assets = join(import.meta.dirname, "assets");

/** The Worker answers it, since it knows what it lets through. */
const config = () => {
  throw new Error("config.json is no file");
};

/** @param {string} path */
const fileName = (path) =>
  path === "/" ? "index.html" : path.includes(".") ? path.slice(1) : `${path.slice(1)}.html`;

/** Cloudflare joins what several rules say of one header, so the page's own policy takes the general one's away. */
async function headers() {
  /** @param {string} path @param {string[]} [removed] */
  const rule = async (path, removed = []) => {
    const { "content-type": _, ...own } = (await page(path === "/*" ? "/" : path, config)).headers;
    const lines = Object.entries(own).map(([name, value]) => `  ${name}: ${value}`);
    return [path, ...removed.map((name) => `  ! ${name}`), ...lines].join("\n");
  };
  const general = (await page("/", config)).headers;
  return `${await rule("/*")}\n\n${await rule(
    "/own",
    Object.keys(general).filter((name) => name !== "content-type"),
  )}\n`;
}

await rm(assets, { recursive: true, force: true });
for (const path of [...(await pageFiles()), "/files.json"]) {
  const { status, body } = await page(path, config);
  if (status !== 200)
    throw new Error(`${path} of the demo page is missing: run \`npm run build\` in the repository`);
  const file = join(assets, fileName(path));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, body);
}
await writeFile(join(assets, "_headers"), await headers());
console.log(`The demo page is in ${assets}.`);

if (process.env.npm_lifecycle_event === "build") {
  console.log(`
Next:
  npx wrangler login                        once
  npx wrangler secret put PUREROUTER_KEY    once: asks for the key
  npm run deploy`);
}
