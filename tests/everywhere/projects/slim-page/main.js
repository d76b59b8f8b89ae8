import { init, PureRouter } from "/node_modules/purerouter/slim.js";

const output = document.querySelector("output");
try {
  await init("/node_modules/purerouter/purerouter.wasm");
  const client = new PureRouter({ baseUrl: "https://gateway.example" });
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." }))
    output.append(event.text);
} catch (error) {
  output.append(error.message);
}
