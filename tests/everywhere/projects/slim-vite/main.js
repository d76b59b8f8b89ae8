import { init, PureRouter } from "purerouter/slim";
import url from "purerouter/purerouter.wasm?url";

async function main() {
  await init(url);
  const client = new PureRouter({ baseUrl: "https://gateway.example" });
  const output = document.querySelector("output");
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." }))
    output.append(event.text);
}

main();
