//! `cancel-window`: an order is cancelled only while it may be, and on the customer's terms.

use super::stage_after;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::delivery::command::Command;
use crate::domains::delivery::event::{Event, OrderEvent};
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::order::Status;
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::{CommandId, Fact, Record, RequestId, Stored};

/// An order is cancelled in time, on the terms that the customer accepted, and for good.
pub static CANCEL_WINDOW: Property = Property {
    id: "cancel-window",
    when: When::Always,
    says: "an order is cancelled only while it is created, confirmed or prepared, and the event states \
           that stage; a customer who cancels a paid order gets back at least what they expect; nothing \
           happens to an order after it was cancelled",
};

/// Follows the stage of each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    orders: SortedMap<OrderId, Known>,
    /// What customers expect who are not answered yet.
    expected: SortedMap<RequestId, i64>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    stage: Status,
    paid: bool,
    touched: Step,
}

impl Checker<Delivery> for Window {
    const PROPERTIES: &'static [Property] = &[CANCEL_WINDOW];
    const FACTS: FactKinds = kinds!(Commanded Told Stored);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        match &record.fact {
            Fact::Commanded { request, command: Command::CancelOrder { least, .. }, .. } => {
                self.expected.insert(*request, *least);
            }
            Fact::Told { request, .. } => drop(self.expected.remove(request)),
            Fact::Stored(stored) => {
                if let Event::Order(event) = &stored.event {
                    self.stored(stored, event, checks);
                }
            }
            _ => {}
        }
    }
}

impl Window {
    fn stored(
        &mut self,
        stored: &Stored<Event>,
        event: &OrderEvent,
        checks: &mut Checks<'_, Delivery>,
    ) {
        let (order, step) = (OrderId(stored.stream.number), checks.step());
        let blank = Known { stage: Status::Created, paid: false, touched: step };
        let known = self.orders.entry(order).or_insert(blank);
        let before = *known;
        *known = Known {
            stage: stage_after(before.stage, event),
            paid: before.paid || matches!(event, OrderEvent::OrderPaid { .. }),
            touched: step,
        };
        let (because, now) = ([before.touched, step], before.stage);
        if now == Status::Cancelled {
            checks.that(&CANCEL_WINDOW, false, because, |_| {
                format!("{} happens to {order}, which was cancelled before", event.name())
            });
        }
        let OrderEvent::OrderCancelled { stage, refund, .. } = event else { return };
        let open = matches!(now, Status::Created | Status::Confirmed | Status::Preparing);
        checks.that(&CANCEL_WINDOW, open && *stage == now, because, |_| match open {
            true => {
                format!("{order} is cancelled while {}, but it is {}", stage.word(), now.word())
            }
            false => format!("{order} is cancelled, but it is {} already", now.word()),
        });
        let CommandId::Request(request) = stored.metadata.id.command else { return };
        let Some(least) = self.expected.get(&request).copied() else { return };
        let holds = !before.paid || refund.minor >= least;
        checks.that(&CANCEL_WINDOW, holds, because, |words| {
            let least = Money::new(least, words.domain.currency());
            format!(
                "{order} is cancelled for a refund of {refund}, but its customer expects {least}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;
    use crate::domains::delivery::event::Reason;

    const WINDOW: [&str; 1] = ["cancel-window"];
    const NOTHING: [&str; 0] = [];

    #[test]
    fn an_order_that_is_cancelled_in_time_is_accepted() {
        for stage in [Status::Created, Status::Confirmed, Status::Preparing] {
            let mut story = History::at(stage);
            let refund = if stage == Status::Preparing { PRICE / 2 } else { PRICE };
            story.cancelled(stage, Reason::ByCustomer, refund);
            assert_eq!(story.violated(), NOTHING, "{stage:?}");
        }
    }

    #[test]
    fn a_cancellation_after_the_food_is_ready_is_rejected() {
        for stage in [Status::Ready, Status::OutForDelivery, Status::Delivered] {
            let mut story = History::at(stage);
            story.cancelled(stage, Reason::ByCustomer, 0);
            assert_eq!(story.violated()[0], "cancel-window", "{stage:?}");
        }
    }

    #[test]
    fn a_cancellation_that_states_another_stage_is_rejected() {
        let mut story = History::at(Status::Preparing);
        story.cancelled(Status::Confirmed, Reason::ByCustomer, PRICE / 2);
        assert_eq!(story.violated(), WINDOW);
    }

    #[test]
    fn an_order_that_goes_on_after_it_was_cancelled_is_rejected() {
        let mut story = History::at(Status::Created);
        story.cancelled(Status::Created, Reason::ByCustomer, PRICE);
        story.kitchen_to(Status::Confirmed);
        story.reach(Status::Confirmed);
        assert_eq!(story.violated(), WINDOW);
    }

    #[test]
    fn a_refund_below_what_the_customer_expects_is_rejected() {
        let mut story = History::at(Status::Preparing);
        story.asks_to_cancel(PRICE / 2);
        story.cancelled(Status::Preparing, Reason::ByCustomer, PRICE / 2);
        assert_eq!(story.violated(), NOTHING);
        let mut story = History::at(Status::Preparing);
        story.asks_to_cancel(PRICE);
        story.cancelled(Status::Preparing, Reason::ByCustomer, PRICE / 2);
        assert_eq!(story.violated(), WINDOW);
    }
}
