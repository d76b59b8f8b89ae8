//! The headers a caller adds: read from any of the three forms that `fetch` takes, checked, merged by name.

use std::rc::Rc;

use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;

use super::error::type_error;
use super::value::{self, is_array, items, kind, word};
use crate::core::header::{is_name, is_value};
use crate::core::redact::redact;

/// A lower-case name, and the value; `None` removes the header of that name.
pub(crate) type Header = (String, Option<String>);

const KEY: &str = "x-router-key";

#[wasm_bindgen]
extern "C" {
    /// As web-sys has it, but for `set`, which takes Rust's strings there: each would be made anew for each request.
    pub(crate) type Headers;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<Headers, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn set(this: &Headers, name: &JsValue, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn append(this: &Headers, name: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Headers, name: &str) -> Result<(), JsValue>;
}

/// Puts `given` (an object, `Headers`, or pairs) over `headers`.
pub(crate) fn merge(headers: &mut Rc<[Header]>, given: &JsValue) -> Result<(), JsValue> {
    if given.is_undefined() {
        return Ok(());
    }
    let mut merged: Vec<Header> = headers.to_vec();
    for entry in entries(given)?.iter() {
        let pair: Array = Array::from(&entry);
        let (name, value) = (pair.get(0), pair.get(1));
        if value.is_undefined() {
            continue;
        }
        let header = checked(&name, &value)?;
        merged.retain(|(known, _)| *known != header.0);
        merged.push(header);
    }
    *headers = merged.into();
    Ok(())
}

fn entries(given: &JsValue) -> Result<Array, JsValue> {
    let wrong = || {
        type_error(&[
            "headers: an object, a Headers, or a list of [name, value] belongs here, and ",
            kind(given),
            " came",
        ])
    };
    if !given.is_object() {
        return Err(wrong());
    }
    let Some(pairs) = items(given, u32::MAX)? else { return value::entries(given) };
    let is_pair = |entry: JsValue| is_array(&entry) && entry.unchecked_ref::<Array>().length() == 2;
    if pairs.iter().all(is_pair) { Ok(pairs) } else { Err(wrong()) }
}

fn checked(name: &JsValue, value: &JsValue) -> Result<Header, JsValue> {
    let name = name.as_string().unwrap_or_default();
    if !is_name(&name) {
        // Quoted as JSON does it: a name refused for a line break must not bring it into a log.
        let shown = JSON::stringify(&JsValue::from_str(&name)).map(String::from).unwrap_or_default();
        return Err(type_error(&["headers: ", &shown, " is no name of a header"]));
    }
    let lower = name.to_ascii_lowercase();
    if value.is_null() {
        return Ok((lower, None));
    }
    if lower == KEY {
        return Err(type_error(&[
            "headers: give the key as routerKey, not as a header, so that it stays out of messages",
        ]));
    }
    let Some(text) = value.as_string() else {
        return Err(type_error(&[
            "headers: the value of \"",
            &name,
            "\" is ",
            kind(value),
            ", and a string belongs there",
        ]));
    };
    if !is_value(&text) {
        return Err(type_error(&[
            "headers: no header can carry the value of \"",
            &name,
            "\": it has a line break, a control character or a character beyond Latin-1",
        ]));
    }
    Ok((lower, Some(text)))
}

/// The headers of one request. No more than the wire needs and the caller wants: every further one can fail a page's
/// preflight.
pub(crate) fn build(
    accept: &'static str,
    body: bool,
    key: Option<&str>,
    wanted: &[Header],
) -> Result<Headers, JsValue> {
    // Where the rest of the fetch API is missing, an own `fetch` alone does not help.
    let headers = Headers::new().map_err(|_| {
        type_error(&["This runtime has no Headers, which belong to fetch: define globalThis.Headers, or use a newer one."])
    })?;
    let put = |name: JsValue, value: JsValue| headers.set(&name, &value);
    put(word("accept"), word(accept))?;
    if body {
        put(word("content-type"), word("application/json"))?;
    }
    if let Some(key) = key {
        put(word(KEY), key.into())?;
    }
    for (name, value) in wanted {
        match value {
            Some(value) => put(name.into(), value.into())?,
            None => headers.delete(name)?,
        }
    }
    Ok(headers)
}

/// A copy of an answer's headers, without any of `keys` in it.
pub(crate) fn redacted(headers: &JsValue, keys: &[String]) -> JsValue {
    let Ok(copy) = Headers::new() else { return JsValue::NULL };
    if let Ok(Some(entries)) = items(headers, u32::MAX) {
        for entry in entries.iter() {
            let pair = Array::from(&entry);
            let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) else {
                continue;
            };
            let safe = redact(&value, keys);
            // What came as a header can be one again; a runtime that disagrees loses that header, not the error.
            let _ = copy.append(&name, safe.as_deref().unwrap_or(&value));
        }
    }
    copy.into()
}
