// The ways of making a call that answers once, each with a fetch that has the answer ready: what is left is what the
// client itself costs.

import OpenAI from "openai";
import { PureRouter } from "purerouter";

const URL = "http://service.test/v1";
const TEXT = "Once upon a time, there was a small router.";
const request = { prompt: "Tell a brief story.", max_tokens: 250 };
const ANSWER = JSON.stringify({
  id: "cmpl-popb4XFx",
  object: "text_completion",
  created: 1795344969,
  model: "models/smol/SmolLM2-135M-Instruct",
  choices: [{ text: TEXT, index: 0, logprobs: null, finish_reason: "stop" }],
  usage: { prompt_tokens: 6, completion_tokens: 11, total_tokens: 17 },
});

/** @type {typeof fetch} */
const answer = async () => new Response(ANSWER, { headers: { "content-type": "application/json" } });

const client = new PureRouter({ baseUrl: "http://service.test", fetch: answer });
const openai = new OpenAI({ apiKey: "test", baseURL: URL, fetch: answer, dangerouslyAllowBrowser: true });

/** @type {Record<string, () => Promise<any>>} */
const ways = {
  "fetch + json()": async () => {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const response = await answer(`${URL}/invoke`, {
      method: "POST",
      headers,
      body: JSON.stringify(request),
    });
    return response.json();
  },
  invoke: () => client.deployments.invoke("bench", request),
  openai: () => openai.completions.create({ model: "bench", ...request }),
};

export const callWays = Object.keys(ways);

/** @param {string} way @param {number} times */
export async function call(way, times) {
  const made = ways[way];
  for (let i = 0; i < times; i++) {
    const { choices } = await made();
    if (choices[0].text !== TEXT) throw new Error(`${way} read ${JSON.stringify(choices)}`);
  }
}
