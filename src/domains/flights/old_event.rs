//! Events as older code wrote them, and how they read in today's schema.
//!
//! ```text
//! schema 1: SeatHeld with seats and one price, without a currency: there was only one
//! schema 2: SeatHeld with seats and one price in a currency
//! schema 3: SeatHeld with legs, each with its own fare, which the refund of one leg needs
//! ```
//!
//! Old events are never folded, projected or decided upon: every reader gets today's event.

use arrayvec::ArrayVec;

use super::defects::PASSENGER_LOST_IN_UPCAST;
use super::event::{BookingEvent, Event, Leg, Legs, Party};
use super::ids::{FlightId, LEGS_MAX, Seat};
use super::money::Money;
use super::setup::Flights;
use super::state::State;
use crate::kernel::Instant;
use crate::model::{CustomerId, Schemas, StreamId};

/// An event of an older schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OldEvent {
    /// `SeatHeld` of schema 1; the price is in minor units.
    SeatHeldV1(OldSeatHeld<i64>),
    /// `SeatHeld` of schema 2.
    SeatHeldV2(OldSeatHeld<Money>),
}

/// `SeatHeld` with one price for all seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OldSeatHeld<P> {
    pub customer: CustomerId,
    pub passenger: Party,
    pub seats: ArrayVec<(FlightId, Seat), LEGS_MAX>,
    pub price: P,
    pub expires_at: Instant,
}

impl OldEvent {
    /// The type of the event, which has had the same name in all schemas.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::SeatHeldV1(_) | Self::SeatHeldV2(_) => "SeatHeld",
        }
    }
}

impl<P> OldSeatHeld<P> {
    fn priced<Q>(self, price: Q) -> OldSeatHeld<Q> {
        let Self { customer, passenger, seats, expires_at, .. } = self;
        OldSeatHeld { customer, passenger, seats, price, expires_at }
    }
}

impl Schemas<Self> for Flights {
    const SCHEMA: u16 = 3;

    fn upcast(flights: &Self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        let event = match (schema, event) {
            (1, Event::Old(OldEvent::SeatHeldV1(old))) => {
                let price = Money::new(old.price, flights.currency());
                Event::Old(OldEvent::SeatHeldV2(old.clone().priced(price)))
            }
            (2, Event::Old(OldEvent::SeatHeldV2(old))) => {
                let legs = legs(flights, old);
                let OldSeatHeld { customer, mut passenger, expires_at, .. } = old.clone();
                if flights.has(&PASSENGER_LOST_IN_UPCAST) {
                    passenger = Party::NONE;
                }
                BookingEvent::SeatHeld { customer, passenger, legs, expires_at }.into()
            }
            (_, any_of!(Event: Old | Booking | Flight | Saga)) => return None,
        };
        Some(vec![event])
    }

    fn downcast(_: &Self, schema: u16, events: Vec<(StreamId, Event)>) -> Vec<(StreamId, Event)> {
        let older = |event| downcast(schema, &event).unwrap_or(event);
        events.into_iter().map(|(stream, event)| (stream, older(event))).collect()
    }

    /// In the older schemas a booking does not know the fares of its legs.
    fn downcast_state(_: &Self, _schema: u16, state: &State) -> State {
        let mut state = state.clone();
        if let State::Booking(booking) = &mut state {
            booking.legs.list.iter_mut().for_each(|leg| leg.fare = 0);
        }
        state
    }
}

/// The legs at their published fares. The first leg gets the difference to the price, if there is one.
fn legs(flights: &Flights, old: &OldSeatHeld<Money>) -> Legs {
    let leg = |&(flight, seat): &(FlightId, Seat)| {
        let fare = flights.flights().get(flight.index()).map_or(0, |flight| flight.fare.minor);
        Leg { flight, seat, fare }
    };
    let mut list: ArrayVec<Leg, LEGS_MAX> = old.seats.iter().map(leg).collect();
    let published: i64 = list.iter().map(|leg| leg.fare).sum();
    if let Some(first) = list.first_mut() {
        first.fare += old.price.minor - published;
    }
    Legs { list, currency: old.price.currency }
}

/// Today's event as code of `schema` would have written it; `None` if it is the same.
fn downcast(schema: u16, event: &Event) -> Option<Event> {
    let Event::Booking(BookingEvent::SeatHeld { customer, passenger, legs, expires_at }) = event
    else {
        return None;
    };
    let (customer, passenger, expires_at) = (*customer, passenger.clone(), *expires_at);
    let seats = legs.list.iter().map(|leg| (leg.flight, leg.seat)).collect();
    let old = OldSeatHeld { customer, passenger, seats, price: legs.price(), expires_at };
    match schema {
        1 => Some(Event::Old(OldEvent::SeatHeldV1(old.priced(legs.price().minor)))),
        2 => Some(Event::Old(OldEvent::SeatHeldV2(old))),
        _ => None,
    }
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
            contact: crate::model::Named::NONE,
        };
        let then = Given::nothing().when(hold).expect("accepted");
        (world(), then.into_iter().next().expect("a booking").1)
    }

    /// All steps from `schema` to today.
    fn chain(flights: &Flights, schema: u16, event: Event) -> Event {
        (schema..Flights::SCHEMA).fold(event, |event, schema| {
            Flights::upcast(flights, schema, &event).map_or(event, |mut one| one.remove(0))
        })
    }

    #[test]
    fn an_event_of_any_schema_reads_as_today_s_event() {
        let (flights, today) = held();
        for schema in 1..Flights::SCHEMA {
            let old = downcast(schema, &today).expect("another shape");
            assert_ne!(old, today);
            assert_eq!(old.name(), "SeatHeld");
            assert_eq!(chain(&flights, schema, old), today, "schema {schema}");
        }
        assert_eq!(downcast(Flights::SCHEMA, &today), None);
        assert_eq!(
            Flights::upcast(&flights, 1, &today),
            None,
            "an event that did not change is kept"
        );
    }

    #[test]
    fn a_price_that_differs_from_the_sum_of_the_fares_is_kept() {
        let (flights, today) = held();
        let old = downcast(1, &today).expect("another shape");
        let Event::Old(OldEvent::SeatHeldV1(old)) = old else { panic!("{old:?}") };
        let price = old.price + 500;
        let dearer = OldEvent::SeatHeldV1(old.priced(price));
        let Event::Booking(BookingEvent::SeatHeld { legs, .. }) =
            chain(&flights, 1, Event::Old(dearer))
        else {
            panic!("a booking")
        };
        assert_eq!(legs.price().minor, price);
    }

    #[test]
    fn an_event_that_is_not_upcast_changes_nothing() {
        let (flights, today) = held();
        let stream = BookingId(0).stream();
        let (mut state, blank) = (flights.blank(stream), flights.blank(stream));
        let old = downcast(1, &today).expect("another shape");
        flights.evolve(&mut state, &old);
        assert_eq!(state, blank);
        assert!(!flights.is_legal_transition(&state, &old));
    }
}
