//! The one place that touches `fetch`: a request goes out, and what comes back is looked at as far as its head.

use js_sys::{ArrayBuffer, Date, Function};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::error::type_error;
use super::headers::Headers;
use super::race::within;
use super::runtime::global_fetch;
use super::value::{call, get, get_string, global, header, method, object, set, word};
use super::wait::settled;
use crate::core::retry;

#[wasm_bindgen]
extern "C" {
    type TextDecoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextDecoder;
    /// What no view can be, of this realm or another, is not given to it, so it does not throw.
    #[wasm_bindgen(method)]
    fn decode(this: &TextDecoder, view: &JsValue, options: &JsValue) -> String;
}

/// What one attempt sends.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    pub(crate) method: &'static str,
    pub(crate) headers: Headers,
    pub(crate) body: Option<&'a JsValue>,
}

/// A response, of whatever make: nothing is assumed but what `head` has found.
#[derive(Clone)]
pub(crate) struct Response {
    pub(crate) raw: JsValue,
    pub(crate) status: u16,
    pub(crate) headers: JsValue,
}

/// Why a body could not be read to its end.
pub(crate) enum Broken {
    /// Nothing came for the idle time.
    Idle,
    /// The connection was lost, or the body is no body.
    Lost(JsValue),
}

/// Sends `request` and resolves with what `fetch` made of it; `Err` is what it threw or rejected with.
///
/// Redirects are left as they are: a followed one would take the key to another place.
pub(crate) async fn send(
    fetch: Option<&Function>,
    request: Request<'_>,
    controller: &AbortController,
) -> Result<JsValue, JsValue> {
    let init = object(&[
        ("method", word(request.method)),
        ("headers", request.headers.into()),
        ("redirect", word("manual")),
        ("signal", get(controller, "signal")),
    ]);
    if let Some(body) = request.body {
        set(&init, "body", body);
    }
    let url = JsValue::from_str(request.url);
    let sent = match fetch {
        Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &url, &init),
        None => match global_fetch() {
            // `this` is the global object, or a page says "Illegal invocation".
            Some(fetch) => fetch.call2(&global(), &url, &init),
            None => return Err(type_error(&["This runtime has no fetch. Give one as the option fetch."])),
        },
    }?;
    settled(&sent).await
}

impl Response {
    /// The head of what `fetch` gave, or `None` where that is no response.
    pub(crate) fn head(raw: JsValue) -> Option<Self> {
        let status = get(&raw, "status").as_f64()?;
        let headers = get(&raw, "headers");
        method(&headers, "get")?;
        Some(Self { status: status as u16, headers, raw })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A redirect that was not followed. Browsers hide even its status.
    pub(crate) fn is_redirect(&self) -> bool {
        get_string(&self.raw, "type").as_deref() == Some("opaqueredirect")
            || matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<String> {
        header(&self.headers, name)
    }

    /// How long the service asks to be left alone.
    pub(crate) fn retry_after_ms(&self) -> Option<f64> {
        self.header("retry-after-ms").and_then(|ms| retry::milliseconds(&ms)).or_else(|| {
            let value = self.header("retry-after")?;
            retry::retry_after_ms(&value, Date::now(), |date| Some(Date::parse(date)))
        })
    }

    /// The body as a stream; `null` where there is none.
    pub(crate) fn body(&self) -> JsValue {
        let body = get(&self.raw, "body");
        if body.is_object() { body } else { JsValue::NULL }
    }

    /// Reads the body as text, some more than `most` bytes of it, and gives up after `idle_ms` of silence.
    ///
    /// What was read before it broke is lost with it only for answers that come whole, which this is for.
    pub(crate) async fn text(&self, most: usize, idle_ms: f64) -> Result<String, Broken> {
        let body = self.body();
        let mut text = String::new();
        if body.is_null() {
            return Ok(text);
        }
        let lost = |cause: JsValue| Broken::Lost(cause);
        let reader = method(&body, "getReader")
            .ok_or_else(|| lost(type_error(&["The response's body is no ReadableStream"])))?
            .call0(&body)
            .map_err(lost)?;
        let read = method(&reader, "read")
            .ok_or_else(|| lost(type_error(&["The response's body has no reader"])))?;
        let decoder = TextDecoder::new();
        let more = object(&[("stream", JsValue::TRUE)]);
        loop {
            let next = read.call0(&reader).map_err(lost)?;
            let result = within(idle_ms, settled(&next)).await;
            let result = result.ok_or(Broken::Idle)?.map_err(lost)?;
            if get(&result, "done").is_truthy() {
                text.push_str(&decoder.decode(&JsValue::UNDEFINED, &JsValue::UNDEFINED));
                return Ok(text);
            }
            let value = get(&result, "value");
            if !ArrayBuffer::is_view(&value) {
                return Err(lost(type_error(&[
                    "The response's body gave something else than bytes (Uint8Array)",
                ])));
            }
            text.push_str(&decoder.decode(&value, &more));
            if text.len() >= most {
                if let Ok(cancelled) = call(&reader, "cancel", &JsValue::UNDEFINED) {
                    // Its rejection, which changes nothing here, counts as seen.
                    drop(settled(&cancelled));
                }
                return Ok(text);
            }
        }
    }
}
