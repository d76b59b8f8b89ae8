//! What each target of a call is asked: the caller's request, in the form that the target takes.

use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::call::Wire;
use super::request::written;
use super::target::Leaf;
use super::value::{assign, get, get_string, is_array, set, word};
use crate::core::fallback::{Left, left_of};
use crate::core::request::check_invoke;

/// The request as it is now: what the caller changes afterwards changes nothing.
pub(crate) fn question(request: &JsValue, streaming: bool) -> Result<Object, JsValue> {
    let text = written(request, streaming, |field| check_invoke(field, streaming))?;
    Ok(JSON::parse(&text.as_string().unwrap_or_default())?.unchecked_into())
}

/// `request` for `leaf`.
pub(crate) fn wire(leaf: &Leaf, request: &Object, streaming: bool) -> Result<Wire, JsValue> {
    let mut request = request.clone();
    if let Some(profile) = &leaf.profile {
        request = copy(&request)?;
        set(&request, "profile", &JsValue::from_str(profile));
    }
    let body = JSON::stringify(&request)?;
    Ok(Wire { method: "POST", path: leaf.path.clone(), body: Some(body.into()), streaming })
}

/// `request` going on after `text`, of whose tokens `spent` are gone; `Some(None)` where none is left, `None` where a
/// request of this kind cannot be continued.
pub(crate) fn continued(request: &Object, text: &JsValue, spent: f64) -> Option<Option<Object>> {
    let there = |name| !matches!(get(request, name), value if value.is_undefined() || value.is_null());
    if there("input") || there("inputs") {
        return None;
    }
    let rest = copy(request).ok()?;
    let messages = get(request, "messages");
    if is_array(&messages) {
        set(&rest, "messages", &after(messages.unchecked_ref(), text));
    } else {
        let prompt = get(request, "prompt").dyn_into::<JsString>().ok()?;
        set(&rest, "prompt", &prompt.concat(text));
    }
    match left_of(get(request, "max_tokens").as_f64(), spent) {
        Left::Unlimited => {}
        Left::Tokens(left) => set(&rest, "max_tokens", &left.into()),
        Left::Nothing => return Some(None),
    }
    Some(Some(rest))
}

/// `messages` with `text` as the assistant's last: added to it, where the caller had begun one.
fn after(messages: &Array, text: &JsValue) -> Array {
    let all = messages.slice(0, messages.length());
    let last = all.get(all.length().saturating_sub(1));
    let begun = get(&last, "content").dyn_into::<JsString>().ok();
    let message = match begun.filter(|_| get_string(&last, "role").as_deref() == Some("assistant")) {
        Some(begun) => {
            all.pop();
            let message = copy(last.unchecked_ref()).unwrap_or_default();
            set(&message, "content", &begun.concat(text));
            message
        }
        None => {
            let message = Object::new();
            set(&message, "role", &word("assistant"));
            set(&message, "content", text);
            message
        }
    };
    all.push(&message);
    all
}

fn copy(object: &Object) -> Result<Object, JsValue> {
    assign(&Object::new(), object)
}
