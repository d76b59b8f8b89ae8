//! An error on its way from JavaScript, where calls fail, and back to it.
//!
//! Everything is read at once, so that an error is plain data: it can be sent to another thread, kept, and put into
//! `anyhow` or a framework's error type, none of which a JavaScript value can.

use std::sync::Arc;

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};

use super::{Error, ErrorKind, Inner, TimeoutPhase};
use crate::api::attempt::{attempts_of, duration};
use crate::js::value::{get, get_string, is_array, items, set};

/// Causes, and errors of several targets, are followed no further than this: in JavaScript they may be a circle.
const DEEPEST: u32 = 8;

/// So many headers are kept; what a service sends has a tenth of them.
const MOST_HEADERS: u32 = 200;

impl Error {
    pub(in crate::api) fn from_js(js: JsValue) -> Self {
        Self::read(&js, DEEPEST, true)
    }

    /// The error of an attempt, without attempts: they may contain this very one.
    pub(in crate::api) fn of_attempt(js: &JsValue) -> Self {
        Self::read(js, DEEPEST, false)
    }

    fn read(js: &JsValue, deeper: u32, with_attempts: bool) -> Self {
        let name = get_string(js, "name").unwrap_or_default();
        let number = |name| get(js, name).as_f64();
        let attempts = get(js, "attempts");
        let answered = number("status").is_some() && is_array(&attempts);
        let kind = match (answered, name.as_str()) {
            (true, "ResponseFormatError") => ErrorKind::ResponseFormat,
            (true, _) => ErrorKind::Api,
            (false, name) => ErrorKind::named(name),
        };
        let errors = get(js, "errors");
        let errors = if is_array(&errors) { errors.unchecked_into() } else { js_sys::Array::new() };
        let cause = match get(js, "cause") {
            none if none.is_undefined() => errors.at(-1),
            cause => cause,
        };
        let follow = |of: &JsValue, with_attempts| {
            let deeper = deeper.checked_sub(1).filter(|_| !of.is_undefined() && !of.is_null())?;
            Some(Self::read(of, deeper, with_attempts))
        };
        let several = if kind == ErrorKind::Fallback { errors } else { js_sys::Array::new() };
        Self(Arc::new(Inner {
            kind,
            message: get_string(js, "message").or_else(|| js.as_string()).unwrap_or_default(),
            status: number("status").map(|status| status as u16),
            request_id: get_string(js, "requestId"),
            code: match get(js, "code") {
                number if number.as_f64().is_some() => json(&number),
                code => code.as_string(),
            },
            retry_after: duration(number("retryAfterMs")),
            timeout_phase: get_string(js, "phase").and_then(|name| TimeoutPhase::named(&name)),
            timeout_limit: duration(number("timeoutMs")),
            headers: pairs(&get(js, "headers")),
            body: json(&get(js, "body")),
            partial_text: get_string(js, "partialText"),
            attempts: if with_attempts { attempts_of(&attempts) } else { Vec::new() },
            errors: several.iter().filter_map(|error| follow(&error, with_attempts)).collect(),
            source: follow(&cause, false),
            name,
        }))
    }

    /// An error of this side's own making.
    pub(in crate::api) fn own(kind: ErrorKind, name: &str, parts: &[&str]) -> Self {
        Self(Arc::new(Inner {
            kind,
            name: name.to_owned(),
            message: parts.concat(),
            status: None,
            request_id: None,
            code: None,
            retry_after: None,
            timeout_phase: None,
            timeout_limit: None,
            headers: Vec::new(),
            body: None,
            partial_text: None,
            attempts: Vec::new(),
            errors: Vec::new(),
            source: None,
        }))
    }
}

/// `value` as JSON, where JSON has a form for it.
pub(in crate::api) fn json(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.dyn_ref::<JsValue>()?.as_string()
}

/// The names and values of a `Headers`.
pub(in crate::api) fn pairs(headers: &JsValue) -> Vec<(String, String)> {
    let Ok(Some(entries)) = items(headers, MOST_HEADERS) else { return Vec::new() };
    let pair = |entry: JsValue| {
        let entry: &js_sys::Array = entry.dyn_ref()?;
        Some((entry.at(0).as_string()?, entry.at(1).as_string()?))
    };
    entries.iter().filter_map(pair).collect()
}

/// For `?` in functions that JavaScript calls: an `Error` of JavaScript's with the same `name`, `message` and facts.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let Inner { name, message, status, request_id, code, retry_after, partial_text, .. } = &*error.0;
        let js = js_sys::Error::new(message);
        js.set_name(name);
        let text = |text: &Option<String>| text.as_deref().map(JsValue::from_str);
        let fields = [
            ("status", status.map(JsValue::from)),
            ("requestId", text(request_id)),
            ("code", text(code)),
            ("retryAfterMs", retry_after.map(|wait| JsValue::from_f64(wait.as_secs_f64() * 1000.0))),
            ("partialText", text(partial_text)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                set(&js, name, &value);
            }
        }
        js.into()
    }
}
