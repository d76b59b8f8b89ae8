import { PureRouter } from "purerouter";

export const dynamic = "force-dynamic";

export async function GET() {
  const client = new PureRouter({ baseUrl: "https://gateway.example", routerKey: "sk_1" });
  let text = "";
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." })) text += event.text;
  return new Response(text);
}
