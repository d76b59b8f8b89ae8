//! The one error of the Rust API.
//!
//! It is the error that JavaScript would have got, read from Rust: same words, same facts, nothing lost. What it is, is
//! asked with `is_…` methods, since one error can be several things (a timeout is also a failed connection).

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::attempt::{Attempt, attempts_of, duration};
use crate::js::error::type_error;
use crate::js::value::{get, get_string, is_array};

/// Why a call failed, or was not made.
///
/// Its text says what happened, what it means and what to do, and never shows a key.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) {
/// match client.deployment("my-deployment").invoke("Hi.").await {
///     Ok(completion) => println!("{}", completion.text),
///     Err(error) if error.is_rate_limit() => println!("again in {:?}", error.retry_after()),
///     Err(error) if error.is_connection() => println!("offline? {error}"),
///     Err(error) => println!("{error} (request {:?})", error.request_id()),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Rc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    js: JsValue,
    /// Made at once, since `source` gives a reference.
    source: Option<Error>,
}

/// What an [`Error`] is, at its most exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A wrong argument or option, found before anything was sent.
    Invalid,
    /// The service answered with an error; [`Error::status`] has its status.
    Api,
    /// No response came.
    Connection,
    /// One of the timeouts is over.
    Timeout,
    /// The stream broke.
    Stream,
    /// The stream ended before the answer did.
    Truncated,
    /// A successful answer that is not what the call promises.
    ResponseFormat,
    /// All targets of a fallback or hedge failed.
    Fallback,
    /// The call was cancelled.
    Aborted,
    /// Something else, such as what a key function failed with.
    Other,
}

/// A chain of causes is followed no further than this: in JavaScript it may be a circle.
const DEEPEST_CAUSE: u32 = 8;

impl Error {
    pub(crate) fn from_js(js: JsValue) -> Self {
        Self::at_depth(js, 0)
    }

    fn at_depth(js: JsValue, depth: u32) -> Self {
        let name = get_string(&js, "name").unwrap_or_default();
        let message = get_string(&js, "message").or_else(|| js.as_string()).unwrap_or_default();
        let kind = if get(&js, "status").as_f64().is_some() && is_array(&get(&js, "attempts")) {
            if name == "ResponseFormatError" { ErrorKind::ResponseFormat } else { ErrorKind::Api }
        } else {
            match name.as_str() {
                "TypeError" | "RangeError" => ErrorKind::Invalid,
                "APIConnectionError" => ErrorKind::Connection,
                "APITimeoutError" => ErrorKind::Timeout,
                "StreamError" => ErrorKind::Stream,
                "TruncatedStreamError" => ErrorKind::Truncated,
                "FallbackError" => ErrorKind::Fallback,
                "AbortError" => ErrorKind::Aborted,
                _ => ErrorKind::Other,
            }
        };
        let cause = get(&js, "cause");
        let cause = if cause.is_undefined() { last(&get(&js, "errors")) } else { cause };
        let source = (depth < DEEPEST_CAUSE && !cause.is_undefined() && !cause.is_null())
            .then(|| Self::at_depth(cause, depth + 1));
        Self(Rc::new(Inner { kind, message, js, source }))
    }

    pub(super) fn invalid(parts: &[&str]) -> Self {
        Self::from_js(type_error(parts))
    }

    /// What it is, at its most exact.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// A wrong argument or option: nothing was sent, and the text names the field.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.kind() == ErrorKind::Invalid
    }

    /// The service answered with an error.
    #[must_use]
    pub fn is_api(&self) -> bool {
        self.kind() == ErrorKind::Api
    }

    /// The service refused the key (401).
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.is_api() && self.status() == Some(401)
    }

    /// The service asks for patience (429).
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        self.is_api() && self.status() == Some(429)
    }

    /// The service itself failed (500 and above).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.is_api() && self.status() >= Some(500)
    }

    /// No response, or none in time: every timeout is one of these, too.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        matches!(self.kind(), ErrorKind::Connection | ErrorKind::Timeout)
    }

    /// One of the timeouts is over; the text names its option.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The stream broke, or ended too early.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        matches!(self.kind(), ErrorKind::Stream | ErrorKind::Truncated)
    }

    /// The stream ended before the answer did.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.kind() == ErrorKind::Truncated
    }

    /// A successful answer that is not what the call promises, such as a page of HTML.
    #[must_use]
    pub fn is_response_format(&self) -> bool {
        self.kind() == ErrorKind::ResponseFormat
    }

    /// All targets of a fallback or hedge failed; [`errors`](Self::errors) has why.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.kind() == ErrorKind::Fallback
    }

    /// The call was cancelled.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.kind() == ErrorKind::Aborted
    }

    /// The HTTP status, where the service gave one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        get(&self.0.js, "status").as_f64().map(|status| status as u16)
    }

    /// The service's name for this request: what its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        get_string(&self.0.js, "requestId")
    }

    /// The service's code for this error.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let code = get(&self.0.js, "code");
        code.as_string().or_else(|| code.as_f64().map(|code| code.to_string()))
    }

    /// How long the service asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        duration(get(&self.0.js, "retryAfterMs").as_f64())
    }

    /// The text that had arrived before a stream failed; `None` where it was no stream.
    #[must_use]
    pub fn partial_text(&self) -> Option<String> {
        get_string(&self.0.js, "partialText")
    }

    /// The attempts of the call, of all its targets, in order.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        attempts_of(&self.0.js)
    }

    /// Why each target failed, in order, where all of them did.
    #[must_use]
    pub fn errors(&self) -> Vec<Error> {
        let errors = get(&self.0.js, "errors");
        if !is_array(&errors) {
            return Vec::new();
        }
        errors.unchecked_ref::<js_sys::Array>().iter().map(Self::from_js).collect()
    }

    /// The body of an error answer, as a type of yours.
    ///
    /// # Errors
    /// Where there is no body, or it is not of this form: the error [`is_invalid`](Self::is_invalid) and says why.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read_as(get(&self.0.js, "body"), "The error's body")
    }

    /// The error as JavaScript has it, to be given to JavaScript.
    #[must_use]
    pub fn as_js(&self) -> &JsValue {
        &self.0.js
    }
}

/// `value` as a type of the caller's; `what` it is stands in the error.
pub(super) fn read_as<T: DeserializeOwned>(value: JsValue, what: &str) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| Error::invalid(&[what, " is not of the form asked for: ", &error.to_string()]))
}

fn last(errors: &JsValue) -> JsValue {
    if is_array(errors) { errors.unchecked_ref::<js_sys::Array>().at(-1) } else { JsValue::UNDEFINED }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(status) = self.status() {
            shown.field("status", &status);
        }
        if let Some(id) = self.request_id() {
            shown.field("request_id", &id);
        }
        shown.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

/// For `?` in functions that JavaScript calls.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error.0.js.clone()
    }
}
