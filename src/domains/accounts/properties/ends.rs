//! `transfer-ends`: every transfer that was requested comes to an end, for its source account too.
//!
//! An account that believes that its money is still under way can never be closed.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::TransferId;
use crate::domains::accounts::saga_event::SagaEvent;
use crate::domains::accounts::setup::Accounts;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// Every transfer comes to an end.
pub static TRANSFER_ENDS: Property = Property {
    id: "transfer-ends",
    when: When::AtRest,
    says: "every transfer that was requested is completed, returned or failed, and its source account \
           knows that the money is no longer under way, unless the case was handed to an operator",
};

/// Follows each transfer to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    transfers: SortedMap<TransferId, Course>,
}

/// One transfer.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    ended: bool,
    /// Whether the source account has sent the money and not heard of it since.
    under_way: bool,
    handed: bool,
    touched: Step,
}

impl Checker<Accounts> for Ends {
    const PROPERTIES: &'static [Property] = &[TRANSFER_ENDS];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Accounts>, _: &mut Checks<'_, Accounts>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let number = TransferId(stored.stream.number);
        match &stored.event {
            Event::Transfer(event) => {
                let course = self.course(number, record.step);
                course.ended = match event {
                    TransferEvent::TransferRequested { .. }
                    | TransferEvent::TransferDebited
                    | TransferEvent::TransferCredited => false,
                    TransferEvent::DestinationNoted { .. } => course.ended,
                    TransferEvent::TransferCompleted
                    | TransferEvent::TransferReturned { .. }
                    | TransferEvent::TransferFailed { .. } => true,
                };
            }
            Event::Account(event) => match event {
                AccountEvent::TransferSent { transfer, .. } => {
                    self.course(*transfer, record.step).under_way = true;
                }
                AccountEvent::TransferSettled { transfer }
                | AccountEvent::TransferTakenBack { transfer, .. } => {
                    self.course(*transfer, record.step).under_way = false;
                }
                AccountEvent::AccountOpened { .. }
                | AccountEvent::Deposited { .. }
                | AccountEvent::Withdrew { .. }
                | AccountEvent::TransferReceived { .. }
                | AccountEvent::AccountClosed { .. }
                | AccountEvent::LifeBegan { .. } => {}
            },
            Event::Saga(SagaEvent::HandedToHuman { .. }) => {
                self.course(number, record.step).handed = true;
            }
            Event::Saga(
                SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated,
            ) => self.course(number, record.step).handed = false,
            Event::Saga(_) | Event::Old(_) => {}
        }
    }

    fn at_rest(&mut self, _: &Rest<'_, Accounts>, checks: &mut Checks<'_, Accounts>) {
        for (transfer, course) in &self.transfers {
            let holds = course.ended && !course.under_way || course.handed;
            checks.that(&TRANSFER_ENDS, holds, [course.touched], |_| match course.ended {
                false => {
                    format!("nothing is left that could continue {transfer}, but it has no end")
                }
                true => format!("{transfer} has ended, but its source still has it under way"),
            });
        }
    }
}

impl Ends {
    fn course(&mut self, transfer: TransferId, step: Step) -> &mut Course {
        let course = self.transfers.entry(transfer).or_default();
        course.touched = step;
        course
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{DESTINATION, History, SOURCE};
    use super::*;
    use crate::domains::accounts::event::Why;
    use crate::domains::accounts::saga_event::{Step as SagaStep, Trouble};

    fn left(story: &History) -> bool {
        story.at_rest().contains(&"transfer-ends")
    }

    #[test]
    fn a_transfer_that_has_ended_on_both_sides_is_accepted() {
        let why = Why::InsufficientFunds;
        let mut failed = History::requested(40);
        failed.note(TransferEvent::TransferFailed { why });
        assert!(!left(&failed));
        let mut returned = History::requested(40);
        returned.sent(SOURCE, 40);
        returned.taken_back(SOURCE, 40);
        returned.note(TransferEvent::TransferReturned { why });
        assert!(!left(&returned));
        let mut completed = History::requested(40);
        completed.sent(SOURCE, 40);
        completed.received(DESTINATION, 40);
        completed.settled();
        completed.note(TransferEvent::TransferCompleted);
        assert!(!left(&completed));
    }

    #[test]
    fn a_transfer_without_an_end_is_rejected_unless_an_operator_has_it() {
        let mut story = History::requested(40);
        assert!(left(&story), "nothing was moved");
        let mut arrived = story.clone();
        arrived.sent(SOURCE, 40);
        arrived.received(DESTINATION, 40);
        arrived.note(TransferEvent::TransferCredited);
        assert!(left(&arrived), "the source does not know");
        let trouble = Trouble::Unanswered(SagaStep::Credit);
        story.saga(SagaEvent::HandedToHuman { trouble });
        assert!(!left(&story));
    }

    #[test]
    fn a_source_that_was_not_told_is_rejected() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.received(DESTINATION, 40);
        story.note(TransferEvent::TransferCompleted);
        assert!(left(&story));
    }
}
