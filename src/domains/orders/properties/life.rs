//! `amount-matches`, `ship-after-pay` and `cancel-refunds`: the price of the items is paid, nothing is
//! shipped unpaid, and a cancelled order is refunded.
//!
//! Money is counted from the lines of the provider's ledger, parcels from the carrier's, and the rest
//! from stored events.

use crate::collections::SortedMap;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::money::Money;
use crate::domains::orders::carrier::ParcelEntry;
use crate::domains::orders::event::{Bringer, Event, Method, OrderEvent};
use crate::domains::orders::ids::OrderId;
use crate::domains::orders::saga_event::{Act, SagaEvent, Trouble};
use crate::domains::orders::setup::Orders;
use crate::domains::orders::{Entry, Ledger};
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// What is received is what the items cost.
pub static AMOUNT_MATCHES: Property = Property {
    id: "amount-matches",
    when: When::Always,
    says: "the amount that is received for an order, and that the provider captures for it, is the \
           price of its items, and is received once",
};

/// First the money, then the parcel.
pub static SHIP_AFTER_PAY: Property = Property {
    id: "ship-after-pay",
    when: When::Always,
    says: "no order is shipped, and none of its parcels is accepted by the carrier, before it is paid; \
           none is shipped after it was cancelled, or twice",
};

/// A cancelled order is refunded.
pub static CANCEL_REFUNDS: Property = Property {
    id: "cancel-refunds",
    when: When::AlwaysAndAtRest,
    says: "an order that is cancelled was not shipped and states what was received for it; at rest \
           the provider has kept the price of what was paid by card and not cancelled, and nothing \
           else, and the carrier has a parcel of each order that was shipped with it, and no other, \
           unless the case was handed to an operator",
};

/// Follows each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Lives {
    orders: SortedMap<OrderId, Life>,
}

/// What is known of one order.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    /// The price of its items.
    price: i64,
    received: Option<(i64, Method)>,
    shipped: Option<Bringer>,
    cancelled: bool,
    /// What the provider captured.
    captured: i64,
    /// Whether the case was handed to an operator.
    handed: bool,
    /// The last occurrence that concerned it.
    touched: Step,
}

impl Checker<Orders> for Lives {
    const PROPERTIES: &'static [Property] = &[AMOUNT_MATCHES, SHIP_AFTER_PAY, CANCEL_REFUNDS];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Orders>, checks: &mut Checks<'_, Orders>) {
        match &record.fact {
            Fact::Stored(stored) => {
                let order = OrderId(stored.stream.number);
                match &stored.event {
                    Event::Order(event) => self.stored(order, event, checks),
                    // A transfer to be returned excuses nothing else.
                    Event::Saga(SagaEvent::HandedToHuman { trouble }) => {
                        self.life(order).handed = *trouble != Trouble::TransferToReturn;
                    }
                    Event::Saga(
                        SagaEvent::SagaResumed
                        | SagaEvent::SagaCompleted
                        | SagaEvent::SagaCompensated,
                    ) => self.life(order).handed = false,
                    Event::Saga(_) => {}
                }
            }
            Fact::Entered { entry, .. } => self.entered(entry, checks),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Orders>, checks: &mut Checks<'_, Orders>) {
        let (mut kept, mut sent) = (SortedMap::new(), SortedMap::new());
        for ledger in &rest.ledgers {
            match ledger {
                Ledger::Provider(ledger) => {
                    kept.extend(ledger.charges().map(|(order, charge)| (order, charge.net())));
                }
                Ledger::Carrier(ledger) => sent.extend(
                    ledger
                        .consignments()
                        .filter_map(|(order, known)| Some((order, known.under_way()?))),
                ),
            }
        }
        let money = |minor| Money::new(minor, rest.domain.currency());
        for (order, life) in &self.orders {
            let kept = kept.get(order).copied().unwrap_or(0);
            let by_card = matches!(life.received, Some((_, Method::CreditCard)));
            let owed = if by_card && !life.cancelled { life.price } else { 0 };
            let holds = kept == owed || life.handed;
            checks.that(&CANCEL_REFUNDS, holds, [life.touched], |_| {
                let (kept, owed) = (money(kept), money(owed));
                format!("the provider has kept {kept} for {order}, but should have kept {owed}")
            });
            let (wanted, has) = (life.shipped == Some(Bringer::Carrier), sent.contains_key(order));
            let holds = has == wanted || life.handed;
            checks.that(&CANCEL_REFUNDS, holds, [life.touched], |_| match has {
                true => format!(
                    "the carrier has a parcel of {order}, which was not shipped with the carrier"
                ),
                false => format!("{order} was shipped, but the carrier has no parcel of it"),
            });
        }
    }
}

impl Lives {
    fn life(&mut self, order: OrderId) -> &mut Life {
        self.orders.entry(order).or_default()
    }

    fn stored(&mut self, order: OrderId, event: &OrderEvent, checks: &mut Checks<'_, Orders>) {
        let (step, currency) = (checks.step(), checks.words.domain.currency());
        let money = |minor| Money::new(minor, currency);
        let life = self.life(order);
        let before = *life;
        life.touched = step;
        let because = [before.touched];
        match event {
            OrderEvent::OrderPlaced { items, total, .. } => {
                let each = items.list.iter().map(|item| item.price * i64::from(item.quantity));
                let price: i64 = each.sum();
                life.price = price;
                let holds = total.minor == price && price > 0;
                checks.that(&AMOUNT_MATCHES, holds, [step], |_| {
                    format!("{order} costs {total}, but its items {}", money(price))
                });
            }
            OrderEvent::PaymentRequested { .. } | OrderEvent::SurplusReceived { .. } => {}
            OrderEvent::PaymentReceived { amount, method, .. } => {
                life.received = Some((amount.minor, *method));
                let matches = amount.minor == before.price && amount.currency == currency;
                let first = before.received.is_none();
                checks.that(&AMOUNT_MATCHES, matches && first, because, |_| {
                    let (price, again) = (money(before.price), if first { "" } else { " again" });
                    format!("{order} costs {price}, but {amount} was received{again}")
                });
            }
            OrderEvent::OrderShipped { parcel } => {
                life.shipped = Some(parcel.by);
                let paid = before.received.is_some();
                let open = !before.cancelled && before.shipped.is_none();
                checks.that(&SHIP_AFTER_PAY, paid && open, because, |_| {
                    let state = match (paid, before.cancelled) {
                        (false, _) => "is unpaid",
                        (true, true) => "is cancelled",
                        (true, false) => "was shipped before",
                    };
                    format!("{order} is shipped, but it {state}")
                });
            }
            OrderEvent::OrderCancelled { refund, .. } => {
                life.cancelled = true;
                let owed = before.received.map_or(0, |(amount, _)| amount);
                let open = before.shipped.is_none() && !before.cancelled;
                checks.that(
                    &CANCEL_REFUNDS,
                    refund.minor == owed && open,
                    because,
                    |_| match open {
                        true => format!(
                            "{order} is cancelled for {refund}, but {} was received",
                            money(owed)
                        ),
                        false => {
                            format!("{order} is cancelled, but it was shipped or cancelled before")
                        }
                    },
                );
            }
        }
    }

    fn entered(&mut self, entry: &Entry, checks: &mut Checks<'_, Orders>) {
        match entry {
            Entry::Charge(entry) => {
                let (order, life) = (entry.order, self.life(entry.order));
                if entry.act != Act::Capture {
                    return;
                }
                life.captured = life.captured.saturating_add(entry.amount.minor);
                let Life { price, captured, touched, .. } = *life;
                checks.that(&AMOUNT_MATCHES, captured == price, [touched], |words| {
                    let money = |minor| Money::new(minor, words.domain.currency());
                    let (price, captured) = (money(price), money(captured));
                    format!("{order} costs {price}, but the provider captured {captured}")
                });
            }
            Entry::Parcel(ParcelEntry::Booked { order, .. }) => {
                let life = self.life(*order);
                checks.that(&SHIP_AFTER_PAY, life.received.is_some(), [life.touched], |_| {
                    format!("the carrier accepted a parcel of {order}, which is unpaid")
                });
            }
            Entry::Parcel(ParcelEntry::Recalled { .. }) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;

    #[test]
    fn an_order_that_is_paid_and_shipped_is_accepted() {
        let mut story = History::placed();
        story.paid();
        story.book();
        story.shipped(Bringer::Carrier);
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_cancelled_order_that_is_undone_is_accepted() {
        let mut story = History::placed();
        story.paid();
        story.book();
        story.cancelled(PRICE);
        assert_eq!(story.at_rest(), ["cancel-refunds"; 2], "not undone yet");
        story.charge(Act::Reverse, PRICE);
        story.recall();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn an_amount_that_is_not_the_price_is_rejected_wherever_it_shows() {
        let mut story = History::new();
        story.place(PRICE - 1);
        assert_eq!(story.violated(), ["amount-matches"]);
        let mut story = History::placed();
        story.received(PRICE - 1, Method::BankTransfer);
        assert_eq!(story.violated(), ["amount-matches"]);
        let mut story = History::placed();
        story.charge(Act::Authorise, PRICE + 1);
        story.charge(Act::Capture, PRICE + 1);
        assert_eq!(story.violated(), ["amount-matches"]);
    }

    #[test]
    fn what_is_received_twice_is_rejected() {
        let mut story = History::placed();
        story.paid();
        story.received(PRICE, Method::BankTransfer);
        assert_eq!(story.violated(), ["amount-matches"]);
    }

    #[test]
    fn a_parcel_of_what_is_unpaid_cancelled_or_gone_is_rejected() {
        let mut story = History::placed();
        story.shipped(Bringer::Van);
        assert_eq!(story.violated(), ["ship-after-pay"]);
        let mut story = History::placed();
        story.book();
        assert_eq!(story.violated(), ["ship-after-pay"]);
        let mut story = History::placed();
        story.paid();
        story.shipped(Bringer::Van);
        story.shipped(Bringer::Van);
        assert_eq!(story.violated(), ["ship-after-pay"]);
        let mut story = History::placed();
        story.paid();
        story.cancelled(PRICE);
        story.shipped(Bringer::Van);
        assert_eq!(story.violated(), ["ship-after-pay"]);
    }

    #[test]
    fn a_refund_that_is_not_what_was_received_is_rejected() {
        let mut story = History::placed();
        story.cancelled(PRICE);
        assert_eq!(story.violated(), ["cancel-refunds"]);
        let mut story = History::placed();
        story.paid();
        story.cancelled(0);
        assert_eq!(story.violated(), ["cancel-refunds"]);
    }

    #[test]
    fn a_cancellation_after_shipping_is_rejected() {
        let mut story = History::placed();
        story.paid();
        story.shipped(Bringer::Van);
        story.cancelled(PRICE);
        assert_eq!(story.violated(), ["cancel-refunds"]);
    }

    #[test]
    fn money_kept_for_nothing_is_rejected_at_rest() {
        let mut story = History::placed();
        story.charge(Act::Authorise, PRICE);
        story.charge(Act::Capture, PRICE);
        story.cancelled(0);
        assert_eq!(story.at_rest(), ["cancel-refunds"]);
        story.charge(Act::Reverse, PRICE);
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_parcel_without_a_shipment_and_a_shipment_without_a_parcel_are_rejected() {
        let mut story = History::placed();
        story.paid();
        story.book();
        assert_eq!(story.at_rest(), ["cancel-refunds", "order-settled"]);
        story.shipped(Bringer::Van);
        assert_eq!(story.at_rest(), ["cancel-refunds"]);
        story.recall();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
        let mut story = History::placed();
        story.paid();
        story.shipped(Bringer::Carrier);
        assert_eq!(story.at_rest(), ["cancel-refunds"]);
    }
}
