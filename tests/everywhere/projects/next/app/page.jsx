"use client";

import { useEffect, useState } from "react";
import { PureRouter } from "purerouter";

export default function Page() {
  const [text, setText] = useState("");
  useEffect(() => {
    const client = new PureRouter({ baseUrl: "https://gateway.example" });
    const stream = client.deployments.stream("primary-id", { prompt: "Hi." });
    (async () => {
      for await (const event of stream) setText((before) => before + event.text);
    })();
  }, []);
  return <output>{text}</output>;
}
