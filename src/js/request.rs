//! A request on its way to the wire: checked by the core, then written as JSON by the host, at the call itself, so
//! that what the caller changes afterwards changes nothing.

use js_sys::{JSON, Object};
use wasm_bindgen::JsValue;

use super::call::Wire;
use super::error::{type_error, words};
use super::value::{assign, get, get_string, is_array, kind, set, shape};
use crate::core::path;
use crate::core::request::{Invalid, Shape, check_infer, check_invoke};

/// A call of the deployment `id`.
pub(crate) fn to_deployment(
    id: &JsValue,
    request: &JsValue,
    streaming: bool,
) -> Result<(Wire, String), JsValue> {
    let (path, name) = deployment_path(id)?;
    let body = written(request, streaming, |field| check_invoke(field, streaming))?;
    Ok((Wire { method: "POST", path, body: Some(body), streaming }, name))
}

/// The path of the deployment `id`, and the id.
pub(crate) fn deployment_path(id: &JsValue) -> Result<(String, String), JsValue> {
    let Some(name) = id.as_string() else {
        return Err(type_error(&[
            "id: the deployment's id, a string, belongs here, and ",
            kind(id),
            " came",
        ]));
    };
    // A lone surrogate has no UTF-8, and would become another id on the way.
    let path = path::deployment(&name).filter(|_| JsValue::from_str(&name) == *id);
    let Some(path) = path else {
        return Err(type_error(&[
            "id: \"",
            &name,
            "\" is no deployment's id: it cannot be one segment of a path",
        ]));
    };
    Ok((path, name))
}

/// A call of automatic routing.
pub(crate) fn to_router(request: &JsValue, streaming: bool) -> Result<(Wire, String), JsValue> {
    let body = written(request, streaming, |field| check_infer(field, streaming))?;
    let target = match get_string(request, "profile") {
        Some(profile) => ["profile:", &profile].concat(),
        None => "router".to_owned(),
    };
    Ok((Wire { method: "POST", path: path::INFER.to_owned(), body: Some(body), streaming }, target))
}

/// A question for the service's health.
pub(crate) fn to_health() -> (Wire, String) {
    let wire = Wire { method: "GET", path: path::HEALTH.to_owned(), body: None, streaming: false };
    (wire, "health".to_owned())
}

/// `request` as JSON.
pub(crate) fn written(
    request: &JsValue,
    streaming: bool,
    check: impl FnOnce(&dyn Fn(&'static str) -> Shape) -> Result<(), Invalid>,
) -> Result<JsValue, JsValue> {
    if !request.is_object() || is_array(request) {
        return Err(type_error(&[
            "request: an object such as { prompt: \"Hi.\" } belongs here, and ",
            kind(request),
            " came",
        ]));
    }
    check(&|name| shape(&get(request, name)))?;
    let written = if streaming {
        assign(&Object::new(), request).and_then(|copy| {
            set(&copy, "stream", &JsValue::TRUE);
            JSON::stringify(&copy)
        })
    } else {
        JSON::stringify(request)
    };
    match written {
        Ok(text) => Ok(text.into()),
        Err(cause) => Err(type_error(&["request: it cannot be written as JSON: ", &words(&cause)])),
    }
}
