//! `amount-matches`, `ship-after-pay` and `cancel-refunds`: what is paid is the price of the items,
//! nothing is shipped unpaid, and a cancelled order is refunded.
//!
//! Money is counted from the lines of the provider's ledger, parcels from the carrier's, and the rest
//! from stored events.

use crate::collections::SortedMap;
use std::sync::Arc;

use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::money::{Currency, Money};
use crate::domains::orders::carrier::ParcelEntry;
use crate::domains::orders::event::{Bringer, Event, Method, OrderEvent};
use crate::domains::orders::ids::OrderId;
use crate::domains::orders::saga_event::{Act, SagaEvent};
use crate::domains::orders::setup::Orders;
use crate::domains::orders::{Entry, Ledger};
use crate::kernel::Step;
use crate::model::{Fact, FactKind, Names, Record, Rest};

/// What is received is what the items cost.
pub static AMOUNT_MATCHES: Property = Property {
    id: "amount-matches",
    when: When::Always,
    says: "what is received for an order, and what the provider takes for it, is what its items cost \
           together, and is received once",
};

/// First the money, then the parcel.
pub static SHIP_AFTER_PAY: Property = Property {
    id: "ship-after-pay",
    when: When::Always,
    says: "no order is shipped, and none of its parcels taken by the carrier, before it is paid; none is \
           shipped after it was cancelled, or twice",
};

/// A cancelled order is refunded.
pub static CANCEL_REFUNDS: Property = Property {
    id: "cancel-refunds",
    when: When::AlwaysAndAtRest,
    says: "an order that is cancelled was not shipped and says what was received for it; at rest \
           the provider has kept the price of what was paid by card and not cancelled, and nothing \
           else, and the carrier has a parcel of what was shipped with it, and no other, unless the \
           case was handed to a person",
};

#[derive(Clone, Debug)]
pub(super) struct Lives {
    amounts: Tally,
    ships: Tally,
    cancels: Tally,
    currency: Currency,
    orders: SortedMap<OrderId, Life>,
}

/// What is known of one order.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    /// What its items cost.
    price: i64,
    received: Option<(i64, Method)>,
    shipped: Option<Bringer>,
    cancelled: bool,
    /// What the provider took, and gave back.
    captured: i64,
    /// Whether a person has been told.
    handed: bool,
    /// The last thing that happened to it.
    touched: Step,
}

impl Checker<Orders> for Lives {
    const PROPERTIES: &'static [Property] = &[AMOUNT_MATCHES, SHIP_AFTER_PAY, CANCEL_REFUNDS];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored, FactKind::Entered]);

    fn new(domain: &Orders, _: &Arc<Names>) -> Self {
        Self {
            amounts: Tally::new(&AMOUNT_MATCHES),
            ships: Tally::new(&SHIP_AFTER_PAY),
            cancels: Tally::new(&CANCEL_REFUNDS),
            currency: domain.currency(),
            orders: SortedMap::new(),
        }
    }

    fn observe(&mut self, _: &Orders, record: &Record<Orders>, violations: &mut Violations) {
        match &record.fact {
            Fact::Stored(stored) => {
                let order = OrderId(stored.stream.number);
                match &stored.event {
                    Event::Order(event) => self.stored(order, event, record, violations),
                    Event::Saga(SagaEvent::HandedToHuman { .. }) => self.handed(order, true),
                    Event::Saga(
                        SagaEvent::SagaResumed
                        | SagaEvent::SagaCompleted
                        | SagaEvent::SagaCompensated,
                    ) => self.handed(order, false),
                    Event::Saga(_) => {}
                }
            }
            Fact::Entered { entry, .. } => self.entered(entry, record, violations),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Orders>, violations: &mut Violations) {
        let (mut kept, mut sent) = (SortedMap::new(), SortedMap::new());
        for ledger in &rest.ledgers {
            match ledger {
                Ledger::Provider(ledger) => {
                    kept.extend(ledger.charges().map(|(order, charge)| (order, charge.net())));
                }
                Ledger::Carrier(ledger) => {
                    let parcel = |(order, known): (OrderId, super::super::Consignment)| {
                        Some((order, known.under_way()?))
                    };
                    sent.extend(ledger.consignments().filter_map(parcel));
                }
            }
        }
        for (&order, life) in &self.orders {
            let kept = kept.get(&order).copied().unwrap_or(0);
            let by_card = matches!(life.received, Some((_, Method::CreditCard)));
            let owed = if by_card && !life.cancelled { life.price } else { 0 };
            let currency = self.currency;
            self.cancels.check(kept == owed || life.handed, rest.at, rest.step, violations, || {
                let (kept, owed) = (Money::new(kept, currency), Money::new(owed, currency));
                let says = format!("the provider has kept {kept} for {order}, and {owed} is owed");
                (says, vec![life.touched])
            });
            let wanted = life.shipped == Some(Bringer::Carrier);
            let has = sent.contains_key(&order);
            self.cancels.check(
                has == wanted || life.handed,
                rest.at,
                rest.step,
                violations,
                || {
                    let says = if has {
                        format!(
                            "the carrier has a parcel of {order}, which was not shipped with it"
                        )
                    } else {
                        format!("{order} was shipped, but the carrier has no parcel of it")
                    };
                    (says, vec![life.touched])
                },
            );
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.amounts, &self.ships, &self.cancels]
    }
}

impl Lives {
    fn handed(&mut self, order: OrderId, handed: bool) {
        self.orders.entry(order).or_default().handed = handed;
    }

    fn stored(
        &mut self,
        order: OrderId,
        event: &OrderEvent,
        record: &Record<Orders>,
        violations: &mut Violations,
    ) {
        let (at, step, currency) = (record.at, record.step, self.currency);
        let money = |minor| Money::new(minor, currency);
        let life = self.orders.entry(order).or_default();
        let before = *life;
        let because = || vec![before.touched];
        life.touched = step;
        match event {
            OrderEvent::OrderPlaced { items, total, .. } => {
                let price: i64 =
                    items.list.iter().map(|item| item.price * i64::from(item.quantity)).sum();
                life.price = price;
                self.amounts.check(total.minor == price && price > 0, at, step, violations, || {
                    let price = money(price);
                    (format!("{order} costs {total}, but its items {price}"), vec![step])
                });
            }
            OrderEvent::PaymentRequested { .. } => {}
            OrderEvent::PaymentReceived { amount, method, .. } => {
                life.received = Some((amount.minor, *method));
                let matches = amount.minor == before.price && amount.currency == currency;
                let first = before.received.is_none();
                self.amounts.check(matches && first, at, step, violations, || {
                    let price = money(before.price);
                    let again = if first { "" } else { " once more" };
                    (format!("{order} costs {price}, but {amount} was received{again}"), because())
                });
            }
            OrderEvent::OrderShipped { parcel } => {
                life.shipped = Some(parcel.by);
                let paid = before.received.is_some();
                let open = !before.cancelled && before.shipped.is_none();
                self.ships.check(paid && open, at, step, violations, || {
                    let state = match (paid, before.cancelled) {
                        (false, _) => "unpaid",
                        (true, true) => "cancelled",
                        (true, false) => "shipped before",
                    };
                    (format!("{order} is shipped, but it is {state}"), because())
                });
            }
            OrderEvent::OrderCancelled { refund, .. } => {
                life.cancelled = true;
                let owed = before.received.map_or(0, |(amount, _)| amount);
                let open = before.shipped.is_none() && !before.cancelled;
                self.cancels.check(refund.minor == owed && open, at, step, violations, || {
                    let says = if open {
                        let owed = money(owed);
                        format!("{order} is cancelled for {refund}, but {owed} was received")
                    } else {
                        format!("{order} is cancelled, but it was shipped or cancelled before")
                    };
                    (says, because())
                });
            }
        }
    }

    fn entered(&mut self, entry: &Entry, record: &Record<Orders>, violations: &mut Violations) {
        let (at, step, currency) = (record.at, record.step, self.currency);
        match entry {
            Entry::Charge(entry) => {
                let order = entry.order;
                let life = self.orders.entry(order).or_default();
                let before = *life;
                if entry.act != Act::Capture {
                    return;
                }
                life.captured = life.captured.saturating_add(entry.amount.minor);
                let captured = life.captured;
                self.amounts.check(captured == before.price, at, step, violations, || {
                    let money = |minor| Money::new(minor, currency);
                    let (price, captured) = (money(before.price), money(captured));
                    let says = format!("{order} costs {price}, but the provider took {captured}");
                    (says, vec![before.touched])
                });
            }
            Entry::Parcel(ParcelEntry::Booked { order, .. }) => {
                let life = self.orders.entry(*order).or_default();
                let (paid, touched) = (life.received.is_some(), life.touched);
                self.ships.check(paid, at, step, violations, || {
                    let says = format!("the carrier took a parcel of {order}, which is unpaid");
                    (says, vec![touched])
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
    fn a_parcel_that_nobody_shipped_or_nobody_has_is_rejected_at_rest() {
        let mut story = History::placed();
        story.paid();
        story.book();
        assert_eq!(story.at_rest(), ["cancel-refunds"]);
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
