import { PureRouter } from "purerouter";

const client = new PureRouter({ baseUrl: "https://gateway.example", routerKey: "sk_1" });

export default {
  async fetch() {
    let text = "";
    for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." })) text += event.text;
    return new Response(text);
  },
};
