// The shapes of an answer on the wire: text completion, chat completion, and automatic routing, each whole
// and as the events of a stream. As at the servers this copies, the finish reason comes in an event of its
// own after the last delta, with the usage in it. The clock stands still and ids count up, so that equal
// calls give equal bytes.

/** @typedef {import("./generation.js").Generation} Generation */
/** @typedef {Record<string, unknown>} Json */

/**
 * @typedef {object} Shape
 * @property {(text: string, index: number) => Json} delta one event of a stream
 * @property {(generation: Generation) => Json} finish the last event of a stream
 * @property {(text: string, generation: Generation) => Json} whole the answer to a call that does not stream
 */

const CREATED = Date.UTC(2026, 0, 1) / 1000;

/**
 * @param {{ serial: number, model: string, chat: boolean }} call
 * @returns {Shape}
 */
export function completionShape({ serial, model, chat }) {
  const id = `${chat ? "chatcmpl" : "cmpl"}-${serial}`;
  /** @param {string} object @param {Json} choice @param {Json} [rest] */
  const answer = (object, choice, rest) => ({
    id,
    object,
    created: CREATED,
    model,
    choices: [choice],
    ...rest,
  });
  return {
    delta(text, index) {
      if (!chat) return answer("text_completion", { index: 0, text, finish_reason: null });
      const delta = index === 0 ? { role: "assistant", content: text } : { content: text };
      return answer("chat.completion.chunk", { index: 0, delta, finish_reason: null });
    },
    finish(generation) {
      const end = { finish_reason: generation.finishReason };
      return chat
        ? answer("chat.completion.chunk", { index: 0, delta: {}, ...end }, usageOf(generation))
        : answer("text_completion", { index: 0, text: "", ...end }, usageOf(generation));
    },
    // A chat answer has `text` besides `message`: every deployment's does.
    whole(text, generation) {
      const message = chat ? { message: { role: "assistant", content: text } } : {};
      return answer(
        chat ? "chat.completion" : "text_completion",
        { index: 0, text, ...message, finish_reason: generation.finishReason },
        usageOf(generation),
      );
    },
  };
}

/**
 * @param {{ serial: number, model: string, chat: boolean, profile: string }} call
 * @returns {Shape}
 */
export function inferShape({ serial, model, chat, profile }) {
  const raw = completionShape({ serial, model, chat });
  const route = { provider: "purerouter-testing", model_id: model, task: "text-generation", profile };
  /** @param {Generation} generation */
  const bill = (generation) => ({
    latency_ms: generation.durationMs,
    ...usageOf(generation),
    ...costOf(generation),
  });
  return {
    delta: (text) => ({ output_text: text, ...route }),
    finish: (generation) => ({
      output_text: "",
      ...route,
      finish_reason: generation.finishReason,
      ...bill(generation),
    }),
    whole: (text, generation) => ({
      output_text: text,
      ...route,
      ...bill(generation),
      raw: raw.whole(text, generation),
    }),
  };
}

/** @param {Generation} generation */
function usageOf({ usage }) {
  return usage ? { usage } : {};
}

/**
 * An invented price, one US dollar for a million tokens: enough to see that a cost arrives.
 *
 * @param {Generation} generation
 */
function costOf({ usage }) {
  if (!usage) return {};
  const { prompt_tokens: prompt = 0, completion_tokens: completion = 0, total_tokens: total } = usage;
  return { cost_usd: (total ?? prompt + completion) / 1e6 };
}
