//! `Completion`: what an answer was, as a whole.

use wasm_bindgen::JsValue;

use super::call::Call;
use super::runtime::now;
use super::value::{decode, get, object, or_null, parse, word};
use crate::core::price;
use crate::core::timing::Timing;

/// The events of an answer that say more than text, as the decoder kept them.
pub(crate) struct Facts {
    first: JsValue,
    usage: JsValue,
    finish: JsValue,
}

fn parsed(data: &[u8]) -> JsValue {
    if data.is_empty() { JsValue::UNDEFINED } else { parse(&decode(data)) }
}

impl Facts {
    pub(crate) fn new(first: &[u8], usage: &[u8], finish: &[u8]) -> Self {
        let closing = parsed(finish);
        // Mostly they are one event.
        let counted = if usage == finish { closing.clone() } else { parsed(usage) };
        Self { first: parsed(first), usage: counted, finish: closing }
    }

    /// The first value that an event has under `name`, the last events first.
    fn named(&self, name: &'static str) -> JsValue {
        [&self.usage, &self.finish, &self.first]
            .into_iter()
            .map(|event| get(event, name))
            .find(|value| !value.is_undefined() && !value.is_null())
            .unwrap_or(JsValue::NULL)
    }

    /// What the service counted.
    pub(crate) fn completion_tokens(&self) -> Option<f64> {
        get(&self.named("usage"), "completion_tokens").as_f64()
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

/// How an answer ended, as far as its text alone does not tell.
#[derive(Default)]
pub(crate) struct End {
    /// On the clock of `now()`; NaN where no text came, or all of it at once.
    pub(crate) first_text_at: f64,
    /// How many events had text.
    pub(crate) deltas: u32,
    /// The answer broke off at its `max_tokens`, and its service could not say so.
    pub(crate) at_its_limit: bool,
}

/// The `Completion` of an answer that ended well just now.
pub(crate) fn completion(text: &JsValue, facts: &Facts, end: &End, call: &Call) -> JsValue {
    let usage = facts.named("usage");
    let counted = facts.completion_tokens().unwrap_or(f64::from(end.deltas));
    let tokens = counted + call.frame.carried.get();
    let (started, ended) = (call.frame.started, now());
    let first_text_ms = Some(end.first_text_at - started).filter(|ms| !ms.is_nan());
    let timing = Timing::new(call.headers_ms(), first_text_ms, ended - started, Some(tokens));
    let finish_reason = if end.at_its_limit { word("length") } else { facts.finish_reason() };
    let cost = match (facts.named("cost_usd"), call.instance) {
        (unknown, Some(instance)) if unknown.is_null() => {
            price::cost(instance, ended - call.started, 1.0).into()
        }
        (known, _) => known,
    };
    let model = match facts.named("model") {
        name if name.is_string() => name,
        _ => facts.named("model_id"),
    };
    let completion = object(&[
        ("text", text.clone()),
        ("finishReason", finish_reason),
        ("usage", usage),
        ("model", model),
        ("provider", facts.named("provider")),
        ("target", JsValue::from_str(call.attempts.target())),
        ("costUsd", cost),
        ("timing", timing_to_js(timing)),
        ("attempts", call.attempts.whole().clone().into()),
        ("raw", facts.raw()),
    ]);
    completion.into()
}

/// `Timing` of a stream that failed just now, which began at `started`.
pub(crate) fn timing_so_far(started: f64, headers_ms: Option<f64>, first_text_at: f64) -> JsValue {
    let first_text_ms = Some(first_text_at - started).filter(|ms| !ms.is_nan());
    timing_to_js(Timing::new(headers_ms, first_text_ms, now() - started, None))
}

/// The `Completion` of an answer that came whole.
pub(crate) fn whole(answer: JsValue, call: &Call) -> JsValue {
    let choice = get(&get(&answer, "choices"), "0");
    // As it is: in Rust, lone surrogates would be lost.
    let places = [
        get(&choice, "text"),
        get(&get(&choice, "message"), "content"),
        get(&get(&choice, "delta"), "content"),
        get(&answer, "output_text"),
    ];
    let text = places.into_iter().find(|text| text.is_string() && text.is_truthy()).unwrap_or(word(""));
    let facts = Facts { first: answer.clone(), usage: answer.clone(), finish: answer };
    completion(&text, &facts, &End { first_text_at: f64::NAN, ..End::default() }, call)
}

/// `Timing` as JavaScript has it.
pub(crate) fn timing_to_js(timing: Timing) -> JsValue {
    let timing = object(&[
        ("headersMs", or_null(timing.headers_ms)),
        ("firstTextMs", or_null(timing.first_text_ms)),
        ("totalMs", JsValue::from_f64(timing.total_ms)),
        ("tokensPerSecond", or_null(timing.tokens_per_second)),
    ]);
    timing.into()
}
