const output = document.querySelector("output");
try {
  const { PureRouter } = await import("/node_modules/purerouter/index.js");
  const client = new PureRouter({ baseUrl: "https://gateway.example" });
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." }))
    output.append(event.text);
} catch (error) {
  output.append(error.message);
}
