//! `single-capture`, `money-conserved` and `paid-before-ticket`: no booking is paid twice or for
//! nothing, and no ticket is free.
//!
//! Money is counted from the lines of the provider's ledger, tickets from the vendors' ledgers and
//! from stored events.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::is_handed_over;
use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::flights::event::{BookingEvent, ChargeStep, Event};
use crate::domains::flights::ids::BookingId;
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::payment::{ChargeEntry, Standing};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{VendorAct, VendorEntry};
use crate::domains::flights::{Entry, Ledger};
use crate::kernel::{Instant, Step};
use crate::model::{Fact, FactKind, Names, Record, Rest};

/// At most one effective capture for each booking.
pub static SINGLE_CAPTURE: Property = Property {
    id: "single-capture",
    when: When::Always,
    says: "there is at most one effective capture per booking, by the provider's own ledger",
};

/// Money neither appears nor disappears.
pub static MONEY_CONSERVED: Property = Property {
    id: "money-conserved",
    when: When::AlwaysAndAtRest,
    says: "no more is refunded than captured, nor captured than authorised; at rest what is \
           ticketed is paid for, and nothing else is paid for or reserved, unless the case was \
           handed to a person",
};

/// First the money, then the ticket; and no money after the hold.
pub static PAID_BEFORE_TICKET: Property = Property {
    id: "paid-before-ticket",
    when: When::Always,
    says: "no ticket is issued before its payment is captured; no capture is begun when the hold \
           has run out by the clock of the deciding node, and none happens after it has expired",
};

#[derive(Clone, Debug)]
pub(super) struct Books {
    single: Tally,
    conserved: Tally,
    before: Tally,
    currency: Currency,
    accounts: SortedMap<BookingId, Account>,
}

/// What is known of one booking's money.
#[derive(Clone, Debug, Default)]
struct Account {
    price: i64,
    /// Until when the seats are held without being paid for.
    expires_at: Option<Instant>,
    authorised: i64,
    captured: i64,
    refunded: i64,
    /// The first capture.
    captured_at: Option<Step>,
    expired_at: Option<Step>,
    ticketed: bool,
    /// Whether a person has been told: what is owed is on a work list.
    handed: bool,
    /// The last thing that happened to it.
    touched: Step,
}

impl Checker<Flights> for Books {
    const PROPERTIES: &'static [Property] = &[SINGLE_CAPTURE, MONEY_CONSERVED, PAID_BEFORE_TICKET];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored, FactKind::Entered]);

    fn new(domain: &Flights, _: &Arc<Names>) -> Self {
        Self {
            single: Tally::new(&SINGLE_CAPTURE),
            conserved: Tally::new(&MONEY_CONSERVED),
            before: Tally::new(&PAID_BEFORE_TICKET),
            currency: domain.currency(),
            accounts: SortedMap::new(),
        }
    }

    fn observe(&mut self, _: &Flights, record: &Record<Flights>, violations: &mut Violations) {
        match &record.fact {
            Fact::Stored(stored) => {
                let booking = BookingId(stored.stream.number);
                match &stored.event {
                    Event::Booking(event) => {
                        let decided_at = stored.metadata.occurred_at;
                        self.stored(booking, event, decided_at, record, violations);
                    }
                    Event::Saga(event) => {
                        if let Some(handed) = is_handed_over(event) {
                            self.accounts.entry(booking).or_default().handed = handed;
                        }
                    }
                    Event::Flight(_) | Event::Old(_) => {}
                }
            }
            Fact::Entered { entry: Entry::Charge(entry), .. } => {
                self.moved(entry, record, violations)
            }
            Fact::Entered {
                entry: Entry::Vendor(VendorEntry::Order { act: VendorAct::Ticketed, reference, .. }),
                ..
            } => {
                let account = self.accounts.entry(reference.booking).or_default();
                self.before.check(account.captured > 0, record.at, record.step, violations, || {
                    let says = format!("{reference} is ticketed, but nothing was captured");
                    (says, vec![account.touched])
                });
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, violations: &mut Violations) {
        let mut paid: SortedMap<BookingId, i64> = SortedMap::new();
        let mut reserved: SortedMap<BookingId, i64> = SortedMap::new();
        for ledger in &rest.ledgers {
            if let Ledger::Provider(ledger) = ledger {
                paid.extend(ledger.charges().map(|(booking, standing)| {
                    (booking, standing.captured.minor.saturating_sub(standing.refunded.minor))
                }));
                let idle = |standing: &Standing| !standing.voided && standing.captures == 0;
                reserved.extend(ledger.charges().filter_map(|(booking, standing)| {
                    idle(&standing).then_some((booking, standing.authorised.minor))
                }));
            }
        }
        for (&booking, account) in &self.accounts {
            let net = paid.get(&booking).copied().unwrap_or(0);
            let owed = if account.ticketed { account.price } else { 0 };
            let currency = self.currency;
            self.conserved.check(
                net == owed || account.handed,
                rest.at,
                rest.step,
                violations,
                || {
                    let (net, price) =
                        (Money::new(net, currency), Money::new(account.price, currency));
                    let says = if account.ticketed {
                        format!("{booking} is ticketed for {price}, but {net} is paid")
                    } else {
                        format!("{booking} captured {net}, neither ticketed nor refunded")
                    };
                    (says, vec![account.touched])
                },
            );
            let left = reserved.get(&booking).copied().unwrap_or(0);
            let free = left == 0 || account.handed;
            self.conserved.check(free, rest.at, rest.step, violations, || {
                let left = Money::new(left, currency);
                let says = format!("{booking} has {left} reserved, neither taken nor set free");
                (says, vec![account.touched])
            });
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.single, &self.conserved, &self.before]
    }
}

impl Books {
    fn stored(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        decided_at: Instant,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let account = self.accounts.entry(booking).or_default();
        let before = std::mem::replace(&mut account.touched, record.step);
        match event {
            BookingEvent::SeatHeld { legs, expires_at, .. } => {
                account.price = legs.price().minor;
                account.expires_at = Some(*expires_at);
            }
            BookingEvent::CaptureStarted { .. } => {
                let lasts = account.expires_at.is_none_or(|expires_at| decided_at < expires_at);
                self.before.check(lasts, record.at, record.step, violations, || {
                    let says = format!(
                        "the capture of {booking} was begun at {decided_at}, when its hold had run out"
                    );
                    (says, vec![before])
                });
            }
            BookingEvent::TicketIssued { .. } => {
                account.ticketed = true;
                let paid = account.captured > 0;
                self.before.check(paid, record.at, record.step, violations, || {
                    (format!("{booking} is ticketed, but nothing was captured"), vec![before])
                });
            }
            BookingEvent::SeatHoldExpired { .. } => {
                account.expired_at = Some(record.step);
                let captured_at = account.captured_at;
                self.before.check(
                    captured_at.is_none(),
                    record.at,
                    record.step,
                    violations,
                    || {
                        let because = captured_at.into_iter().collect();
                        (format!("{booking} expired, but its payment was captured before"), because)
                    },
                );
            }
            BookingEvent::BookingCancelled { .. } | BookingEvent::SeatReleased { .. } => {
                account.ticketed = false;
            }
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::ScheduleChanged { .. } => {}
        }
    }

    fn moved(
        &mut self,
        entry: &ChargeEntry,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let (booking, amount, currency) = (entry.booking, entry.amount.minor, self.currency);
        let (at, step) = (record.at, record.step);
        let money = |minor| Money::new(minor, currency);
        let account = self.accounts.entry(booking).or_default();
        let before = std::mem::replace(&mut account.touched, step);
        match entry.step {
            ChargeStep::Authorise => account.authorised = account.authorised.saturating_add(amount),
            ChargeStep::Capture => {
                account.captured = account.captured.saturating_add(amount);
                let first = account.captured_at;
                self.single.check(first.is_none(), at, step, violations, || {
                    let amount = entry.amount;
                    let says = format!("{booking} was captured twice, the second time {amount}");
                    (says, first.into_iter().collect())
                });
                account.captured_at = first.or(Some(step));
                let expired = account.expired_at;
                self.before.check(expired.is_none(), at, step, violations, || {
                    let says = format!("{booking} was captured after its hold had expired");
                    (says, expired.into_iter().collect())
                });
            }
            ChargeStep::Refund => account.refunded = account.refunded.saturating_add(amount),
            ChargeStep::Void | ChargeStep::Query => {}
        }
        let Account { authorised, captured, refunded, .. } = *account;
        self.conserved.check(captured <= authorised, at, step, violations, || {
            let (captured, authorised) = (money(captured), money(authorised));
            (format!("{booking} captured {captured} of {authorised} authorised"), vec![before])
        });
        self.conserved.check(refunded <= captured, at, step, violations, || {
            let (refunded, captured) = (money(refunded), money(captured));
            (format!("{booking} refunded {refunded} of {captured} captured"), vec![before])
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use super::*;

    fn after_hold() -> History {
        let mut story = History::new();
        story.held();
        story
    }

    #[test]
    fn a_paid_ticket_and_a_refunded_cancellation_are_accepted() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story.issue();
        story.ticketed();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
        story.cancel_at_vendor();
        story.cancelled();
        story.charge(ChargeStep::Refund, 0, PRICE);
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_second_capture_under_a_fresh_key_is_rejected() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        assert_eq!(story.violated(), Vec::<&str>::new(), "the same key moves nothing");
        story.charge(ChargeStep::Capture, 1, PRICE);
        assert_eq!(story.violated(), ["single-capture", "money-conserved"]);
    }

    #[test]
    fn money_taken_for_nothing_is_rejected_at_rest() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story.released();
        assert!(story.at_rest().contains(&"money-conserved"));
        story.charge(ChargeStep::Refund, 0, PRICE - 1);
        assert!(story.at_rest().contains(&"money-conserved"), "a part is not all");
    }

    #[test]
    fn money_that_stays_reserved_for_nothing_is_rejected_at_rest() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.cancel_at_vendor();
        story.released();
        assert_eq!(story.at_rest(), ["money-conserved"]);
        story.charge(ChargeStep::Void, 0, PRICE);
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_ticket_that_nobody_paid_for_is_rejected_at_the_vendor_and_with_us() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.issue_first();
        assert_eq!(story.violated(), ["paid-before-ticket"]);
        let mut story = after_hold();
        story.ticketed();
        assert_eq!(story.violated(), ["paid-before-ticket"]);
    }

    #[test]
    fn a_capture_is_begun_while_the_hold_lasts_and_not_when_it_has_run_out() {
        let mut story = History::new();
        story.held_for_ever();
        story.capture_started();
        assert_eq!(story.violated(), Vec::<&str>::new());
        let mut story = History::new();
        story.held();
        story.capture_started();
        assert_eq!(story.violated(), ["paid-before-ticket"]);
    }

    #[test]
    fn a_capture_and_an_expiry_exclude_each_other_in_either_order() {
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.expired();
        assert_eq!(story.violated(), Vec::<&str>::new());
        story.charge(ChargeStep::Capture, 0, PRICE);
        assert_eq!(story.violated(), ["paid-before-ticket"]);
        let mut story = after_hold();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story.expired();
        assert_eq!(story.violated(), ["paid-before-ticket"]);
    }
}
