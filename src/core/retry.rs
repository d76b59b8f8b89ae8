//! Whether a failed attempt is followed by another, and when.
//!
//! A pure function of what happened, what the service asked for, a random number and the client's retry budget; it
//! waits for nothing and sends nothing. Full jitter, because callers that fail together must not come back together;
//! a budget, because a service in trouble must not be sent five times its load.

/// The longest wait before the first retry, doubled with each further one, in milliseconds.
pub const BASE_MS: f64 = 250.0;
/// Where that doubling ends, in milliseconds.
pub const CAP_MS: f64 = 8_000.0;

/// How an attempt failed, as far as a retry depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No response: DNS, a refused or reset connection, a head that did not come in time.
    NoResponse,
    /// A response with this status.
    Status(u16),
}

/// What the response's headers say about a retry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hints {
    /// `x-should-retry`, which wins over the status.
    pub should_retry: Option<bool>,
    /// `retry-after-ms` or `Retry-After`, in milliseconds from now.
    pub retry_after_ms: Option<f64>,
}

/// The retries a client may still spend: a bucket of [`Budget::FULL`].
///
/// Each retry takes one; each success gives back a tenth, so that a service which answers nine calls in ten is
/// retried for ever, and one which answers none gets ten retries a client and no more.
#[derive(Debug)]
pub struct Budget {
    tenths: u32,
}

impl Budget {
    /// How many retries a new client may make without one success.
    pub const FULL: u32 = 10;

    /// A full bucket.
    #[must_use]
    pub const fn new() -> Self {
        Self { tenths: Self::FULL * 10 }
    }

    /// Notes a response with a 2xx status.
    pub fn success(&mut self) {
        self.tenths = (self.tenths + 1).min(Self::FULL * 10);
    }

    fn take(&mut self) -> bool {
        let enough = self.tenths >= 10;
        if enough {
            self.tenths -= 10;
        }
        enough
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

/// The milliseconds to wait before the next attempt, or `None` where the failure is final.
///
/// `retry` counts from 0; `random` is uniform in `0.0..1.0`; `left_ms` is what remains of the call's timeout
/// (infinite where there is none): a wait that the service asks for and that would outlast it is not begun.
#[must_use]
pub fn wait_before(
    retry: u32,
    max_retries: u32,
    failure: Failure,
    hints: Hints,
    random: f64,
    left_ms: f64,
    budget: &mut Budget,
) -> Option<f64> {
    let worth_it = match (failure, hints.should_retry) {
        (_, Some(asked)) => asked,
        (Failure::NoResponse, None) => true,
        (Failure::Status(status), None) => matches!(status, 408 | 409 | 425 | 429 | 500..),
    };
    let asked_ms = hints.retry_after_ms.unwrap_or(0.0);
    if !worth_it || retry >= max_retries || (asked_ms > 0.0 && asked_ms >= left_ms) || !budget.take() {
        return None;
    }
    // Doublings past the cap change nothing, so the shift stays within its type.
    let longest_ms = (BASE_MS * f64::from(1u32 << retry.min(16))).min(CAP_MS);
    Some((random * longest_ms).max(asked_ms))
}

/// `Retry-After` in milliseconds from now: seconds, or a date, which `parse_date` turns into milliseconds since 1970
/// (hosts know the three forms of an HTTP date). A past date is 0; nonsense is `None`.
#[must_use]
pub fn retry_after_ms(
    header: &str,
    now_unix_ms: f64,
    parse_date: impl FnOnce(&str) -> Option<f64>,
) -> Option<f64> {
    let header = header.trim_ascii();
    if header.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return milliseconds(header).map(|seconds| seconds * 1000.0);
    }
    parse_date(header).filter(|at| at.is_finite()).map(|at| (at - now_unix_ms).max(0.0))
}

/// A plain decimal number, as in `retry-after-ms`: digits with at most one point. `None` for anything else.
#[must_use]
pub fn milliseconds(header: &str) -> Option<f64> {
    // By hand: `str::parse::<f64>` brings tables worth several kilobytes of wasm.
    let (mut value, mut scale, mut digits) = (0.0, 0.0, false);
    for byte in header.trim_ascii().bytes() {
        match byte {
            b'0'..=b'9' => {
                let digit = f64::from(byte - b'0');
                digits = true;
                if scale == 0.0 {
                    value = value * 10.0 + digit;
                } else {
                    value += digit * scale;
                    scale *= 0.1;
                }
            }
            b'.' if scale == 0.0 => scale = 0.1,
            _ => return None,
        }
    }
    digits.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(retry: u32, failure: Failure, hints: Hints, random: f64) -> Option<f64> {
        wait_before(retry, 4, failure, hints, random, f64::INFINITY, &mut Budget::new())
    }

    #[test]
    fn the_statuses_worth_a_retry() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
            assert_eq!(wait(0, Failure::Status(status), Hints::default(), 0.5), Some(125.0), "{status}");
        }
        for status in [400, 401, 403, 404, 405, 413, 422, 426] {
            assert_eq!(wait(0, Failure::Status(status), Hints::default(), 0.5), None, "{status}");
        }
        assert_eq!(wait(0, Failure::NoResponse, Hints::default(), 0.0), Some(0.0));
    }

    #[test]
    fn full_jitter_doubles_up_to_the_cap() {
        let longest: Vec<_> = (0..8)
            .map(|retry| {
                let mut budget = Budget::new();
                wait_before(retry, 99, Failure::NoResponse, Hints::default(), 1.0, 1e9, &mut budget)
            })
            .collect();
        let expected = [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 8000.0, 8000.0].map(Some);
        assert_eq!(longest, expected);
    }

    #[test]
    fn no_more_attempts_than_allowed() {
        assert!(wait(3, Failure::NoResponse, Hints::default(), 0.5).is_some());
        assert_eq!(wait(4, Failure::NoResponse, Hints::default(), 0.5), None);
    }

    #[test]
    fn the_service_has_the_last_word() {
        let asked = |should_retry| Hints { should_retry: Some(should_retry), ..Hints::default() };
        assert_eq!(wait(0, Failure::Status(503), asked(false), 0.5), None);
        assert_eq!(wait(0, Failure::Status(400), asked(true), 0.5), Some(125.0));
    }

    #[test]
    fn retry_after_is_a_minimum_within_the_timeout() {
        let hints = Hints { retry_after_ms: Some(2000.0), ..Hints::default() };
        assert_eq!(wait(0, Failure::Status(429), hints, 1.0), Some(2000.0));
        let mut budget = Budget::new();
        let refused = wait_before(0, 4, Failure::Status(429), hints, 1.0, 1999.0, &mut budget);
        assert_eq!(refused, None);
        let short = Hints { retry_after_ms: Some(10.0), ..Hints::default() };
        assert_eq!(wait(0, Failure::Status(429), short, 1.0), Some(250.0));
    }

    #[test]
    fn a_budget_ends_and_recovers() {
        let mut budget = Budget::new();
        let spend =
            |budget: &mut Budget| wait_before(0, 4, Failure::NoResponse, Hints::default(), 0.0, 1e9, budget);
        for _ in 0..Budget::FULL {
            assert!(spend(&mut budget).is_some());
        }
        assert_eq!(spend(&mut budget), None);
        for _ in 0..9 {
            budget.success();
        }
        assert_eq!(spend(&mut budget), None);
        budget.success();
        assert!(spend(&mut budget).is_some());
        for _ in 0..1000 {
            budget.success();
        }
        assert_eq!(budget.tenths, 100);
    }

    #[test]
    fn retry_after_in_its_forms() {
        let none = |_: &str| None;
        assert_eq!(retry_after_ms("120", 0.0, none), Some(120_000.0));
        assert_eq!(retry_after_ms(" 1.5 ", 0.0, none), Some(1500.0));
        assert_eq!(retry_after_ms("Sun, 22 Nov 2026", 400.0, |_| Some(1000.0)), Some(600.0));
        assert_eq!(retry_after_ms("Sun, 22 Nov 2026", 5000.0, |_| Some(1000.0)), Some(0.0));
        assert_eq!(retry_after_ms("soon", 0.0, none), None);
        assert_eq!(retry_after_ms("-1", 0.0, none), None);
        assert_eq!(retry_after_ms("soon", 0.0, |_| Some(f64::NAN)), None);
        assert_eq!(milliseconds("250"), Some(250.0));
        assert_eq!(milliseconds("1e3"), None);
        assert_eq!(milliseconds("."), None);
        assert_eq!(milliseconds(""), None);
    }
}
