// The service inside the page: `purerouter/testing` with its recordings of a real model. No request leaves the tab. It
// can be made to fail on demand, and goes on from a text that broke off as a model would, which a plain replay cannot.

import { createService, recorded, recordings } from "/purerouter/testing.js";

/** @typedef {"none" | "503" | "stall" | "cut"} Fault */
/** @typedef {import("/purerouter/testing.js").DeploymentBehaviour} Behaviour */

/** Whose answers, and how much faster they come than they were generated. */
const speeds = { "smollm2-135m": 1, "smollm2-135m-fast": 4, "smollm2-135m-slow": 0.25 };

/** @type {Record<Fault, Behaviour>} */
const behaviours = {
  none: {},
  503: { status: 503 },
  stall: { stallAfter: 14 },
  cut: { cutAfter: 24 },
};

/** @type {import("./config.js").Config} */
export const embeddedConfig = {
  deployments: Object.keys(speeds),
  profiles: ["balanced"],
  note: "recorded answers of SmolLM2 135M, replayed in this page",
  prompts: recordings.map(({ prompt }) => prompt),
};

/**
 * @param {Record<string, Fault | Behaviour>} [faults] by deployment
 * @param {Record<string, number>} [pace] how fast each answers
 * @returns {typeof fetch}
 */
export function embeddedFetch(faults = {}, pace = speeds) {
  const deployments = Object.entries(pace).map(([id, speed]) => {
    const fault = faults[id] ?? "none";
    return [id, { text: continuing(speed), ...(typeof fault === "string" ? behaviours[fault] : fault) }];
  });
  const service = createService({
    deployments: Object.fromEntries(deployments),
    profiles: { balanced: { text: continuing(1) } },
  });
  return (input, init) => {
    service.requests.length = 0;
    return service.fetch(input, init);
  };
}

/** @param {number} speed @returns {import("/purerouter/testing.js").TextFunction} */
function continuing(speed) {
  return (request, context) => {
    const rest = begun(asked(request));
    return recorded({ speed, ...(rest && { recordings: [rest] }) })(request, context);
  };
}

/**
 * The rest of a recording whose beginning the prompt already ends with. Of very short beginnings one cannot tell.
 *
 * @param {string} prompt
 */
function begun(prompt) {
  for (const recording of recordings) {
    let said = "";
    let rest;
    for (const [at, [ms, token]] of recording.tokens.entries()) {
      said += token;
      if (said.length > 8 && prompt.endsWith(said)) rest = { from: at + 1, ms };
    }
    if (!rest) continue;
    const { from, ms } = rest;
    const tokens = recording.tokens
      .slice(from)
      .map(([at, token]) => /** @type {const} */ ([at - ms + 80, token]));
    if (tokens.length > 0) return { ...recording, tokens };
  }
}

/** @param {Record<string, any>} request */
function asked({ prompt, messages }) {
  return String(prompt ?? messages?.at(-1)?.content ?? "");
}
