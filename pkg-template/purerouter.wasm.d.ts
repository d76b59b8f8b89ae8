// The wasm file where a host or a bundler takes wasm as a module.

import type { init } from "./slim.js";

/** What the host makes of the file, for `init` of `purerouter/slim`: on Cloudflare Workers the compiled module. */
declare const source: Parameters<typeof init>[0];
export default source;
