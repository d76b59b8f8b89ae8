// `purerouter/slim` given a compiled module, where the environment's types know such a thing. Never run, only compiled.

import { init } from "purerouter/slim";

declare const module: WebAssembly.Module;
await init(module);
