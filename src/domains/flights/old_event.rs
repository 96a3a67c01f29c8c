//! Events as they were written once, and how they read today.
//!
//! ```text
//! schema 1: SeatHeld with seats and one price, without a currency: there was only one
//! schema 2: SeatHeld with seats and one price in a currency
//! schema 3: SeatHeld with legs, each with its own fare: what a refund of one of them has to know
//! ```
//!
//! What is here is never folded, projected or decided upon: whoever reads it reads it as today's event.

use arrayvec::ArrayVec;

use super::event::{BookingEvent, Event, Leg, Legs};
use super::ids::{FlightId, LEGS_MAX, Seat};
use super::money::Money;
use super::setup::Flights;
use super::state::State;
use crate::kernel::Instant;
use crate::model::{CustomerId, Personal};

/// Today's schema.
pub(super) const SCHEMA: u16 = 3;

/// The seats of a booking as they were written once.
pub(crate) type OldSeats = ArrayVec<(FlightId, Seat), LEGS_MAX>;

/// An event of an older schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OldEvent {
    /// `SeatHeld` of schema 1.
    SeatHeldV1 {
        /// Who.
        customer: CustomerId,
        /// Who travels, under the customer's key.
        passenger: Personal,
        /// Which seats.
        seats: OldSeats,
        /// What they cost together, in minor units.
        price: i64,
        /// Until when without paying.
        expires_at: Instant,
    },
    /// `SeatHeld` of schema 2.
    SeatHeldV2 {
        /// Who.
        customer: CustomerId,
        /// Who travels, under the customer's key.
        passenger: Personal,
        /// Which seats.
        seats: OldSeats,
        /// What they cost together.
        price: Money,
        /// Until when without paying.
        expires_at: Instant,
    },
}

impl OldEvent {
    /// The type of the event, which was called the same from the beginning.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::SeatHeldV1 { .. } | Self::SeatHeldV2 { .. } => "SeatHeld",
        }
    }
}

/// An event of `schema` as the next one has it.
pub(super) fn upcast(flights: &Flights, schema: u16, event: &Event) -> Option<Event> {
    match (schema, event) {
        (1, Event::Old(OldEvent::SeatHeldV1 { customer, passenger, seats, price, expires_at })) => {
            let price = Money::new(*price, flights.currency());
            let (customer, passenger) = (*customer, passenger.clone());
            let (seats, expires_at) = (seats.clone(), *expires_at);
            Some(Event::Old(OldEvent::SeatHeldV2 { customer, passenger, seats, price, expires_at }))
        }
        (2, Event::Old(OldEvent::SeatHeldV2 { customer, passenger, seats, price, expires_at })) => {
            let legs = legs(flights, seats, *price);
            let (customer, passenger, expires_at) = (*customer, passenger.clone(), *expires_at);
            Some(BookingEvent::SeatHeld { customer, passenger, legs, expires_at }.into())
        }
        (_, Event::Old(_) | Event::Booking(_) | Event::Flight(_) | Event::Saga(_)) => None,
    }
}

/// Fares are as published; if the price of all was another one, the first leg makes up for it.
fn legs(flights: &Flights, seats: &OldSeats, price: Money) -> Legs {
    let fare = |flight: FlightId| {
        flights.flights().get(flight.index()).map_or(0, |flight| flight.fare.minor)
    };
    let mut list: ArrayVec<Leg, LEGS_MAX> =
        seats.iter().map(|&(flight, seat)| Leg { flight, seat, fare: fare(flight) }).collect();
    let published: i64 = list.iter().map(|leg| leg.fare).sum();
    if let Some(first) = list.first_mut() {
        first.fare += price.minor - published;
    }
    Legs { list, currency: price.currency }
}

/// Today's event as code of `schema` would have written it.
pub(super) fn downcast(schema: u16, event: &Event) -> Option<Event> {
    let Event::Booking(BookingEvent::SeatHeld { customer, passenger, legs, expires_at }) = event
    else {
        return None;
    };
    let (customer, passenger) = (*customer, passenger.clone());
    let (price, expires_at) = (legs.price(), *expires_at);
    let seats = legs.list.iter().map(|leg| (leg.flight, leg.seat)).collect();
    match schema {
        1 => {
            let price = price.minor;
            Some(Event::Old(OldEvent::SeatHeldV1 { customer, passenger, seats, price, expires_at }))
        }
        2 => {
            Some(Event::Old(OldEvent::SeatHeldV2 { customer, passenger, seats, price, expires_at }))
        }
        _ => None,
    }
}

/// Today's state as code of an older schema kept it: a booking knew no fares of its legs.
pub(super) fn downcast_state(state: &State) -> State {
    let mut state = state.clone();
    if let State::Booking(booking) = &mut state {
        for leg in &mut booking.legs.list {
            leg.fare = 0;
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::booking::{Given, world};
    use crate::domains::flights::command::Command;
    use crate::domains::flights::ids::BookingId;
    use crate::model::Domain;

    /// A booking of two legs at their published fares.
    fn held() -> (Flights, Event) {
        let hold = Command::HoldSeat {
            booking: BookingId(0),
            customer: CustomerId(0),
            flights: [FlightId(0), FlightId(1)].into_iter().collect(),
        };
        let then = Given::nothing().when(hold).expect("accepted");
        (world(), then.into_iter().next().expect("a booking").1)
    }

    /// All steps from `schema` to today.
    fn chain(flights: &Flights, schema: u16, event: Event) -> Event {
        (schema..SCHEMA)
            .fold(event, |event, schema| upcast(flights, schema, &event).unwrap_or(event))
    }

    #[test]
    fn what_was_written_under_any_schema_reads_as_what_is_written_today() {
        let (flights, today) = held();
        for schema in 1..SCHEMA {
            let old = downcast(schema, &today).expect("another shape");
            assert_ne!(old, today);
            assert_eq!(old.name(), "SeatHeld");
            assert_eq!(chain(&flights, schema, old), today, "schema {schema}");
        }
        assert_eq!(downcast(SCHEMA, &today), None);
        assert_eq!(upcast(&flights, 1, &today), None, "what did not change is left alone");
    }

    #[test]
    fn a_price_that_was_not_the_sum_of_the_fares_stays_the_price() {
        let (flights, today) = held();
        let old = downcast(1, &today).expect("another shape");
        let Event::Old(OldEvent::SeatHeldV1 { customer, passenger, seats, price, expires_at }) =
            old
        else {
            panic!("{old:?}")
        };
        let dearer =
            OldEvent::SeatHeldV1 { customer, passenger, seats, price: price + 500, expires_at };
        let Event::Booking(BookingEvent::SeatHeld { legs, .. }) =
            chain(&flights, 1, Event::Old(dearer))
        else {
            panic!("a booking")
        };
        assert_eq!(legs.price().minor, price + 500);
    }

    #[test]
    fn what_is_not_brought_up_to_date_is_seen_by_nobody() {
        let (flights, today) = held();
        let stream = BookingId(0).stream();
        let (mut state, blank) = (flights.blank(stream), flights.blank(stream));
        let old = downcast(1, &today).expect("another shape");
        flights.evolve(&mut state, &old);
        assert_eq!(state, blank);
        assert!(!flights.is_legal_transition(&state, &old));
    }
}
