//! How a run failed, so that runs that failed in the same way can be put together.

use serde::{Deserialize, Serialize};

use crate::model::printable;
use crate::session::{Broken, Cause, RunOutcome, Verdict};

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
        let kind = |other| match run.verdict() {
            Verdict::Bug => FailureKind::Bug,
            Verdict::Open => FailureKind::NoVerdict,
            _ => other,
        };
        if let Some(Broken { cause, handled }) = &run.broken {
            let (property, roles) = match cause {
                Cause::Panicked(panic) => ("panic", panic.place.clone()),
                Cause::Hung { .. } => {
                    ("hang", handled.as_ref().map_or("", |handled| handled.what).to_owned())
                }
                Cause::OutOfMemory { .. } => ("out-of-memory", String::new()),
                Cause::Interrupted => return None,
            };
            let says = printable(&cause.to_string()).into_owned();
            return Some(Self {
                kind: kind(FailureKind::Broken),
                property: property.to_owned(),
                roles,
                says,
            });
        }
        if let Some(violated) = run.violations.first() {
            return Some(Self {
                kind: FailureKind::Violated,
                property: violated.property.to_owned(),
                roles: violated.roles.clone(),
                says: violated.says.clone(),
            });
        }
        let open = || Self {
            kind: FailureKind::NoVerdict,
            property: "no-verdict".to_owned(),
            roles: run.unrest.as_ref().map_or("", |unrest| unrest.kind.name()).to_owned(),
            says: run
                .unrest
                .as_ref()
                .map_or_else(|| run.stop.to_string(), |unrest| unrest.says.clone()),
        };
        (run.verdict() == Verdict::Open).then(open)
    }

    /// What failures of the same identity have in common, as one line.
    pub fn identity(&self) -> String {
        format!("{}: {}", self.property, self.roles)
    }
}
