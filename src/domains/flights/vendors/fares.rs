//! Fares that a vendor has raised since the scenario began.

use std::hash::{Hash, Hasher};

use crate::collections::SortedMap;
use crate::domains::flights::ids::FlightId;
use crate::domains::flights::money::Money;

/// How often the fare of each flight was raised, of those whose fare was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Raises(SortedMap<FlightId, u8>);

impl Hash for Raises {
    /// Fares that were never raised add nothing: the state of a vendor has the digest that it had before.
    fn hash<H: Hasher>(&self, state: &mut H) {
        for raise in self.0.iter() {
            raise.hash(state);
        }
    }
}

impl Raises {
    /// What a seat costs now, if its fare was raised: each time by a quarter of the first fare.
    pub(super) fn raised(&self, flight: FlightId, first: Money) -> Option<Money> {
        let times = i64::from(*self.0.get(&flight)?);
        Some(Money::new(first.minor + first.minor / 4 * times, first.currency))
    }

    pub(super) fn raise(&mut self, flight: FlightId) {
        let times = self.0.entry(flight).or_default();
        *times = times.saturating_add(1);
    }
}
