//! Orders of a shop, with a payment provider and a carrier.
//!
//! A customer orders and pays; a saga has the card charged and the parcel sent, or undoes whatever it
//! asked for. Two categories of streams: orders and sagas. Everything here is a pure function; what goes
//! wrong between two calls goes wrong in the platform.

use std::fmt;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::model::{
    Answer, Ask, CustomerId, Domain, Effect, Folded, Lookup, Names, RowKey, Service, ServiceId,
    Stimulus, Stored, StreamId, Streams, Term, Token, Version, View, ViewId,
};
use crate::saga::Saga as _;

mod carrier;
mod command;
mod customers;
mod event;
mod ids;
#[cfg(test)]
mod invariants;
mod order;
pub mod properties;
mod provider;
mod saga;
mod saga_event;
mod scenario;
mod setup;
mod views;
mod words;

pub(crate) use carrier::{CarrierLedger, Consignment, ParcelEntry, ParcelReply, ParcelRequest};
pub(crate) use command::{Command, Rejection};
pub(crate) use customers::{Action, ClientState};
pub(crate) use event::Event;
pub(crate) use ids::{ORDER, OrderId, SAGA};
pub(crate) use order::{Order, Status};
pub(crate) use provider::{ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
pub(crate) use saga::Saga;
pub(crate) use saga_event::Act;
pub(crate) use setup::PROVIDER;
pub use setup::{Orders, Product, Setup};
pub(crate) use views::{CUSTOMER_ORDERS, ORDER_BY_ID, ORDERS_BY_STATUS, Row};

/// What a customer wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// Their own orders.
    MyOrders,
    /// An order by its number, whoever's it is.
    Order(OrderId),
    /// The orders in a status.
    InStatus(Status),
}

/// What a service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// The payment provider.
    Charge(ChargeRequest),
    /// The carrier.
    Parcel(ParcelRequest),
}

/// What a service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The payment provider.
    Charge(ChargeReply),
    /// The carrier.
    Parcel(ParcelReply),
    /// The request was meant for another kind of service.
    Misdirected,
}

/// A service's own truth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    /// The payment provider's.
    Provider(ProviderLedger),
    /// The carrier's.
    Carrier(CarrierLedger),
}

/// One line of that truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The payment provider's.
    Charge(ChargeEntry),
    /// The carrier's.
    Parcel(ParcelEntry),
}

/// The fold of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Of an order.
    Order(Order),
    /// Of a saga.
    Saga(Saga),
}

impl State {
    /// The order.
    ///
    /// # Panics
    ///
    /// When it is of another category: streams are read by their ids, which carry the category.
    pub fn order(&self) -> &Order {
        match self {
            Self::Order(order) => order,
            Self::Saga(_) => panic!("not an order: {self:?}"),
        }
    }

    /// The saga.
    ///
    /// # Panics
    ///
    /// When it is of another category.
    pub fn saga(&self) -> &Saga {
        match self {
            Self::Saga(saga) => saga,
            Self::Order(_) => panic!("not a saga: {self:?}"),
        }
    }
}

impl Domain for Orders {
    const NAME: &'static str = "Orders";
    const CATEGORIES: &'static [&'static str] = &["order", "saga"];
    const VIEWS: &'static [View] = views::VIEWS;
    const EVENTS: &'static [&'static str] = Event::NAMES;

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
            ORDER => State::Order(Order::blank(self.currency())),
            SAGA => State::Saga(Saga::blank(OrderId(stream.number), self.currency())),
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn decide(
        &self,
        folded: &Folded<'_, State>,
        command: &Command,
        now: Instant,
    ) -> Result<Vec<(StreamId, Event)>, Rejection> {
        let stream = command.order().stream();
        let order = folded.state(stream).order();
        let event = order.decide(command, self.tables.setup.pay_within, now)?;
        Ok(vec![(stream, event.into())])
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Order(order), Event::Order(event)) => order.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (State::Order(_) | State::Saga(_), _) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Order(order), Event::Order(event)) => order.is_legal_transition(event),
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (State::Order(_) | State::Saga(_), _) => false,
        }
    }

    fn event_name(&self, event: &Event) -> &'static str {
        event.name()
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> ArrayVec<RowKey, 4> {
        views::rows(self, view, event)
    }

    fn project(&self, view: ViewId, key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, key, row, event);
    }

    fn shows(&self, _view: ViewId, _key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(row)
    }

    fn shown(&self, row: &Row, stream: StreamId) -> Version {
        views::shown(row, stream)
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::MyOrders => Lookup::Row(CUSTOMER_ORDERS, RowKey(customer.0)),
            Query::Order(order) => Lookup::Row(ORDER_BY_ID, RowKey(order.0)),
            Query::InStatus(status) => Lookup::Row(ORDERS_BY_STATUS, views::row_of(*status)),
        }
    }

    fn saga_of(&self, stream: StreamId) -> Option<StreamId> {
        (stream.category == ORDER).then(|| OrderId(stream.number).saga())
    }

    fn subject_of(&self, saga: StreamId) -> StreamId {
        OrderId(saga.number).stream()
    }

    fn react(
        &self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let events = saga::react(saga.saga(), subject.order(), stimulus, now);
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(&self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(event) => saga::effects(self, saga.saga(), event),
            Event::Order(_) => Vec::new(),
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
        match service {
            PROVIDER => Ledger::Provider(ProviderLedger::default()),
            _ => Ledger::Carrier(CarrierLedger::default()),
        }
    }

    fn serve(
        &self,
        _service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request) {
            (Ledger::Provider(ledger), Request::Charge(request)) => {
                let mut lines = Vec::new();
                let limit = self.tables.setup.payment.limit.map(|limit| limit.minor);
                let reply = provider::serve(limit, ledger, request, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Carrier(ledger), Request::Parcel(request)) => {
                let mut lines = Vec::new();
                let reply = carrier::serve(&self.terms(now), ledger, request, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Parcel));
                Reply::Parcel(reply)
            }
            (Ledger::Provider(_) | Ledger::Carrier(_), _) => Reply::Misdirected,
        }
    }

    /// Both remember what they did, and nothing of what they could not do.
    fn fail(
        &self,
        _service: ServiceId,
        _ledger: &mut Ledger,
        request: &Request,
        _happened: bool,
        _now: Instant,
    ) -> Reply {
        match request {
            Request::Charge(request) => Reply::Charge(ChargeReply::Unavailable(*request)),
            Request::Parcel(request) => Reply::Parcel(ParcelReply::Unavailable(*request)),
        }
    }

    /// The provider reports what it took, the carrier what it has: whoever lost the answer hears it.
    fn webhook(&self, _service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        match *entry {
            Entry::Charge(ChargeEntry { order, act, .. }) => match act {
                Act::Capture | Act::Reverse => {
                    Some((order.saga(), Reply::Charge(ChargeReply::Done { order, act })))
                }
                Act::Authorise | Act::Book | Act::Recall => None,
            },
            Entry::Parcel(ParcelEntry::Booked { order, parcel }) => {
                Some((order.saga(), Reply::Parcel(ParcelReply::Booked { order, parcel })))
            }
            Entry::Parcel(ParcelEntry::Recalled { .. }) => None,
        }
    }

    fn about(&self, request: &Request) -> Option<StreamId> {
        Some(match request {
            Request::Charge(request) => request.order().stream(),
            Request::Parcel(request) => request.order().stream(),
        })
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
        _who: CustomerId,
        memory: &mut ClientState,
        answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        customers::on_answer(self, memory, answer)
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}
