//! What the runs of a campaign could do, to say what they never did.

use serde::{Deserialize, Serialize};

use super::FaultCounts;
use crate::kernel::Fault;
use crate::platform::node_kinds;
use crate::scenario::Claim;
use crate::session::{AnyScenario, Faults, Feature};

/// What the runs of a campaign could do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Universe {
    /// The faults that can happen, by site.
    pub faults: Vec<PossibleFault>,
    /// The features that can be reached, in order.
    pub features: Vec<Feature<String>>,
    /// What the files claim that some run reaches, in order of files.
    pub claims: Vec<FileClaim>,
}

/// What a file claims that some run reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileClaim {
    /// Its place: `FILE:LINE:COLUMN`.
    pub place: String,
    /// What is to be reached, in words.
    pub says: String,
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
    pub(super) fn of(scenarios: &[&dyn AnyScenario], features: &[Feature]) -> Self {
        let faults = scenarios.iter().flat_map(|scenario| scenario.faults(Faults::Fuzzed));
        let mut faults: Vec<_> = faults.collect();
        faults.sort_unstable_by_key(|fault| fault.site);
        faults.dedup_by_key(|fault| fault.site);
        let fault = |fault: &Fault| PossibleFault {
            name: fault.name.to_owned(),
            family: fault.family.to_owned(),
            at: node_kinds(fault).map(str::to_owned).collect(),
        };
        let feature = |Feature { kind, what, with }: &Feature| Feature {
            kind: *kind,
            what: (*what).to_owned(),
            with: (*with).to_owned(),
        };
        let claims = scenarios.iter().flat_map(|scenario| {
            let claim = |claim: Claim| {
                let (line, column) = (claim.position.line, claim.position.column);
                let place = format!("{}:{line}:{column}", scenario.path());
                FileClaim { place, says: claim.to_string() }
            };
            scenario.claims().into_iter().map(claim)
        });
        Self {
            faults: faults.into_iter().map(fault).collect(),
            features: features.iter().map(feature).collect(),
            claims: claims.collect(),
        }
    }
}
