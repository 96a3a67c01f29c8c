//! Idle polls are skipped when they go on for long.
//!
//! While a run waits for a far timer, such as a line of the script in a year, its pollers poll, find nothing
//! and poll again. After [`PATIENCE`] occurrences in a row without any work, what polls is put off until the
//! next occurrence that is not a poll. Shorter waits take place poll by poll: a poll is an opportunity for
//! faults, and moves a lease.

use super::{Class, Model, Pending, Simulation, Way};

/// How many occurrences in a row without work are delivered before polls are put off.
const PATIENCE: u64 = 20_000;

impl<P> Pending<P> {
    /// Whether it is the timer of a poll. A poll that is on its way arrives soon by itself.
    fn is_poll(&self) -> bool {
        self.class == Class::Poll && self.way == Way::Set
    }
}

impl<M: Model> Simulation<M> {
    /// Counts an occurrence without pending work, and puts polls off if there were many of them.
    #[inline]
    pub(super) fn skip_idle_polls(&mut self) {
        if self.kernel.idle_for == 0 {
            self.kernel.idle_since = self.kernel.now;
        }
        self.kernel.idle_for += 1;
        if self.kernel.idle_for > PATIENCE && !self.finds_by_polls() {
            self.put_polls_off();
        }
    }

    /// Whether polls can still find work.
    pub(super) fn finds_by_polls(&self) -> bool {
        let since = if self.kernel.idle_for > 0 { self.kernel.idle_since } else { self.kernel.now };
        self.model.found_by_polls(self.kernel.now.since(since))
    }

    /// Moves the polls before the next other occurrence to its time, behind it.
    #[cold]
    fn put_polls_off(&mut self) {
        let mut polls = Vec::new();
        self.kernel.put_back();
        while self.kernel.queue.peek().is_some_and(|(_, next)| next.is_poll()) {
            polls.extend(self.kernel.queue.pop());
            self.kernel.put_back();
        }
        let queue = &mut self.kernel.queue;
        let other = queue.next_at();
        for (due, poll) in polls {
            let is_kept = queue.offer(other.unwrap_or(due), poll).is_ok();
            debug_assert!(is_kept, "there is room for what was just taken out");
        }
    }
}
