//! How a run compares with the capsule that it replays.

/// How a run compares with the capsule that it replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduction {
    /// Whether it is the run of the capsule.
    pub result: Reproduced,
    /// What the capsule expects, in words.
    pub expected: String,
    /// What has changed since the capsule was recorded, a sentence each.
    pub changed: Vec<String>,
    /// How the run ends, if it ends in another way than the capsule expects.
    pub ends: Option<String>,
    /// Where the run departs from the recorded one, a sentence each; empty if it is the same run.
    pub departs: Vec<String>,
    /// The entries of the capsule that had no effect, a sentence each.
    pub unused: Vec<String>,
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
    /// The result in a few words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Exactly => "reproduced",
            Self::InEffect => "reproduced in effect",
            Self::Not => "not reproduced",
            Self::Broken => "broken again",
        }
    }
}

impl Reproduction {
    /// What differs between the run and its capsule, a sentence each.
    pub fn differs(&self) -> impl Iterator<Item = String> {
        let ends = self.ends.iter().map(|ends| format!("it ends in another way: {ends}"));
        let rest = self.departs.iter().chain(&self.unused).cloned();
        self.changed.iter().cloned().chain(ends).chain(rest)
    }
}
