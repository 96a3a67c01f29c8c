//! The sums over the runs with the same number of deviations.

use serde::{Deserialize, Serialize};

use super::parent::End;
use crate::explore::Orders;

/// The sums over the runs with the same number of deviations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The number of runs.
    pub runs: u64,
    /// Occurrences in all of them.
    pub occurrences: u64,
    /// How many failed.
    pub failed: u64,
    /// The different orders of deliveries.
    pub orders: Orders,
}

impl Level {
    pub(super) fn add(&mut self, end: &End) {
        self.runs += 1;
        self.occurrences += end.occurrences;
        self.failed += u64::from(end.failure.is_some());
        self.orders.add(end.order);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.occurrences += other.occurrences;
        self.failed += other.failed;
        self.orders.merge(&other.orders);
    }
}
