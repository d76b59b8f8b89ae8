// What runs in a page of its own, and so in a process of its own, for each trial.

import { start } from "../trial.mjs";

Object.assign(window, { startTrial: start });
