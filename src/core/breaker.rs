//! Circuit breakers: a target that failed is left alone for a while, so that each new call does not first wait for
//! what is known to be down.
//!
//! Closed, a target is tried in its turn. A failure opens its circuit for [`COOL_DOWN_MS`], in which it is skipped;
//! after that it is half-open: one call, the probe, tries it while others still skip it, and what becomes of the probe
//! closes the circuit or opens it again. Data only, and one a client: on Workers the calls belong to different requests.

/// How long a target that failed is skipped, in milliseconds.
pub const COOL_DOWN_MS: f64 = 30_000.0;

#[derive(Debug)]
struct Circuit {
    target: String,
    failed_at: f64,
    /// Until when the half-open target is its probe's alone. A time and no flag: on Workers a request can vanish, and
    /// its probe with it.
    probed_until: f64,
}

/// The circuits that are not closed. Targets are told apart by a name of the caller's choice.
#[derive(Debug, Default)]
pub struct Breakers {
    circuits: Vec<Circuit>,
}

impl Breakers {
    fn find(&mut self, target: &str) -> Option<&mut Circuit> {
        self.circuits.iter_mut().find(|circuit| circuit.target == target)
    }

    /// Whether `target` may be tried at `now` (milliseconds on any steady clock).
    #[must_use]
    pub fn admits(&self, target: &str, now: f64) -> bool {
        let circuit = self.circuits.iter().find(|circuit| circuit.target == target);
        circuit.is_none_or(|circuit| now - circuit.failed_at >= COOL_DOWN_MS && now >= circuit.probed_until)
    }

    /// `target` is tried: where its circuit is half-open this is the probe, and others skip it meanwhile.
    pub fn begin(&mut self, target: &str, now: f64) {
        if let Some(circuit) = self.find(target) {
            circuit.probed_until = now + COOL_DOWN_MS;
        }
    }

    /// `target` failed for good.
    pub fn failed(&mut self, target: &str, now: f64) {
        match self.find(target) {
            Some(circuit) => circuit.failed_at = now,
            None => self.circuits.push(Circuit {
                target: target.to_owned(),
                failed_at: now,
                probed_until: f64::NEG_INFINITY,
            }),
        }
    }

    /// `target` answered.
    pub fn succeeded(&mut self, target: &str) {
        self.circuits.retain(|circuit| circuit.target != target);
    }

    /// A try of `target` ended without saying anything about it: cancelled, or an error that is the caller's.
    pub fn released(&mut self, target: &str) {
        if let Some(circuit) = self.find(target) {
            circuit.probed_until = f64::NEG_INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_opens_for_the_cool_down_and_a_success_closes() {
        let mut breakers = Breakers::default();
        assert!(breakers.admits("a", 0.0));
        breakers.begin("a", 0.0);
        breakers.failed("a", 1000.0);
        assert!(!breakers.admits("a", 1000.0) && !breakers.admits("a", 30_999.0));
        assert!(breakers.admits("b", 1000.0));
        assert!(breakers.admits("a", 31_000.0));
        breakers.succeeded("a");
        assert!(breakers.admits("a", 1000.0));
        assert!(breakers.circuits.is_empty());
    }

    #[test]
    fn half_open_lets_one_probe_through() {
        let mut breakers = Breakers::default();
        breakers.failed("a", 0.0);
        breakers.begin("a", 30_000.0);
        assert!(!breakers.admits("a", 30_001.0));
        breakers.released("a");
        assert!(breakers.admits("a", 30_001.0));
        breakers.begin("a", 30_001.0);
        breakers.failed("a", 30_500.0);
        assert!(!breakers.admits("a", 60_400.0));
        assert!(breakers.admits("a", 60_501.0));
        // A probe that never came back does not close the target for ever.
        breakers.begin("a", 70_000.0);
        assert!(!breakers.admits("a", 99_000.0));
        assert!(breakers.admits("a", 100_000.0));
    }
}
