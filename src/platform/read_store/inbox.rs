//! The inbox of a view: the ids of the messages that it has applied, for as long as they are kept.
//!
//! The id of a message stands for the stream and the version of its event. What is delivered later than ids are kept
//! is a new message, and is applied again. Files whose settings let a message come so late are refused when they are
//! read.

use crate::collections::Table;
use crate::kernel::{Instant, Span};
use crate::model::{StreamId, Version};
use crate::platform::ages::Ages;

/// Ids of messages, each with the moment at which it was entered.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    ids: Table<(StreamId, Version), Instant>,
    ages: Ages<(StreamId, Version)>,
}

impl Inbox {
    pub(super) fn has(&self, id: (StreamId, Version)) -> bool {
        self.ids.contains_key(&id)
    }

    /// Enters an id. `ages`: ids are removed when they are old.
    pub(super) fn add(&mut self, id: (StreamId, Version), now: Instant, ages: bool) {
        self.ids.insert(id, now);
        if ages {
            self.ages.add(now, id);
        }
    }

    /// Removes the ids that were entered so long ago, and returns how many. `by_period`: those of the periods of this
    /// length that are over.
    pub(super) fn clean(&mut self, keep: Span, now: Instant, by_period: bool) -> u32 {
        let period = |at: Instant| at.since(Instant::ZERO).as_micros() / keep.as_micros().max(1);
        let is_due =
            |at: Instant| if by_period { period(at) < period(now) } else { at + keep <= now };
        let mut cleaned = 0;
        while let Some((at, id)) = self.ages.take_if(is_due) {
            // One that was applied again was entered anew.
            if self.ids.get(&id) == Some(&at) {
                self.ids.remove(&id);
                cleaned += 1;
            }
        }
        cleaned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::counter;

    const MINUTE: Span = Span::from_secs(60);

    fn minute(nth: u64) -> Instant {
        Instant::ZERO + MINUTE.times(nth)
    }

    /// Two ids, entered in minutes 1 and 9.
    fn two() -> (Inbox, [(StreamId, Version); 2]) {
        let ids = [(counter(0), Version(1)), (counter(0), Version(2))];
        let mut inbox = Inbox::default();
        inbox.add(ids[0], minute(1), true);
        inbox.add(ids[1], minute(9), true);
        (inbox, ids)
    }

    #[test]
    fn an_id_is_removed_when_it_is_as_old_as_ids_are_kept() {
        let (mut inbox, [first, second]) = two();
        assert_eq!(inbox.clean(MINUTE.times(10), minute(10), false), 0);
        assert_eq!(inbox.clean(MINUTE.times(10), minute(11), false), 1);
        assert!(!inbox.has(first) && inbox.has(second));
        assert_eq!(inbox.clean(MINUTE.times(10), minute(19), false), 1);
        assert!(!inbox.has(second));
    }

    #[test]
    fn an_id_that_is_entered_again_begins_to_age_anew() {
        let (mut inbox, [first, _]) = two();
        inbox.add(first, minute(10), true);
        assert_eq!(inbox.clean(MINUTE.times(10), minute(11), false), 0);
        assert!(inbox.has(first));
        assert_eq!(inbox.clean(MINUTE.times(10), minute(20), false), 2);
    }

    #[test]
    fn the_defect_removes_ids_of_a_moment_ago_when_a_period_is_over() {
        let (mut inbox, [_, second]) = two();
        assert_eq!(inbox.clean(MINUTE.times(10), minute(9), true), 0);
        assert_eq!(inbox.clean(MINUTE.times(10), minute(10), true), 2);
        assert!(!inbox.has(second));
    }
}
