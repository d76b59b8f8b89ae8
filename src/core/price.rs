//! What an hour of an instance costs, and so what a call did.
//!
//! The list is PureRouter's own, from its documentation of deployments, read in November 2026. Prices change: compare
//! with your invoice.

/// A kind of machine that a deployment runs on: see `INSTANCES`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Instance {
    /// Its id, e.g. `a10g-medium`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How many GPUs it has.
    pub gpus: u32,
    /// The memory of its GPUs together, in GB.
    pub memory_gb: u32,
    /// US dollars an hour.
    pub usd_per_hour: f64,
}

const fn instance(
    id: &'static str,
    name: &'static str,
    gpus: u32,
    memory_gb: u32,
    usd_per_hour: f64,
) -> Instance {
    Instance { id, name, gpus, memory_gb, usd_per_hour }
}

/// The price list.
pub const INSTANCES: [Instance; 5] = [
    instance("t4-small", "NVIDIA T4 (Small)", 1, 16, 1.41),
    instance("a10g-medium", "NVIDIA A10G (Medium)", 1, 24, 1.21),
    instance("a10g-large", "NVIDIA A10G (Large)", 1, 24, 1.62),
    instance("a10g-xl", "NVIDIA A10G (XL)", 1, 24, 2.45),
    instance("a10g-multi", "NVIDIA A10G (Multi-GPU)", 4, 96, 3.64),
];

/// The instance called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Instance> {
    INSTANCES.iter().find(|instance| instance.id == id)
}

/// US dollars for `duration_ms` milliseconds of an instance that `concurrency` calls share.
///
/// ```
/// use purerouter::core::price::{cost, find};
///
/// let instance = find("a10g-medium").unwrap();
/// assert_eq!(cost(instance, 3_600_000.0, 1.0), 1.21);
/// assert_eq!(cost(instance, 3_600_000.0, 2.0), 0.605);
/// ```
#[must_use]
pub fn cost(instance: &Instance, duration_ms: f64, concurrency: f64) -> f64 {
    instance.usd_per_hour * (duration_ms / 3_600_000.0) / concurrency
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        for instance in &INSTANCES {
            assert_eq!(find(instance.id), Some(instance));
        }
        assert_eq!(find("h100"), None);
    }
}
