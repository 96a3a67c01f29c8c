//! What a vendor does when it is asked, and when time passes.

use arrayvec::ArrayVec;

use super::{
    Offer, OrderState, OrderView, Resend, Undone, VendorAct, VendorEntry, VendorLedger,
    VendorReply, VendorRequest,
};
use crate::domains::flights::ids::{LEGS_MAX, LegRef, Locator, TicketNumber};
use crate::domains::flights::setup::{Flights, Vendor};
use crate::kernel::Instant;

/// A vendor's ledger at the start.
pub(crate) fn open(flights: &Flights, vendor: &Vendor) -> VendorLedger {
    let first = vendor.flights.first().copied().unwrap_or(super::FlightId(0));
    let capacities = vendor.flights.iter().map(|&flight| flights.flight(flight).really);
    VendorLedger::new(first, capacities)
}

/// Answers a request, after whatever has lapsed by then.
pub(crate) fn serve(
    flights: &Flights,
    vendor: &Vendor,
    ledger: &mut VendorLedger,
    request: &VendorRequest,
    now: Instant,
    entries: &mut Vec<VendorEntry>,
) -> VendorReply {
    ledger.lapse(now, entries);
    let desk = Desk { flights, vendor };
    match *request {
        VendorRequest::Shop => VendorReply::Offers(desk.offers(ledger)),
        VendorRequest::Hold { reference, flight } => {
            let again = desk.recognised(ledger, reference, now);
            let limit = now + flights.hold_time() + flights.tables.hold_margin;
            let order = again.or_else(|| ledger.hold(reference, flight, now, limit, entries));
            match order {
                Some(order) => VendorReply::Held {
                    reference,
                    locator: desk.locator(order),
                    limit: ledger.orders()[order as usize].limit,
                },
                None => VendorReply::NoSeat { reference },
            }
        }
        VendorRequest::Retrieve { reference, nth } => {
            let orders: ArrayVec<OrderView, LEGS_MAX> =
                ledger.live(reference).take(LEGS_MAX).map(|n| desk.view(ledger, n)).collect();
            VendorReply::Found { reference, nth, orders }
        }
        VendorRequest::Issue { reference, locator, .. } => {
            let named = |&order: &u32| desk.locator(order) == locator;
            let Some(order) = ledger.live(reference).find(named) else {
                return VendorReply::NotIssued { reference };
            };
            if ledger.orders()[order as usize].state == OrderState::Held {
                ledger.issue(order, entries);
            }
            match desk.view(ledger, order) {
                OrderView { locator, ticket: Some(ticket) } => {
                    VendorReply::Ticketed { reference, locator, ticket }
                }
                OrderView { ticket: None, .. } => VendorReply::NotIssued { reference },
            }
        }
        VendorRequest::Cancel { reference, locator } => {
            let meant = |&order: &u32| locator.is_none_or(|one| one == desk.locator(order));
            let orders: Vec<u32> = ledger.live(reference).filter(meant).collect();
            let undone = orders
                .into_iter()
                .map(|order| match ledger.cancel(order, entries) {
                    VendorAct::Voided => Undone::Voided,
                    VendorAct::Held
                    | VendorAct::Ticketed
                    | VendorAct::Cancelled
                    | VendorAct::Lapsed => Undone::Released,
                })
                .max();
            let undone = undone.unwrap_or(Undone::Nothing);
            VendorReply::Cancelled { reference, locator, undone }
        }
        VendorRequest::SellElsewhere { flight, seats } => {
            let seats = ledger.sell_elsewhere(flight, seats, entries);
            VendorReply::SoldElsewhere { flight, seats }
        }
    }
}

/// Lets unpaid orders lapse; says when the next one will.
pub(crate) fn lapse(
    ledger: &mut VendorLedger,
    now: Instant,
    entries: &mut Vec<VendorEntry>,
) -> Option<Instant> {
    ledger.lapse(now, entries);
    ledger.next_limit()
}

/// One vendor's way of doing things.
struct Desk<'a> {
    flights: &'a Flights,
    vendor: &'a Vendor,
}

impl Desk<'_> {
    fn offers(&self, ledger: &VendorLedger) -> Vec<Offer> {
        ledger
            .stocks()
            .map(|(flight, stock)| Offer {
                flight,
                left: stock.left(),
                fare: self.flights.flight(flight).fare,
            })
            .collect()
    }

    fn locator(&self, order: u32) -> Locator {
        Locator::of(self.vendor.service, order)
    }

    fn view(&self, ledger: &VendorLedger, order: u32) -> OrderView {
        let airline = self.vendor.gds.accounting_code();
        let serial = ledger.orders()[order as usize].serial;
        let ticket = serial.map(|serial| TicketNumber { airline, serial });
        OrderView { locator: self.locator(order), ticket }
    }

    /// The order that a repeated request to hold is taken to mean, if the vendor notices the repeat.
    fn recognised(&self, ledger: &VendorLedger, reference: LegRef, now: Instant) -> Option<u32> {
        let order = ledger.live(reference).last()?;
        let age = now.since(ledger.orders()[order as usize].made_at);
        match self.vendor.gds.resend() {
            Resend::Recognised => Some(order),
            Resend::RecognisedFor(window) => (age <= window).then_some(order),
            Resend::MakesAnother => None,
        }
    }
}
