//! What a run can reach, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::Step;

/// Something that a run can reach. Its names are those of the domain, of faults and of kinds of node; `N` is how
/// a name is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Feature<N = &'static str> {
    /// Its kind.
    pub kind: FeatureKind,
    /// The event type, the rejection, the state of the saga or the fault.
    pub what: N,
    /// The other half of a pair; empty if the kind has no pairs.
    pub with: N,
}

/// A feature that a run has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which feature.
    pub feature: Feature,
    /// The occurrence in which it was reached first.
    pub step: Step,
}

/// The kinds of features.
///
/// The *state* of a saga is the type of the last event that was stored in its stream, or
/// [`NOT_STARTED`](super::NOT_STARTED).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// An event of this type was stored.
    Event,
    /// The domain rejected a command for this reason.
    Rejection,
    /// A saga in this state received this [stimulus](super::STIMULI), or an event of this type from the stream
    /// that it follows.
    Stimulus,
    /// This fault fired about a saga in this state, or about the stream that the saga follows.
    FaultDuring,
    /// This fault fired at a node of this kind; a fault between two nodes fires at the sender.
    FaultFired,
    /// A handler was affected by this fault, which had fired at a node of this kind.
    FaultSeen,
}

impl FeatureKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Event,
        Self::Rejection,
        Self::Stimulus,
        Self::FaultDuring,
        Self::FaultFired,
        Self::FaultSeen,
    ];

    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Rejection => "rejection",
            Self::Stimulus => "stimulus",
            Self::FaultDuring => "fault_during",
            Self::FaultFired => "fault_fired",
            Self::FaultSeen => "fault_seen",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the features of this kind are, in words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Event => "event types",
            Self::Rejection => "rejections",
            Self::Stimulus => "saga states × stimuli",
            Self::FaultDuring => "faults × saga states",
            Self::FaultFired => "faults fired × kinds of node",
            Self::FaultSeen => "faults seen × kinds of node",
        }
    }

    /// Whether its features are pairs.
    pub const fn is_of_pairs(self) -> bool {
        !matches!(self, Self::Event | Self::Rejection)
    }
}

/// `SeatHeld`, `CaptureRequested × WebhookReceived`, `Drop × api`.
impl<N: AsRef<str>> fmt::Display for Feature<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, with) = (self.what.as_ref(), self.with.as_ref());
        f.write_str(what)?;
        if with.is_empty() { Ok(()) } else { write!(f, " × {with}") }
    }
}
