//! `single-capture`, `money-conserved` and `paid-before-ticket`: no booking is paid twice or for
//! nothing, and no ticket is free.
//!
//! Money is counted from the lines of the provider's ledger, tickets from the vendors' ledgers and
//! from stored events.

use crate::collections::SortedMap;

use super::is_handed_over;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::flights::event::{BookingEvent, ChargeStep, Event};
use crate::domains::flights::ids::BookingId;
use crate::domains::flights::money::Money;
use crate::domains::flights::payment::{ChargeEntry, Notice, Turn};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{VendorAct, VendorEntry};
use crate::domains::flights::{Entry, Ledger};
use crate::kernel::{Instant, Step};
use crate::model::{Fact, Record, Rest};

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
           ticketed is paid for, of what a customer cancelled then the fee, and nothing else is paid \
           for or reserved, unless the case was handed to an operator; a refund or a chargeback of a \
           captured payment is in the booking's events",
};

/// First the money, then the ticket; and no money after the hold.
pub static PAID_BEFORE_TICKET: Property = Property {
    id: "paid-before-ticket",
    when: When::Always,
    says: "no ticket is issued before its payment is captured; no capture is started when the hold \
           has run out by the clock of the deciding node, and none happens after it has expired",
};

/// Follows the money of each booking.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    accounts: SortedMap<BookingId, Account>,
}

/// What is known of the money of one booking.
#[derive(Clone, Debug, Default)]
struct Account {
    price: i64,
    /// Until when the seats are held without a payment.
    expires_at: Option<Instant>,
    authorised: i64,
    captured: i64,
    refunded: i64,
    /// The first capture.
    captured_at: Option<Step>,
    expired_at: Option<Step>,
    ticketed: bool,
    /// Whether the customer cancelled what was paid for.
    cancelled: bool,
    /// Whether its cardholder has won a dispute.
    charged_back: bool,
    /// What its events say last of a payment that was captured.
    recorded: Recorded,
    /// Whether the case was handed to an operator, who settles what is owed.
    handed: bool,
    /// The last occurrence that concerned it.
    touched: Step,
}

/// What the events of a booking say of its captured payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Recorded {
    #[default]
    Nothing,
    Captured,
    Refunded,
    ChargedBack,
}

impl Checker<Flights> for Books {
    const PROPERTIES: &'static [Property] = &[SINGLE_CAPTURE, MONEY_CONSERVED, PAID_BEFORE_TICKET];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        match &record.fact {
            Fact::Stored(stored) => {
                let booking = BookingId(stored.stream.number);
                match &stored.event {
                    Event::Booking(event) => {
                        self.stored(booking, event, stored.metadata.occurred_at, checks);
                    }
                    Event::Saga(event) => {
                        if let Some(handed) = is_handed_over(event) {
                            self.accounts.entry(booking).or_default().handed = handed;
                        }
                    }
                    Event::Flight(_) | Event::Old(_) => {}
                }
            }
            Fact::Entered { entry: Entry::Charge(entry), .. } => self.moved(entry, checks),
            Fact::Entered { entry: Entry::Notice(notice), .. } => self.noted(notice, checks.step()),
            Fact::Entered {
                entry: Entry::Vendor(VendorEntry::Order { act: VendorAct::Ticketed, reference, .. }),
                ..
            } => {
                let account = self.accounts.entry(reference.booking).or_default();
                let holds = account.captured > 0;
                checks.that(&PAID_BEFORE_TICKET, holds, [account.touched], |_| {
                    format!("{reference} is ticketed, but nothing was captured")
                });
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, checks: &mut Checks<'_, Flights>) {
        let mut paid: SortedMap<BookingId, i64> = SortedMap::new();
        let mut reserved: SortedMap<BookingId, i64> = SortedMap::new();
        for ledger in &rest.ledgers {
            let Ledger::Provider(ledger) = ledger else { continue };
            for (booking, standing) in ledger.charges() {
                let back = standing.refunded.minor.saturating_add(standing.charged_back().minor);
                paid.insert(booking, standing.captured.minor.saturating_sub(back));
                if !standing.voided && standing.captures == 0 {
                    reserved.insert(booking, standing.authorised.minor);
                }
            }
        }
        let money = |minor| Money::new(minor, rest.domain.currency());
        let fee = rest.domain.cancellation_fee().map_or(0, |fee| fee.minor);
        for (booking, account) in &self.accounts {
            let net = paid.get(booking).copied().unwrap_or(0);
            let owed = match account.ticketed {
                true => account.price,
                false if account.cancelled && !account.charged_back => fee,
                false => 0,
            };
            let holds = net == owed || account.handed;
            checks.that(&MONEY_CONSERVED, holds, [account.touched], |_| {
                let (net, price) = (money(net), money(account.price));
                match account.ticketed {
                    true => format!("{booking} is ticketed for {price}, but {net} is paid"),
                    false if owed > 0 => {
                        let fee = money(owed);
                        format!("{booking} was cancelled for a fee of {fee}, but {net} is paid")
                    }
                    false => format!("{booking} captured {net}, neither ticketed nor refunded"),
                }
            });
            let is_recorded = account.refunded == 0 || account.recorded != Recorded::Captured;
            checks.that(&MONEY_CONSERVED, is_recorded || account.handed, [account.touched], |_| {
                let refunded = money(account.refunded);
                format!("{booking} was refunded {refunded}, and its events do not say so")
            });
            let is_recorded = !account.charged_back || account.recorded != Recorded::Captured;
            checks.that(&MONEY_CONSERVED, is_recorded || account.handed, [account.touched], |_| {
                format!("{booking} was charged back, and its events do not say so")
            });
            let left = reserved.get(booking).copied().unwrap_or(0);
            let holds = left == 0 || account.handed;
            checks.that(&MONEY_CONSERVED, holds, [account.touched], |_| {
                format!("{booking} has {} reserved, neither captured nor released", money(left))
            });
        }
    }
}

impl Books {
    fn stored(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        decided_at: Instant,
        checks: &mut Checks<'_, Flights>,
    ) {
        let account = self.accounts.entry(booking).or_default();
        let before = std::mem::replace(&mut account.touched, checks.step());
        match event {
            BookingEvent::SeatHeld { legs, expires_at, .. } => {
                account.price = legs.price().minor;
                account.expires_at = Some(*expires_at);
            }
            BookingEvent::CaptureStarted { .. } => {
                let lasts = account.expires_at.is_none_or(|expires_at| decided_at < expires_at);
                checks.that(&PAID_BEFORE_TICKET, lasts, [before], |_| {
                    format!(
                        "the capture of {booking} was started at {decided_at}, when its hold had run out"
                    )
                });
            }
            BookingEvent::TicketIssued { .. } => {
                account.ticketed = true;
                checks.that(&PAID_BEFORE_TICKET, account.captured > 0, [before], |_| {
                    format!("{booking} is ticketed, but nothing was captured")
                });
            }
            BookingEvent::SeatHoldExpired { .. } => {
                account.expired_at = Some(checks.step());
                let captured = account.captured_at;
                checks.that(&PAID_BEFORE_TICKET, captured.is_none(), captured, |_| {
                    format!("{booking} expired, but its payment was captured before")
                });
            }
            BookingEvent::BookingCancelled { .. } => {
                account.ticketed = false;
                account.cancelled = account.recorded == Recorded::Captured;
            }
            BookingEvent::SeatReleased { .. } => account.ticketed = false,
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::ScheduleChanged { .. } => {}
            BookingEvent::PaymentCaptured { .. } => account.recorded = Recorded::Captured,
            BookingEvent::PaymentRefunded { .. } => account.recorded = Recorded::Refunded,
            BookingEvent::PaymentChargedBack { .. } => account.recorded = Recorded::ChargedBack,
        }
    }

    /// What happened to a charge without a request of ours.
    fn noted(&mut self, notice: &Notice, step: Step) {
        let account = self.accounts.entry(notice.key.booking).or_default();
        account.touched = step;
        match notice.what {
            Turn::Lapsed => {
                account.authorised = account.authorised.saturating_sub(notice.amount.minor);
            }
            Turn::DisputeLost => account.charged_back = true,
            any_of!(Turn: Pending | Confirmed | Unconfirmed | Disputed | DisputeWon) => {}
        }
    }

    fn moved(&mut self, entry: &ChargeEntry, checks: &mut Checks<'_, Flights>) {
        let (booking, amount, step) = (entry.booking, entry.amount.minor, checks.step());
        let account = self.accounts.entry(booking).or_default();
        let before = std::mem::replace(&mut account.touched, step);
        match entry.step {
            ChargeStep::Authorise => account.authorised = account.authorised.saturating_add(amount),
            ChargeStep::Capture => {
                account.captured = account.captured.saturating_add(amount);
                let (first, expired) = (account.captured_at, account.expired_at);
                account.captured_at = first.or(Some(step));
                checks.that(&SINGLE_CAPTURE, first.is_none(), first, |_| {
                    format!("{booking} was captured twice, the second time {}", entry.amount)
                });
                checks.that(&PAID_BEFORE_TICKET, expired.is_none(), expired, |_| {
                    format!("{booking} was captured after its hold had expired")
                });
            }
            ChargeStep::Refund => account.refunded = account.refunded.saturating_add(amount),
            any_of!(ChargeStep: Void | Query | Contest | Dispute) => {}
        }
        let Account { authorised, captured, refunded, .. } = *account;
        let currency = checks.words.domain.currency();
        let money = |minor| Money::new(minor, currency);
        checks.that(&MONEY_CONSERVED, captured <= authorised, [before], |_| {
            format!("{booking} captured {} of {} authorised", money(captured), money(authorised))
        });
        checks.that(&MONEY_CONSERVED, refunded <= captured, [before], |_| {
            format!("{booking} refunded {} of {} captured", money(refunded), money(captured))
        });
    }
}

#[cfg(test)]
mod tests;
