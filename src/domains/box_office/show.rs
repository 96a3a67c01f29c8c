//! A show: its inventory.

use super::command::Rejection;
use super::defects::LOCK_WITHOUT_FENCE;
use super::event::ShowEvent;
use super::ids::{Fence, TicketId};
use super::setup::BoxOffice;
use super::stage::Stage;
use crate::collections::SortedSet;

/// One show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Show {
    /// Whether it is on sale.
    pub created: bool,
    pub total: u32,
    /// The places that are left, as the last writer has counted them.
    pub left: u32,
    /// The greatest fencing token that it has been shown.
    pub fence: Fence,
    /// The tickets that have a place.
    pub taken: SortedSet<TicketId>,
}

impl Show {
    /// Gives a place to a ticket, if one is left.
    pub(super) fn allocate(&self, ticket: TicketId) -> Result<ShowEvent, Rejection> {
        if !self.created {
            return Err(Rejection::NoSuchShow);
        }
        let left = self.left.checked_sub(1).ok_or(Rejection::SoldOut)?;
        Ok(ShowEvent::PlaceTaken { ticket, left })
    }

    /// Takes the place of a ticket back, if it has one.
    pub(super) fn give_back(&self, ticket: TicketId) -> Option<ShowEvent> {
        let left = self.left + 1;
        self.taken.contains(&ticket).then_some(ShowEvent::PlaceReturned { ticket, left })
    }

    /// Checks for the holder of a lock that a place is left. With a fencing token the check is recorded: the
    /// count that an earlier holder has read is out of date from now on.
    pub(super) fn check(
        &self,
        stage: Stage,
        ticket: TicketId,
        fence: Fence,
    ) -> Result<Option<ShowEvent>, Rejection> {
        if !self.created {
            return Err(Rejection::NoSuchShow);
        }
        if stage.fences() && fence < self.fence {
            return Err(Rejection::LockLost);
        }
        if self.left == 0 && !self.taken.contains(&ticket) {
            return Err(Rejection::SoldOut);
        }
        let is_news = stage.fences() && fence > self.fence;
        Ok(is_news.then_some(ShowEvent::CheckPassed { ticket, fence }))
    }

    /// Records the place of a ticket. It relies on the check that came before: `left` is what was read then,
    /// less one. Repeating it has no effect.
    pub(super) fn take(
        &self,
        office: &BoxOffice,
        ticket: TicketId,
        left: Option<u32>,
        fence: Fence,
    ) -> Result<Option<ShowEvent>, Rejection> {
        if self.taken.contains(&ticket) {
            return Ok(None);
        }
        let fences = office.stage().fences() && !office.has(&LOCK_WITHOUT_FENCE);
        if fences && fence < self.fence {
            return Err(Rejection::LockLost);
        }
        let left = left.unwrap_or(self.left.saturating_sub(1));
        Ok(Some(ShowEvent::PlaceTaken { ticket, left }))
    }

    pub fn evolve(&mut self, event: &ShowEvent) {
        match event {
            ShowEvent::ShowCreated { total, price: _ } => {
                self.created = true;
                (self.total, self.left) = (*total, *total);
            }
            ShowEvent::CheckPassed { fence, .. } => self.fence = *fence,
            ShowEvent::PlaceTaken { ticket, left } => {
                self.taken.insert(*ticket);
                self.left = *left;
            }
            ShowEvent::PlaceReturned { ticket, left } => {
                self.taken.remove(ticket);
                self.left = *left;
            }
        }
    }

    /// Whether the rules of a stage allow an event. Only a stage that reserves or compares tokens makes sure
    /// that the count is right.
    pub fn is_legal_transition(&self, stage: Stage, event: &ShowEvent) -> bool {
        match event {
            ShowEvent::ShowCreated { .. } => !self.created,
            ShowEvent::CheckPassed { fence, .. } => {
                self.created && stage.fences() && *fence > self.fence
            }
            ShowEvent::PlaceTaken { ticket, left } => {
                let counted = left.checked_add(1) == Some(self.left);
                let counts = stage.reserves() || stage.fences();
                self.created && !self.taken.contains(ticket) && (counted || !counts)
            }
            ShowEvent::PlaceReturned { ticket, left } => {
                stage.reserves() && self.taken.contains(ticket) && *left == self.left + 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::box_office::setup::Setup;
    use crate::domains::money::{Currency, Money};

    fn at(stage: Stage) -> BoxOffice {
        BoxOffice::new(Setup { stage, ..Setup::default() }).expect("a box office")
    }

    fn after(events: &[ShowEvent]) -> Show {
        let mut show = Show::default();
        let created = ShowEvent::ShowCreated { total: 2, price: Money::new(5_000, Currency::Eur) };
        for event in [created].iter().chain(events) {
            show.evolve(event);
        }
        show
    }

    #[test]
    fn places_are_given_out_until_none_is_left_and_come_back() {
        let mut show = after(&[]);
        for (ticket, left) in [(7, 1), (8, 0)] {
            let taken = show.allocate(TicketId(ticket)).expect("a place is left");
            assert_eq!(taken, ShowEvent::PlaceTaken { ticket: TicketId(ticket), left });
            assert!(show.is_legal_transition(Stage::EventSourced, &taken));
            show.evolve(&taken);
        }
        assert_eq!(show.allocate(TicketId(9)), Err(Rejection::SoldOut));
        assert_eq!(show.give_back(TicketId(9)), None, "it has no place");
        show.evolve(&show.give_back(TicketId(7)).expect("it has a place"));
        assert_eq!((show.left, show.allocate(TicketId(9)).is_ok()), (1, true));
        assert_eq!(Show::default().allocate(TicketId(1)), Err(Rejection::NoSuchShow));
    }

    #[test]
    fn a_check_under_a_newer_lock_fences_the_older_one_off() {
        let (old, new) = (Fence(1), Fence(2));
        let mut show = after(&[]);
        let stage = Stage::RedisLockFenced;
        for (ticket, fence) in [(1, old), (2, new)] {
            let passed = show.check(stage, TicketId(ticket), fence).expect("a place is left");
            show.evolve(&passed.expect("the token is news"));
        }
        assert_eq!(show.take(&at(stage), TicketId(1), None, old), Err(Rejection::LockLost));
        assert_eq!(show.check(stage, TicketId(3), old), Err(Rejection::LockLost));
        let taken = ShowEvent::PlaceTaken { ticket: TicketId(2), left: 1 };
        assert_eq!(show.take(&at(stage), TicketId(2), None, new), Ok(Some(taken)));
        let unfenced = show.take(&at(Stage::RedisLock), TicketId(1), None, old);
        assert!(unfenced.is_ok_and(|taken| taken.is_some()), "nobody notices");
    }

    #[test]
    fn a_place_that_is_recorded_twice_is_taken_once() {
        let ticket = TicketId(4);
        let show = after(&[ShowEvent::PlaceTaken { ticket, left: 1 }]);
        assert_eq!(show.take(&at(Stage::Monolith), ticket, Some(0), Fence(0)), Ok(None));
    }
}
