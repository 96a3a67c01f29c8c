//! Given, when, then: the vocabulary in which use cases are tested.

use crate::collections::SortedMap;

use super::BookingEvent;
use crate::domains::flights::command::{Command, Rejection};
use crate::domains::flights::event::Event;
use crate::domains::flights::ids::{BookingId, FlightId, FlightIds, TicketNumber, TicketNumbers};
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::setup::{Flights, Setup, VendorSetup};
use crate::domains::flights::state::State;
use crate::domains::flights::vendors::Dialect;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Domain, Folded, StreamId, Version};

type Decision = Result<Vec<(StreamId, Event)>, Rejection>;

/// A world after some events, and a clock.
#[derive(Clone, Debug)]
pub(in crate::domains::flights) struct Given {
    pub(in crate::domains::flights) world: Flights,
    pub(in crate::domains::flights) streams: SortedMap<StreamId, (Version, State)>,
    now: Instant,
}

/// The decision of the booking.
#[derive(Debug, PartialEq)]
pub(super) enum Then {
    Events(Vec<BookingEvent>),
    Refused(Rejection),
}

/// Four customers; `IB1` has one seat, `LH2` two, `DL3` three.
pub(in crate::domains::flights) fn world() -> Flights {
    let fare = |euros: i64| Money::new(euros * 100, Currency::Eur);
    let vendors = vec![
        VendorSetup::new("V1", Dialect::Ndc).flight("IB1", 1, fare(420)),
        VendorSetup::new("V2", Dialect::Amadeus).flight("LH2", 2, fare(180)),
        VendorSetup::new("V3", Dialect::Sabre).flight("DL3", 3, fare(99)),
    ];
    Flights::new(Setup { customers: 4, vendors, ..Setup::default() }).expect("a world")
}

impl Given {
    pub(in crate::domains::flights) fn nothing() -> Self {
        Self::in_world(world())
    }

    pub(in crate::domains::flights) fn in_world(world: Flights) -> Self {
        Self { world, streams: SortedMap::new(), now: Instant::ZERO }
    }

    pub(in crate::domains::flights) fn at(&self, now: Instant) -> Self {
        Self { now, ..self.clone() }
    }

    pub(in crate::domains::flights) fn at_secs(&self, secs: u64) -> Self {
        self.at(Instant::ZERO + Span::from_secs(secs))
    }

    /// The flights of the first booking.
    pub(super) fn flights(&self) -> FlightIds {
        match self.streams.get(&BookingId(0).stream()) {
            Some((_, state)) => state.booking().legs.flights(),
            None => FlightIds::new(),
        }
    }

    pub(in crate::domains::flights) fn when(&self, command: Command) -> Decision {
        let streams: Vec<(StreamId, Version, State)> = self
            .world
            .streams(&command)
            .into_iter()
            .map(|stream| {
                let blank = || (Version(0), self.world.blank(stream));
                let (version, state) = self.streams.get(&stream).cloned().unwrap_or_else(blank);
                (stream, version, state)
            })
            .collect();
        self.world.decide(&Folded { streams: &streams, models: &[] }, &command, self.now)
    }

    /// Folds events in, each of which must be a legal transition.
    pub(in crate::domains::flights) fn apply(&mut self, events: &[(StreamId, Event)]) {
        for (stream, event) in events {
            let blank = || (Version(0), self.world.blank(*stream));
            let (version, state) = self.streams.entry(*stream).or_insert_with(blank);
            assert!(
                self.world.is_legal_transition(state, event),
                "{event:?} is not legal after {state:?}"
            );
            self.world.evolve(state, event);
            *version = version.next();
        }
    }

    /// The world after a command that must be accepted.
    pub(in crate::domains::flights) fn after(&self, command: Command) -> Self {
        let events = self.when(command.clone()).unwrap_or_else(|why| panic!("{command:?}: {why}"));
        let mut after = self.clone();
        after.apply(&events);
        after
    }
}

const ID: BookingId = BookingId(0);

pub(super) fn of_booking(then: Decision) -> Then {
    match then {
        Err(rejection) => Then::Refused(rejection),
        Ok(events) => Then::Events(
            events
                .into_iter()
                .filter_map(|(_, event)| match event {
                    Event::Booking(event) => Some(event),
                    any_of!(Event: Flight | Saga | Old) => None,
                })
                .collect(),
        ),
    }
}

pub(super) fn price() -> Money {
    Money::new(42_000, Currency::Eur)
}

pub(super) fn held() -> Given {
    let flights = FlightIds::from_iter([FlightId(0)]);
    Given::nothing().after(Command::HoldSeat {
        booking: ID,
        customer: CustomerId(0),
        flights,
        contact: crate::model::Named::NONE,
    })
}

pub(super) fn paying() -> Given {
    held().after(Command::RequestPayment { booking: ID })
}

pub(super) fn authorized() -> Given {
    paying().after(Command::RecordAuthorization { booking: ID, amount: price() })
}

pub(super) fn capturing() -> Given {
    authorized().after(Command::StartCapture { booking: ID })
}

pub(super) fn captured() -> Given {
    capturing().after(Command::RecordCapture { booking: ID, amount: price() })
}

pub(super) fn ticket_numbers() -> TicketNumbers {
    TicketNumbers::from_iter([TicketNumber { airline: 75, serial: 2_400_000_001 }])
}

pub(super) fn ticketed() -> Given {
    captured().after(Command::RecordTicket { booking: ID, tickets: ticket_numbers() })
}
