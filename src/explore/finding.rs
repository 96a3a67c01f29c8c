//! Failures of a campaign, one for each identity.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::kernel::Digest;

/// Runs that failed in the same way: the first of them, and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How the first of them failed.
    pub failure: Failure,
    /// The number of the first run.
    pub run: u64,
    /// The path of its scenario.
    pub file: String,
    /// How many runs failed so.
    pub times: u64,
    /// The capsule of the first run, without the command that replays it; empty if it is not known to be the first.
    pub capsule: String,
}

/// A finding of an earlier campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Old {
    /// The finding.
    pub finding: Finding,
    /// The number of runs that the campaign had made.
    pub runs: u64,
}

/// A finding compared with the campaigns before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No campaign before found it.
    New,
    /// A campaign before found it too.
    StillThere,
    /// A campaign before found it, and this one did not in as many runs.
    Gone,
    /// A campaign before found it, and this one has not made as many runs yet.
    NotYet,
}

impl Standing {
    /// In words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::StillThere => "still there",
            Self::Gone => "gone",
            Self::NotYet => "not found yet",
        }
    }
}

impl Finding {
    /// The name of the file that holds its capsule: a function of its identity.
    pub fn file_name(&self) -> String {
        let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let property: String = self.failure.property.chars().map(word).collect();
        let mut digest = Digest::default();
        digest.fold(&self.failure.identity());
        format!("{property}-{:06x}.ron", digest.value() >> 40)
    }

    /// Adds other runs that failed in the same way.
    pub(super) fn merge(&mut self, other: &Self) {
        let times = self.times + other.times;
        if other.run < self.run {
            *self = other.clone();
        }
        self.times = times;
    }
}
