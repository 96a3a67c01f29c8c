//! What a saga tells the stream that it follows.

/// A stream that could not be reached for minutes counts as this many refusals.
const UNREACHED_WEIGHS: u8 = 5;
/// After this many refusals in a row a person has to look at it.
const REFUSALS_MAX: u8 = 10;

/// What the subject of a saga was told and has not answered. It is told one thing at a time, by commands;
/// that it took one shows in its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Telling<T> {
    /// What it was told last, until that fails.
    pub told: Option<T>,
    /// How often in a row it did not take what it was told.
    pub failed: u8,
}

impl<T> Default for Telling<T> {
    fn default() -> Self {
        Self { told: None, failed: 0 }
    }
}

impl<T: Copy + PartialEq> Telling<T> {
    /// It did not take what it was told: it refused, or it could not be reached.
    pub fn fail(&mut self, refused: bool) {
        self.told = None;
        let weight = if refused { 1 } else { UNREACHED_WEIGHS };
        self.failed = self.failed.saturating_add(weight);
    }

    /// Whether it can be told something: not while it is being told something else, which it does not
    /// show yet.
    pub fn is_free(&self, shows: impl FnOnce(T) -> bool) -> bool {
        self.told.is_none_or(shows)
    }

    /// Whether it failed too often to be told anything more.
    pub const fn is_hopeless(&self) -> bool {
        self.failed >= REFUSALS_MAX
    }

    /// Whether a command that tells `tell` is still wanted.
    pub fn awaits(&self, tell: Option<T>) -> bool {
        tell.is_some() && self.told == tell
    }
}
