//! What a campaign is: everything that decides what its runs do.

use serde::{Deserialize, Serialize};

use crate::session::AnyScenario;

/// The identity of a campaign. Two campaigns with the same identity make the same runs, as far as both go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignId {
    /// The version of Jetlag.
    pub version: String,
    /// The seed of run 0.
    pub seed: u64,
    /// The name of the schedule.
    pub policy: String,
    /// The number of runs in a block.
    pub block: u64,
    /// The files.
    pub files: Vec<FileId>,
}

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileId {
    /// Its path, as it was given.
    pub path: String,
    /// The first bits of the hash of its text.
    pub hash: u32,
}

impl FileId {
    pub(crate) fn of(scenario: &dyn AnyScenario) -> Self {
        let subject = scenario.subject();
        Self { path: subject.file, hash: subject.fingerprint }
    }
}
