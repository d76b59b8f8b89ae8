// The page: its parts found, and wired to the one run. What each part does is in the module of its name.

import { PureRouter } from "/purerouter/index.js";
import { readConfig } from "./config.js";
import { Controls } from "./controls.js";
import { showFailure } from "./failure.js";
import { showMetrics } from "./metrics.js";
import { Output } from "./output.js";
import { Run } from "./run.js";
import { code, showCode } from "./snippet.js";
import { showStatus } from "./status.js";
import { suggest } from "./suggestions.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const run = /** @type {HTMLButtonElement} */ (part("run"));
const stop = /** @type {HTMLButtonElement} */ (part("stop"));
const copy = part("copy");
const controls = new Controls(/** @type {HTMLFormElement} */ (part("request")));
const output = new Output(part("output"));

// Same origin: the gateway Worker behind this page holds the key.
const client = new PureRouter({ baseUrl: "/" });
const theRun = new Run(client, { onState: show, onText: (text) => output.append(text) });

let running = false;

/** @param {import("./run.js").State} state */
function show(state) {
  document.body.dataset.phase = state.phase;
  output.show(state);
  showStatus(part("status"), state);
  showFailure(part("failure"), state);
  showMetrics(part("metrics"), state);
  running = state.phase === "waiting" || state.phase === "streaming";
  enable();
}

// A disabled button loses the focus to nowhere, so it is handed to its counterpart before.
function enable() {
  const [on, off] = running ? [stop, run] : [run, stop];
  const hadFocus = document.activeElement === off;
  run.disabled = running || !controls.hasPrompt;
  stop.disabled = !running;
  if (hadFocus) on.focus();
}

function changed() {
  showCode(part("code"), code(controls.call));
  enable();
}

controls.form.addEventListener("input", changed);

controls.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running || !controls.hasPrompt || !controls.validate()) return;
  void theRun.start(controls.call);
  reveal(part("answer"));
});

// On a small screen the answer is written below the fold.
/** @param {HTMLElement} element */
function reveal(element) {
  if (element.getBoundingClientRect().top < innerHeight / 2) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

controls.prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  controls.form.requestSubmit();
});

stop.addEventListener("click", () => theRun.stop());

// Enter held down on Run repeats on Stop, which has the focus by then.
stop.addEventListener("keydown", (event) => {
  if (event.repeat) event.preventDefault();
});

copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(code(controls.call));
  copy.textContent = "Copied";
  setTimeout(() => (copy.textContent = "Copy"), 2000);
});

show({ phase: "idle" });
changed();

try {
  const config = await readConfig();
  controls.offer(config.deployments, config.profiles);
  part("service").textContent = config.note;
  suggest(part("suggestions"), config.prompts ?? [], (prompt) => {
    controls.prompt.value = prompt;
    changed();
  });
  changed();
} catch (error) {
  show({ phase: "failed", error });
}
