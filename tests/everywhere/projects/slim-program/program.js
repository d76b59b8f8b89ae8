import { readFile } from "node:fs/promises";
import { init, PureRouter } from "purerouter/slim";

await init(await readFile(new URL(import.meta.resolve("purerouter/purerouter.wasm"))));
const client = new PureRouter({ baseUrl: "https://gateway.example", routerKey: "sk_1" });
let text = "";
for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." })) text += event.text;
console.log(text);
