// What worker-build would generate: instantiates the wasm that the Worker's host has compiled.
import module from "./purerouter_worker_bg.wasm";
import { fetch, initSync } from "./purerouter_worker.js";

initSync({ module });

export default { fetch };
