//! `Completion`: what an answer was, as a whole.

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::attempt::{Attempts, to_js};
use super::value::{get, parse, set};
use crate::core::timing::Timing;

/// `timing` as JavaScript sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsTiming {
    headers_ms: Option<f64>,
    first_text_ms: Option<f64>,
    total_ms: f64,
    tokens_per_second: Option<f64>,
}

/// The events of an answer that say more than text, as the decoder kept them.
pub(crate) struct Facts {
    first: JsValue,
    usage: JsValue,
    finish: JsValue,
}

fn parsed(data: &[u8]) -> JsValue {
    parse(&String::from_utf8_lossy(data))
}

impl Facts {
    pub(crate) fn new(first: &[u8], usage: &[u8], finish: &[u8]) -> Self {
        Self { first: parsed(first), usage: parsed(usage), finish: parsed(finish) }
    }

    /// The first value that an event has under `name`, the last events first.
    fn named(&self, name: &str) -> JsValue {
        [&self.usage, &self.finish, &self.first]
            .into_iter()
            .map(|event| get(event, name))
            .find(|value| !value.is_undefined() && !value.is_null())
            .unwrap_or(JsValue::NULL)
    }

    fn finish_reason(&self) -> JsValue {
        let choice = get(&get(&self.finish, "choices"), "0");
        [get(&choice, "finish_reason"), get(&self.finish, "finish_reason")]
            .into_iter()
            .find(JsValue::is_string)
            .unwrap_or(JsValue::NULL)
    }

    /// The event that closed the answer, with what a server adds to it.
    fn raw(&self) -> JsValue {
        [&self.usage, &self.finish, &self.first]
            .into_iter()
            .find(|event| !event.is_undefined())
            .cloned()
            .unwrap_or(JsValue::NULL)
    }
}

/// Times on the clock of `now()`, and the number of text deltas.
pub(crate) struct Course {
    pub(crate) started: f64,
    pub(crate) head_at: f64,
    /// NaN where no text came.
    pub(crate) first_text_at: f64,
    pub(crate) ended: f64,
    pub(crate) deltas: u32,
}

/// The `Completion` of a stream that ended well.
pub(crate) fn completion(text: &JsValue, facts: &Facts, course: &Course, attempts: &Attempts) -> JsValue {
    let usage = facts.named("usage");
    let tokens = get(&usage, "completion_tokens").as_f64().unwrap_or(f64::from(course.deltas));
    let first_text_ms = Some(course.first_text_at - course.started).filter(|ms| !ms.is_nan());
    let total_ms = course.ended - course.started;
    let timing = Timing::new(Some(course.head_at - course.started), first_text_ms, total_ms, Some(tokens));
    let timing = JsTiming {
        headers_ms: timing.headers_ms,
        first_text_ms: timing.first_text_ms,
        total_ms: timing.total_ms,
        tokens_per_second: timing.tokens_per_second,
    };
    let fields = [
        ("text", text.clone()),
        ("finishReason", facts.finish_reason()),
        ("usage", usage),
        (
            "model",
            match facts.named("model") {
                name if name.is_string() => name,
                _ => facts.named("model_id"),
            },
        ),
        ("provider", facts.named("provider")),
        ("target", JsValue::from_str(attempts.target())),
        ("costUsd", facts.named("cost_usd")),
        ("timing", to_js(&timing).unwrap_or(JsValue::NULL)),
        ("attempts", attempts.list.clone().into()),
        ("raw", facts.raw()),
    ];
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, &value);
    }
    object.into()
}
