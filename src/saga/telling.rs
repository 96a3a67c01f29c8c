//! The commands of a saga to the stream that it follows.

/// A command whose outcome stays unknown counts as this many refusals, because it was tried for minutes.
const UNREACHED_WEIGHS: u8 = 5;
/// After this many refusals in a row an operator must look at the saga.
const REFUSALS_MAX: u8 = 10;

/// The command that a saga has sent to its subject: one at a time. The state of the subject shows
/// whether it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Telling<T> {
    /// The last command, unless it failed.
    pub told: Option<T>,
    /// How many commands in a row have failed, weighted.
    pub failed: u8,
}

impl<T> Default for Telling<T> {
    fn default() -> Self {
        Self { told: None, failed: 0 }
    }
}

impl<T: Copy + PartialEq> Telling<T> {
    /// The command was refused, or its outcome is unknown.
    pub fn fail(&mut self, refused: bool) {
        self.told = None;
        let weight = if refused { 1 } else { UNREACHED_WEIGHS };
        self.failed = self.failed.saturating_add(weight);
    }

    /// Whether another command can be sent: not before the subject shows the last one.
    pub fn is_free(&self, shows: impl FnOnce(T) -> bool) -> bool {
        self.told.is_none_or(shows)
    }

    /// Whether too many commands have failed.
    pub const fn is_hopeless(&self) -> bool {
        self.failed >= REFUSALS_MAX
    }

    /// Whether the command `tell` is still wanted.
    pub fn awaits(&self, tell: Option<T>) -> bool {
        tell.is_some() && self.told == tell
    }
}
