//! Invariants of the projections.

use proptest::prelude::*;

use super::*;
use crate::domains::flights::event::{FlightEvent, Leg, Legs, Reason, Ticket, Tickets};
use crate::domains::flights::ids::{FlightId, Seat};
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::setup::{Setup, VendorSetup};
use crate::domains::flights::vendors::Dialect;
use crate::kernel::Instant;
use crate::model::{
    CommandId, CustomerId, EventId, Metadata, Position, Principal, RequestId, Version,
};

const VIEWS_COUNT: u8 = 5;

fn world() -> Flights {
    let fare = Money::new(100, Currency::Eur);
    let vendors = vec![
        VendorSetup::new("V1", Dialect::Ndc).flight("F0", 9, fare).flight("F1", 9, fare),
        VendorSetup::new("V2", Dialect::Amadeus).flight("F2", 9, fare),
    ];
    Flights::new(Setup { customers: 2, vendors, ..Setup::default() }).expect("a world")
}

fn stored(stream: StreamId, version: u32, event: Event) -> Stored<Event> {
    let command = CommandId::Request(RequestId { customer: CustomerId(0), nth: 1 });
    let metadata = Metadata {
        id: EventId { command, nth: 0 },
        schema: 1,
        correlation: command,
        causation: None,
        actor: Principal::Saga,
        occurred_at: Instant::ZERO,
        recorded_at: Instant::ZERO,
    };
    let (version, position) = (Version(version), Position(1));
    let (chain, signature) = ([0; 32], [0; 16]);
    Stored { stream, version, position, metadata, event, chain, signature }
}

/// The events of a booking: held on two flights, paid or not, with one of four ends.
fn life(booking: u32, flights: [u16; 2], ending: u8) -> Vec<Stored<Event>> {
    let leg = |flight| Leg { flight: FlightId(flight), seat: Seat(0), fare: 100 };
    let currency = Currency::Eur;
    let legs = || Legs { list: flights.into_iter().map(leg).collect(), currency };
    let ticket = |flight| Ticket { airline: 75, flight: FlightId(flight), serial: 1, fare: 100 };
    let tickets = Tickets { list: flights.into_iter().map(ticket).collect(), currency };
    let amount = Money::new(200, currency);
    let customer = CustomerId(booking % 2);
    let held = BookingEvent::SeatHeld {
        customer,
        passenger: crate::domains::flights::event::Party::NONE,
        legs: legs(),
        expires_at: Instant::MAX,
    };
    let mut events = vec![held];
    match ending {
        0 => events.push(BookingEvent::SeatHoldExpired { legs: legs() }),
        1 => events.push(BookingEvent::SeatReleased { legs: legs(), reason: Reason::IssueFailed }),
        2 => events.extend([
            BookingEvent::PaymentRequested { amount },
            BookingEvent::PaymentAuthorized { amount },
            BookingEvent::BookingCancelled { legs: legs() },
            BookingEvent::AuthorizationVoided { amount },
        ]),
        _ => events.extend([
            BookingEvent::PaymentRequested { amount },
            BookingEvent::PaymentAuthorized { amount },
            BookingEvent::CaptureStarted { amount },
            BookingEvent::PaymentCaptured { amount },
            BookingEvent::TicketIssued { tickets },
        ]),
    }
    let stream = BookingId(booking).stream();
    (1..).zip(events).map(|(version, event)| stored(stream, version, event.into())).collect()
}

/// Every row of every view after these events, in this order.
fn rows_after<'a>(
    world: &Flights,
    events: impl Iterator<Item = &'a Stored<Event>>,
) -> Vec<(u8, RowKey, Option<Row>)> {
    let mut all: Vec<(u8, RowKey, Option<Row>)> = Vec::new();
    for event in events {
        for view in 0..VIEWS_COUNT {
            for key in rows(world, ViewId(view), event) {
                let known = all.iter().position(|(v, k, _)| (*v, *k) == (view, key));
                let place = known.unwrap_or_else(|| {
                    all.push((view, key, None));
                    all.len() - 1
                });
                project(world, ViewId(view), key, &mut all[place].2, event);
            }
        }
    }
    all.sort_by_key(|(view, key, _)| (*view, *key));
    all
}

proptest! {
    /// The events of two bookings may reach a projector in any order that keeps that of each booking.
    #[test]
    fn events_of_different_streams_commute(
        endings in prop::array::uniform2(0..4_u8),
        flights in prop::array::uniform2(prop_oneof![
            Just([0, 1]), Just([0, 2]), Just([2, 1]), Just([1, 2])
        ]),
        merge in prop::collection::vec(any::<bool>(), 12),
    ) {
        let world = world();
        // Both bookings belong to one customer and share rows.
        let (first, second) = (life(0, flights[0], endings[0]), life(2, flights[1], endings[1]));
        let in_turn = rows_after(&world, first.iter().chain(&second));
        let (mut one, mut two) = (first.iter().peekable(), second.iter().peekable());
        let mut mixed = Vec::new();
        for second_first in merge {
            let (a, b) = if second_first { (&mut two, &mut one) } else { (&mut one, &mut two) };
            mixed.extend(a.next().or_else(|| b.next()));
        }
        prop_assert_eq!(mixed.len(), first.len() + second.len());
        prop_assert_eq!(in_turn, rows_after(&world, mixed.into_iter()));
    }
}

#[test]
fn a_row_shows_each_booking_s_own_version() {
    let world = world();
    let events = life(0, [0, 2], 3).into_iter().chain(life(2, [1, 2], 0)).collect::<Vec<_>>();
    let rows = rows_after(&world, events.iter());
    let (_, key, Some(mine)) = &rows[0] else { panic!("a row of CustomerBookings") };
    let token =
        |booking, version| Token { stream: BookingId(booking).stream(), version: Version(version) };
    assert_eq!(shows(*key, mine), [token(0, 6), token(2, 2)]);
}

#[test]
fn the_books_on_a_vendor_count_legs_and_their_fares() {
    let world = world();
    let events = life(0, [0, 1], 3).into_iter().chain(life(2, [1, 2], 0)).collect::<Vec<_>>();
    let rows = rows_after(&world, events.iter());
    let books = |vendor| {
        rows.iter().find_map(|(view, key, row)| match row {
            Some(Row::VendorLedger(row)) if (*view, key.0) == (VENDOR_LEDGER.0, vendor) => {
                Some([row.held, row.ticketed, row.released].map(|sum| (sum.legs, sum.worth.minor)))
            }
            _ => None,
        })
    };
    assert_eq!(books(0), Some([(3, 300), (2, 200), (1, 100)]));
    assert_eq!(books(1), Some([(1, 100), (0, 0), (1, 100)]));
}

#[test]
fn a_returned_seat_is_available_again() {
    let world = world();
    let (booking, seat) = (BookingId(0), Seat(0));
    let stream = FlightId(0).stream();
    let events = [
        stored(stream, 1, FlightEvent::SeatAllocated { booking, seat }.into()),
        stored(stream, 2, FlightEvent::SeatReturned { booking, seat }.into()),
    ];
    let left = |count: usize| match &rows_after(&world, events[..count].iter())[0] {
        (_, _, Some(Row::FlightAvailability(row))) => row.left(),
        other => panic!("{other:?}"),
    };
    assert_eq!((left(1), left(2)), (8, 9));
}
