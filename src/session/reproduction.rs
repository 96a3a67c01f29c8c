//! How a run compares with the capsule that it replays.

/// How a run compares with the capsule that it replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduction {
    /// Whether it is the run of the capsule.
    pub result: Reproduced,
    /// What the capsule expects, in words.
    pub expected: String,
    /// What differs, a sentence a line; empty if nothing does.
    pub differs: Vec<String>,
}

/// Whether a run is that of its capsule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reproduced {
    /// It has the same digest and ends in the same way.
    Exactly,
    /// It ends in the same way, but is another run: the code or the scenario has changed.
    InEffect,
    /// It ends in another way, so it says nothing about the failure that the capsule records.
    Not,
    /// The capsule records a run that holds, and it fails now.
    Broken,
}

impl Reproduced {
    /// The result in a word or two.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Exactly => "reproduced",
            Self::InEffect => "reproduced, by another run",
            Self::Not => "not reproduced",
            Self::Broken => "held when it was recorded",
        }
    }
}
