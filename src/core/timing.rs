//! When things happened in a call, and how fast its tokens came: figures from times that others have taken.

/// Milliseconds from the call's start; `None` for what did not happen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Until the head of the response that served.
    pub headers_ms: Option<f64>,
    /// Until the first text.
    pub first_text_ms: Option<f64>,
    /// Until the end.
    pub total_ms: f64,
    /// Tokens a second, from the first text to the end.
    pub tokens_per_second: Option<f64>,
}

impl Timing {
    /// Timing of a call that ended after `total_ms`; `tokens` as the usage has them, else the text deltas.
    ///
    /// No rate for an answer that came all at once: there is no time to divide by.
    #[must_use]
    pub fn new(
        headers_ms: Option<f64>,
        first_text_ms: Option<f64>,
        total_ms: f64,
        tokens: Option<f64>,
    ) -> Self {
        let tokens_per_second = match (first_text_ms, tokens) {
            (Some(first), Some(tokens)) if tokens > 0.0 && total_ms > first => {
                Some(tokens / ((total_ms - first) / 1000.0))
            }
            _ => None,
        };
        Self { headers_ms, first_text_ms, total_ms, tokens_per_second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_over_the_time_since_the_first_text() {
        let timing = Timing::new(Some(20.0), Some(100.0), 2100.0, Some(50.0));
        assert_eq!(timing.tokens_per_second, Some(25.0));
        assert_eq!(Timing::new(None, Some(5.0), 5.0, Some(50.0)).tokens_per_second, None);
        assert_eq!(Timing::new(None, None, 9.0, Some(9.0)).tokens_per_second, None);
        assert_eq!(Timing::new(None, Some(1.0), 9.0, None).tokens_per_second, None);
    }
}
