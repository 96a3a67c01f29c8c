//! `order-settled` and `refused-with-cause`: every order is brought to its end, and a refusal says what
//! was so.
//!
//! Products have no stock, so a shop has nothing to offer as free: what must not be forgotten are orders.

use crate::check::{Asked, Checker, Checks, FactKinds, Phases, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::orders::command::{Command, Rejection};
use crate::domains::orders::event::{Event, OrderEvent};
use crate::domains::orders::ids::OrderId;
use crate::domains::orders::order::Status;
use crate::domains::orders::saga_event::{SagaEvent, Trouble};
use crate::domains::orders::setup::Orders;
use crate::kernel::{Instant, Step};
use crate::model::{CommandId, Fact, Record, Rest};

/// Every order is brought to its end.
pub static ORDER_SETTLED: Property = Property {
    id: "order-settled",
    when: When::AtRest,
    says: "an order that is paid, or whose charge was requested, is shipped or cancelled; one that is \
           not paid by its deadline is cancelled; unless the case was handed to an operator",
};

/// What a sender is told was true.
pub static REFUSED_WITH_CAUSE: Property = Property {
    id: "refused-with-cause",
    when: When::Always,
    says: "a command is refused because of the status, the total or the charge of its order only if \
           that was so at a moment between the request and the refusal",
};

/// Follows the status of each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    orders: SortedMap<OrderId, Course>,
    asked: Asked,
}

/// The course of one order.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    /// By number of the status.
    phases: Phases<4>,
    /// The price, in minor units.
    total: i64,
    pay_by: Instant,
    charge: bool,
    handed: bool,
    touched: Step,
}

impl Checker<Orders> for Progress {
    const PROPERTIES: &'static [Property] = &[ORDER_SETTLED, REFUSED_WITH_CAUSE];
    const FACTS: FactKinds = Asked::FACTS.or(kinds!(Stored Refused RefusedAgain));

    fn observe(&mut self, record: &Record<Orders>, checks: &mut Checks<'_, Orders>) {
        self.asked.observe(record);
        match &record.fact {
            Fact::Stored(stored) => {
                let course = self.orders.entry(OrderId(stored.stream.number)).or_default();
                match &stored.event {
                    Event::Order(event) => course.stored(event, record.step),
                    // A transfer to be returned excuses nothing else.
                    Event::Saga(SagaEvent::HandedToHuman { trouble }) => {
                        course.handed = *trouble != Trouble::TransferToReturn;
                    }
                    Event::Saga(
                        SagaEvent::SagaResumed
                        | SagaEvent::SagaCompleted
                        | SagaEvent::SagaCompensated,
                    ) => course.handed = false,
                    Event::Saga(_) => {}
                }
            }
            Fact::Refused { command, body, rejection, .. } => {
                self.refused(*command, body, rejection, checks);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Orders>, checks: &mut Checks<'_, Orders>) {
        for (order, course) in &self.orders {
            let left = course.left(rest.at);
            let holds = left.is_none() || course.handed;
            checks.that(&ORDER_SETTLED, holds, [course.touched], |_| {
                format!(
                    "nothing is left that could continue {order}, but it {}",
                    left.unwrap_or("")
                )
            });
        }
    }
}

impl Course {
    fn stored(&mut self, event: &OrderEvent, step: Step) {
        self.touched = step;
        let status = match event {
            OrderEvent::OrderPlaced { total, charge, pay_by, .. } => {
                (self.total, self.charge, self.pay_by) = (total.minor, *charge, *pay_by);
                Status::Pending
            }
            OrderEvent::PaymentRequested { .. } => {
                self.charge = true;
                return;
            }
            // Whoever returns it, the order goes on as before.
            OrderEvent::SurplusReceived { .. } => return,
            OrderEvent::PaymentReceived { .. } => Status::Paid,
            OrderEvent::OrderShipped { .. } => Status::Shipped,
            OrderEvent::OrderCancelled { .. } => Status::Cancelled,
        };
        self.phases.begin(status as usize, step);
    }

    /// What is still to be done at the end, if anything is.
    fn left(&self, now: Instant) -> Option<&'static str> {
        let is = |status: Status| self.phases.is(status as usize);
        match (is(Status::Pending), is(Status::Paid)) {
            (_, true) => Some("is paid and neither shipped nor cancelled"),
            (true, _) if self.charge => Some("is neither charged nor cancelled"),
            (true, _) if self.pay_by < now => Some("is overdue and was not cancelled"),
            _ => None,
        }
    }

    /// Whether a refusal was justified at a moment since the request.
    fn justifies(&self, rejection: &Rejection, body: &Command, since: Step) -> bool {
        let was = |status: Status| self.phases.was(status as usize, since);
        let placed = self.phases.began(Status::Pending as usize).is_some();
        let paid = self.phases.began(Status::Paid as usize).is_some();
        match (rejection, body) {
            (Rejection::AlreadyPlaced, _) => placed,
            (Rejection::NoSuchOrder, _) => self.phases.was_none(since),
            (Rejection::AlreadyRequested, _) => self.charge,
            (Rejection::NotPending { status }, _) => *status != Status::Pending && was(*status),
            (Rejection::NotPaid { status }, _) => *status != Status::Paid && was(*status),
            (Rejection::AlreadyShipped, _) => was(Status::Shipped),
            (Rejection::AlreadyCancelled, _) => was(Status::Cancelled),
            (Rejection::NotOverdue, _) => self.charge || paid,
            (Rejection::AmountMismatch { total }, Command::ReceivePayment { amount, .. }) => {
                total.minor == self.total && amount != total
            }
            (Rejection::NoItems, Command::PlaceOrder { items, .. }) => items.list.is_empty(),
            (Rejection::TotalNotPositive, Command::PlaceOrder { items, .. }) => {
                items.total().is_none_or(|total| total.minor <= 0)
            }
            (
                Rejection::AmountMismatch { .. } | Rejection::NoItems | Rejection::TotalNotPositive,
                _,
            ) => false,
        }
    }
}

impl Progress {
    fn refused(
        &self,
        command: CommandId,
        body: &Command,
        rejection: &Rejection,
        checks: &mut Checks<'_, Orders>,
    ) {
        let Some(since) = self.asked.since(command) else { return };
        let none = Course::default();
        let course = self.orders.get(&body.order()).unwrap_or(&none);
        let holds = course.justifies(rejection, body, since);
        checks.that(&REFUSED_WITH_CAUSE, holds, [since, course.touched], |words| {
            let (command, order) = (words.command(command), body.order());
            format!(
                "{command} was refused because of \"{rejection}\", which was not so for {order}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE, request};
    use super::*;
    use crate::domains::money::{Currency, Money};
    use crate::domains::orders::event::{Bringer, Method};
    use crate::domains::orders::saga_event::Act;

    fn left(story: &History) -> bool {
        story.at_rest().contains(&"order-settled")
    }

    #[test]
    fn an_order_that_is_shipped_or_cancelled_is_settled() {
        let mut shipped = History::placed();
        shipped.paid();
        shipped.shipped(Bringer::Van);
        assert!(!left(&shipped));
        let mut cancelled = History::placed();
        assert!(left(&cancelled), "its card is to be charged");
        cancelled.cancelled(0);
        assert!(!left(&cancelled));
    }

    #[test]
    fn a_paid_order_that_is_not_shipped_is_rejected_unless_an_operator_has_it() {
        let mut story = History::placed();
        story.received(PRICE, Method::BankTransfer);
        assert!(left(&story));
        let hand_over = |trouble| (SagaEvent::HandedToHuman { trouble }, request(1));
        let (event, correlation) = hand_over(Trouble::TransferToReturn);
        story.saga(event, correlation);
        assert!(left(&story), "that is about money only");
        let (event, correlation) = hand_over(Trouble::UndoDeclined(Act::Reverse));
        story.saga(event, correlation);
        assert!(!left(&story));
    }

    #[test]
    fn an_order_may_wait_for_its_payment_until_the_deadline() {
        let mut story = History::placed_unpaid();
        assert!(!left(&story));
        story.waits(1);
        assert!(left(&story), "overdue");
        story.cancelled(0);
        assert!(!left(&story));
    }

    /// Whether a refusal of a command that is sent now is rejected.
    fn unjust(mut story: History, rejection: Rejection) -> bool {
        story.asks();
        story.refused(rejection);
        story.violated().contains(&"refused-with-cause")
    }

    #[test]
    fn a_refusal_says_what_is_so() {
        let usd = |minor| Money::new(minor, Currency::Usd);
        let (placed, mut paid) = (History::placed, History::placed());
        paid.paid();
        let mut shipped = paid.clone();
        shipped.shipped(Bringer::Van);
        let mut cancelled = History::placed();
        cancelled.cancelled(0);
        let pending = Status::Pending;
        for (story, rejection) in [
            (History::new(), Rejection::NoSuchOrder),
            (placed(), Rejection::AlreadyPlaced),
            (placed(), Rejection::AlreadyRequested),
            (placed(), Rejection::NotPaid { status: pending }),
            (placed(), Rejection::NotOverdue),
            (placed(), Rejection::AmountMismatch { total: usd(PRICE) }),
            (paid.clone(), Rejection::NotPending { status: Status::Paid }),
            (shipped.clone(), Rejection::AlreadyShipped),
            (cancelled.clone(), Rejection::AlreadyCancelled),
        ] {
            assert!(!unjust(story, rejection), "{rejection:?} is so");
        }
        for (story, rejection) in [
            (placed(), Rejection::NoSuchOrder),
            (History::new(), Rejection::AlreadyPlaced),
            (History::placed_unpaid(), Rejection::AlreadyRequested),
            (History::placed_unpaid(), Rejection::NotOverdue),
            (paid.clone(), Rejection::NotPaid { status: pending }),
            (paid.clone(), Rejection::NotPaid { status: Status::Paid }),
            (placed(), Rejection::NotPending { status: pending }),
            (placed(), Rejection::AmountMismatch { total: usd(PRICE + 1) }),
            (placed(), Rejection::NoItems),
            (cancelled, Rejection::AlreadyShipped),
            (shipped, Rejection::AlreadyCancelled),
        ] {
            assert!(unjust(story, rejection), "{rejection:?} is not so");
        }
    }

    #[test]
    fn what_was_so_when_the_command_was_sent_justifies_a_refusal() {
        let mut story = History::placed();
        story.asks();
        story.paid();
        story.refused(Rejection::NotPaid { status: Status::Pending });
        assert_eq!(story.violated(), Vec::<&str>::new());
        story.asks_again();
        story.refused(Rejection::NotPaid { status: Status::Pending });
        assert_eq!(story.violated(), ["refused-with-cause"]);
    }
}
