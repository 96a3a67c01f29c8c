//! What the runs of a campaign could do, to say what they never did.

use serde::{Deserialize, Serialize};

use super::FaultCounts;
use crate::platform::node_kinds;
use crate::session::{AnyScenario, Faults};

/// What the runs of a campaign could do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Universe {
    /// The faults that can happen, by site.
    pub faults: Vec<PossibleFault>,
}

/// A fault that can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PossibleFault {
    /// Its name.
    pub name: String,
    /// The group it belongs to.
    pub family: String,
    /// The kinds of node at which it can happen.
    pub at: Vec<String>,
}

impl PossibleFault {
    /// The kinds of node at which it can fire and did not.
    pub fn not_exercised_at(&self, counts: Option<&FaultCounts>) -> Vec<&str> {
        let fired = |kind: &String| counts.is_some_and(|counts| counts.at.contains_key(kind));
        self.at.iter().filter(|kind| !fired(kind)).map(String::as_str).collect()
    }
}

impl Universe {
    pub(super) fn of(scenarios: &[&dyn AnyScenario]) -> Self {
        let faults = scenarios.iter().flat_map(|scenario| scenario.faults(Faults::Fuzzed));
        let mut faults: Vec<_> = faults.collect();
        faults.sort_unstable_by_key(|fault| fault.site);
        faults.dedup_by_key(|fault| fault.site);
        let possible = faults.into_iter().map(|fault| PossibleFault {
            name: fault.name.to_owned(),
            family: fault.family.to_owned(),
            at: node_kinds(fault).map(str::to_owned).collect(),
        });
        Self { faults: possible.collect() }
    }
}
