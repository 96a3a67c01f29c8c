//! The ways in which failures are searched for.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::kernel::Schedule;

/// A way in which failures are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// A campaign whose runs are drawn by this policy.
    Fuzz(Schedule),
    /// All runs with one deviation, then all with two, of the scenarios in order of what a run of them costs.
    Enumerate,
}

/// A name that is not that of a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("write enumerate, or a policy: latency, random-walk, pos, pct-1 to pct-5, or mixture")]
pub struct UnknownStrategy;

impl Strategy {
    /// The policy that draws one of the others for each run.
    pub const MIXTURE: Self = Self::Fuzz(Schedule::Mixture);

    /// The mixture first, then its members, then enumeration.
    pub fn all() -> Vec<Self> {
        let members = Schedule::all().filter(|schedule| *schedule != Schedule::Mixture);
        let members = members.map(Self::Fuzz);
        [Self::MIXTURE].into_iter().chain(members).chain([Self::Enumerate]).collect()
    }

    /// Whether it draws: another campaign makes other runs.
    pub fn is_drawn(self) -> bool {
        self != Self::Enumerate
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuzz(schedule) => schedule.fmt(f),
            Self::Enumerate => f.write_str("enumerate"),
        }
    }
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all().into_iter().find(|strategy| strategy.to_string() == text).ok_or(UnknownStrategy)
    }
}
