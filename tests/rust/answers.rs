//! The other end of `fetch`: the boundary's own mock, and a server on a socket.

use js_sys::{Array, Function, JSON, Promise, Reflect};
use purerouter::{Client, ClientBuilder};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/tests/boundary/service.js")]
extern "C" {
    pub(crate) fn delta(text: &str) -> String;
    #[wasm_bindgen(js_name = answer)]
    pub(crate) fn answer_text(text: &str) -> String;
    #[wasm_bindgen(variadic, js_name = service)]
    fn service_of(answers: &Array) -> Function;
    #[wasm_bindgen(js_name = whole)]
    fn whole_of(status: u16, body: &str, headers: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = streamed)]
    fn streamed_of(chunks: &Array, open: bool) -> JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = silent)]
    static SILENT: JsValue;
}

#[wasm_bindgen(module = "/tests/rust/server.js")]
extern "C" {
    pub(crate) type Server;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> Server;
    #[wasm_bindgen(method)]
    pub(crate) async fn start(this: &Server) -> JsValue;
    #[wasm_bindgen(method)]
    pub(crate) fn stop(this: &Server);
    #[wasm_bindgen(method, getter)]
    pub(crate) fn connections(this: &Server) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn cancelled(this: &Server) -> u32;
    #[wasm_bindgen(js_name = until)]
    fn until_js(done: &Closure<dyn Fn() -> bool>) -> Promise;
}

pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// A fetch that gives these answers in turn, the last one for ever.
pub(crate) fn service(answers: &[JsValue]) -> Function {
    service_of(&answers.iter().collect())
}

/// A builder of a client of `fetch`, which tries once.
pub(crate) fn builder(fetch: &Function) -> ClientBuilder {
    Client::builder().fetch(fetch.clone()).max_retries(0)
}

/// A client of a service with these answers, which tries once.
pub(crate) fn client(answers: &[JsValue]) -> Client {
    builder(&service(answers)).build().unwrap()
}

pub(crate) fn answer(text: &str) -> JsValue {
    whole(200, &answer_text(text), &[])
}

pub(crate) fn whole(status: u16, body: &str, headers: &[(&str, &str)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in headers {
        Reflect::set(&object, &(*name).into(), &(*value).into()).unwrap();
    }
    whole_of(status, body, &object)
}

fn chunks(chunks: &[&str]) -> Array {
    chunks.iter().map(|chunk| JsValue::from_str(chunk)).collect()
}

/// A stream that ends after these chunks.
pub(crate) fn streamed(of: &[&str]) -> JsValue {
    streamed_of(&chunks(of), false)
}

/// A stream that stays open after these chunks.
pub(crate) fn unfinished(of: &[&str]) -> JsValue {
    streamed_of(&chunks(of), true)
}

/// No answer at all.
pub(crate) fn silent() -> JsValue {
    SILENT.with(JsValue::clone)
}

pub(crate) fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

/// How many requests a service has had.
pub(crate) fn asked(fetch: &Function) -> usize {
    Array::from(&get(fetch, "requests")).length() as usize
}

/// A field of request number `at`.
pub(crate) fn request(fetch: &Function, at: usize, path: &str) -> JsValue {
    get(fetch, &format!("requests.{at}.{path}"))
}

/// A header of request number `at`.
pub(crate) fn header(fetch: &Function, at: usize, name: &str) -> Option<String> {
    let headers: web_sys::Headers = request(fetch, at, "headers").unchecked_into();
    headers.get(name).unwrap()
}

/// The body of the first request, as JSON in the order that it was built.
pub(crate) fn body(fetch: &Function) -> serde_json::Value {
    let text = request(fetch, 0, "body").as_string().unwrap();
    assert!(JSON::parse(&text).is_ok());
    serde_json::from_str(&text).unwrap()
}

/// Waits until `done` is true, for as long as it takes on a busy machine.
pub(crate) async fn until(done: impl Fn() -> bool + 'static) {
    let done = Closure::new(done);
    wasm_bindgen_futures::JsFuture::from(until_js(&done)).await.unwrap();
}
