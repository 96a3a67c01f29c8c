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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_refusals_in_a_row_or_two_silences_are_hopeless() {
        let after = |refused: bool, times: usize| {
            let mut telling = Telling { told: Some('a'), failed: 0 };
            (0..times).for_each(|_| telling.fail(refused));
            telling
        };
        assert_eq!([9, 10].map(|times| after(true, times).is_hopeless()), [false, true]);
        assert_eq!([1, 2].map(|times| after(false, times).is_hopeless()), [false, true]);
        assert_eq!(after(true, 1).told, None, "a command that failed is awaited no longer");
    }

    #[test]
    fn another_command_is_sent_when_the_subject_shows_the_last_one() {
        let told = Telling { told: Some('a'), failed: 0 };
        assert!(!told.is_free(|_| false) && told.is_free(|it| it == 'a'));
        assert!(Telling::<char>::default().is_free(|_| false));
        assert_eq!([Some('a'), Some('b'), None].map(|it| told.awaits(it)), [true, false, false]);
        assert!(!Telling::<char>::default().awaits(None), "nothing is awaited");
    }
}
