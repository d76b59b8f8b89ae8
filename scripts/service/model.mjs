// A real language model on this machine as a PureRouter service: the package's `purerouter/testing` speaks the
// wire, and its text comes from llama.cpp, token by token. One request is answered at a time; the others wait.
import { setImmediate } from "node:timers/promises";
import { CommandError } from "../command.mjs";
import { modelFiles } from "./model-files.mjs";

const CONTEXT_TOKENS = 2048;
const SYSTEM = "You are a helpful assistant.";

export const modelDeployments = ["smollm2-135m-instruct"];

/** @returns {Promise<{ fetch: (request: Request) => Promise<Response>, close: () => Promise<void> }>} */
export async function modelService() {
  const files = await modelFiles();
  const { llama, model } = await load(files).catch((error) => {
    throw new CommandError(
      `llama.cpp does not run on this machine (${error.message}): use --upstream URL instead`,
    );
  });
  const context = await model.createContext({ contextSize: CONTEXT_TOKENS, sequences: 1 });
  const sequence = context.getSequence();

  /** @type {Promise<void>} */
  let last = Promise.resolve();

  /** @param {Record<string, any>} request @param {{ signal?: AbortSignal }} [call] */
  async function* text(request, { signal } = {}) {
    const before = last;
    /** @type {() => void} */
    let done = () => {};
    last = new Promise((resolve) => (done = resolve));
    try {
      await before;
      return yield* generate(request, signal);
    } finally {
      done();
    }
  }

  /** @param {Record<string, any>} request @param {AbortSignal} [signal] */
  async function* generate(request, signal) {
    const prompt = model.tokenize(chatMl(request), true);
    const room = CONTEXT_TOKENS - prompt.length;
    if (room <= 0)
      throw new RangeError(`The prompt has ${prompt.length} tokens; the model takes ${CONTEXT_TOKENS}`);
    await sequence.clearHistory();
    const { temperature = 0.7, top_p: topP = 0.95 } = request;
    let count = 0;
    const end = (/** @type {string} */ reason) => ({
      finish_reason: reason,
      usage: { prompt_tokens: prompt.length, completion_tokens: count, total_tokens: prompt.length + count },
    });
    // A token may be a part of a character, which shows as U+FFFD until the rest is there.
    let held = [];
    for await (const token of sequence.evaluate(prompt, { temperature, topP, yieldEogToken: true })) {
      if (model.isEogToken(token)) return end("stop");
      count += 1;
      held.push(token);
      const piece = model.detokenize(held);
      if (!piece.endsWith("\uFFFD")) {
        held = [];
        yield piece;
      }
      if (count === room) break;
      // Lets the server notice a closed connection, which evaluating alone would not.
      await setImmediate();
      if (signal?.aborted) break;
    }
    return end("length");
  }

  const { createService } = await import("../../pkg/testing.js");
  const deployments = Object.fromEntries(modelDeployments.map((id) => [id, { text }]));
  const service = createService({ deployments, profiles: { balanced: { text } } });
  return { fetch: service.fetch, close: () => llama.dispose() };
}

/** @param {{ gguf: string, runner: string }} files */
async function load({ gguf, runner }) {
  const { getLlama } = await import(runner);
  // On a machine with other work a second thread makes it slower, by up to a factor of seventy.
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
  return { llama, model: await llama.loadModel({ modelPath: gguf }) };
}

/**
 * The turns as the model was trained to read them, with a system prompt of ours: the one in its file spoils the
 * answers. A trailing assistant message is left open, to be continued.
 * @param {Record<string, any>} request
 */
function chatMl({ messages, prompt, input, inputs }) {
  /** @type {{ role: string, content: unknown }[]} */
  const turns = messages ?? [{ role: "user", content: prompt ?? input ?? inputs }];
  const all = turns[0]?.role === "system" ? turns : [{ role: "system", content: SYSTEM }, ...turns];
  const text = all.map(({ role, content }) => `<|im_start|>${role}\n${plain(content)}`).join("<|im_end|>\n");
  return all.at(-1)?.role === "assistant" ? text : `${text}<|im_end|>\n<|im_start|>assistant\n`;
}

/** @param {any} content a string, or a message's parts */
function plain(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content.map((part) => part?.text ?? (typeof part === "string" ? part : "")).join("");
}
