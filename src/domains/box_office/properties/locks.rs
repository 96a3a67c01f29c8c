//! `one-lock-holder`: at the stages that lock, a place is recorded by the last purchase that had the show.
//!
//! A lock that expires lets another purchase in, with a greater fencing token. From its check on, what an earlier
//! holder has read is out of date.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::box_office::event::{Event, ShowEvent};
use crate::domains::box_office::ids::{Fence, ShowId, TicketId};
use crate::domains::box_office::saga_event::{Act, SagaEvent};
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::Step;
use crate::model::{Fact, Record};

/// No place is recorded under a lock that another purchase has followed.
pub static ONE_LOCK_HOLDER: Property = Property {
    id: "one-lock-holder",
    when: When::Always,
    says: "at a stage that locks, a purchase records its place only if no other purchase has checked the show \
           under a lock that was granted later",
};

/// Follows the locks of purchases.
#[derive(Clone, Debug, Default)]
pub(super) struct Locks {
    /// The purchases that have a lock, until their sagas are over.
    held: SortedMap<TicketId, Held>,
    /// Of each show, the latest lock under which it was checked.
    checked: SortedMap<ShowId, (Held, TicketId)>,
}

/// The lock of a purchase, and when it was granted or used.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    show: ShowId,
    fence: Fence,
    step: Step,
}

impl Checker<BoxOffice> for Locks {
    const PROPERTIES: &'static [Property] = &[ONE_LOCK_HOLDER];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        let Fact::Stored(stored) = &record.fact else { return };
        if !checks.words.domain.stage().locks() {
            return;
        }
        match &stored.event {
            Event::Saga(event) => {
                self.of_saga(TicketId(stored.stream.number), event, record.step);
            }
            Event::Show(event) => {
                let show = ShowId::of(stored.stream);
                match event {
                    ShowEvent::CheckPassed { ticket, fence } => {
                        let held = Held { show, fence: *fence, step: record.step };
                        self.check(*ticket, held);
                    }
                    ShowEvent::PlaceTaken { ticket, .. } => self.taken(show, *ticket, checks),
                    ShowEvent::ShowCreated { .. } | ShowEvent::PlaceReturned { .. } => {}
                }
            }
            Event::Ticket(_) | Event::Visitor(_) | Event::Room(_) | Event::Watch(_) => {}
        }
    }
}

impl Locks {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other events are about other acts")]
    fn of_saga(&mut self, ticket: TicketId, event: &SagaEvent, step: Step) {
        match event {
            SagaEvent::SagaStarted { show, .. } => {
                self.held.entry(ticket).or_default().show = *show
            }
            SagaEvent::Done { act: Act::Lock, fence: Some(fence) } => {
                let held = self.held.entry(ticket).or_default();
                (held.fence, held.step) = (*fence, step);
            }
            // Without fencing tokens only the saga says that the check has passed.
            SagaEvent::Done { act: Act::Check, .. } => {
                if let Some(held) = self.held.get(&ticket).copied() {
                    self.check(ticket, Held { step, ..held });
                }
            }
            SagaEvent::SagaCompleted | SagaEvent::SagaCompensated => {
                self.held.remove(&ticket);
            }
            _ => {}
        }
    }

    fn check(&mut self, ticket: TicketId, held: Held) {
        let latest = self.checked.entry(held.show).or_insert((held, ticket));
        if held.fence > latest.0.fence {
            *latest = (held, ticket);
        }
    }

    fn taken(&self, show: ShowId, ticket: TicketId, checks: &mut Checks<'_, BoxOffice>) {
        let Some(&(latest, other)) = self.checked.get(&show) else { return };
        let own = self.held.get(&ticket).copied().unwrap_or_default();
        let because = [own.step, latest.step, checks.step()];
        checks.that(&ONE_LOCK_HOLDER, latest.fence <= own.fence, because, |words| {
            let (show, own, latest) = (words.stream(show.stream()), own.fence, latest.fence);
            format!(
                "{ticket} has its place of {show} recorded under {own}, although {other} has \
                 checked the show under {latest}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};
    use super::*;
    use crate::domains::box_office::stage::Stage;

    const BROKEN: [&str; 1] = ["one-lock-holder"];

    /// A purchase that has a lock, and has found a place.
    fn checks(story: &mut History, ticket: u32, fence: u32) {
        story.locked(ticket, fence);
        story.saga(ticket, SagaEvent::Done { act: Act::Check, fence: None });
    }

    #[test]
    fn places_that_are_recorded_one_after_the_other_are_accepted() {
        let mut story = History::at_stage(Stage::RedisLock, 9);
        checks(&mut story, 0, 1);
        story.placed(0, 8);
        checks(&mut story, 1, 2);
        story.placed(1, 7);
        assert_eq!(story.at_rest(&BROKEN), NOTHING);
    }

    #[test]
    fn a_lock_that_was_granted_later_but_not_used_yet_is_accepted() {
        let mut story = History::at_stage(Stage::RedisLockFenced, 9);
        checks(&mut story, 0, 1);
        story.locked(1, 2);
        story.placed(0, 8);
        assert_eq!(story.at_rest(&BROKEN), NOTHING);
    }

    #[test]
    fn a_place_that_is_recorded_after_another_purchase_has_checked_the_show_is_rejected() {
        let mut story = History::at_stage(Stage::RedisLock, 9);
        checks(&mut story, 0, 1);
        checks(&mut story, 1, 2);
        story.placed(0, 8);
        assert_eq!(story.at_rest(&BROKEN), BROKEN, "by what the saga says");
        let mut story = History::at_stage(Stage::RedisLockFenced, 9);
        checks(&mut story, 0, 1);
        story.locked(1, 2);
        story.checked(1, 2);
        story.placed(0, 8);
        assert_eq!(story.at_rest(&BROKEN), BROKEN, "by what the show says");
    }
}
