//! Errors on their way to JavaScript: which class, which words, which fields.

use js_sys::{Array, Object, RangeError, TypeError};
use wasm_bindgen::prelude::*;

use super::value::{decimal, get, get_string, header, items, object, or_null, set, start, values};
use crate::core::redact::redact;
use crate::core::request::Invalid;
use crate::core::status::{advice, error_class};

#[wasm_bindgen(module = "/src/js/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = makeError)]
    fn make_error(class: &str, message: &str, fields: &Object) -> JsValue;
    type PureRouterError;
}

/// An error of `class`. The message is redacted here, so that no caller can forget to.
pub(crate) fn error(
    class: &str,
    message: &str,
    fields: &[(&'static str, JsValue)],
    keys: &[String],
) -> JsValue {
    let redacted = redact(message, keys);
    make_error(class, redacted.as_deref().unwrap_or(message), &object(fields))
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

/// `attempts` on an error that this call made. An abort's reason, which may be another call's error, or a caller's own
/// error is left as it is.
pub(crate) fn set_attempts(error: &JsValue, attempts: &Array) {
    if error.is_instance_of::<PureRouterError>() && get(&get(error, "attempts"), "length") == 0 {
        set(error.unchecked_ref(), "attempts", attempts);
    }
}

/// The same for a call of several targets, whose errors have the attempts of one.
pub(crate) fn set_all_attempts(error: &JsValue, attempts: &Array) {
    if error.is_instance_of::<PureRouterError>() {
        set(error.unchecked_ref(), "attempts", attempts);
    }
}

/// The reason of a request that is not wanted any more.
pub(crate) fn aborted(message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("AbortError");
    error.into()
}

/// The text of an answer, for an error: as it is where no key has to be taken out, since in Rust lone surrogates would
/// be lost.
pub(crate) fn safe_text(text: &JsValue, keys: &[String]) -> JsValue {
    redact(&text.as_string().unwrap_or_default(), keys).map_or_else(|| text.clone(), JsValue::from)
}

/// What lies under an error of ours, or, where a key stands anywhere in it, an error that says the same without.
///
/// Custom fetch functions throw what their library makes, and some keep the whole request in it, headers included.
pub(crate) fn safe_cause(cause: &JsValue, keys: &[String]) -> JsValue {
    if keys.is_empty() || !mentions(cause, keys, 5, &mut 500) {
        return cause.clone();
    }
    let message = get_string(cause, "message").or_else(|| cause.as_string()).unwrap_or_default();
    let safe = js_sys::Error::new(redact(&message, keys).as_deref().unwrap_or(&message));
    for name in ["name", "code"] {
        if let Some(text) = get_string(cause, name).filter(|text| redact(text, keys).is_none()) {
            set(&safe, name, &JsValue::from(text));
        }
    }
    safe.into()
}

/// Whether a key stands in `value` or in what it holds, as far as a log would print it. What is too deep or too wide to
/// be looked at counts as if it did.
fn mentions(value: &JsValue, keys: &[String], depth: u32, left: &mut u32) -> bool {
    if let Some(text) = value.as_string() {
        return redact(&text, keys).is_some();
    }
    if !value.is_object() {
        return false;
    }
    if depth == 0 || *left == 0 {
        return true;
    }
    *left -= 1;
    // Of an Error these are not enumerable.
    let hidden = ["message", "stack", "cause"].into_iter().map(|name| get(value, name));
    // What cannot be looked at counts as if it did, too.
    let Ok(own) = values(value) else { return true };
    // Headers and Maps hold theirs where only an iterator comes.
    let Ok(held) = items(value, 200) else { return true };
    let held = held.unwrap_or_default();
    hidden.chain(own.iter()).chain(held.iter()).any(|inner| mentions(&inner, keys, depth - 1, left))
}

/// `names` with `between` between them. `join` of the standard library would be a hundredth of the wasm.
pub(crate) fn listed(names: &[&str], between: &str) -> String {
    let mut list = String::new();
    for name in names {
        if !list.is_empty() {
            list.push_str(between);
        }
        list.push_str(name);
    }
    list
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
    let detail = get(body, "detail");
    let said = [&inner, body, &detail, &get(&detail, "error")]
        .into_iter()
        .find_map(|place| {
            get_string(place, "message")
                .or_else(|| get_string(place, "detail"))
                .or_else(|| place.as_string())
                .filter(|text| !text.trim_ascii().is_empty())
        })
        .or_else(|| first_complaint(&get(&detail, "0")))
        .map(|text| start(text.trim_ascii(), 500).to_owned())
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
        ("retryAfterMs", or_null(*retry_after_ms)),
    ];
    error(error_class(*status), &message, &fields, keys)
}

/// The first of a list of wrong fields, `[{ loc: ["body", "max_tokens"], msg }]`, as services in Python often answer: a
/// message that does not name the field helps nobody.
fn first_complaint(complaint: &JsValue) -> Option<String> {
    let said = get_string(complaint, "msg")?;
    match get_string(&get(complaint, "loc"), "1") {
        Some(field) => Some([&field, ": ", &said].concat()),
        None => Some(said),
    }
}

/// The service's name for this request, where it gave one.
pub(crate) fn request_id(headers: &JsValue) -> JsValue {
    ["x-request-id", "request-id", "cf-ray"]
        .into_iter()
        .find_map(|name| header(headers, name))
        .map_or(JsValue::NULL, JsValue::from)
}
