//! `refund-by-stage` and `charged-as-ordered`: customers pay for what they order, once, and get back what the
//! stage of a cancelled order says.
//!
//! Money is counted from the lines of the provider's ledger, and the rest from stored events.

use super::{handed_over, price_of, refund_at, stage_after};
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::delivery::event::{Event, OrderEvent, Reason};
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::order::Status;
use crate::domains::delivery::outside::{ChargeEntry, Entry, Ledger};
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// A cancelled order gives back what its stage says.
pub static REFUND_BY_STAGE: Property = Property {
    id: "refund-by-stage",
    when: When::AlwaysAndAtRest,
    says: "an order that is cancelled states a full refund of what was paid, or a part if its customer \
           cancels it while it is prepared; at rest the provider has kept the price of each delivered \
           order and of a cancelled one what is not given back, unless the case was handed to an operator",
};

/// What is charged is what the items cost.
pub static CHARGED_AS_ORDERED: Property = Property {
    id: "charged-as-ordered",
    when: When::Always,
    says: "the total of an order, and what the provider charges for it, is the price of its items; it is \
           charged once, and before the order says that it is paid",
};

/// The money of each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    orders: SortedMap<OrderId, Account>,
}

/// The money of one order; amounts in minor units.
#[derive(Clone, Copy, Debug)]
struct Account {
    stage: Status,
    price: i64,
    /// What the provider has charged.
    charged: i64,
    paid: bool,
    /// What the cancellation gives back.
    refund: i64,
    handed: bool,
    touched: Step,
}

impl Default for Account {
    fn default() -> Self {
        let (stage, touched) = (Status::Created, Step::default());
        Self { stage, price: 0, charged: 0, paid: false, refund: 0, handed: false, touched }
    }
}

impl Checker<Delivery> for Accounts {
    const PROPERTIES: &'static [Property] = &[REFUND_BY_STAGE, CHARGED_AS_ORDERED];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        match &record.fact {
            Fact::Stored(stored) => {
                if let Some((order, handed)) = handed_over(stored) {
                    self.orders.entry(order).or_default().handed = handed;
                } else if let Event::Order(event) = &stored.event {
                    self.stored(OrderId(stored.stream.number), event, checks);
                }
            }
            Fact::Entered { entry: Entry::Charge(entry), .. } => self.entered(entry, checks),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Delivery>, checks: &mut Checks<'_, Delivery>) {
        let mut kept = SortedMap::new();
        for ledger in &rest.ledgers {
            if let Ledger::Provider(ledger) = ledger {
                kept.extend(ledger.charges().map(|(order, charge)| (order, charge.net())));
            }
        }
        let money = |minor| Money::new(minor, rest.domain.currency());
        for (order, account) in &self.orders {
            let Some(owed) = account.owed() else { continue };
            let kept = kept.get(order).copied().unwrap_or(0);
            let holds = kept == owed || account.handed;
            checks.that(&REFUND_BY_STAGE, holds, [account.touched], |_| {
                let (kept, owed) = (money(kept), money(owed));
                format!("the provider has kept {kept} for {order}, but should have kept {owed}")
            });
        }
    }
}

impl Account {
    /// What the provider must have kept at rest; `None` for an order that is not over.
    const fn owed(&self) -> Option<i64> {
        match self.stage {
            Status::Delivered => Some(self.price),
            Status::Cancelled if self.paid => Some(self.price - self.refund),
            Status::Cancelled => Some(0),
            Status::Created
            | Status::Confirmed
            | Status::Preparing
            | Status::Ready
            | Status::OutForDelivery => None,
        }
    }

    /// What a cancellation for this reason must give back.
    fn due(&self, delivery: &Delivery, reason: Reason) -> i64 {
        match reason {
            _ if !self.paid => 0,
            Reason::ByCustomer => refund_at(delivery, self.price, self.stage),
            Reason::PaymentDeclined
            | Reason::RestaurantRefused
            | Reason::NotConfirmed
            | Reason::RestaurantGaveUp
            | Reason::KitchenLate => self.price,
        }
    }
}

impl Accounts {
    fn stored(&mut self, order: OrderId, event: &OrderEvent, checks: &mut Checks<'_, Delivery>) {
        let (step, delivery) = (checks.step(), checks.words.domain);
        let money = |minor| Money::new(minor, delivery.currency());
        let account = self.orders.entry(order).or_default();
        let before = *account;
        account.touched = step;
        account.stage = stage_after(before.stage, event);
        match event {
            OrderEvent::OrderCreated { items, total, .. } => {
                let price = price_of(items);
                account.price = price;
                checks.that(&CHARGED_AS_ORDERED, total.minor == price, [step], |_| {
                    format!("{order} costs {total}, but its items {}", money(price))
                });
            }
            OrderEvent::OrderPaid { amount } => {
                account.paid = true;
                let holds = amount.minor == before.price && before.charged == before.price;
                checks.that(&CHARGED_AS_ORDERED, holds, [before.touched, step], |_| {
                    let (price, charged) = (money(before.price), money(before.charged));
                    format!(
                        "{order} costs {price} and {amount} were paid, but the provider has charged \
                         {charged}"
                    )
                });
            }
            OrderEvent::OrderCancelled { reason, refund, .. } => {
                account.refund = refund.minor;
                let due = before.due(delivery, *reason);
                checks.that(&REFUND_BY_STAGE, refund.minor == due, [before.touched, step], |_| {
                    let (stage, due) = (before.stage.word(), money(due));
                    format!("{order} is cancelled while {stage} for {refund}, not for {due}")
                });
            }
            OrderEvent::DropOffChanged { .. }
            | OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderPreparing { .. }
            | OrderEvent::CourierAssigned { .. }
            | OrderEvent::OrderReady { .. }
            | OrderEvent::OrderOutForDelivery { .. }
            | OrderEvent::CourierMoved { .. }
            | OrderEvent::OrderDelivered { .. } => {}
        }
    }

    fn entered(&mut self, entry: &ChargeEntry, checks: &mut Checks<'_, Delivery>) {
        let ChargeEntry::Charged { order, amount } = entry else { return };
        let account = self.orders.entry(*order).or_default();
        account.charged = account.charged.saturating_add(amount.minor);
        let Account { price, charged, touched, .. } = *account;
        checks.that(&CHARGED_AS_ORDERED, charged == price, [touched], |words| {
            let money = |minor| Money::new(minor, words.domain.currency());
            let (price, charged) = (money(price), money(charged));
            format!("{order} costs {price}, but the provider has charged {charged}")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;

    const NOTHING: [&str; 0] = [];

    #[test]
    fn a_meal_that_is_charged_once_and_delivered_is_accepted() {
        let mut story = History::at(Status::Delivered);
        assert_eq!(story.at_rest(), NOTHING);
        story.refund(0);
        assert_eq!(story.at_rest(), ["refund-by-stage"], "it was eaten");
    }

    #[test]
    fn a_total_or_a_charge_that_is_not_the_price_is_rejected() {
        let mut story = History::new();
        story.created(PRICE - 1);
        assert_eq!(story.violated(), ["charged-as-ordered"]);
        let mut story = History::new();
        story.created(PRICE);
        story.charge(PRICE + 1);
        assert_eq!(story.violated(), ["charged-as-ordered"]);
    }

    #[test]
    fn an_order_that_is_paid_by_nobody_is_rejected() {
        let mut story = History::new();
        story.created(PRICE);
        story.paid(PRICE);
        assert_eq!(story.violated(), ["charged-as-ordered"]);
    }

    #[test]
    fn a_refund_that_is_not_that_of_the_stage_is_rejected() {
        for (stage, reason, refund, holds) in [
            (Status::Confirmed, Reason::ByCustomer, PRICE, true),
            (Status::Confirmed, Reason::ByCustomer, PRICE / 2, false),
            (Status::Preparing, Reason::ByCustomer, PRICE / 2, true),
            (Status::Preparing, Reason::ByCustomer, PRICE, false),
            (Status::Preparing, Reason::KitchenLate, PRICE, true),
            (Status::Preparing, Reason::KitchenLate, PRICE / 2, false),
        ] {
            let mut story = History::at(stage);
            story.cancelled(stage, reason, refund);
            assert_eq!(story.violated().is_empty(), holds, "{stage:?} {reason:?} {refund}");
        }
    }

    #[test]
    fn money_that_is_not_given_back_is_rejected_at_rest() {
        let mut story = History::at(Status::Preparing);
        story.cancelled(Status::Preparing, Reason::ByCustomer, PRICE / 2);
        story.withdraw();
        assert_eq!(story.at_rest(), ["refund-by-stage"]);
        story.refund(PRICE - PRICE / 2);
        assert_eq!(story.at_rest(), NOTHING);
        let mut story = History::new();
        story.created(PRICE);
        story.charge(PRICE);
        story.cancelled(Status::Created, Reason::ByCustomer, 0);
        assert_eq!(story.at_rest(), ["refund-by-stage"], "the order did not know of the charge");
        story.handed_over();
        assert_eq!(story.at_rest(), NOTHING, "an operator knows");
    }
}
