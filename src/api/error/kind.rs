//! What an error is, as one word: by the name of the error that the boundary has made.

/// What an [`Error`](crate::Error) is, at its most exact.
///
/// An error can be several things (a timeout is also a failed connection), which its `is_…` methods know; this is for a
/// `match`, or a label in a log.
///
/// ```no_run
/// use purerouter::{Error, ErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::Connection | ErrorKind::Timeout => "Check the network.",
///         ErrorKind::Stream | ErrorKind::Truncated => "The answer broke off.",
///         _ => "Try again later.",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A wrong argument or option, found before anything was sent.
    Invalid,
    /// The service answered with an error; [`Error::status`](crate::Error::status) has its status.
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
    /// What the service sent is not of the type that the program asked for.
    Decode,
    /// All targets of a fallback or hedge failed.
    Fallback,
    /// The call was cancelled.
    Aborted,
    /// Something else, such as what a key function failed with.
    Other,
}

/// What a call was waiting for when its time was over.
///
/// ```no_run
/// # fn show(error: purerouter::Error) {
/// if error.timeout_phase() == Some(purerouter::TimeoutPhase::Idle) {
///     println!("{} … (and then silence)", error.partial_text().unwrap_or_default());
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// The head of a stream's response: `headers_timeout`.
    Headers,
    /// The first text of a stream: `first_text_timeout`.
    FirstText,
    /// The next chunk of a body: `idle_timeout`.
    Idle,
    /// The end of it all: `timeout`.
    Total,
}

impl ErrorKind {
    /// By the `name` of an error without a status.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "TypeError" | "RangeError" => Self::Invalid,
            "APIConnectionError" => Self::Connection,
            "APITimeoutError" => Self::Timeout,
            "StreamError" => Self::Stream,
            "TruncatedStreamError" => Self::Truncated,
            "FallbackError" => Self::Fallback,
            "AbortError" => Self::Aborted,
            _ => Self::Other,
        }
    }
}

impl TimeoutPhase {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "headers" => Some(Self::Headers),
            "first-text" => Some(Self::FirstText),
            "idle" => Some(Self::Idle),
            "total" => Some(Self::Total),
            _ => None,
        }
    }
}
