//! The other end of `fetch`, see `service.js`.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use crate::caller::get;

#[wasm_bindgen(module = "/tests/boundary/service.js")]
extern "C" {
    pub(crate) fn delta(text: &str) -> String;
    #[wasm_bindgen(js_name = answer)]
    pub(crate) fn answer_text(text: &str) -> String;
    #[wasm_bindgen(variadic, js_name = service)]
    fn service_of(answers: &Array) -> JsValue;
    pub(crate) fn whole(status: u16, body: &str, headers: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = streamed)]
    fn streamed_of(chunks: &Array, open: bool) -> JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = silent)]
    static SILENT: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = deaf)]
    static DEAF: JsValue;
    pub(crate) fn held(make: &JsValue) -> JsValue;
}

pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// A fetch that gives these answers in turn.
pub(crate) fn service(answers: &[JsValue]) -> JsValue {
    service_of(&answers.iter().collect())
}

/// A whole answer with this text.
pub(crate) fn answer(text: &str) -> JsValue {
    whole(200, &answer_text(text), &JsValue::UNDEFINED)
}

/// An event stream of these chunks that ends after them.
pub(crate) fn streamed(chunks: &[JsValue]) -> JsValue {
    streamed_of(&chunks.iter().collect(), false)
}

/// An event stream of these chunks that stays open after them.
pub(crate) fn unfinished(chunks: &[JsValue]) -> JsValue {
    streamed_of(&chunks.iter().collect(), true)
}

pub(crate) fn silent() -> JsValue {
    SILENT.with(JsValue::clone)
}

pub(crate) fn deaf() -> JsValue {
    DEAF.with(JsValue::clone)
}

/// Lets an answer of `held` go.
pub(crate) fn release(held: &JsValue) {
    get(held, "release").unchecked_into::<Function>().call0(&JsValue::UNDEFINED).unwrap();
}

/// How many requests a service has had.
pub(crate) fn asked(fetch: &JsValue) -> usize {
    Array::from(&get(fetch, "requests")).length() as usize
}

/// A field of the latest request.
pub(crate) fn last_request(fetch: &JsValue, path: &str) -> JsValue {
    let last = asked(fetch).checked_sub(1).expect("no request came");
    get(&get(fetch, "requests"), &format!("{last}.{path}"))
}
