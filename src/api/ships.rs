//! The JavaScript files that only other JavaScript files import.
//!
//! wasm-bindgen copies a file into the program's output where Rust that is linked names something in it. The npm package
//! names them among its exports; here, something of each is looked at once.

use wasm_bindgen::prelude::*;

use crate::js::decoders;

#[wasm_bindgen(module = "/src/js/session.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = Session)]
    static SESSION: JsValue;
}
#[wasm_bindgen(module = "/src/js/lane.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = Lane)]
    static LANE: JsValue;
}
#[wasm_bindgen(module = "/src/js/queue.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = Queue)]
    static QUEUE: JsValue;
}
#[wasm_bindgen(module = "/src/js/clock.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = Clock)]
    static CLOCK: JsValue;
}
#[wasm_bindgen(module = "/src/js/handover.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = bytesOf)]
    static HANDOVER: JsValue;
}

/// Makes the JavaScript half ready; what was ready stays so.
pub(super) fn make_ready() {
    for file in [&SESSION, &LANE, &QUEUE, &CLOCK, &HANDOVER] {
        file.with(|_| ());
    }
    decoders::ready();
}
