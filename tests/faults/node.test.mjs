// The faults in Node: the client of the installed tarball, in this process.

import "../package/unhandled.mjs";
import { purerouter } from "../package/install.mjs";
import { outcomeOf } from "./scenario.js";
import { verify } from "./verify.mjs";

verify("Node", async (fault, url) => ({ outcome: await outcomeOf(fault, purerouter, url) }));
