// The types of `purerouter/slim`: what has to compile, and what must not. Never run.

import { APIError, init, PureRouter } from "purerouter/slim";
import { APIError as Same } from "purerouter";
import type { ClientOptions } from "purerouter/slim";
import source from "purerouter/purerouter.wasm";

const nothing: void = await init("/purerouter.wasm");
await init(new URL("https://example.com/purerouter.wasm"));
await init(await fetch("/purerouter.wasm"));
await init(fetch("/purerouter.wasm"));
await init(source);
await init(new ArrayBuffer(8));
await init(new Uint8Array(8));
await init(new DataView(new ArrayBuffer(8)));
// @ts-expect-error: neither an address nor code
await init(42);
// @ts-expect-error: without it there is nothing to load
await init();

const options: ClientOptions = { baseUrl: "/" };
new PureRouter(options);
const same: typeof Same = APIError;

export { nothing, same };
