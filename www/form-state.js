// The whole form as a session, and a session as the form: what is kept for a reload and goes into a link. What is in neither
// (a key, an answer) is not here.

import { isFault } from "./chain.js";
import { choice, input } from "./parts.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {{
 *   controls: import("./controls.js").Controls,
 *   output: import("./output.js").Output,
 *   conversation: import("./conversation.js").Conversation,
 *   chain: import("./chain.js").Chain,
 *   lanes: import("./lanes.js").Lanes,
 *   connections: import("./connections.js").Connections,
 * }} Form
 */

/**
 * The ready-made chain: one that refuses, one that breaks off in mid-answer, one that goes on from there.
 *
 * @type {import("./chain.js").Link[]}
 */
export const scenario = [
  { id: "smollm2-135m-slow", fault: "503" },
  { id: "smollm2-135m", fault: "cut" },
  { id: "smollm2-135m-fast", fault: "none" },
];

const typed = /** @type {const} */ (["system", "deployment", "max_tokens", "temperature", "top_p"]);

/**
 * @param {Form} form
 * @param {{ view: string, language: string }} shown
 * @returns {Session}
 */
export function gather({ controls, conversation, chain, lanes, connections }, { view, language }) {
  return {
    view,
    chat: conversation.on,
    language,
    ...Object.fromEntries(typed.map((id) => [id, input(id).value])),
    turns: conversation.turns,
    prompt: controls.prompt.value,
    target: controls.target.value,
    lanes: lanes.lanes,
    chain: chain.links,
    midStream: choice("mid-stream").value,
    markdown: input("markdown").checked,
    connection: connections.choice,
    baseUrl: input("base-url").value,
  };
}

/** @param {Form} form @param {Session} saved */
export function fill({ controls, output, chain, connections }, saved) {
  for (const id of typed) if (saved[id] !== undefined) input(id).value = saved[id];
  controls.slide();
  controls.prompt.value = saved.prompt ?? "";
  if (saved.baseUrl) input("base-url").value = saved.baseUrl;
  const offered = [...choice("mid-stream").options].some(({ value }) => value === saved.midStream);
  if (saved.midStream && offered) choice("mid-stream").value = saved.midStream;
  const ids = scenario.map(({ id }) => id);
  const links = saved.chain?.filter(({ id, fault }, at, all) => {
    return ids.includes(id) && isFault(fault) && all.findIndex((link) => link.id === id) === at;
  });
  chain.show(links?.length ? links : scenario, ids);
  connections.choose(saved.connection);
  input("markdown").checked = saved.markdown === true;
  if (saved.markdown) void output.markdown(true);
}
