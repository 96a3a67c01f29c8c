//! What vendors do unasked, for reasons of their own, and what they tell us of it.

use super::{OrderState, VendorAct, VendorEntry, VendorLedger, VendorReply};
use crate::domains::flights::ids::{BookingId, FlightId, Locator};
use crate::kernel::Span;
use crate::platform::{ServiceId, Whim};

const SOLD_ELSEWHERE: usize = 0;
const SCHEDULE_CHANGE: usize = 1;
const FLIGHT_CANCELLED: usize = 2;
const EARLY_LAPSE: usize = 3;

/// All of them, by number.
pub(crate) const WHIMS: &[Whim] = &[
    Whim {
        name: "SoldElsewhere",
        says: "some seats of a flight go to somebody else",
        stands_for: "other agencies sell the same seats; what a vendor offered is a guess until it \
                     confirms",
    },
    Whim {
        name: "ScheduleChange",
        says: "a flight with orders of ours leaves later, and says so in its own time",
        stands_for: "status TK: the order is kept if the new time is accepted",
    },
    Whim {
        name: "FlightCancelled",
        says: "a flight with orders of ours is not operated, and says so in its own time",
        stands_for: "status UN: segments are gone, tickets are only worth their money",
    },
    Whim {
        name: "EarlyLapse",
        says: "an unpaid order is gone before its time limit, and nobody says so",
        stands_for: "carriers shorten time limits and purge unticketed orders as they please",
    },
];

/// Whether there is anything that a whim could befall.
pub(crate) fn is_tempted(ledger: &VendorLedger, whim: usize) -> bool {
    match whim {
        SOLD_ELSEWHERE => on_sale(ledger).next().is_some(),
        SCHEDULE_CHANGE | FLIGHT_CANCELLED => booked(ledger).next().is_some(),
        EARLY_LAPSE => unpaid(ledger).next().is_some(),
        _ => false,
    }
}

/// Gives in to a whim; whether there was anything that it could befall.
pub(crate) fn whim(
    ledger: &mut VendorLedger,
    whim: usize,
    luck: u64,
    entries: &mut Vec<VendorEntry>,
) -> bool {
    match whim {
        SOLD_ELSEWHERE => {
            let Some((flight, more)) = pick(on_sale(ledger).collect(), luck) else { return false };
            let left = ledger.stock(flight).map_or(0, |stock| u64::from(stock.left()));
            let seats = 1 + more % left.max(1);
            ledger.sell_elsewhere(flight, seats as u16, entries);
        }
        SCHEDULE_CHANGE => {
            let Some((flight, more)) = pick(booked(ledger).collect(), luck) else { return false };
            ledger.reschedule(flight, Span::from_secs(10 * 60 * (1 + more % 18)), entries);
        }
        FLIGHT_CANCELLED => {
            let Some((flight, _)) = pick(booked(ledger).collect(), luck) else { return false };
            ledger.withdraw(flight, entries);
        }
        EARLY_LAPSE => {
            let Some((order, _)) = pick(unpaid(ledger).collect(), luck) else { return false };
            ledger.lapse_early(order, entries);
        }
        _ => return false,
    }
    true
}

/// Which of several, and the luck that is left.
fn pick<T: Copy>(all: Vec<T>, luck: u64) -> Option<(T, u64)> {
    let count = all.len() as u64;
    let place = luck.checked_rem(count)?;
    Some((all[place as usize], luck / count))
}

/// Flights with seats left.
fn on_sale(ledger: &VendorLedger) -> impl Iterator<Item = FlightId> + '_ {
    ledger.stocks().filter(|(_, stock)| stock.left() > 0).map(|(flight, _)| flight)
}

/// Flights with live orders of ours.
fn booked(ledger: &VendorLedger) -> impl Iterator<Item = FlightId> + '_ {
    ledger.stocks().filter(|(_, stock)| stock.held + stock.ticketed > 0).map(|(flight, _)| flight)
}

/// Orders that could lapse.
fn unpaid(ledger: &VendorLedger) -> impl Iterator<Item = u32> + '_ {
    let orders = (0..).zip(ledger.orders());
    orders.filter(|(_, order)| order.state == OrderState::Held).map(|(number, _)| number)
}

/// What a vendor says unasked about a line of its ledger: nothing of what it was asked to do, nor of
/// what lapses.
pub(crate) fn report(service: ServiceId, entry: &VendorEntry) -> Option<(BookingId, VendorReply)> {
    match *entry {
        VendorEntry::Order { act: VendorAct::Withdrawn, order, reference, .. } => {
            let locator = Locator::of(service, order);
            Some((reference.booking, VendorReply::FlightCancelled { reference, locator }))
        }
        VendorEntry::Rescheduled { order, reference, change, later, .. } => {
            let locator = Locator::of(service, order);
            let changed = VendorReply::ScheduleChanged { reference, locator, change, later };
            Some((reference.booking, changed))
        }
        VendorEntry::Order {
            act:
                VendorAct::Held
                | VendorAct::Ticketed
                | VendorAct::Cancelled
                | VendorAct::Lapsed
                | VendorAct::Voided
                | VendorAct::Refunded,
            ..
        }
        | VendorEntry::SoldElsewhere { .. }
        | VendorEntry::FlightCancelled { .. } => None,
    }
}
