import { PureRouter } from "purerouter";

const client = new PureRouter({ baseUrl: "https://gateway.example" });

self.onmessage = async ({ data: prompt }) => {
  for await (const event of client.deployments.stream("primary-id", { prompt })) self.postMessage(event.text);
};
