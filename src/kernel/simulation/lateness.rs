//! Messages that a schedule puts back while they are in flight, and the departure from a schedule.

use super::{Kernel, Payload, Pending};
use crate::kernel::choice::ChoiceKey;
use crate::kernel::link::LINK_JITTER;
use crate::kernel::scheduler::{Scheduler, Underway};

impl<P: Payload> Kernel<P> {
    /// Puts messages back that are due and have raced with another delivery, until the next occurrence is
    /// one that stays. Nothing else is known of a queue before: a message that is put back was never due.
    #[inline]
    pub(super) fn put_back(&mut self) {
        if let Scheduler::Pos(_) = self.scheduler {
            while self.put_back_next() {}
        }
    }

    /// Puts the next occurrence back, if it is to be; whether it was.
    #[inline(never)]
    fn put_back_next(&mut self) -> bool {
        let (Scheduler::Pos(pos), Some((due, next))) = (&mut self.scheduler, self.queue.peek())
        else {
            return false;
        };
        // Timers stay: for them nothing need be asked.
        if next.rank == 0 {
            return false;
        }
        let message = Underway { due, key: next.jitter_key(), rank: next.rank };
        let Some((due, rank)) = pos.put_back(&message, &mut self.links, &mut self.choices) else {
            return false;
        };
        self.queue.postpone(due).rank = rank;
        true
    }

    /// Departs from the seed: what follows is drawn from another one. What is in flight arrives when it is
    /// due.
    #[cold]
    pub(super) fn branch(&mut self) {
        self.choices.branch(self.step);
        self.branches_at = self.choices.next_branch();
        self.faults.branch(&mut self.choices);
        let scheduler = &mut self.scheduler;
        if !scheduler.is_plain() {
            self.queue.each_due(|due, pending| {
                let rank = std::mem::take(&mut pending.rank);
                scheduler.left_alone(due, (pending.from, pending.to), rank)
            });
        }
        self.scheduler = Scheduler::of(&self.choices, self.links.nodes());
    }
}

impl<P: Payload> Pending<P> {
    /// The key of the choice how late it is, if it is a message.
    fn jitter_key(&self) -> ChoiceKey {
        let (actor, entity) = (self.actor(), self.payload.entity());
        ChoiceKey { site: LINK_JITTER, actor, entity, nth: self.nth }
    }
}
