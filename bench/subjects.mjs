// The ways of reading a stream that are compared. Each gets a fetch that answers with the stream, reads it as its own
// documentation shows, and gives what it read, so that every run can be checked.
//
// `reads` is what it gives: the text, the data of every event, or the number of bytes.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import { PureRouter } from "purerouter";
import { knownEvents, knownTexts } from "./known.mjs";

/**
 * @typedef {import("./known.mjs").Known} Known
 * @typedef {{ reads: "text" | "data" | "bytes", read: (fetch: typeof globalThis.fetch, known: Known) => Promise<string> }} Subject
 */

const URL = "http://service.test/v1";
const request = { prompt: "Tell a brief story.", max_tokens: 250 };

/** @param {typeof fetch} fetch */
async function body(fetch) {
  const response = await fetch(`${URL}/completions`, { method: "POST", body: JSON.stringify(request) });
  return /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
}

/** @param {typeof fetch} fetch */
const ours = (fetch) =>
  new PureRouter({ baseUrl: "http://service.test", fetch }).deployments.stream("bench", request);

/** @type {Record<string, Subject>} */
export const subjects = {
  "reading only": {
    reads: "bytes",
    async read(fetch) {
      const reader = await body(fetch);
      let bytes = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return `${bytes}`;
        bytes += value.length;
      }
    },
  },

  "known texts": {
    reads: "text",
    async read(fetch, known) {
      let text = "";
      for await (const delta of knownTexts(await body(fetch), known)) text += delta;
      return text;
    },
  },

  "known events": {
    reads: "text",
    async read(fetch, known) {
      const { text: all, ends } = known;
      const make = (/** @type {number} */ i) => ({ text: all.slice(i === 0 ? 0 : ends[i - 1], ends[i]) });
      let text = "";
      for await (const event of knownEvents(await body(fetch), known, make)) text += event.text;
      return text;
    },
  },

  "known JSON": {
    reads: "text",
    async read(fetch, known) {
      const make = (/** @type {number} */ i) => ({ json: JSON.parse(known.datas[i]) });
      let text = "";
      for await (const event of knownEvents(await body(fetch), known, make))
        text += event.json.choices[0].text;
      return text;
    },
  },

  "minimal JS": {
    reads: "text",
    async read(fetch) {
      const reader = await body(fetch);
      const decoder = new TextDecoder();
      let text = "";
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        rest += decoder.decode(value, { stream: true });
        let from = 0;
        for (let to; (to = rest.indexOf("\n\n", from)) >= 0; from = to + 2) {
          const data = rest.slice(from + 6, to);
          if (data !== "[DONE]") text += JSON.parse(data).choices[0].text;
        }
        rest = rest.slice(from);
      }
    },
  },

  "template in JS": {
    reads: "text",
    async read(fetch) {
      const reader = await body(fetch);
      const decoder = new TextDecoder();
      let text = "";
      let rest = "";
      // What stood before and after the text of the last event: where the next one has the same, only its text is
      // looked at.
      let before = "no event starts so";
      let after = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        rest += decoder.decode(value, { stream: true });
        let from = 0;
        for (;;) {
          const start = from + before.length;
          if (rest.slice(from, start) === before) {
            const quote = rest.indexOf('"', start);
            const delta = rest.slice(start, quote);
            if (quote > start && !delta.includes("\\") && rest.slice(quote, quote + after.length) === after) {
              text += delta;
              from = quote + after.length;
              continue;
            }
          }
          const to = rest.indexOf("\n\n", from);
          if (to < 0) break;
          const data = rest.slice(from + 6, to);
          if (data !== "[DONE]") {
            const delta = JSON.parse(data).choices[0].text;
            text += delta;
            const at = rest.indexOf('"text":"', from) + 8;
            if (delta !== "" && rest.slice(at, at + delta.length + 1) === `${delta}"`) {
              before = rest.slice(from, at);
              after = rest.slice(at + delta.length, to + 2);
            }
          }
          from = to + 2;
        }
        rest = rest.slice(from);
      }
    },
  },

  "eventsource-parser": {
    reads: "text",
    async read(fetch) {
      const reader = await body(fetch);
      const decoder = new TextDecoder();
      let text = "";
      const parser = createParser({
        onEvent({ data }) {
          if (data !== "[DONE]") text += JSON.parse(data).choices[0].text;
        },
      });
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        parser.feed(decoder.decode(value, { stream: true }));
      }
    },
  },

  openai: {
    reads: "text",
    async read(fetch) {
      const client = new OpenAI({ apiKey: "test", baseURL: URL, fetch, dangerouslyAllowBrowser: true });
      const stream = await client.completions.create({ model: "bench", stream: true, ...request });
      let text = "";
      for await (const event of stream) text += event.choices[0].text;
      return text;
    },
  },

  "AI SDK doStream": {
    reads: "text",
    async read(fetch) {
      const provider = createOpenAICompatible({ name: "bench", baseURL: URL, fetch });
      const { stream } = await provider.completionModel("bench").doStream({
        prompt: [{ role: "user", content: [{ type: "text", text: request.prompt }] }],
      });
      const reader = stream.getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        if (value.type === "text-delta") text += value.delta;
        else if (value.type === "error") throw value.error;
      }
    },
  },

  textStream: {
    reads: "text",
    async read(fetch) {
      let text = "";
      for await (const delta of ours(fetch).textStream()) text += delta;
      return text;
    },
  },

  "events .text": {
    reads: "text",
    async read(fetch) {
      let text = "";
      for await (const event of ours(fetch)) text += event.text;
      return text;
    },
  },

  "events .data": {
    reads: "data",
    async read(fetch) {
      let data = "";
      for await (const event of ours(fetch)) data += event.data;
      return data;
    },
  },

  "events .json": {
    reads: "text",
    async read(fetch) {
      let text = "";
      for await (const event of ours(fetch)) text += /** @type {any} */ (event.json).choices[0].text;
      return text;
    },
  },
};
