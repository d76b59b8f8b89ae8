//! The one error of the Rust API.
//!
//! It says what the error says that JavaScript would have got: same words, same facts. What it is, is asked with `is_…`
//! methods, since one error can be several things (a timeout is also a failed connection).

mod js;
mod kind;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::attempt::Attempt;
use crate::js::value::parse;

pub(super) use js::{json, pairs};
pub use kind::{ErrorKind, TimeoutPhase};

/// Why a call failed, or was not made.
///
/// Its text says what happened, what it means and what to do, and never shows a key. It is plain data (`Send`, `Sync`,
/// cheap to clone), so it goes with `?` into `Box<dyn Error + Send + Sync>`, `anyhow` and the error types of frameworks.
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
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    /// That of the JavaScript class.
    name: String,
    message: String,
    status: Option<u16>,
    request_id: Option<String>,
    code: Option<String>,
    retry_after: Option<Duration>,
    timeout_phase: Option<TimeoutPhase>,
    timeout_limit: Option<Duration>,
    headers: Vec<(String, String)>,
    /// As JSON.
    body: Option<String>,
    partial_text: Option<String>,
    attempts: Vec<Attempt>,
    errors: Vec<Error>,
    source: Option<Error>,
}

impl Error {
    /// A wrong argument.
    pub(super) fn invalid(parts: &[&str]) -> Self {
        Self::own(ErrorKind::Invalid, "TypeError", parts)
    }

    /// What it is, at its most exact.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    fn is_status(&self, status: u16) -> bool {
        self.is_api() && self.status() == Some(status)
    }

    /// A wrong argument or option: nothing was sent, and the text names the field.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.kind() == ErrorKind::Invalid
    }

    /// The service answered with an error, of whatever status.
    #[must_use]
    pub fn is_api(&self) -> bool {
        self.kind() == ErrorKind::Api
    }

    /// The service says that the request is wrong (400).
    #[must_use]
    pub fn is_bad_request(&self) -> bool {
        self.is_status(400)
    }

    /// The service refused the key (401).
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.is_status(401)
    }

    /// The key, or the gateway's lists, do not allow this (403).
    #[must_use]
    pub fn is_permission_denied(&self) -> bool {
        self.is_status(403)
    }

    /// There is no such deployment, or the address is wrong (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_status(404)
    }

    /// The service was busy with something that excludes this, also after retries (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is_status(409)
    }

    /// The service understood the request and cannot serve it (422); the text names the field.
    #[must_use]
    pub fn is_unprocessable_entity(&self) -> bool {
        self.is_status(422)
    }

    /// The service asks for patience, also after retries (429); see [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        self.is_status(429)
    }

    /// The service itself failed, also after retries (500 and above).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.is_api() && self.status() >= Some(500)
    }

    /// No response, or none in time: every timeout is one of these, too.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        matches!(self.kind(), ErrorKind::Connection | ErrorKind::Timeout)
    }

    /// One of the timeouts is over: [`timeout_phase`](Self::timeout_phase) says which, and the text names its option.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The stream broke, or ended too early; [`partial_text`](Self::partial_text) has what came.
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

    /// What came is not of the type that the program asked for, of `raw_as`, `json_as`, `body_as` or `health`.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
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
        self.0.status
    }

    /// The service's name for this request: what its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The service's code for this error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How long the service asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What was waited for, where a timeout is over.
    #[must_use]
    pub fn timeout_phase(&self) -> Option<TimeoutPhase> {
        self.0.timeout_phase
    }

    /// How long it was waited for, where a timeout is over: what the option said.
    #[must_use]
    pub fn timeout_limit(&self) -> Option<Duration> {
        self.0.timeout_limit
    }

    /// A header of an error answer, as far as the runtime shows it: a page sees few of another origin's.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.0.headers, name)
    }

    /// The text that had arrived before a stream failed; `None` where it was no stream.
    #[must_use]
    pub fn partial_text(&self) -> Option<&str> {
        self.0.partial_text.as_deref()
    }

    /// The attempts of the call, of all its targets, in order. An attempt's own error has none.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Why each target failed, in order, where all of them did.
    #[must_use]
    pub fn errors(&self) -> &[Self] {
        &self.0.errors
    }

    /// The body of an error answer, as a type of yours: `String`, where it was no JSON.
    ///
    /// # Errors
    /// Where there is no body, or it is not of this form: [`is_decode`](Self::is_decode).
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, Self> {
        read_as(self.0.body.as_deref(), "The error's body")
    }
}

/// A header by its name, in whatever case.
pub(super) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// JSON as a type of the caller's; `what` it is stands in the error.
pub(super) fn read_as<T: DeserializeOwned>(json: Option<&str>, what: &str) -> Result<T, Error> {
    value_as(json.map_or(JsValue::UNDEFINED, parse), what)
}

/// `value` as a type of the caller's; `what` it is stands in the error.
pub(super) fn value_as<T: DeserializeOwned>(value: JsValue, what: &str) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        let why = error.to_string();
        Error::own(ErrorKind::Decode, "TypeError", &[what, " is not of the form asked for: ", &why])
    })
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
