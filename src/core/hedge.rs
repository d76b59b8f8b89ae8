//! When a hedge starts its next target.
//!
//! Hedged requests trade a few more requests for a shorter tail: Dean and Barroso, "The Tail at Scale", CACM 2013.

/// When the next target is started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// At once.
    Now,
    /// In so many milliseconds, unless one answers before.
    In(f64),
    /// There is none left.
    Never,
}

/// When the next of `targets` is started, `since_last_ms` after the last of `started`, of which `failed` have failed.
///
/// With none under way, waiting would help nobody.
#[must_use]
pub fn next(targets: usize, started: usize, failed: usize, since_last_ms: f64, delay_ms: f64) -> Next {
    if started >= targets {
        Next::Never
    } else if started == failed || since_last_ms >= delay_ms {
        Next::Now
    } else {
        Next::In(delay_ms - since_last_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other() {
        assert_eq!(next(3, 0, 0, f64::INFINITY, 100.0), Next::Now);
        assert_eq!(next(3, 1, 0, 0.0, 100.0), Next::In(100.0));
        assert_eq!(next(3, 1, 0, 60.0, 100.0), Next::In(40.0));
        assert_eq!(next(3, 1, 0, 100.0, 100.0), Next::Now);
        assert_eq!(next(3, 2, 0, 0.0, 0.0), Next::Now);
        assert_eq!(next(3, 3, 1, 500.0, 100.0), Next::Never);
    }

    #[test]
    fn at_once_where_none_is_under_way() {
        assert_eq!(next(3, 1, 1, 5.0, 100.0), Next::Now);
        assert_eq!(next(3, 2, 1, 5.0, 100.0), Next::In(95.0));
        assert_eq!(next(3, 3, 3, 5.0, 100.0), Next::Never);
    }
}
