//! `delivery-settled` and `nothing-left-behind`: every order is brought to its end, and the outside knows it.

use super::{handed_over, stage_after};
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::delivery::event::Event;
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::order::Status;
use crate::domains::delivery::outside::{Ledger, Leg, Ticket, Trip};
use crate::domains::delivery::setup::Delivery;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// Every order is brought to its end.
pub static DELIVERY_SETTLED: Property = Property {
    id: "delivery-settled",
    when: When::AtRest,
    says: "at rest, each order is delivered or cancelled, unless the case was handed to an operator",
};

/// The outside knows that an order is over.
pub static NOTHING_LEFT_BEHIND: Property = Property {
    id: "nothing-left-behind",
    when: When::AtRest,
    says: "at rest, the restaurant of a cancelled order has no ticket of it that was not withdrawn or given \
           up, and no courier has it; a courier has brought each delivered order; unless the case was \
           handed to an operator",
};

/// Follows the stage of each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    orders: SortedMap<OrderId, Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    stage: Status,
    handed: bool,
    touched: Step,
}

impl Checker<Delivery> for Ends {
    const PROPERTIES: &'static [Property] = &[DELIVERY_SETTLED, NOTHING_LEFT_BEHIND];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Delivery>, _: &mut Checks<'_, Delivery>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let blank = Known { stage: Status::Created, handed: false, touched: record.step };
        let known = self.orders.entry(OrderId(stored.stream.number)).or_insert(blank);
        known.touched = record.step;
        if let Some((_, handed)) = handed_over(stored) {
            known.handed = handed;
        } else if let Event::Order(event) = &stored.event {
            known.stage = stage_after(known.stage, event);
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Delivery>, checks: &mut Checks<'_, Delivery>) {
        let (mut tickets, mut trips) = (SortedMap::new(), SortedMap::new());
        for ledger in &rest.ledgers {
            match ledger {
                Ledger::Provider(_) => {}
                Ledger::Kitchen(ledger) => tickets.extend(ledger.tickets()),
                Ledger::Couriers(ledger) => trips.extend(ledger.trips()),
            }
        }
        for (order, Known { stage, handed, touched }) in &self.orders {
            let over = matches!(stage, Status::Delivered | Status::Cancelled);
            checks.that(&DELIVERY_SETTLED, over || *handed, [*touched], |_| {
                format!("nothing is left that could continue {order}, but it is {}", stage.word())
            });
            let left = left(*stage, tickets.get(order), trips.get(order));
            let holds = left.is_none() || *handed;
            checks.that(&NOTHING_LEFT_BEHIND, holds, [*touched], |_| {
                format!("{order} is {}, but {}", stage.word(), left.unwrap_or_default())
            });
        }
    }
}

/// What is left of an order that is over.
fn left(stage: Status, ticket: Option<&Ticket>, trip: Option<&Trip>) -> Option<&'static str> {
    let cooks = ticket.is_some_and(|ticket| !ticket.withdrawn && !ticket.given_up);
    let drives = trip.is_some_and(|trip| trip.courier.is_some());
    match stage {
        Status::Cancelled if cooks => Some("its restaurant has it still"),
        Status::Cancelled if drives => Some("a courier has it still"),
        Status::Delivered if trip.is_none_or(|trip| trip.leg != Leg::Delivered) => {
            Some("no courier has brought it")
        }
        Status::Created
        | Status::Confirmed
        | Status::Preparing
        | Status::Ready
        | Status::OutForDelivery
        | Status::Delivered
        | Status::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;
    use crate::domains::delivery::event::Reason;

    const NOTHING: [&str; 0] = [];
    const LEFT: [&str; 1] = ["nothing-left-behind"];

    #[test]
    fn an_order_that_is_not_over_is_rejected_unless_an_operator_has_it() {
        let mut story = History::at(Status::Preparing);
        assert_eq!(story.at_rest(), ["delivery-settled"]);
        story.handed_over();
        assert_eq!(story.at_rest(), NOTHING);
        story.resumed();
        assert_eq!(story.at_rest(), ["delivery-settled"]);
    }

    #[test]
    fn a_cancelled_order_that_is_undone_is_accepted() {
        let mut story = History::at(Status::Confirmed);
        story.cancelled(Status::Confirmed, Reason::ByCustomer, PRICE);
        story.refund(0);
        assert_eq!(story.at_rest(), LEFT, "the kitchen has it");
        story.withdraw();
        assert_eq!(story.at_rest(), NOTHING);
    }

    #[test]
    fn a_courier_of_a_cancelled_order_is_rejected() {
        let mut story = History::at(Status::Preparing);
        story.assign();
        story.cancelled(Status::Preparing, Reason::KitchenLate, PRICE);
        story.refund(0);
        story.withdraw();
        assert_eq!(story.at_rest(), LEFT);
        story.release();
        assert_eq!(story.at_rest(), NOTHING);
    }

    #[test]
    fn a_delivery_that_no_courier_made_is_rejected() {
        assert_eq!(History::at(Status::Delivered).at_rest(), NOTHING);
        let mut story = History::at(Status::OutForDelivery);
        story.reach(Status::Delivered);
        assert!(story.at_rest().contains(&"nothing-left-behind"));
        story.handed_over();
        assert!(!story.at_rest().contains(&"nothing-left-behind"), "an operator has the case");
    }
}
