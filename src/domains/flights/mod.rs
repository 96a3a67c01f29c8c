//! Plane tickets from several vendors.
//!
//! A customer holds seats in our own inventory; a saga holds them at the vendors, has the money moved
//! and the tickets issued, or undoes whatever it asked for. Three categories of streams: bookings,
//! flights (our count of their seats) and sagas. Everything here is a pure function; what goes wrong
//! between two calls goes wrong in the platform.

use std::fmt;

use arrayvec::ArrayVec;

use super::money;
use crate::kernel::{Fault, Instant};
use crate::model::{
    Answer, Ask, CustomerId, Domain, Effect, Folded, Lookup, Names, Personal, Plain, RowKey,
    Service, ServiceId, Stimulus, Stored, StreamId, Streams, Term, Token, Version, View, ViewId,
};
use crate::saga::Saga as _;

mod booking;
mod command;
mod customers;
mod event;
mod flight;
mod ids;
mod old_event;
mod passenger;
mod payment;
pub mod properties;
mod saga;
mod saga_event;
mod scenario;
mod setup;
mod state;
mod vendors;
mod views;
mod words;

pub(crate) use booking::Booking;
pub use command::{Command, Rejection};
pub use customers::Question;
pub(crate) use customers::{Action, ClientState};
pub use event::{BookingEvent, Event};
pub(crate) use flight::FlightSeats;
pub use ids::{BOOKING, BookingId};
pub(crate) use ids::{FLIGHT, SAGA};
pub use money::Money;
pub(crate) use payment::{ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
pub(crate) use saga::Saga;
pub use scenario::{Outcome, Wait};
pub(crate) use setup::PROVIDER;
pub use setup::{Flights, Setup, VendorSetup};
pub(crate) use state::State;
pub use vendors::{Dialect, VendorRequest};
pub(crate) use vendors::{Offer, VendorEntry, VendorLedger, VendorReply};
pub(crate) use views::{BOOKING_SEARCH, CUSTOMER_BOOKINGS, Row};

/// What a customer wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// Which flights there are.
    Search(Question),
    /// Their own bookings.
    MyBookings,
    /// A booking by its number, whoever's it is.
    Booking(BookingId),
}

/// What a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// A vendor.
    Vendor(VendorRequest),
    /// The payment provider.
    Charge(ChargeRequest),
}

/// What a service answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// A vendor.
    Vendor(VendorReply),
    /// The payment provider.
    Charge(ChargeReply),
    /// The request was meant for another kind of service.
    Misdirected,
}

/// A service's own truth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    /// A vendor's.
    Vendor(VendorLedger),
    /// The payment provider's.
    Provider(ProviderLedger),
}

/// One line of that truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// A vendor's.
    Vendor(VendorEntry),
    /// The payment provider's.
    Charge(ChargeEntry),
}

impl Domain for Flights {
    const NAME: &'static str = "Flights";
    const CATEGORIES: &'static [&'static str] = &["booking", "flight", "saga"];
    const VIEWS: &'static [View] = views::VIEWS;
    const EVENTS: &'static [&'static str] = Event::NAMES;
    const SCHEMA: u16 = old_event::SCHEMA;
    const FAULTS: &'static [&'static Fault] = vendors::FAULTS;

    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;
    type Query = Query;
    type Row = Row;
    type Request = Request;
    type Reply = Reply;
    type Ledger = Ledger;
    type Entry = Entry;
    type Action = Action;
    type ClientState = ClientState;

    fn streams(&self, command: &Command) -> Streams {
        command.streams()
    }

    fn blank(&self, stream: StreamId) -> State {
        match stream.category {
            BOOKING => State::Booking(Booking::blank(self, BookingId(stream.number))),
            FLIGHT => {
                let flight = self.flights().get(stream.number as usize);
                State::Flight(FlightSeats::blank(flight.map_or(0, |flight| flight.seats)))
            }
            SAGA => State::Saga(Saga::blank(BookingId(stream.number), self.currency())),
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn decide(
        &self,
        folded: &Folded<'_, State>,
        command: &Command,
        now: Instant,
    ) -> Result<Vec<(StreamId, Event)>, Rejection> {
        booking::decide(self, folded, command, now)
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Booking(booking), Event::Booking(event)) => booking.evolve(event),
            (State::Flight(seats), Event::Flight(event)) => seats.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (State::Booking(_) | State::Flight(_) | State::Saga(_), _) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Booking(booking), Event::Booking(event)) => booking.is_legal_transition(event),
            (State::Flight(seats), Event::Flight(event)) => seats.is_legal_transition(event),
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (State::Booking(_) | State::Flight(_) | State::Saga(_), _) => false,
        }
    }

    fn event_name(&self, event: &Event) -> &'static str {
        event.name()
    }

    fn upcast(&self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        old_event::upcast(self, schema, event).map(|event| vec![event])
    }

    fn downcast(&self, schema: u16, events: Vec<(StreamId, Event)>) -> Vec<(StreamId, Event)> {
        let older = |event| old_event::downcast(schema, &event).unwrap_or(event);
        events.into_iter().map(|(stream, event)| (stream, older(event))).collect()
    }

    fn downcast_state(&self, _schema: u16, state: &State) -> State {
        old_event::downcast_state(state)
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> ArrayVec<RowKey, 4> {
        views::rows(self, view, event)
    }

    fn project(&self, view: ViewId, key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, key, row, event);
    }

    fn shows(&self, _view: ViewId, key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(key, row)
    }

    fn shown(&self, row: &Row, stream: StreamId) -> Version {
        views::shown(row, stream)
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::MyBookings => Lookup::Row(CUSTOMER_BOOKINGS, RowKey(customer.0)),
            Query::Booking(booking) => Lookup::Row(BOOKING_SEARCH, RowKey(booking.0)),
            Query::Search(question) => {
                let shop = |service| (service, Request::Vendor(VendorRequest::Shop));
                let services = question.services(self).into_iter().map(shop).collect();
                Lookup::Gather(question.number(), services)
            }
        }
    }

    fn gather(&self, _question: u32, replies: &[(ServiceId, Option<Reply>)]) -> Row {
        let mut offers: Vec<Offer> = Vec::new();
        for (_, reply) in replies {
            if let Some(Reply::Vendor(VendorReply::Offers(some))) = reply {
                offers.extend_from_slice(some);
            }
        }
        // Whoever answers first, the list reads the same.
        offers.sort_unstable_by_key(|offer| offer.flight);
        Row::Offers(offers)
    }

    fn saga_of(&self, stream: StreamId) -> Option<StreamId> {
        (stream.category == BOOKING).then(|| BookingId(stream.number).saga())
    }

    fn subject_of(&self, saga: StreamId) -> StreamId {
        BookingId(saga.number).stream()
    }

    fn react(
        &self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let events = saga::react(saga.saga(), subject.booking(), stimulus, now);
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(&self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(event) => saga::effects(self, saga.saga(), event),
            Event::Booking(_) | Event::Flight(_) | Event::Old(_) => Vec::new(),
        }
    }

    fn is_over(&self, saga: &State) -> bool {
        saga.saga().life.is_over()
    }

    fn handed_over(&self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }

    fn still_wants(&self, saga: &State, effect: &Effect<Self>) -> bool {
        saga::still_wants(saga.saga(), effect)
    }

    fn services(&self) -> &[Service] {
        &self.tables.services
    }

    fn open(&self, service: ServiceId) -> Ledger {
        match self.vendor(service) {
            Some(vendor) => Ledger::Vendor(vendors::open(self, vendor)),
            None => Ledger::Provider(ProviderLedger::default()),
        }
    }

    fn serve(
        &self,
        service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request, self.vendor(service)) {
            (Ledger::Vendor(ledger), Request::Vendor(request), Some(vendor)) => {
                let mut lines = Vec::new();
                let reply = vendors::serve(self, vendor, ledger, request, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
                Reply::Vendor(reply)
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                let mut lines = Vec::new();
                let reply = payment::serve(self.tables.limit, ledger, request, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => Reply::Misdirected,
        }
    }

    fn fail(
        &self,
        service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        happened: bool,
        now: Instant,
    ) -> Reply {
        match (ledger, request, self.vendor(service)) {
            // Vendors remember their orders and nothing of what they could not do.
            (Ledger::Vendor(_), Request::Vendor(request), Some(_)) => {
                Reply::Vendor(VendorReply::Unavailable(Box::new(request.clone())))
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                Reply::Charge(payment::fail(ledger, request, happened, now))
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => Reply::Misdirected,
        }
    }

    fn may_forget(&self, _service: ServiceId, ledger: &Ledger, now: Instant) -> bool {
        match ledger {
            Ledger::Vendor(_) => false,
            Ledger::Provider(ledger) => ledger.may_forget(self.tables.key_life, now),
        }
    }

    fn forget(&self, _service: ServiceId, ledger: &mut Ledger, now: Instant) {
        match ledger {
            Ledger::Vendor(_) => {}
            Ledger::Provider(ledger) => ledger.forget(self.tables.key_life, now),
        }
    }

    fn is_applicable(&self, _service: ServiceId, ledger: &Ledger, inject: usize) -> bool {
        match ledger {
            Ledger::Vendor(ledger) => vendors::is_applicable(ledger, inject),
            Ledger::Provider(_) => false,
        }
    }

    fn inject(
        &self,
        _service: ServiceId,
        ledger: &mut Ledger,
        inject: usize,
        size: u64,
        _now: Instant,
        entries: &mut Vec<Entry>,
    ) {
        match ledger {
            Ledger::Vendor(ledger) => {
                let mut lines = Vec::new();
                vendors::inject(ledger, inject, size, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
            }
            Ledger::Provider(_) => {}
        }
    }

    fn is_observable(&self, inject: usize, reply: &Reply) -> bool {
        match reply {
            Reply::Vendor(reply) => vendors::is_observable(inject, reply),
            Reply::Charge(_) | Reply::Misdirected => false,
        }
    }

    fn lapse(
        &self,
        _service: ServiceId,
        ledger: &mut Ledger,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<Instant> {
        match ledger {
            Ledger::Vendor(ledger) => {
                let mut lines = Vec::new();
                let next = vendors::lapse(ledger, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
                next
            }
            Ledger::Provider(_) => None,
        }
    }

    fn webhook(&self, service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        match entry {
            Entry::Charge(entry) => {
                let (booking, reply) = payment::webhook(entry)?;
                Some((booking.saga(), Reply::Charge(reply)))
            }
            Entry::Vendor(entry) => {
                let (booking, reply) = vendors::report(service, entry)?;
                Some((booking.saga(), Reply::Vendor(reply)))
            }
        }
    }

    fn about(&self, request: &Request) -> Option<StreamId> {
        match request {
            Request::Vendor(request) => request.reference().map(|leg| leg.booking.stream()),
            Request::Charge(request) => Some(request.key.booking.stream()),
        }
    }

    fn act(
        &self,
        who: CustomerId,
        memory: &mut ClientState,
        action: &Action,
        random: u64,
    ) -> Vec<Ask<Self>> {
        customers::act(self, who, memory, action, random)
    }

    fn on_answer(
        &self,
        who: CustomerId,
        memory: &mut ClientState,
        answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        customers::on_answer(self, who, memory, answer)
    }

    fn personal(&self, who: CustomerId, command: &Command) -> Option<Plain> {
        matches!(command, Command::HoldSeat { .. }).then(|| passenger::of(who))
    }

    fn keep(&self, event: &mut Event, personal: &Personal) {
        if let Event::Booking(BookingEvent::SeatHeld { passenger, .. }) = event {
            passenger.clone_from(personal);
        }
    }

    fn persons<'a>(&self, row: &'a mut Row) -> Vec<&'a mut Personal> {
        match row {
            Row::CustomerBookings(row) => {
                row.lines.iter_mut().filter_map(|line| line.passenger.as_mut()).collect()
            }
            Row::BookingSearch(row) => row.passenger.as_mut().into_iter().collect(),
            Row::FlightAvailability(_)
            | Row::VendorLedger(_)
            | Row::SagaMonitor(_)
            | Row::Offers(_) => Vec::new(),
        }
    }

    fn erases(&self, action: &Action) -> bool {
        matches!(action, Action::EraseMe)
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}
