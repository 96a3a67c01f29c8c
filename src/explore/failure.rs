//! How a run failed, so that runs that failed in the same way can be put together.

use serde::{Deserialize, Serialize};

use crate::model::printable;
use crate::session::{Identity, RunOutcome, Verdict};

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// The id of the property, or of what stands for one.
    pub property: String,
    /// What it says, with names replaced by roles.
    pub roles: String,
    /// What it says.
    pub says: String,
}

/// The kind of a failure, the most severe last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The run did not come to rest: nothing is known about it.
    NoVerdict,
    /// A property was violated.
    Violated,
    /// The code of the domain panicked or hung.
    Broken,
    /// Code of this crate panicked or hung.
    Bug,
}

impl FailureKind {
    /// The verdict on a run that failed so.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::NoVerdict => Verdict::Open,
            Self::Violated | Self::Broken => Verdict::Failed,
            Self::Bug => Verdict::Bug,
        }
    }
}

impl Failure {
    /// How a run failed; `None` if it held.
    pub fn of(run: &RunOutcome) -> Option<Self> {
        let Identity { property, roles } = Identity::of(run)?;
        let kind = match run.verdict() {
            Verdict::Bug => FailureKind::Bug,
            Verdict::Open => FailureKind::NoVerdict,
            _ if run.broken.is_some() => FailureKind::Broken,
            _ => FailureKind::Violated,
        };
        let says = match (&run.broken, run.violations.first(), &run.unrest) {
            (Some(broken), ..) => printable(&broken.cause.to_string()).into_owned(),
            (None, Some(violated), _) => violated.says.clone(),
            (None, None, Some(unrest)) => unrest.says.clone(),
            (None, None, None) => run.stop.to_string(),
        };
        Some(Self { kind, property, roles, says })
    }

    /// What failures of the same identity have in common, as one line.
    pub fn identity(&self) -> String {
        Identity { property: self.property.clone(), roles: self.roles.clone() }.to_string()
    }
}
