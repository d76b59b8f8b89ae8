import { PureRouter } from "/node_modules/purerouter/index.js";

const client = new PureRouter({ baseUrl: "https://gateway.example" });

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = async ({ data: prompt }) => {
    for await (const event of client.deployments.stream("primary-id", { prompt }))
      port.postMessage(event.text);
  };
};
