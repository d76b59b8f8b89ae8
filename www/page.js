// The page: its parts found, and wired to the one run. What each part does is in the module of its name.

import { send } from "./call.js";
import { Chain } from "./chain.js";
import { Circuits } from "./circuits.js";
import { Comparison } from "./comparison.js";
import { Connections, own } from "./connections.js";
import { Controls } from "./controls.js";
import { Conversation } from "./conversation.js";
import { copies } from "./copy.js";
import { showFailure } from "./failure.js";
import { Lanes } from "./lanes.js";
import { showMetrics } from "./metrics.js";
import { installOffline } from "./offline.js";
import { Opening } from "./opening.js";
import { Output } from "./output.js";
import { Race } from "./race.js";
import { Run } from "./run.js";
import { linkTo, remember, restore } from "./session.js";
import { languages, showCode } from "./snippet.js";
import { showStatus } from "./status.js";
import { suggest } from "./suggestions.js";
import { tabs } from "./tabs.js";
import { fill, gather, scenario } from "./form-state.js";
import { button, choice, input, part } from "./parts.js";
import { drawTimeline } from "./timeline.js";
import { Trace } from "./trace.js";

const run = button("run");
const stop = button("stop");
const controls = new Controls(/** @type {HTMLFormElement} */ (part("request")));
const output = new Output(part("output"));
const conversation = new Conversation(
  {
    form: part("conversation"),
    system: input("system"),
    before: part("before"),
    count: part("turn-count"),
    clear: part("clear-turns"),
    history: part("history"),
    turns: part("turns"),
  },
  () => {
    halt();
    output.clear();
    changed();
  },
);
const circuits = new Circuits();
const chain = new Chain(part("chain"), part("spare"), circuits, changed);
const opening = new Opening(part("opening"));
const lanes = new Lanes(part("lanes"), button("add-lane"), () => {
  changed();
  // The answers there are belong to other lanes.
  if (!running) race.show(lanes.lanes, false);
});
const race = new Race(part("race"));
const comparison = new Comparison(race, {
  results: part("results"),
  chart: part("chart"),
  status: part("comparison-status"),
  json: button("export-json"),
  csv: button("export-csv"),
});
const connections = new Connections(
  { choice: choice("connection"), own: part("own"), baseUrl: input("base-url"), key: input("key") },
  { offer, leaving: () => remember(sessionNow()) },
);

const form = { controls, output, conversation, chain, lanes, connections };
const session = restore();
let view = session.view ?? "playground";
let language = Object.hasOwn(languages, session.language ?? "") ? String(session.language) : "browser";
/** @type {Trace | undefined} */
let trace;
let running = false;
/** @type {import("./run.js").State["phase"] | undefined} how the last run ended */
let ended;

const theRun = new Run({
  onState: show,
  onText(text) {
    if (trace && trace.texts.length > 0 && trace.steps.at(-1)?.text === 0) output.joint();
    trace?.text();
    output.append(text);
  },
  onRestart: () => output.clear(),
  onAttempt(attempt) {
    trace?.ended(attempt);
    if (view === "fallback") circuits.saw(attempt);
    chain.showCircuits();
  },
});

/** @param {import("./run.js").State} state */
function show(state) {
  document.body.dataset.phase = state.phase;
  output.show(state);
  showStatus(part("status"), state);
  showFailure(part("failure"), state);
  showMetrics(part("metrics"), state);
  running = state.phase === "waiting" || state.phase === "streaming";
  ended = !running && state.phase !== "idle" ? state.phase : undefined;
  if (!running) trace?.end();
  drawTrace();
  enable();
}

let frame = 0;
function drawTrace() {
  cancelAnimationFrame(frame);
  if (!trace) return;
  drawTimeline(part("timeline"), [trace]);
  part("timeline").scrollTop = part("timeline").scrollHeight;
  if (running) frame = requestAnimationFrame(drawTrace);
}

// A disabled button loses the focus to nowhere, so it is handed to its counterpart before.
function enable() {
  const [on, off] = running ? [stop, run] : [run, stop];
  const hadFocus = document.activeElement === off;
  run.disabled = running || !controls.hasPrompt;
  stop.disabled = !running;
  const again = conversation.on && conversation.turns.length > 0;
  button("retry").disabled = running || !(again || (ended && controls.hasPrompt));
  button("copy-text").disabled = output.text === "";
  if (hadFocus) on.focus();
}

/** @returns {import("./call.js").Call} */
function currentCall() {
  const prompt = controls.prompt.value;
  const asked = conversation.ask(prompt);
  const request = { ...asked, ...controls.parameters };
  if (view === "compare") return { kind: "compare", lanes: structuredClone(lanes.lanes), request };
  if (view === "fallback") {
    const midStream = /** @type {import("./call.js").MidStream} */ (choice("mid-stream").value);
    return { kind: "fallback", chain: chain.links.map(({ id }) => id), midStream, request };
  }
  return controls.call(asked);
}

function changed() {
  showCode(part("code"), languages[language](currentCall(), connections.elsewhere));
  remember(sessionNow());
  enable();
}

const sessionNow = () => gather(form, { view, language });

/** @param {string} next */
function showView(next) {
  view = ["compare", "fallback"].includes(next) ? next : "playground";
  document.body.dataset.view = view;
  selectView(view);
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-views]"))) {
    element.hidden = !element.dataset.views?.split(" ").includes(view);
  }
  controls.several(view !== "playground");
  changed();
}

const selectView = tabs(part("views"), (next) => {
  if (running) halt();
  showView(next);
});
const selectLanguage = tabs(part("languages"), (next) => {
  language = next;
  changed();
});
const selectMode = tabs(part("mode"), (next) => showMode(next === "chat"));

/** @param {boolean} on */
function showMode(on) {
  selectMode(on ? "chat" : "prompt");
  conversation.show(on);
  changed();
}

function halt() {
  theRun.stop();
  comparison.stop();
}

controls.form.addEventListener("input", changed);
controls.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running || !controls.hasPrompt || !controls.validate()) return;
  opening.dismiss();
  void begin();
  reveal(part(view === "compare" ? "comparison" : "answer"));
});

async function begin() {
  const call = currentCall();
  if (call.kind === "compare") return compare(call);
  const { request } = call;
  trace = undefined;
  if (call.kind === "fallback") show({ phase: "waiting" });
  const to = call.kind === "fallback" ? await connections.failing(chain.faults) : useConnection();
  if (!to) return;
  trace = new Trace(call.kind === "fallback" && call.midStream === "restart" ? "starts over" : "goes on");
  if (call.kind === "fallback") for (const id of circuits.skips(call.chain)) trace.skip(id);
  to.trace = trace;
  conversation.asked(controls.prompt.value);
  await theRun.start((options) => send(to.client, call, options));
  // What broke off is no answer to go on from; what the reader stopped is.
  if (request.messages && output.text !== "" && ended !== "failed") {
    conversation.answered(output.text);
    controls.prompt.value = "";
    changed();
  }
}

/** @returns {import("./connection.js").Connection | undefined} */
function useConnection() {
  try {
    return connections.current;
  } catch (error) {
    show({ phase: "failed", error });
  }
}

/** @param {Extract<import("./call.js").Call, { kind: "compare" }>} call */
async function compare(call) {
  if (call.lanes.some(({ id }) => id === "")) return comparison.refuse("A lane has no deployment id.");
  const to = useConnection();
  if (!to) return comparison.refuse(part("failure").textContent ?? "");
  to.trace = undefined;
  running = true;
  document.body.dataset.phase = "waiting";
  enable();
  await comparison.start(to.client, call);
  running = false;
  document.body.dataset.phase = "idle";
  enable();
}

// On a small screen the answer is written below the fold.
/** @param {HTMLElement} element */
function reveal(element) {
  const { top } = element.getBoundingClientRect();
  if (top >= 0 && top < innerHeight / 2) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

controls.prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  controls.form.requestSubmit();
});

stop.addEventListener("click", halt);

// Enter held down on Run repeats on Stop, which has the focus by then.
stop.addEventListener("keydown", (event) => {
  if (event.repeat) event.preventDefault();
});

copies(part("copy"), () => part("code").textContent ?? "");
copies(part("copy-text"), () => output.text);
copies(part("share"), () => linkTo(sessionNow()));
part("retry").addEventListener("click", () => {
  if (!controls.hasPrompt) controls.prompt.value = conversation.retract() ?? "";
  controls.form.requestSubmit();
});
part("reset-circuits").addEventListener("click", () => {
  connections.heal();
  circuits.reset();
  chain.showCircuits();
});
input("markdown").addEventListener("change", () => {
  void output.markdown(input("markdown").checked);
  changed();
});

part("demonstrate").addEventListener("click", () => {
  if (running) halt();
  connections.heal();
  circuits.reset();
  chain.show(scenario);
  choice("mid-stream").value = "continue";
  controls.prompt.value = "How do I stay focused while working?";
  showMode(false);
  showView("fallback");
  controls.form.requestSubmit();
});

for (const id of ["connection", "base-url", "markdown"]) part(id).addEventListener("change", changed);

/** @param {import("./config.js").Config} config */
function offer(config) {
  const { target } = controls;
  const chosen = target.value || session.target;
  controls.offer(config.deployments, config.profiles);
  if (chosen && [...target.options].some(({ value }) => value === chosen)) target.value = chosen;
  lanes.offer(config.deployments, session.lanes);
  part("service").textContent = config.note;
  suggest(part("suggestions"), config.prompts ?? [], (prompt) => {
    controls.prompt.value = prompt;
    changed();
  });
  controls.several(view !== "playground");
  changed();
}

fill(form, session);
// Whoever was at work here, or follows a link, is shown that work.
if (session.prompt || session.turns?.length) opening.dismiss();
selectLanguage(language);
show({ phase: "idle" });
showMode(session.chat === true);
conversation.resume(session.turns ?? []);
showView(view);
race.show(lanes.lanes, false);
setInterval(() => chain.showCircuits(), 1000);
// A link that is pasted where the page is open already changes nothing but the hash.
addEventListener("hashchange", () => location.reload());
const arrive = () => document.body.removeAttribute("data-arriving");
if (view === "playground") arrive();
// Whatever keeps the gateway from answering, the page does not wait for it.
setTimeout(arrive, 1000);
await connections.connect();
arrive();
if (!running) race.show(lanes.lanes, false);
performance.mark("interactive");
installOffline();
if (view === "playground") void opening.play();
