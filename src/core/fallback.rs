//! Whether another target can do better after an error, and what it is asked.

/// What happens to a stream that breaks after its first text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MidStream {
    /// It fails with the error that broke it.
    #[default]
    Fail,
    /// The next target goes on from where the text broke off.
    Continue,
    /// The next target starts over.
    Restart,
}

impl MidStream {
    /// The names of the modes.
    pub const NAMES: [&str; 3] = ["fail", "continue", "restart"];

    /// The mode called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "fail" => Some(Self::Fail),
            "continue" => Some(Self::Continue),
            "restart" => Some(Self::Restart),
            _ => None,
        }
    }
}

/// What is known of an error, as far as another target matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// The `name` of the error.
    pub name: &'a str,
    /// The HTTP status, where it is an answer of the service.
    pub status: Option<u16>,
    /// Whether the timeout of the whole call is over: no time is left for another target.
    pub out_of_time: bool,
}

/// Whether another target is worth trying, where the caller does not say.
///
/// Not after a wrong argument, which every target would refuse, and not with a key that the service refuses.
#[must_use]
pub fn worth_another(failure: Failure<'_>) -> bool {
    !matches!(failure.name, "TypeError" | "RangeError") && failure.status != Some(401) && !failure.out_of_time
}

/// What is left of `max_tokens` for the rest of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Left {
    /// The request named no limit.
    Unlimited,
    /// So many tokens.
    Tokens(f64),
    /// Nothing: the answer is as long as it may be.
    Nothing,
}

/// What is left of `max_tokens` after `spent` tokens.
#[must_use]
pub fn left_of(max_tokens: Option<f64>, spent: f64) -> Left {
    match max_tokens {
        None => Left::Unlimited,
        Some(most) if most > spent => Left::Tokens(most - spent),
        Some(_) => Left::Nothing,
    }
}

/// Tokens that a broken answer is known to have taken: the usage's, else its text deltas.
#[must_use]
pub fn spent(completion_tokens: Option<f64>, deltas: u32) -> f64 {
    completion_tokens.unwrap_or(f64::from(deltas))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_target_does_not_help_against_the_callers_own_mistakes() {
        let failure = |name, status| Failure { name, status, out_of_time: false };
        for (name, status, worth) in [
            ("InternalServerError", Some(503), true),
            ("NotFoundError", Some(404), true),
            ("BadRequestError", Some(400), true),
            ("RateLimitError", Some(429), true),
            ("PermissionDeniedError", Some(403), true),
            ("APIConnectionError", None, true),
            ("TruncatedStreamError", None, true),
            ("ResponseFormatError", Some(200), true),
            ("FallbackError", None, true),
            ("AuthenticationError", Some(401), false),
            ("TypeError", None, false),
            ("RangeError", None, false),
        ] {
            assert_eq!(worth_another(failure(name, status)), worth, "{name}");
        }
        let late = Failure { name: "APITimeoutError", status: None, out_of_time: true };
        assert!(!worth_another(late) && worth_another(Failure { out_of_time: false, ..late }));
    }

    #[test]
    fn tokens_left() {
        assert_eq!(left_of(None, 1e6), Left::Unlimited);
        assert_eq!(left_of(Some(100.0), 30.0), Left::Tokens(70.0));
        assert_eq!(left_of(Some(100.0), 100.0), Left::Nothing);
        assert_eq!(left_of(Some(100.0), 130.0), Left::Nothing);
        assert_eq!(spent(Some(7.0), 3), 7.0);
        assert_eq!(spent(None, 3), 3.0);
    }

    #[test]
    fn every_mode_has_its_name() {
        assert_eq!(
            MidStream::NAMES.map(MidStream::named),
            [Some(MidStream::Fail), Some(MidStream::Continue), Some(MidStream::Restart)]
        );
        assert_eq!(MidStream::named("Fail"), None);
    }
}
