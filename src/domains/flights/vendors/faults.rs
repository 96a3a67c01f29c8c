//! Faults of vendors: what they do without a request of ours, and what they report of it.

use super::{Undone, VendorAct, VendorEntry, VendorLedger, VendorReply};
use crate::domains::flights::ids::{BookingId, FlightId, Locator};
use crate::domains::flights::services::{Entry, Ledger, Reply};
use crate::domains::flights::setup::Flights;
use crate::kernel::{Fault, Scope, Site, Span, Unit};
use crate::model::{ServiceFault, ServiceId};

const SOLD_ELSEWHERE: usize = 0;
const SCHEDULE_CHANGE: usize = 1;
const FLIGHT_CANCELLED: usize = 2;
const EARLY_LAPSE: usize = 3;

const MINUTE: u64 = 60_000_000;

/// All of them, in order of their sites.
pub(crate) const FAULTS: &[ServiceFault<Flights>] = &[
    own::<SOLD_ELSEWHERE>(&of_a_vendor(
        Site::new(112, "vendor.sold-elsewhere"),
        "SoldElsewhere",
        (Unit::Times, &[1, 2, 3]),
        "so many seats of a flight go to somebody else",
        "other agencies sell the same seats: what a vendor offers is a guess until it confirms",
    )),
    own::<SCHEDULE_CHANGE>(&of_a_vendor(
        Site::new(113, "vendor.schedule-change"),
        "ScheduleChange",
        (Unit::Span, &[45 * MINUTE, 10 * MINUTE, 181 * MINUTE]),
        "a flight with orders of ours leaves that much later, and the vendor says so",
        "status TK: an order is kept if its new times are accepted",
    )),
    own::<FLIGHT_CANCELLED>(&of_a_vendor(
        Site::new(114, "vendor.flight-cancelled"),
        "FlightCancelled",
        (Unit::Times, &[1, 2, 3]),
        "the so-manieth flight with orders of ours is not operated, and the vendor says so",
        "status UN: the segments are gone, and tickets are only worth their money",
    )),
    own::<EARLY_LAPSE>(&of_a_vendor(
        Site::new(115, "vendor.early-lapse"),
        "EarlyLapse",
        (Unit::Times, &[1, 2, 3]),
        "the so-manieth unpaid order is gone before its time limit, and nobody says so",
        "carriers that shorten time limits and purge what is not ticketed",
    )),
];

const fn of_a_vendor(
    site: Site,
    name: &'static str,
    (unit, sizes): (Unit, &'static [u64]),
    says: &'static str,
    stands_for: &'static str,
) -> Fault {
    Fault { site, name, family: "Whim", scope: Scope::Service, unit, sizes, says, stands_for }
}

/// A fault with what it needs and does, by its number here.
const fn own<const NUMBER: usize>(fault: &'static Fault) -> ServiceFault<Flights> {
    ServiceFault {
        fault,
        is_applicable: |ledger| match ledger {
            Ledger::Vendor(ledger) => is_applicable(ledger, NUMBER),
            Ledger::Provider(_) => false,
        },
        inject: |ledger, size, entries| match ledger {
            Ledger::Vendor(ledger) => {
                let mut lines = Vec::new();
                inject(ledger, NUMBER, size, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
            }
            Ledger::Provider(_) => {}
        },
        is_observable: |reply| match reply {
            Reply::Vendor(reply) => is_observable(NUMBER, reply),
            Reply::Charge(_) | Reply::Misdirected => false,
        },
    }
}

/// Whether a ledger has anything that a fault could affect.
fn is_applicable(ledger: &VendorLedger, fault: usize) -> bool {
    match fault {
        SOLD_ELSEWHERE => on_sale(ledger).next().is_some(),
        SCHEDULE_CHANGE | FLIGHT_CANCELLED => booked(ledger).next().is_some(),
        EARLY_LAPSE => ledger.unpaid().next().is_some(),
        _ => false,
    }
}

/// Changes a ledger. If a fault could affect several things, its size says which.
pub(crate) fn inject(
    ledger: &mut VendorLedger,
    fault: usize,
    size: u64,
    entries: &mut Vec<VendorEntry>,
) {
    match fault {
        SOLD_ELSEWHERE => {
            if let Some(flight) = pick(on_sale(ledger).collect(), size) {
                ledger.sell_elsewhere(flight, u16::try_from(size).unwrap_or(u16::MAX), entries);
            }
        }
        SCHEDULE_CHANGE => {
            if let Some(flight) = pick(booked(ledger).collect(), size / MINUTE) {
                ledger.reschedule(flight, Span::from_micros(size), entries);
            }
        }
        FLIGHT_CANCELLED => {
            if let Some(flight) = pick(booked(ledger).collect(), size) {
                ledger.withdraw(flight, entries);
            }
        }
        EARLY_LAPSE => {
            if let Some(order) = pick(ledger.unpaid().collect(), size) {
                ledger.lapse_early(order, entries);
            }
        }
        _ => {}
    }
}

/// The nth, counted from 1 and again from the first after the last.
fn pick<T: Copy>(all: Vec<T>, nth: u64) -> Option<T> {
    let place = nth.saturating_sub(1).checked_rem(all.len() as u64)?;
    Some(all[place as usize])
}

/// Flights with seats left.
fn on_sale(ledger: &VendorLedger) -> impl Iterator<Item = FlightId> + '_ {
    ledger.stocks().filter(|(_, stock)| stock.left() > 0).map(|(flight, _)| flight)
}

/// Flights with live orders of ours.
fn booked(ledger: &VendorLedger) -> impl Iterator<Item = FlightId> + '_ {
    ledger.stocks().filter(|(_, stock)| stock.held + stock.ticketed > 0).map(|(flight, _)| flight)
}

/// Whether a reply of a vendor can show a fault.
fn is_observable(fault: usize, reply: &VendorReply) -> bool {
    match reply {
        VendorReply::Offers(_) | VendorReply::NoSeat { .. } => fault == SOLD_ELSEWHERE,
        VendorReply::ScheduleChanged { .. } => fault == SCHEDULE_CHANGE,
        VendorReply::FlightCancelled { .. } => fault == FLIGHT_CANCELLED,
        VendorReply::NotIssued { .. } => matches!(fault, EARLY_LAPSE | FLIGHT_CANCELLED),
        VendorReply::Found { orders, .. } => fault == EARLY_LAPSE && orders.is_empty(),
        VendorReply::Cancelled { undone: Undone::Nothing, .. } => fault == EARLY_LAPSE,
        VendorReply::Held { .. }
        | VendorReply::Ticketed { .. }
        | VendorReply::Cancelled { .. }
        | VendorReply::NotVoidable { .. }
        | VendorReply::Accepted { .. }
        | VendorReply::SoldElsewhere { .. }
        | VendorReply::Unavailable(_) => false,
    }
}

/// What a vendor reports by itself about a line of its ledger: nothing of what it was asked to do, nor
/// of what lapses.
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
