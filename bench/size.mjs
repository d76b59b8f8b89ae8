// What a browser loads for a program that streams: the same program with each SDK, bundled and minified by esbuild,
// then gzip -9.

import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const show = "document.body.append(text);";

/** @type {Record<string, string>} */
const programs = {
  purerouter: `
    import { PureRouter } from "purerouter";
    const client = new PureRouter({ baseUrl: "/" });
    for await (const text of client.deployments.stream("id", { prompt: "Hi." }).textStream()) ${show}`,
  openai: `
    import OpenAI from "openai";
    const client = new OpenAI({ apiKey: "", baseURL: "/v1", dangerouslyAllowBrowser: true });
    const stream = await client.completions.create({ model: "id", prompt: "Hi.", stream: true });
    for await (const { choices: [{ text }] } of stream) ${show}`,
  "AI SDK": `
    import { streamText } from "ai";
    import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
    const provider = createOpenAICompatible({ name: "x", baseURL: "/v1" });
    const { textStream } = streamText({ model: provider.completionModel("id"), prompt: "Hi." });
    for await (const text of textStream) ${show}`,
  "eventsource-parser": `
    import { EventSourceParserStream } from "eventsource-parser/stream";
    const body = JSON.stringify({ prompt: "Hi.", stream: true });
    const response = await fetch("/v1/deployments/id/invoke", { method: "POST", body });
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { data } of events) {
      if (data === "[DONE]") break;
      const text = JSON.parse(data).choices[0].text;
      ${show}
    }`,
};

/** @typedef {Record<string, { raw: number, gzip: number }>} Sizes bytes of each program */

/** @param {string} packageFolder @returns {Promise<Sizes>} */
export async function sizes(packageFolder) {
  const { build } = await import("esbuild");
  /** @type {Sizes} */
  const found = {};
  for (const [name, contents] of Object.entries(programs)) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      alias: { purerouter: join(packageFolder, "index.js") },
      write: false,
      logLevel: "error",
    });
    const [{ contents: code }] = outputFiles;
    found[name] = { raw: code.length, gzip: gzipSync(code, { level: 9 }).length };
  }
  return found;
}
