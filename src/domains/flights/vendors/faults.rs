//! Faults of vendors: changes to their ledgers that we did not request, and the webhooks about them.

use super::{OrderState, Undone, VendorEntry, VendorLedger, VendorReply};
use crate::domains::flights::ids::{BookingId, FlightId, Locator};
use crate::domains::flights::services::{Ledger, Reply};
use crate::domains::flights::setup::Flights;
use crate::kernel::{Fault, Scope, Site, Span, Unit};
use crate::model::{ServiceFault, ServiceId};

const MINUTE: u64 = 60_000_000;
/// The family of these faults, and where they happen.
const VENDOR: (&str, Scope) = ("Vendor", Scope::Service);

/// All of them, in order of their sites. If a fault could affect several flights or orders, its size
/// determines which.
pub(crate) const FAULTS: [ServiceFault<Flights>; 5] = [
    ServiceFault {
        fault: &Fault::new(
            VENDOR,
            (Site::new(112, "vendor.sold-elsewhere"), "SoldElsewhere"),
            (Unit::Times, &[1, 2, 3]),
            "this many seats of a flight are sold to other buyers",
            "other agencies sell the same seats: an offer is a guess until the vendor confirms",
        ),
        is_applicable: |ledger| on_sale(ledger).next().is_some(),
        inject: |ledger, size, _, entries| {
            if let (Some(flight), Some(ledger)) = (pick(on_sale(ledger), size), vendor_mut(ledger))
            {
                ledger.sell_elsewhere(flight, u16::try_from(size).unwrap_or(u16::MAX), entries);
            }
        },
        is_observable: |reply| {
            use VendorReply::{NoSeat, Offers};
            matches!(reply, Reply::Vendor(Offers(_) | NoSeat { .. }))
        },
    },
    ServiceFault {
        fault: &Fault::new(
            VENDOR,
            (Site::new(113, "vendor.schedule-change"), "ScheduleChange"),
            (Unit::Span, &[45 * MINUTE, 10 * MINUTE, 181 * MINUTE]),
            "a flight with our orders departs later by this much, and the vendor notifies us",
            "status TK: an order is kept if its new times are accepted",
        ),
        is_applicable: |ledger| booked(ledger).next().is_some(),
        inject: |ledger, size, _, entries| {
            let flight = pick(booked(ledger), size / MINUTE);
            if let (Some(flight), Some(ledger)) = (flight, vendor_mut(ledger)) {
                ledger.reschedule(flight, Span::from_micros(size), entries);
            }
        },
        is_observable: |reply| matches!(reply, Reply::Vendor(VendorReply::ScheduleChanged { .. })),
    },
    ServiceFault {
        fault: &Fault::new(
            VENDOR,
            (Site::new(114, "vendor.flight-cancelled"), "FlightCancelled"),
            (Unit::Times, &[1, 2, 3]),
            "the nth flight with our orders is cancelled, and the vendor notifies us",
            "status UN: segments are gone, tickets can only be refunded",
        ),
        is_applicable: |ledger| booked(ledger).next().is_some(),
        inject: |ledger, size, now, entries| {
            if let (Some(flight), Some(ledger)) = (pick(booked(ledger), size), vendor_mut(ledger)) {
                ledger.withdraw(flight, now, entries);
            }
        },
        is_observable: |reply| {
            use VendorReply::{FlightCancelled, NotIssued};
            matches!(reply, Reply::Vendor(FlightCancelled { .. } | NotIssued { .. }))
        },
    },
    ServiceFault {
        fault: &Fault::new(
            VENDOR,
            (Site::new(115, "vendor.early-lapse"), "EarlyLapse"),
            (Unit::Times, &[1, 2, 3]),
            "the nth unpaid order lapses before its time limit, without notice",
            "carriers that shorten time limits and purge what is not ticketed",
        ),
        is_applicable: |ledger| unpaid(ledger).next().is_some(),
        inject: |ledger, size, now, entries| {
            if let (Some(order), Some(ledger)) = (pick(unpaid(ledger), size), vendor_mut(ledger)) {
                ledger.lapse_early(order, now, entries);
            }
        },
        is_observable: |reply| match reply {
            Reply::Vendor(VendorReply::Found { orders, .. }) => orders.is_empty(),
            Reply::Vendor(VendorReply::Cancelled { undone, .. }) => *undone == Undone::Nothing,
            reply => matches!(reply, Reply::Vendor(VendorReply::NotIssued { .. })),
        },
    },
    ServiceFault {
        fault: &Fault::new(
            VENDOR,
            (Site::new(119, "vendor.fare-raised"), "FareRaised"),
            (Unit::Times, &[1, 2, 3]),
            "the fare of the nth flight with our orders is raised by a quarter, also for orders without a ticket",
            "fares that are guaranteed by the ticket only, and not by a reservation",
        ),
        is_applicable: |ledger| booked(ledger).next().is_some(),
        inject: |ledger, size, _, _| {
            if let (Some(flight), Some(ledger)) = (pick(booked(ledger), size), vendor_mut(ledger)) {
                ledger.raise(flight);
            }
        },
        is_observable: |reply| {
            use VendorReply::{NotIssued, Offers};
            matches!(reply, Reply::Vendor(Offers(_) | NotIssued { .. }))
        },
    },
];

fn vendor(ledger: &Ledger) -> Option<&VendorLedger> {
    match ledger {
        Ledger::Vendor(ledger) => Some(ledger),
        Ledger::Provider(_) => None,
    }
}

fn vendor_mut(ledger: &mut Ledger) -> Option<&mut VendorLedger> {
    match ledger {
        Ledger::Vendor(ledger) => Some(ledger),
        Ledger::Provider(_) => None,
    }
}

/// The nth, counted from 1; after the last the first follows.
pub(in crate::domains::flights) fn pick<T: Copy>(
    all: impl Iterator<Item = T>,
    nth: u64,
) -> Option<T> {
    let all: Vec<T> = all.collect();
    let place = nth.saturating_sub(1).checked_rem(all.len() as u64)?;
    Some(all[place as usize])
}

/// Flights with seats left.
fn on_sale(ledger: &Ledger) -> impl Iterator<Item = FlightId> + '_ {
    let stocks = vendor(ledger).into_iter().flat_map(VendorLedger::stocks);
    stocks.filter(|(_, stock)| stock.left() > 0).map(|(flight, _)| flight)
}

/// Flights with live orders of ours.
fn booked(ledger: &Ledger) -> impl Iterator<Item = FlightId> + '_ {
    let stocks = vendor(ledger).into_iter().flat_map(VendorLedger::stocks);
    stocks.filter(|(_, stock)| stock.held + stock.ticketed > 0).map(|(flight, _)| flight)
}

/// Orders that are held unpaid.
fn unpaid(ledger: &Ledger) -> impl Iterator<Item = u32> + '_ {
    vendor(ledger).into_iter().flat_map(VendorLedger::unpaid)
}

/// The webhook about a line of a vendor's ledger. There is none about what we requested, nor about a lapse.
pub(crate) fn report(service: ServiceId, entry: &VendorEntry) -> Option<(BookingId, VendorReply)> {
    match *entry {
        VendorEntry::Order { act: OrderState::Withdrawn, order, reference, .. } => {
            let locator = Locator::of(service, order);
            Some((reference.booking, VendorReply::FlightCancelled { reference, locator }))
        }
        VendorEntry::Rescheduled { order, reference, change, later, .. } => {
            let locator = Locator::of(service, order);
            let changed = VendorReply::ScheduleChanged { reference, locator, change, later };
            Some((reference.booking, changed))
        }
        any_of!(VendorEntry: Order | SoldElsewhere | FlightCancelled | Invoiced) => None,
    }
}
