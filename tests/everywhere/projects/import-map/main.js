import { PureRouter } from "purerouter";

async function main() {
  const client = new PureRouter({ baseUrl: "https://gateway.example" });
  const output = document.querySelector("output");
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." }))
    output.append(event.text);
}

main();
