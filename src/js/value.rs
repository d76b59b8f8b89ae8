//! Structural reading of JavaScript values.
//!
//! What a caller or a custom `fetch` hands over may come from another realm, a polyfill or a mock, so nothing is
//! asked of it but the properties that are used; and a getter that throws counts as a property that is not there,
//! because an exception through wasm frames would leave its Promise pending for ever.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::decoders::ready;
use crate::core::request::Shape;

// As js-sys has them, but for the exception that a Proxy or a getter of the caller's can throw from within: through wasm
// frames it would leave what they had borrowed borrowed, and a Promise of theirs pending for ever.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn try_is_array(value: &JsValue) -> Result<bool, JsValue>;
    /// The names of an object's own enumerable properties.
    #[wasm_bindgen(catch, js_namespace = Object)]
    pub(crate) fn keys(object: &JsValue) -> Result<Array, JsValue>;
    /// Their values.
    #[wasm_bindgen(catch, js_namespace = Object)]
    pub(crate) fn values(object: &JsValue) -> Result<Array, JsValue>;
    /// Both, in pairs.
    #[wasm_bindgen(catch, js_namespace = Object)]
    pub(crate) fn entries(object: &JsValue) -> Result<Array, JsValue>;
    /// Copies them onto `target`.
    #[wasm_bindgen(catch, js_namespace = Object)]
    pub(crate) fn assign(target: &Object, source: &JsValue) -> Result<Object, JsValue>;
}

#[wasm_bindgen(module = "/src/js/value.js")]
extern "C" {
    #[wasm_bindgen(js_name = nameAt)]
    fn name_at(at: u32, length: u32) -> JsValue;
    #[wasm_bindgen(js_name = get)]
    fn get_at(value: &JsValue, at: u32, length: u32) -> JsValue;
    #[wasm_bindgen(js_name = set)]
    fn set_at(object: &JsValue, at: u32, length: u32, value: &JsValue);
    /// What JSON says; `undefined` where it is none.
    pub(crate) fn parse(text: &str) -> JsValue;
    /// What iterating over `value` gives, at most `most` of it; `None` where it cannot be iterated.
    #[wasm_bindgen(catch)]
    pub(crate) fn items(value: &JsValue, most: u32) -> Result<Option<Array>, JsValue>;
    /// UTF-8 as text; what is none becomes U+FFFD.
    pub(crate) fn decode(bytes: &[u8]) -> String;
    /// The global object.
    pub(crate) fn global() -> JsValue;
}

/// Whether `value` is an array; a revoked proxy is none.
pub(crate) fn is_array(value: &JsValue) -> bool {
    try_is_array(value).unwrap_or(false)
}

// What is `'static` lies where it lies for good, so JavaScript knows it by its address and decodes it once.
fn place(name: &'static str) -> (u32, u32) {
    ready();
    (name.as_ptr().expose_provenance() as u32, name.len() as u32)
}

/// `name` as JavaScript has it.
pub(crate) fn word(name: &'static str) -> JsValue {
    let (at, length) = place(name);
    name_at(at, length)
}

/// The property `name` of `value`; `undefined` where there is none.
pub(crate) fn get(value: &JsValue, name: &'static str) -> JsValue {
    let (at, length) = place(name);
    get_at(value, at, length)
}

pub(crate) fn get_string(value: &JsValue, name: &'static str) -> Option<String> {
    get(value, name).as_string()
}

/// Sets a property of an object of ours, which cannot fail.
pub(crate) fn set(object: &Object, name: &'static str, value: &JsValue) {
    let (at, length) = place(name);
    set_at(object, at, length, value);
}

/// A new object with these fields.
pub(crate) fn object(fields: &[(&'static str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    object
}

/// A number, `null` where it is not known.
pub(crate) fn or_null(number: Option<f64>) -> JsValue {
    number.map_or(JsValue::NULL, JsValue::from_f64)
}

/// At most the first `most` characters of `text`.
pub(crate) fn start(text: &str, most: usize) -> &str {
    let mut starts = text.bytes().enumerate().filter(|(_, byte)| byte & 0xc0 != 0x80);
    starts.nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The method `name` of `value`.
pub(crate) fn method(value: &JsValue, name: &'static str) -> Option<Function> {
    get(value, name).dyn_into::<Function>().ok()
}

/// Calls the method `name` of `value` with one argument.
pub(crate) fn call(value: &JsValue, name: &'static str, argument: &JsValue) -> Result<JsValue, JsValue> {
    match method(value, name) {
        Some(method) => method.call1(value, argument),
        None => Err(JsValue::UNDEFINED),
    }
}

/// A header of a `Headers`-like object.
pub(crate) fn header(headers: &JsValue, name: &'static str) -> Option<String> {
    call(headers, "get", &word(name)).ok()?.as_string()
}

/// A number as JavaScript writes it. The host does it: Rust's own way costs more wasm than a decoder.
pub(crate) fn decimal(number: f64) -> String {
    js_sys::Number::from(number).to_js_string().into()
}

/// What kind of value this is, for the checks in the core.
pub(crate) fn shape(value: &JsValue) -> Shape {
    if value.is_undefined() {
        Shape::Missing
    } else if value.is_null() {
        Shape::Null
    } else if let Some(flag) = value.as_bool() {
        Shape::Bool(flag)
    } else if let Some(number) = value.as_f64() {
        Shape::Number(number)
    } else if value.is_string() {
        Shape::Text
    } else if is_array(value) {
        Shape::Array(value.unchecked_ref::<Array>().length())
    } else if value.is_object() {
        Shape::Object
    } else {
        Shape::Other
    }
}

/// A short name of a value's kind, for messages.
pub(crate) fn kind(value: &JsValue) -> &'static str {
    match shape(value) {
        Shape::Missing => "undefined",
        Shape::Null => "null",
        Shape::Bool(_) => "a boolean",
        Shape::Number(_) => "a number",
        Shape::Text => "a string",
        Shape::Array(_) => "an array",
        Shape::Object => "an object",
        Shape::Other if value.is_function() => "a function",
        Shape::Other => "a value that JSON has no form for",
    }
}
