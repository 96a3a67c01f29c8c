//! How a vendor answers requests.

use super::{
    Offer, Order, OrderState, OrderView, Resend, Undone, VendorAct, VendorEntry, VendorLedger,
    VendorReply, VendorRequest,
};
use crate::domains::flights::ids::{LEGS_MAX, LegRef, Locator, TicketNumber};
use crate::domains::flights::services::Entry;
use crate::domains::flights::setup::{Flights, Vendor};
use crate::kernel::Instant;

/// A vendor's ledger at the start.
pub(crate) fn open(flights: &Flights, vendor: &Vendor) -> VendorLedger {
    let first = vendor.flights.first().copied().unwrap_or(super::FlightId(0));
    let capacities = vendor.flights.iter().map(|&flight| flights.flight(flight).really);
    VendorLedger::new(first, capacities)
}

/// Answers a request, after unpaid orders have lapsed.
pub(crate) fn serve(
    flights: &Flights,
    vendor: &Vendor,
    ledger: &mut VendorLedger,
    request: &VendorRequest,
    now: Instant,
    entries: &mut Vec<Entry>,
) -> VendorReply {
    ledger.lapse(now, entries);
    let setup = &flights.tables.setup;
    let name = |order| Locator::of(vendor.service, order);
    let fare = |ledger: &VendorLedger, flight| ledger.raised(flight, flights.asked(flight));
    match *request {
        VendorRequest::Shop => {
            let offer = |(flight, stock): (super::FlightId, super::Stock)| Offer {
                flight,
                left: stock.left(),
                fare: fare(ledger, flight).unwrap_or_else(|| flights.asked(flight)),
            };
            VendorReply::Offers(ledger.stocks().map(offer).collect())
        }
        VendorRequest::Hold { reference, flight } => {
            let again = recognised(vendor, ledger, reference, now);
            let limit = now + setup.hold + setup.hold_margin;
            let order = again.or_else(|| ledger.hold(reference, flight, now, limit, entries));
            order.map_or(VendorReply::NoSeat { reference }, |order| {
                let limit = ledger.orders()[order as usize].limit;
                VendorReply::Held { reference, locator: name(order), limit }
            })
        }
        VendorRequest::Retrieve { reference, nth } => found(vendor, ledger, (reference, nth), now),
        VendorRequest::Issue { reference, locator, fare: most } => {
            let Some(order) = ledger.live(reference).find(|&order| name(order) == locator) else {
                return VendorReply::NotIssued { reference };
            };
            let Order { flight, state, .. } = ledger.orders()[order as usize];
            if state == OrderState::Held {
                let raised = fare(ledger, flight);
                if raised.is_some_and(|fare| fare.minor > most.minor) {
                    return VendorReply::NotIssued { reference };
                }
                ledger.issue(order, now, now + setup.void_window, entries);
                let invoice = |fare| VendorEntry::Invoiced { flight, reference, fare };
                entries.extend(raised.map(invoice).map(Entry::Vendor));
            }
            match view(vendor, order, &ledger.orders()[order as usize]).ticket {
                Some(ticket) => VendorReply::Ticketed { reference, locator, ticket },
                None => VendorReply::NotIssued { reference },
            }
        }
        VendorRequest::Cancel { reference, locator } => {
            let meant = |&order: &u32| locator.is_none_or(|one| one == name(order));
            let orders: Vec<u32> = ledger.standing(reference).filter(meant).collect();
            let (mut undone, mut too_late) = (Undone::Nothing, false);
            for order in orders {
                match ledger.cancel(order, now, entries) {
                    Some(act) => undone = undone.max(undone_by(act)),
                    None => too_late = true,
                }
            }
            if too_late {
                return VendorReply::NotVoidable { reference, locator };
            }
            VendorReply::Cancelled { reference, locator, undone }
        }
        VendorRequest::Refund { reference } => {
            let orders: Vec<u32> = ledger.standing(reference).collect();
            let acts =
                orders.into_iter().map(|order| undone_by(ledger.refund(order, now, entries)));
            let undone = acts.max().unwrap_or(Undone::Nothing);
            VendorReply::Cancelled { reference, locator: None, undone }
        }
        VendorRequest::Accept { reference, change } => {
            let orders: Vec<u32> = ledger.live(reference).collect();
            orders.into_iter().for_each(|order| ledger.accept(order, change));
            VendorReply::Accepted { reference, change }
        }
        VendorRequest::SellElsewhere { flight, seats } => {
            let seats = ledger.sell_elsewhere(flight, seats, entries);
            VendorReply::SoldElsewhere { flight, seats }
        }
    }
}

const fn undone_by(act: VendorAct) -> Undone {
    match act {
        VendorAct::Voided => Undone::Voided,
        VendorAct::Refunded => Undone::Refunded,
        any_of!(VendorAct: Held | Ticketed | Cancelled | Lapsed | Withdrawn) => Undone::Released,
    }
}

/// Answers a lookup with what was true at `as_of`; `None` if the request is not one.
pub(crate) fn look_up(
    vendor: &Vendor,
    ledger: &VendorLedger,
    request: &VendorRequest,
    as_of: Instant,
) -> Option<VendorReply> {
    let VendorRequest::Retrieve { reference, nth } = *request else { return None };
    Some(found(vendor, ledger, (reference, nth), as_of))
}

fn found(
    vendor: &Vendor,
    ledger: &VendorLedger,
    (reference, nth): (LegRef, u8),
    as_of: Instant,
) -> VendorReply {
    let orders = ledger.stood(reference, as_of).take(LEGS_MAX);
    let orders = orders.map(|(number, order)| view(vendor, number, order)).collect();
    VendorReply::Found { reference, nth, orders }
}

/// The report about every reference whose orders have changed since a moment, or are moved with their flights.
pub(crate) fn changed(vendor: &Vendor, ledger: &VendorLedger, since: Instant) -> Vec<VendorReply> {
    let report = |(reference, newest): (LegRef, u32)| {
        let flight = ledger.orders()[newest as usize].flight;
        let moved = ledger.standing(reference).filter(|&order| ledger.is_moved(order));
        let (change, later) = moved.map(|_| ledger.changes(flight)).next().unwrap_or_default();
        let orders = ledger.standing(reference).take(LEGS_MAX);
        let orders =
            orders.map(|number| view(vendor, number, &ledger.orders()[number as usize])).collect();
        VendorReply::Reported { reference, flight, orders, change, later }
    };
    ledger.changed_since(since).into_iter().map(report).collect()
}

fn view(vendor: &Vendor, number: u32, order: &Order) -> OrderView {
    let (airline, locator) = (vendor.gds.accounting_code(), Locator::of(vendor.service, number));
    let ticket = order.serial.map(|serial| TicketNumber { airline, serial });
    OrderView { locator, ticket, withdrawn: order.state == OrderState::Withdrawn }
}

/// The order that a resent request to hold is answered with, if the vendor recognises the resend.
fn recognised(
    vendor: &Vendor,
    ledger: &VendorLedger,
    reference: LegRef,
    now: Instant,
) -> Option<u32> {
    let order = ledger.live(reference).last()?;
    let age = now.since(ledger.orders()[order as usize].made_at);
    match vendor.gds.resend() {
        Resend::Recognised => Some(order),
        Resend::RecognisedFor(window) => (age <= window).then_some(order),
        Resend::MakesAnother => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::ids::{BookingId, FlightId};
    use crate::domains::flights::money::{Currency, Money};
    use crate::domains::flights::services::Ledger;
    use crate::domains::flights::setup::{Setup, VendorSetup};
    use crate::domains::flights::vendors::{Coupon, Dialect, FAULTS};
    use crate::kernel::Span;
    use proptest::prelude::*;

    const FARE: Money = Money::new(10_000, Currency::Eur);
    const LEG: LegRef = LegRef { booking: BookingId(0), leg: 0 };

    fn world(gds: Dialect, seats: u16) -> Flights {
        let vendor = VendorSetup::new("V1", gds).flight("F0", seats, FARE).flight("F1", 1, FARE);
        Flights::new(Setup { vendors: vec![vendor], ..Setup::default() }).expect("a world")
    }

    fn hold(reference: LegRef) -> VendorRequest {
        VendorRequest::Hold { reference, flight: FlightId(0) }
    }

    /// Asks at a time; gives the reply and how many lines were written.
    fn ask(
        flights: &Flights,
        ledger: &mut VendorLedger,
        request: &VendorRequest,
        secs: u64,
    ) -> (VendorReply, usize) {
        let mut entries = Vec::new();
        let now = Instant::ZERO + Span::from_secs(secs);
        let vendor = &flights.vendors()[0];
        (serve(flights, vendor, ledger, request, now, &mut entries), entries.len())
    }

    fn orders_after_a_resend(gds: Dialect, after_secs: u64) -> usize {
        let flights = world(gds, 5);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        ask(&flights, &mut ledger, &hold(LEG), 0);
        ask(&flights, &mut ledger, &hold(LEG), after_secs);
        ledger.live(LEG).count()
    }

    #[test]
    fn each_system_has_its_own_treatment_of_resends() {
        assert_eq!(orders_after_a_resend(Dialect::Ndc, 600), 1);
        assert_eq!(orders_after_a_resend(Dialect::Amadeus, 1), 2);
        assert_eq!(orders_after_a_resend(Dialect::Sabre, 10), 1);
        assert_eq!(orders_after_a_resend(Dialect::Sabre, 11), 2);
    }

    #[test]
    fn an_unpaid_order_lapses_at_its_limit_and_not_before() {
        let flights = world(Dialect::Ndc, 1);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        ask(&flights, &mut ledger, &hold(LEG), 0);
        let limit = ledger.next_limit().expect("an unpaid order");
        assert_eq!(limit, Instant::ZERO + Span::from_secs(20 * 60));
        let mut entries = Vec::new();
        assert_eq!(ledger.lapse(Instant::ZERO, &mut entries), Some(limit));
        assert!(entries.is_empty());
        assert_eq!(ledger.lapse(limit, &mut entries), None);
        assert_eq!((entries.len(), ledger.live(LEG).count()), (1, 0));
    }

    #[test]
    fn a_ticket_is_issued_once_and_voided_when_cancelled() {
        let flights = world(Dialect::Sabre, 1);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        let (VendorReply::Held { locator, .. }, _) = ask(&flights, &mut ledger, &hold(LEG), 0)
        else {
            panic!("there is a seat")
        };
        let issue = VendorRequest::Issue { reference: LEG, locator, fare: FARE };
        let (first, _) = ask(&flights, &mut ledger, &issue, 1);
        assert_eq!(ask(&flights, &mut ledger, &issue, 2), (first, 0));
        let cancel = VendorRequest::Cancel { reference: LEG, locator: None };
        let voided =
            VendorReply::Cancelled { reference: LEG, locator: None, undone: Undone::Voided };
        assert_eq!(ask(&flights, &mut ledger, &cancel, 3), (voided, 1));
        let (late, _) = ask(&flights, &mut ledger, &issue, 4);
        assert_eq!(late, VendorReply::NotIssued { reference: LEG });
    }

    #[test]
    fn a_lookup_shows_what_was_true_at_its_time() {
        let flights = world(Dialect::Ndc, 1);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        let (VendorReply::Held { locator, .. }, _) = ask(&flights, &mut ledger, &hold(LEG), 10)
        else {
            panic!("there is a seat")
        };
        let issue = VendorRequest::Issue { reference: LEG, locator, fare: FARE };
        ask(&flights, &mut ledger, &issue, 20);
        ask(&flights, &mut ledger, &VendorRequest::Cancel { reference: LEG, locator: None }, 30);
        let vendor = &flights.vendors()[0];
        let ticketed_at = |secs| {
            let as_of = Instant::ZERO + Span::from_secs(secs);
            let retrieve = VendorRequest::Retrieve { reference: LEG, nth: 1 };
            match look_up(vendor, &ledger, &retrieve, as_of) {
                Some(VendorReply::Found { nth: 1, orders, .. }) => {
                    orders.first().map(|order| order.ticket.is_some())
                }
                other => panic!("{other:?}"),
            }
        };
        let seen = [9, 10, 19, 20, 29, 30].map(ticketed_at);
        assert_eq!(seen, [None, Some(false), Some(false), Some(true), Some(true), None]);
        assert_eq!(look_up(vendor, &ledger, &issue, Instant::ZERO), None, "not a lookup");
    }

    #[test]
    fn a_ticket_is_voided_within_the_window_and_only_refunded_after_it() {
        let flights = world(Dialect::Ndc, 2);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        let day = 24 * 60 * 60;
        ticket(&flights, &mut ledger, LEG);
        let cancel = VendorRequest::Cancel { reference: LEG, locator: None };
        let refused = VendorReply::NotVoidable { reference: LEG, locator: None };
        assert_eq!(ask(&flights, &mut ledger, &cancel, day + 1), (refused, 0));
        let refund = VendorRequest::Refund { reference: LEG };
        let refunded = |undone| VendorReply::Cancelled { reference: LEG, locator: None, undone };
        let first = ask(&flights, &mut ledger, &refund, day + 2);
        assert_eq!(first, (refunded(Undone::Refunded), 1));
        let again = ask(&flights, &mut ledger, &refund, day + 3);
        assert_eq!(again, (refunded(Undone::Nothing), 0));
        assert_eq!(ledger.orders()[0].coupon, Some(Coupon::Refunded));
        ticket(&flights, &mut ledger, LEG);
        assert_eq!(ask(&flights, &mut ledger, &cancel, day - 1).0, refunded(Undone::Voided));
        assert_eq!(ledger.orders()[1].coupon, Some(Coupon::Void));
    }

    #[test]
    fn a_flight_that_is_not_operated_loses_its_seats_and_keeps_its_tickets() {
        let flights = world(Dialect::Amadeus, 2);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        let other = BookingId(1).leg(0);
        ticket(&flights, &mut ledger, LEG);
        ask(&flights, &mut ledger, &hold(other), 0);
        let mut lines = Vec::new();
        ledger.withdraw(FlightId(0), Instant::ZERO, &mut lines);
        assert_eq!((lines.len(), ledger.next_limit()), (3, None));
        assert_eq!((ledger.live(LEG).count(), ledger.standing(LEG).count()), (0, 1));
        assert_eq!(ledger.standing(other).count(), 0, "an unpaid order cannot be undone any more");
        assert_eq!(
            ask(&flights, &mut ledger, &hold(other), 1).0,
            VendorReply::NoSeat { reference: other }
        );
        let retrieve = VendorRequest::Retrieve { reference: LEG, nth: 1 };
        let (VendorReply::Found { orders, .. }, _) = ask(&flights, &mut ledger, &retrieve, 1)
        else {
            panic!("a question is answered")
        };
        assert!(orders.len() == 1 && orders[0].withdrawn && orders[0].ticket.is_some());
        ask(&flights, &mut ledger, &VendorRequest::Refund { reference: LEG }, 2);
        assert_eq!(ledger.standing(LEG).count(), 0);
    }

    #[test]
    fn an_order_has_the_new_times_of_its_flight_once_they_are_accepted() {
        let flights = world(Dialect::Sabre, 2);
        let mut ledger = open(&flights, &flights.vendors()[0]);
        ask(&flights, &mut ledger, &hold(LEG), 0);
        let mut lines = Vec::new();
        ledger.reschedule(FlightId(0), Span::from_secs(600), &mut lines);
        ledger.reschedule(FlightId(0), Span::from_secs(300), &mut lines);
        assert_eq!(ledger.changes(FlightId(0)), (2, Span::from_secs(900)));
        assert_eq!((lines.len(), ledger.orders()[0].accepted), (2, 0));
        ask(&flights, &mut ledger, &VendorRequest::Accept { reference: LEG, change: 2 }, 1);
        ask(&flights, &mut ledger, &VendorRequest::Accept { reference: LEG, change: 1 }, 2);
        assert_eq!(ledger.orders()[0].accepted, 2, "an older acceptance changes nothing");
        ask(&flights, &mut ledger, &hold(BookingId(1).leg(0)), 3);
        assert_eq!(ledger.orders()[1].accepted, 2, "a new order has the new times");
    }

    fn ticket(flights: &Flights, ledger: &mut VendorLedger, reference: LegRef) {
        let (VendorReply::Held { locator, .. }, _) = ask(flights, ledger, &hold(reference), 0)
        else {
            panic!("there is a seat")
        };
        ask(flights, ledger, &VendorRequest::Issue { reference, locator, fare: FARE }, 0);
    }

    proptest! {
        #[test]
        fn no_vendor_sells_more_seats_than_it_has(
            seats in 0..4_u16,
            gds in prop_oneof![Just(Dialect::Ndc), Just(Dialect::Amadeus), Just(Dialect::Sabre)],
            asked in prop::collection::vec((0..11_u8, 0..4_u32, 0..2_u16, 0..400_u64), 1..80),
        ) {
            let flights = world(gds, seats);
            let mut ledger = open(&flights, &flights.vendors()[0]);
            let mut secs = 0;
            for (what, booking, flight, later) in asked {
                secs += later;
                let (reference, flight) = (BookingId(booking).leg(0), FlightId(flight));
                let known = ledger.live(reference).last().unwrap_or(0);
                let locator = Locator::of(flights.vendors()[0].service, known);
                let request = match what {
                    0 | 1 => VendorRequest::Hold { reference, flight },
                    2 => VendorRequest::Issue { reference, locator, fare: FARE },
                    3 => VendorRequest::Cancel { reference, locator: None },
                    4 => VendorRequest::SellElsewhere { flight, seats: 1 },
                    5 => VendorRequest::Refund { reference },
                    6..10 => {
                        let mut lines = Vec::new();
                        let mut wrapped = Ledger::Vendor(ledger);
                        let now = Instant::ZERO + Span::from_secs(secs);
                        let inject = FAULTS[usize::from(what - 6)].inject;
                        inject(&mut wrapped, 1 + later, now, &mut lines);
                        let Ledger::Vendor(changed) = wrapped else { unreachable!() };
                        ledger = changed;
                        continue;
                    }
                    _ => VendorRequest::Retrieve { reference, nth: 0 },
                };
                ask(&flights, &mut ledger, &request, secs);
                for (flight, stock) in ledger.stocks() {
                    let on = |state| {
                        let orders = ledger.orders().iter();
                        orders.filter(|o| o.flight == flight && o.state == state).count()
                    };
                    prop_assert!(stock.taken() <= stock.capacity);
                    prop_assert_eq!(usize::from(stock.held), on(OrderState::Held));
                    prop_assert_eq!(usize::from(stock.ticketed), on(OrderState::Ticketed));
                }
            }
        }
    }
}
