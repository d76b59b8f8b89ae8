//! What is asked of the JavaScript runtime itself: the clock, chance, `fetch`, and whether this is a page.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::value::{get, get_string, global, method};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Milliseconds on a clock that never goes back.
pub(crate) fn now() -> f64 {
    performance_now()
}

/// The global `fetch`, looked up at each call: tools that replace it must be seen.
pub(crate) fn global_fetch() -> Option<Function> {
    method(&global(), "fetch")
}

/// The address that a relative URL is resolved against, in a page or its workers.
pub(crate) fn page_url() -> Option<String> {
    get_string(&get(&global(), "location"), "href").filter(|href| !href.starts_with("about:"))
}

/// Whether visitors can read what runs here: a page, or a worker of one.
///
/// Servers have workers too (Cloudflare's scope is a `WorkerGlobalScope`, Deno and Bun have `Worker`s); only browsers
/// call themselves Mozilla.
pub(crate) fn is_page() -> bool {
    let global = global();
    if !get(&get(&global, "window"), "document").is_undefined() {
        return true;
    }
    get(&global, "WorkerGlobalScope").is_function()
        && get_string(&get(&global, "navigator"), "userAgent")
            .is_some_and(|agent| agent.starts_with("Mozilla/"))
}
