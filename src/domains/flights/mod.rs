//! Plane tickets from several vendors.
//!
//! A customer holds seats in our own inventory. A saga holds them at the vendors, has the money moved and
//! the tickets issued, or undoes everything that it asked for. There are three categories of streams:
//! bookings, flights (our count of their seats) and sagas. Everything here is a pure function; what can go
//! wrong between two calls goes wrong in the platform.

use std::fmt;

use super::money;
use crate::event_names;
use crate::kernel::Instant;
use crate::linearizability::Object;
use crate::model::{
    Acts, Answer, AsOf, Ask, Category, CustomerId, Decision, Defect, Domain, Effect, Folded,
    Gather, Lookup, Named, Names, People, Personal, Plain, Privacy, RowKey, RowKeys, Sagas,
    ServiceId, Stimulus, Stored, StreamId, Streams, Term, Token, View, ViewId, number_in,
};
use crate::saga::Saga as _;

mod booking;
mod command;
mod contended;
mod customers;
mod defects;
mod description;
mod event;
mod flight;
mod ids;
mod old_event;
mod overbooking;
mod passenger;
mod payment;
pub mod properties;
mod saga;
mod saga_event;
mod scenario;
mod services;
mod setup;
mod setup_file;
mod state;
mod vendor_id;
mod vendors;
mod views;
mod words;

pub(crate) use booking::Booking;
pub use command::{Command, Rejection};
pub use customers::Question;
pub(crate) use customers::{Action, ClientState};
use event::Party;
pub use event::{BookingEvent, Event};
pub(crate) use flight::FlightSeats;
pub use ids::{BOOKING, BookingId};
pub(crate) use ids::{FLIGHT, SAGA};
pub use money::Money;
use overbooking::Places;
pub(crate) use saga::Saga;
pub use scenario::{Outcome, Wait};
pub use services::{Entry, Ledger, Reply, Request};
pub(crate) use setup::PROVIDER;
pub use setup::{Flights, Setup, VendorSetup};
pub(crate) use state::State;
pub use vendors::{Dialect, VendorRequest};
pub(crate) use vendors::{Offer, VendorReply};
pub(crate) use views::{BOOKING_SEARCH, CUSTOMER_BOOKINGS, Row};

/// What a customer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The flights on sale.
    Search(Question),
    /// Their own bookings.
    MyBookings,
    /// The booking with this number, of any customer.
    Booking(BookingId),
    /// A booking of the past, from its stream.
    AsOf(BookingId, AsOf),
}

impl Domain for Flights {
    const NAME: &'static str = "Flights";
    const CATEGORIES: &'static [&'static str] = &["booking", "flight", "saga"];
    const VIEWS: &'static [View] = views::VIEWS;
    event_names!(Event);
    const COMMANDS: &'static [&'static str] = Command::NAMES;
    const REJECTIONS: &'static [&'static str] = Rejection::NAMES;

    const DEFECTS: &'static [&'static Defect] = defects::DEFECTS;

    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;
    type Query = Query;
    type Row = Row;
    type Action = Action;
    type ClientState = ClientState;
    type Sagas = Self;
    type Services = Self;
    type Privacy = Self;
    type Schemas = Self;

    fn plant(&mut self, defect: &'static Defect) {
        self.defects = self.defects.with(defect);
    }

    fn streams(&self, command: &Command) -> Streams {
        command.streams()
    }

    fn blank(&self, stream: StreamId) -> State {
        match stream.category {
            BOOKING => State::Booking(Booking::blank(self, BookingId(stream.number))),
            FLIGHT => {
                let flight = self.flights().get(stream.number as usize);
                let none = Places { places: 0, seats: 0 };
                State::Flight(FlightSeats::blank(flight.map_or(none, |flight| flight.places)))
            }
            SAGA => {
                let saga = Saga::blank(BookingId(stream.number), self.currency());
                State::Saga(Box::new(saga))
            }
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn decide(&self, read: &Folded<'_, State>, command: &Command, now: Instant) -> Decision<Self> {
        booking::decide(self, read, command, now)
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Booking(booking), Event::Booking(event)) => booking.evolve(event),
            (State::Flight(seats), Event::Flight(event)) => seats.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (any_of!(State: Booking | Flight | Saga), _) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Booking(booking), Event::Booking(event)) => booking.is_legal_transition(event),
            (State::Flight(seats), Event::Flight(event)) => seats.is_legal_transition(event),
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (any_of!(State: Booking | Flight | Saga), _) => false,
        }
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> RowKeys {
        views::rows(self, view, event)
    }

    fn project(&self, view: ViewId, key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, key, row, event);
    }

    fn shows(&self, _view: ViewId, key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(key, row)
    }

    fn misstates(
        &self,
        _view: ViewId,
        row: &Row,
        stream: StreamId,
        state: &State,
    ) -> Option<String> {
        description::misstates(row, stream, state)
    }

    fn shown_in(&self, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
        description::shown_in(view, stream, state)
    }

    fn concerns(&self, view: ViewId, key: RowKey, stream: StreamId) -> bool {
        view != BOOKING_SEARCH || key.0 == stream.number
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::MyBookings => Lookup::Row(CUSTOMER_BOOKINGS, RowKey(customer.0)),
            Query::Booking(booking) => Lookup::Row(BOOKING_SEARCH, RowKey(booking.0)),
            Query::AsOf(booking, at) => Lookup::Stream(views::of_stream(*booking), *at),
            Query::Search(question) => {
                let shop = |service| (service, Request::Vendor(VendorRequest::Shop));
                let requests = question.services(self).into_iter().map(shop).collect();
                Lookup::Gather(Gather { question: question.number(), requests, row: offers })
            }
        }
    }

    fn contended(&self, stream: StreamId) -> Option<Object> {
        contended::contended(self, stream)
    }

    fn acts(&self, command: &Command, rejected: Option<&Rejection>) -> Acts {
        contended::acts(command, rejected)
    }

    fn act(
        &self,
        who: CustomerId,
        client: &mut ClientState,
        action: &Action,
        random: u64,
    ) -> Vec<Ask<Self>> {
        customers::act(self, who, client, action, random)
    }

    fn reversed(&self, action: &Action) -> Option<Action> {
        action.reversed()
    }

    fn on_answer(
        &self,
        who: CustomerId,
        client: &mut ClientState,
        answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        customers::on_answer(self, who, client, answer)
    }

    fn command_name(command: &Command) -> &'static str {
        command.name()
    }

    fn rejection_name(rejection: &Rejection) -> &'static str {
        rejection.name()
    }

    fn stream_named(&self, name: &str) -> Option<StreamId> {
        let booking = number_in(name, "b-").map(|number| BookingId(number).stream());
        let saga = || number_in(name, "s-").map(|number| BookingId(number).saga());
        booking.or_else(saga).or_else(|| self.flight_named(name).map(|flight| flight.id.stream()))
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}

/// What vendors offer, in order of flights: the order of the replies does not matter.
fn offers(_: &Flights, replies: &[(ServiceId, Option<Reply>)]) -> Row {
    let offered = replies.iter().flat_map(|(_, reply)| match reply {
        Some(Reply::Vendor(VendorReply::Offers(offers))) => &offers[..],
        Some(_) | None => &[],
    });
    let mut offers: Vec<Offer> = offered.copied().collect();
    offers.sort_unstable_by_key(|offer| offer.flight);
    Row::Offers(offers)
}

impl Sagas<Self> for Flights {
    const FOLLOWS: &'static [(Category, Category)] = &[(BOOKING, SAGA)];
    const STATES: &'static [&'static str] = saga_event::SagaEvent::NAMES;

    fn react(
        flights: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let events = saga::react(flights, saga.saga(), subject.booking(), stimulus, now);
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(flights: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(event) => saga::effects(flights, saga.saga(), event),
            any_of!(Event: Booking | Flight | Old) => Vec::new(),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        saga.saga().life.is_over()
    }

    fn still_wants(_: &Self, saga: &State, effect: &Effect<Self>) -> bool {
        saga::still_wants(saga.saga(), effect)
    }

    fn is_done_by_hand(_: &Self, saga: &State) -> bool {
        saga.saga().life.handed_over() == Some(event::Trouble::PaidBackTwice)
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }
}

impl Privacy<Self> for Flights {
    fn personal(_: &Self, who: CustomerId, command: &Command) -> Vec<(CustomerId, Plain)> {
        let Command::HoldSeat { contact: Named(contact), .. } = command else { return Vec::new() };
        let passenger = std::iter::once((who, passenger::of(who)));
        passenger.chain(contact.map(|whom| (whom, passenger::to_call(whom)))).collect()
    }

    fn keep(_: &Self, event: &mut Event, personal: &[(CustomerId, Personal)]) {
        if let Event::Booking(BookingEvent::SeatHeld { passenger, .. }) = event
            && let Some(((_, own), others)) = personal.split_first()
        {
            *passenger = Party::of(own.clone(), People::of(others));
        }
    }

    fn persons<'a>(_: &Self, row: &'a mut Row) -> Vec<&'a mut Personal> {
        match row {
            Row::CustomerBookings(row) => {
                row.lines.iter_mut().filter_map(|line| line.passenger.as_mut()).collect()
            }
            Row::BookingSearch(row) => {
                row.passenger.as_mut().into_iter().chain(row.contact.persons()).collect()
            }
            any_of!(Row: FlightAvailability | VendorLedger | SagaMonitor | Offers | Past) => {
                Vec::new()
            }
        }
    }

    fn erases(_: &Self, action: &Action) -> bool {
        matches!(action, Action::EraseMe)
    }
}
