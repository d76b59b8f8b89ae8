//! One attempt of a call, as results, errors and `on_attempt` tell of it.

use std::time::Duration;

use wasm_bindgen::{JsCast, JsValue};

use super::error::Error;
use crate::js::value::{get, get_string, is_array};

/// One attempt of a call: whom it asked, how it ended, and when. Times are from the call's start.
///
/// ```no_run
/// # fn log(completion: purerouter::Completion) {
/// for attempt in &completion.attempts {
///     println!("{} {}: {:?} after {:?}", attempt.target, attempt.attempt, attempt.status, attempt.duration);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The deployment's id, or `profile:NAME`.
    pub target: String,
    /// Counts from 1 within its target.
    pub attempt: u32,
    /// The response's status, where there was a response.
    pub status: Option<u16>,
    /// Why it failed; `None` where it did not. It has no attempts of its own.
    pub error: Option<Error>,
    /// When it began.
    pub started: Duration,
    /// How long it took.
    pub duration: Duration,
    /// How long after it the next one of this target was made; `None` where none was.
    pub retry_in: Option<Duration>,
}

impl Attempt {
    pub(super) fn from_js(attempt: &JsValue) -> Self {
        let number = |name| get(attempt, name).as_f64();
        let error = get(attempt, "error");
        Self {
            target: get_string(attempt, "target").unwrap_or_default(),
            attempt: number("attempt").unwrap_or_default() as u32,
            status: number("status").map(|status| status as u16),
            error: (!error.is_null() && !error.is_undefined()).then(|| Error::of_attempt(&error)),
            started: duration(number("startedMs")).unwrap_or_default(),
            duration: duration(number("durationMs")).unwrap_or_default(),
            retry_in: duration(number("retryInMs")),
        }
    }
}

/// The attempts that a result or an error of ours lists.
pub(super) fn attempts_of(attempts: &JsValue) -> Vec<Attempt> {
    if !is_array(attempts) {
        return Vec::new();
    }
    attempts.unchecked_ref::<js_sys::Array>().iter().map(|attempt| Attempt::from_js(&attempt)).collect()
}

/// Milliseconds as JavaScript has them.
pub(super) fn duration(ms: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(ms? / 1000.0).ok()
}
