//! Errors on their way to JavaScript: which class, which words, which fields.

use js_sys::{Array, Object, RangeError, TypeError};
use wasm_bindgen::prelude::*;

use super::value::{decimal, get, get_string, header, set};
use crate::core::redact::redact;
use crate::core::request::Invalid;
use crate::core::status::{advice, error_class};

#[wasm_bindgen(module = "/src/js/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = makeError)]
    fn make_error(class: &str, message: &str, fields: &Object) -> JsValue;
}

/// An error of `class`. The message is redacted here, so that no caller can forget to.
pub(crate) fn error(class: &str, message: &str, fields: &[(&str, JsValue)], keys: &[String]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    let redacted = redact(message, keys);
    make_error(class, redacted.as_deref().unwrap_or(message), &object)
}

pub(crate) fn type_error(parts: &[&str]) -> JsValue {
    TypeError::new(&parts.concat()).into()
}

pub(crate) fn range_error(parts: &[&str]) -> JsValue {
    RangeError::new(&parts.concat()).into()
}

impl From<Invalid> for JsValue {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::Type(message) => TypeError::new(&message).into(),
            Invalid::Range(message) => RangeError::new(&message).into(),
        }
    }
}

/// `attempts` on an error of ours. What is not ours (an abort's reason, a caller's own error) is left as it is.
pub(crate) fn set_attempts(error: &JsValue, attempts: &Array) {
    if get(error, "attempts").is_object() {
        set(error.unchecked_ref(), "attempts", attempts);
    }
}

/// An error whose cause may carry a key in its words: a copy without it where it does.
pub(crate) fn safe_cause(cause: &JsValue, keys: &[String]) -> JsValue {
    let texts = [get_string(cause, "message"), get_string(cause, "stack"), cause.as_string()];
    if !texts.iter().flatten().any(|text| redact(text, keys).is_some()) {
        return cause.clone();
    }
    let message = texts.iter().flatten().next().map(String::as_str).unwrap_or_default();
    js_sys::Error::new(redact(message, keys).as_deref().unwrap_or(message)).into()
}

/// The words of a lower error, for the end of a message.
pub(crate) fn words(cause: &JsValue) -> String {
    let message = get_string(cause, "message").or_else(|| cause.as_string()).unwrap_or_default();
    // Node says only "fetch failed"; what failed is one level down.
    let inner = get_string(&get(cause, "cause"), "message").filter(|inner| !inner.is_empty());
    match inner {
        Some(inner) => [message.as_str(), ": ", inner.as_str()].concat(),
        None => message,
    }
}

/// What an error answer said: its status, headers and body.
pub(crate) struct ErrorAnswer<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a JsValue,
    /// The JSON value, else the text.
    pub(crate) body: JsValue,
    pub(crate) retry_after_ms: Option<f64>,
}

/// The error for an answer that is not a success, or for an error event of a stream.
pub(crate) fn api_error(answer: &ErrorAnswer<'_>, keys: &[String]) -> JsValue {
    let ErrorAnswer { status, headers, body, retry_after_ms } = answer;
    let inner = get(body, "error");
    let said = [&inner, body]
        .into_iter()
        .find_map(|place| {
            get_string(place, "message")
                .or_else(|| get_string(place, "detail"))
                .or_else(|| place.as_string())
                .filter(|text| !text.trim().is_empty())
        })
        .map(|text| text.trim().chars().take(500).collect::<String>())
        .unwrap_or_else(|| "The service gave no reason.".to_owned());
    let code = [&inner, body]
        .into_iter()
        .map(|place| get(place, "code"))
        .find(|code| code.is_string() || code.as_f64().is_some())
        .unwrap_or(JsValue::NULL);
    let message = [decimal((*status).into()).as_str(), " ", &said, advice(*status)].concat();
    let fields = [
        ("status", JsValue::from(*status)),
        ("headers", (*headers).clone()),
        ("body", body.clone()),
        ("requestId", request_id(headers)),
        ("code", code),
        ("retryAfterMs", retry_after_ms.map_or(JsValue::NULL, JsValue::from_f64)),
    ];
    error(error_class(*status), &message, &fields, keys)
}

/// The service's name for this request, where it gave one.
pub(crate) fn request_id(headers: &JsValue) -> JsValue {
    ["x-request-id", "request-id", "cf-ray"]
        .into_iter()
        .find_map(|name| header(headers, name))
        .map_or(JsValue::NULL, JsValue::from)
}
