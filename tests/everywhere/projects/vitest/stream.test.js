import { expect, test } from "vitest";
import { PureRouter } from "purerouter";

test("streams", async () => {
  const client = new PureRouter({ baseUrl: "https://gateway.example", routerKey: "sk_1" });
  let text = "";
  for await (const event of client.deployments.stream("primary-id", { prompt: "Hi." })) text += event.text;
  console.log(text);
  expect(text).toBe("one two three");
});
