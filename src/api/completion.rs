//! An answer as a whole, as plain data: it may be kept, sent to another thread, or put into a signal of a framework.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use super::attempt::{Attempt, attempts_of, duration};
use super::error::{Error, json, read_as};
use crate::js::value::{get, get_string};

/// An answer as a whole: its text, and what it took. What is unknown is `None`.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let completion = client.deployment("my-deployment").invoke("Hi.").await?;
/// println!("{} ({} of {:?})", completion.text, completion.target, completion.model);
/// if completion.finish_reason.as_deref() == Some("length") {
///     println!("… cut off by max_tokens, after {:?}", completion.timing.total);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Completion {
    /// The whole text.
    pub text: String,
    /// Why it ended, such as `"stop"` or `"length"`.
    pub finish_reason: Option<String>,
    /// The tokens that the service counted.
    pub usage: Option<Usage>,
    /// The model that answered.
    pub model: Option<String>,
    /// Who runs it.
    pub provider: Option<String>,
    /// The target that answered, as in `attempts`.
    pub target: String,
    /// US dollars: the service's word, else an estimate where the target names its instance.
    pub cost_usd: Option<f64>,
    /// When things happened.
    pub timing: Timing,
    /// All attempts of the call, in order.
    pub attempts: Vec<Attempt>,
    /// As JSON.
    raw: Option<String>,
}

/// Tokens, as the service counts them. Fields of its own are in [`Completion::raw_as`].
///
/// ```no_run
/// # fn count(completion: purerouter::Completion) {
/// let tokens = completion.usage.and_then(|usage| usage.total_tokens);
/// println!("{} tokens", tokens.unwrap_or_default());
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens of the request.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    pub completion_tokens: Option<u64>,
    /// Both.
    pub total_tokens: Option<u64>,
}

/// When things happened, from the call's start.
///
/// ```no_run
/// # fn show(completion: purerouter::Completion) {
/// let timing = completion.timing;
/// println!("first text after {:?}, all of it after {:?}", timing.first_text, timing.total);
/// println!("{:.0} tokens a second", timing.tokens_per_second.unwrap_or_default());
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Timing {
    /// Until the head of the response.
    pub headers: Option<Duration>,
    /// Until the first text of a stream.
    pub first_text: Option<Duration>,
    /// Until the end.
    pub total: Duration,
    /// Tokens a second, from the first text to the end.
    pub tokens_per_second: Option<f64>,
}

impl Completion {
    pub(super) fn from_js(js: &JsValue) -> Self {
        let number = |value: &JsValue, name| get(value, name).as_f64();
        let count = |value: &JsValue, name| number(value, name).map(|tokens| tokens as u64);
        let usage = get(js, "usage");
        let timing = get(js, "timing");
        Self {
            text: get_string(js, "text").unwrap_or_default(),
            finish_reason: get_string(js, "finishReason"),
            usage: usage.is_object().then(|| Usage {
                prompt_tokens: count(&usage, "prompt_tokens"),
                completion_tokens: count(&usage, "completion_tokens"),
                total_tokens: count(&usage, "total_tokens"),
            }),
            model: get_string(js, "model"),
            provider: get_string(js, "provider"),
            target: get_string(js, "target").unwrap_or_default(),
            cost_usd: number(js, "costUsd"),
            timing: Timing {
                headers: duration(number(&timing, "headersMs")),
                first_text: duration(number(&timing, "firstTextMs")),
                total: duration(number(&timing, "totalMs")).unwrap_or_default(),
                tokens_per_second: number(&timing, "tokensPerSecond"),
            },
            attempts: attempts_of(&get(js, "attempts")),
            raw: json(&get(js, "raw")),
        }
    }

    /// The service's own answer (of a stream: the event that closed it), as a type of yours.
    ///
    /// ```no_run
    /// # fn read(completion: purerouter::Completion) -> Result<(), purerouter::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Routed {
    ///     task: String,
    /// }
    /// println!("{}", completion.raw_as::<Routed>()?.task);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Where it is not of this form: [`Error::is_decode`].
    pub fn raw_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read_as(self.raw.as_deref(), "The answer")
    }
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completion")
            .field("text", &self.text)
            .field("finish_reason", &self.finish_reason)
            .field("usage", &self.usage)
            .field("model", &self.model)
            .field("provider", &self.provider)
            .field("target", &self.target)
            .field("cost_usd", &self.cost_usd)
            .field("timing", &self.timing)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
