//! What the author of a scenario claims that its runs reach.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::fault_entry::FaultName;
use super::name::{known, optional, quoted};
use super::{Observed, Scenario};
use crate::metrics::{Feature, FeatureKind, Reached};
use crate::model::FactKind;

/// A claim as it is written. Some run of a campaign meets it; no single run has to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Claim", deny_unknown_fields)]
pub enum Reach {
    /// An event of a type is stored.
    Stores {
        /// The type of the event, as in `"SeatHeld"`.
        #[serde(deserialize_with = "quoted")]
        event: String,
    },
    /// The domain rejects a command.
    Rejects {
        /// Why, as in `"SoldOut"`.
        #[serde(deserialize_with = "quoted")]
        rejection: String,
    },
    /// Something happens inside the platform.
    Happens {
        /// The kind of fact, as in `CacheWait`.
        #[serde(deserialize_with = "known")]
        fact: FactKind,
    },
    /// A saga receives something in a state.
    Receives {
        /// The state: the type of the last event that the saga has recorded, or `"NotStarted"`.
        #[serde(deserialize_with = "quoted")]
        state: String,
        /// What it receives: the type of an event of the stream that it follows, or one like
        /// `"WebhookReceived"`.
        #[serde(deserialize_with = "quoted")]
        stimulus: String,
    },
    /// A fault fires: about a saga in a state, or at a node of a kind.
    Fires {
        /// Which fault.
        fault: FaultName,
        /// The state of the saga that the fault is about, or that follows what it is about.
        #[serde(default, deserialize_with = "optional")]
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
        /// The kind of node, as in `"api"`: the sender, if the fault is between two nodes.
        #[serde(default, deserialize_with = "optional")]
        #[serde(skip_serializing_if = "Option::is_none")]
        node: Option<String>,
    },
}

/// A claim of a scenario, with its names looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its place in the file.
    pub position: Position,
    /// What is to be reached.
    pub goal: Goal,
}

/// What a claim says that runs reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A feature.
    Feature(Feature),
    /// A fact.
    Fact(FactKind),
}

/// `a PaymentFailed event`, `WebhookReceived in CaptureRequested`.
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Feature { kind, what, with } = match self.goal {
            Goal::Feature(feature) => feature,
            Goal::Fact(fact) => return write!(f, "the fact {fact:?}"),
        };
        match kind {
            FeatureKind::Event => write!(f, "the event {what}"),
            FeatureKind::Rejection => write!(f, "the rejection {what}"),
            FeatureKind::Stimulus => write!(f, "a saga in {what} receives {with}"),
            FeatureKind::FaultDuring => write!(f, "{what} while a saga is in {with}"),
            FeatureKind::FaultFired | FeatureKind::FaultSeen => write!(f, "{what} at {with}"),
        }
    }
}

impl<D: ScenarioDomain> Scenario<D> {
    /// The numbers of its claims that a run met, from 0; `reached` are the features that it reached, in order.
    pub fn met(&self, observed: &Observed<D::Outcome, D::Wait>, reached: &[Reached]) -> Vec<usize> {
        let is_met = |claim: &Claim| match claim.goal {
            Goal::Fact(fact) => observed.facts[fact.index()] > 0,
            Goal::Feature(feature) => {
                reached.binary_search_by_key(&feature, |reached| reached.feature).is_ok()
            }
        };
        (0..self.claims.len()).filter(|nth| is_met(&self.claims[*nth])).collect()
    }
}
