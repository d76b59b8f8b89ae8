//! The price list, and what a call costs, in this API's terms.

use std::time::Duration;

use crate::core::price;
pub use crate::core::price::Instance;

/// The price list: what [`Deployment::instance`](crate::Deployment::instance) takes the ids of.
///
/// ```no_run
/// for instance in purerouter::INSTANCES {
///     println!("{}: {} dollars an hour", instance.name, instance.usd_per_hour);
/// }
/// ```
pub const INSTANCES: &[Instance] = &price::INSTANCES;

impl Instance {
    /// US dollars for so long of it, where `concurrency` calls share it; 0 counts as 1.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// let medium = purerouter::INSTANCES.iter().find(|instance| instance.id == "a10g-medium");
    /// let cost = medium.map(|instance| instance.cost(Duration::from_secs(3600), 2));
    /// assert_eq!(cost, Some(0.605));
    /// ```
    #[must_use]
    pub fn cost(&self, duration: Duration, concurrency: u32) -> f64 {
        price::cost(self, duration.as_secs_f64() * 1000.0, f64::from(concurrency.max(1)))
    }
}
