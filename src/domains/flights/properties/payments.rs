//! `recorded-as-moved`, `paid-back-once` and `issued-as-paid`: a booking says of its money what the provider did, the
//! customer gets no more back than was taken, and we owe no vendor more than the customer paid.
//!
//! A payment can be pending, can lapse, and can be taken back by the cardholder's bank. Who takes a step on the way for
//! the end of it writes down money that did not move, or moves it a second time.

use arrayvec::ArrayVec;

use crate::collections::SortedMap;

use super::is_handed_over;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::flights::Entry;
use crate::domains::flights::event::{BookingEvent, ChargeStep, Event, Legs};
use crate::domains::flights::ids::{BookingId, LEGS_MAX};
use crate::domains::flights::money::Money;
use crate::domains::flights::payment::{ChargeEntry, Notice, Turn};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::VendorEntry;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// No event before its movement.
pub static RECORDED_AS_MOVED: Property = Property {
    id: "recorded-as-moved",
    when: When::Always,
    says: "a booking records money as reserved, captured, voided, refunded or charged back only after \
           the provider's ledger says so",
};

/// No money back twice.
pub static PAID_BACK_ONCE: Property = Property {
    id: "paid-back-once",
    when: When::AtRest,
    says: "refunds and chargebacks of a booking together are no more than what was captured, unless the \
           case was handed to an operator",
};

/// No ticket that costs more than it was sold for.
pub static ISSUED_AS_PAID: Property = Property {
    id: "issued-as-paid",
    when: When::Always,
    says: "each leg is sold for its fare, at the quoted rate if that is in another currency; no other amount \
           than the sum is reserved, and no vendor invoices more for a ticket than its fare",
};

/// Follows the movements of each booking's money.
#[derive(Clone, Debug, Default)]
pub(super) struct Payments {
    charges: SortedMap<BookingId, Moved>,
}

/// What the provider's ledger says of a booking: how often money moved in each way, and how much went back.
#[derive(Clone, Debug, Default)]
struct Moved {
    reserved: u32,
    captures: u32,
    voids: u32,
    refunds: u32,
    chargebacks: u32,
    captured: i64,
    refunded: i64,
    /// What the cardholder's bank has now.
    disputed: i64,
    /// How often its events say so: reserved, captured, voided, refunded, charged back.
    recorded: [u32; 5],
    /// Whether the case was handed to an operator, who settles what is owed.
    handed: bool,
    /// The fares that the customer agreed to.
    fares: ArrayVec<i64, LEGS_MAX>,
    /// The last line of the ledger.
    at: Option<Step>,
}

impl Checker<Flights> for Payments {
    const PROPERTIES: &'static [Property] = &[RECORDED_AS_MOVED, PAID_BACK_ONCE, ISSUED_AS_PAID];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        match &record.fact {
            Fact::Stored(stored) => {
                let booking = BookingId(stored.stream.number);
                let charge = self.charges.entry(booking).or_default();
                match &stored.event {
                    Event::Booking(event) => charge.stored(booking, event, checks),
                    Event::Saga(event) => {
                        charge.handed = is_handed_over(event).unwrap_or(charge.handed);
                    }
                    Event::Flight(_) | Event::Old(_) => {}
                }
            }
            Fact::Entered { entry: Entry::Charge(entry), .. } => {
                let charge = self.charges.entry(entry.booking).or_default();
                charge.moved(entry, checks.step());
                charge.reserved_at(entry, checks);
            }
            Fact::Entered {
                entry: Entry::Vendor(VendorEntry::Invoiced { flight, reference, fare }),
                ..
            } => {
                let agreed = checks.words.domain.asked(*flight);
                let at = self.charges.get(&reference.booking).and_then(|charge| charge.at);
                let holds = fare.currency == agreed.currency && fare.minor <= agreed.minor;
                checks.that(&ISSUED_AS_PAID, holds, at, |_| {
                    format!("the ticket for {reference} was sold for {agreed}, and costs {fare}")
                });
            }
            Fact::Entered { entry: Entry::Notice(notice), .. } => {
                self.charges.entry(notice.key.booking).or_default().noted(notice, checks.step());
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, checks: &mut Checks<'_, Flights>) {
        let money = |minor| Money::new(minor, rest.domain.currency());
        for (booking, charge) in &self.charges {
            let &Moved { captured, refunded, disputed, handed, at, .. } = charge;
            let holds = refunded.saturating_add(disputed) <= captured || handed;
            checks.that(&PAID_BACK_ONCE, holds, at, |_| {
                let [captured, refunded, disputed] = [captured, refunded, disputed].map(money);
                format!(
                    "{booking} captured {captured}; {refunded} was refunded, and the cardholder's bank \
                     has {disputed}"
                )
            });
        }
    }
}

/// Checks what each leg of a booking costs.
fn sold_as_quoted(booking: BookingId, legs: &Legs, checks: &mut Checks<'_, Flights>) {
    let setup = &checks.words.domain.tables.setup;
    let other = legs.list.iter().find_map(|leg| {
        let quoted = setup.quoted(checks.words.domain.asked(leg.flight), legs.currency)?;
        (quoted.minor != leg.fare).then_some((Money::new(leg.fare, legs.currency), quoted))
    });
    checks.that(&ISSUED_AS_PAID, other.is_none(), [checks.step()], |_| {
        let (sold, quoted) = other.unwrap_or((legs.price(), legs.price()));
        format!("a leg of {booking} is sold for {sold}, and was quoted at {quoted}")
    });
}

impl Moved {
    fn stored(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        checks: &mut Checks<'_, Flights>,
    ) {
        let (nth, moved, what) = match event {
            BookingEvent::PaymentAuthorized { .. } => (0, self.reserved, "reserved"),
            BookingEvent::PaymentCaptured { .. } => (1, self.captures, "captured"),
            BookingEvent::AuthorizationVoided { .. } => (2, self.voids, "voided"),
            BookingEvent::PaymentRefunded { .. } => (3, self.refunds, "refunded"),
            BookingEvent::PaymentChargedBack { .. } => (4, self.chargebacks, "charged back"),
            BookingEvent::SeatHeld { legs, .. } => {
                self.fares = legs.list.iter().map(|leg| leg.fare).collect();
                sold_as_quoted(booking, legs, checks);
                return;
            }
            any_of!(BookingEvent: PaymentRequested | CaptureStarted | TicketIssued
                | SeatHoldExpired | BookingCancelled | SeatReleased | PaymentFailed | RefundStarted
                | ScheduleChanged) => return,
        };
        self.recorded[nth] += 1;
        let holds = self.recorded[nth] <= moved;
        checks.that(&RECORDED_AS_MOVED, holds, self.at, |_| {
            format!("{booking} says that the money was {what}, and the provider's ledger does not")
        });
    }

    /// A reservation is of the price that was agreed to.
    fn reserved_at(&self, entry: &ChargeEntry, checks: &mut Checks<'_, Flights>) {
        let price: i64 = self.fares.iter().sum();
        let other = entry.step == ChargeStep::Authorise && entry.amount.minor != price;
        let holds = !other || self.fares.is_empty();
        checks.that(&ISSUED_AS_PAID, holds, self.at, |_| {
            let price = Money::new(price, entry.amount.currency);
            format!("{} costs {price}, and {} is reserved", entry.booking, entry.amount)
        });
    }

    fn moved(&mut self, entry: &ChargeEntry, step: Step) {
        self.at = Some(step);
        let amount = entry.amount.minor;
        match entry.step {
            ChargeStep::Authorise => self.reserved += 1,
            ChargeStep::Capture => {
                self.captures += 1;
                self.captured = self.captured.saturating_add(amount);
            }
            ChargeStep::Void => self.voids += 1,
            ChargeStep::Refund => {
                self.refunds += 1;
                self.refunded = self.refunded.saturating_add(amount);
            }
            any_of!(ChargeStep: Query | Contest | Dispute) => {}
        }
    }

    fn noted(&mut self, notice: &Notice, step: Step) {
        self.at = Some(step);
        match notice.what {
            Turn::Disputed => self.disputed = notice.amount.minor,
            Turn::DisputeWon => self.disputed = 0,
            Turn::DisputeLost => self.chargebacks += 1,
            any_of!(Turn: Pending | Confirmed | Unconfirmed | Lapsed) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;
    use crate::domains::flights::ids::FlightId;
    use crate::domains::flights::money::Currency;
    use crate::model::ServiceId;

    fn captured() -> History {
        let mut story = History::new();
        story.held_for_ever();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story
    }

    /// Whether more was paid back than was captured. The vendors do not matter here.
    fn is_paid_back_twice(story: &History) -> bool {
        story.at_rest().contains(&"paid-back-once")
    }

    #[test]
    fn what_is_recorded_after_it_moved_is_accepted() {
        let mut story = captured();
        story.records(&[ChargeStep::Authorise, ChargeStep::Capture]);
        story.cancelled();
        story.charge(ChargeStep::Refund, 0, PRICE);
        story.records(&[ChargeStep::Refund]);
        assert!(!story.violated().contains(&"recorded-as-moved"));
    }

    #[test]
    fn what_is_recorded_before_it_moves_is_rejected() {
        let steps = [
            ChargeStep::Authorise,
            ChargeStep::Capture,
            ChargeStep::Void,
            ChargeStep::Refund,
            ChargeStep::Dispute,
        ];
        for step in steps {
            let mut story = History::new();
            story.held_for_ever();
            story.records(&[step]);
            assert!(story.violated().contains(&"recorded-as-moved"), "{step:?}");
        }
    }

    #[test]
    fn a_ticket_that_costs_more_than_it_was_sold_for_is_rejected() {
        let (flight, reference) = (FlightId(0), BookingId(0).leg(0));
        for (minor, violated) in [(10_000, vec![]), (10_001, vec!["issued-as-paid"])] {
            let mut story = captured();
            let fare = Money::new(minor, Currency::Eur);
            let invoiced = VendorEntry::Invoiced { flight, reference, fare };
            story.entered(ServiceId(0), Entry::Vendor(invoiced));
            assert_eq!(story.violated(), violated);
        }
    }

    #[test]
    fn a_reservation_of_another_amount_is_rejected() {
        let mut story = History::new();
        story.held_for_ever();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        assert_eq!(story.violated(), Vec::<&str>::new());
        story.charge(ChargeStep::Authorise, 1, PRICE + 1);
        assert_eq!(story.violated(), ["issued-as-paid"]);
    }

    #[test]
    fn a_refund_and_a_dispute_that_we_won_are_accepted() {
        let mut story = captured();
        story.charge(ChargeStep::Refund, 0, PRICE);
        story.charge(ChargeStep::Dispute, 0, 0);
        assert!(is_paid_back_twice(&story), "the bank has it until that is decided");
        story.charge(ChargeStep::Contest, 0, PRICE);
        story.dispute_decided();
        assert!(!is_paid_back_twice(&story));
    }

    #[test]
    fn a_refund_of_what_was_charged_back_is_rejected() {
        let mut story = captured();
        story.charge(ChargeStep::Dispute, 0, 0);
        story.dispute_decided();
        assert!(!is_paid_back_twice(&story), "the customer has it back once");
        story.charge(ChargeStep::Refund, 0, PRICE);
        assert!(is_paid_back_twice(&story));
        story.handed_over();
        assert!(!is_paid_back_twice(&story), "an operator gets it back");
    }
}
