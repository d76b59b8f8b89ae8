//! The caller: what JavaScript would write, and what it would see.

use js_sys::{Array, Error, JSON, Object, Promise, Reflect};
use purerouter::js::PureRouter;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/tests/boundary/caller.js")]
extern "C" {
    #[wasm_bindgen(js_name = isPage)]
    pub(crate) fn is_page() -> bool;
    #[wasm_bindgen(js_name = pageAddress)]
    pub(crate) fn page_address() -> Option<String>;
    pub(crate) async fn turn();
    fn start(exports: &JsValue);
    async fn settle(promise: &JsValue) -> JsValue;
    #[wasm_bindgen(catch)]
    pub(crate) fn invoke(client: &JsValue, request: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = invokeOf)]
    pub(crate) fn invoke_of(client: &JsValue, id: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn infer(client: &JsValue, request: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn health(client: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn stream(client: &JsValue, request: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn next(stream: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn text(stream: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn events(stream: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = toResponse)]
    pub(crate) fn to_response(stream: &JsValue) -> Result<JsValue, JsValue>;
    pub(crate) fn abort(stream: &JsValue, reason: &JsValue);
    #[wasm_bindgen(catch)]
    pub(crate) fn free(object: &JsValue) -> Result<(), JsValue>;
    pub(crate) fn describe(error: &JsValue) -> JsValue;
    /// Whether `error` is of the exported class of this name.
    #[wasm_bindgen(js_name = isOf)]
    pub(crate) fn is_of(error: &JsValue, class: &str) -> bool;
    #[wasm_bindgen(js_name = consoleErrors)]
    pub(crate) async fn console_errors(during: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = otherRealm)]
    pub(crate) async fn other_realm(code: &str) -> JsValue;
}

// Where the crate is a library, imports that nothing uses are not linked, and with them go the files they ship. Naming
// one more import, which nothing uses either, ships each file again.
#[wasm_bindgen(module = "/src/js/session.js")]
extern "C" {
    fn ships_session();
}
#[wasm_bindgen(module = "/src/js/queue.js")]
extern "C" {
    fn ships_queue();
}
#[wasm_bindgen(module = "/src/js/clock.js")]
extern "C" {
    fn ships_clock();
}
#[wasm_bindgen(module = "/src/js/handover.js")]
extern "C" {
    fn ships_handover();
}

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    Fulfilled(JsValue),
    Rejected(JsValue),
    /// It threw where it should have given a Promise.
    Threw(#[expect(dead_code, reason = "read by Debug")] JsValue),
    /// Its Promise never settled.
    Pending,
    /// Its error, or another one, reached nobody.
    Stray(#[expect(dead_code, reason = "read by Debug")] JsValue),
}

impl Outcome {
    pub(crate) async fn of(started: Result<JsValue, JsValue>) -> Self {
        let promise = match started {
            Ok(promise) => promise,
            Err(thrown) => return Self::Threw(thrown),
        };
        let outcome = Array::from(&settle(&promise).await);
        let value = outcome.get(1);
        match outcome.get(0).as_string().as_deref() {
            Some("fulfilled") => Self::Fulfilled(value),
            Some("rejected") => Self::Rejected(value),
            Some("stray") => Self::Stray(value),
            _ => Self::Pending,
        }
    }

    #[track_caller]
    pub(crate) fn value(self) -> JsValue {
        match self {
            Self::Fulfilled(value) => value,
            other => panic!("a value was expected: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn error(self) -> JsValue {
        match self {
            Self::Rejected(error) => error,
            other => panic!("a rejection was expected: {other:?}"),
        }
    }

    /// Nothing where it rejected with an error of this name whose message has these words, else what it did.
    pub(crate) fn unless_rejected(self, name: &str, words: &str) -> Option<String> {
        match &self {
            Self::Rejected(error) if is_error(error, name, words) => None,
            other => Some(format!("expected a rejection with {name} ({words}), got {other:?}")),
        }
    }
}

pub(crate) fn is_error(error: &JsValue, name: &str, words: &str) -> bool {
    error.is_instance_of::<Error>()
        && get(error, "name") == name
        && get(error, "message").as_string().is_some_and(|message| message.contains(words))
}

#[track_caller]
pub(crate) fn assert_error(error: &JsValue, name: &str, words: &str) {
    assert!(is_error(error, name, words), "expected {name} ({words}), got {error:?}");
}

/// Fails with every row of a table that went wrong, not only with the first.
#[track_caller]
pub(crate) fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}

pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

/// A value written as JSON.
pub(crate) fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

/// The property at the end of `path`: `a.b.0`.
pub(crate) fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

/// A client of `fetch` that tries once.
pub(crate) fn client(fetch: &JsValue) -> JsValue {
    client_with(&[("fetch", fetch.clone()), ("maxRetries", 0.into())])
}

pub(crate) fn client_with(options: &[(&str, JsValue)]) -> JsValue {
    start(&wasm_bindgen::exports());
    PureRouter::new(&object(options)).unwrap().into()
}

pub(crate) fn request() -> JsValue {
    object(&[("prompt", "Hi.".into())])
}

/// `invoke` without options.
pub(crate) fn ask(client: &JsValue) -> Result<JsValue, JsValue> {
    invoke(client, &request(), &JsValue::UNDEFINED)
}

/// `stream` without options.
pub(crate) fn open(client: &JsValue) -> JsValue {
    stream(client, &request(), &JsValue::UNDEFINED).unwrap()
}

/// `stream`, read as text.
pub(crate) fn read(client: &JsValue) -> Result<JsValue, JsValue> {
    text(&stream(client, &request(), &JsValue::UNDEFINED)?)
}

/// A function that runs `work`; it is called more than once only where the test says so.
pub(crate) fn function(work: impl FnMut(JsValue) + 'static) -> JsValue {
    Closure::<dyn FnMut(JsValue)>::new(work).into_js_value()
}

pub(crate) fn asynchronous(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    wasm_bindgen_futures::future_to_promise(work)
}
