//! Food delivery, with restaurants, couriers and a payment provider.
//!
//! A customer orders a meal. A saga has the card charged, the food cooked and brought, or undoes what it has
//! requested. There are two categories of streams: orders and sagas. All functions are pure; faults happen in
//! the platform, between two calls.

use std::fmt;

use crate::domains::people::said;
use crate::event_names;
use crate::kernel::Instant;
use crate::model::{
    Answer, AsOf, Ask, CustomerId, Decision, Defect, Domain, Folded, Lookup, Names, OneSchema,
    People, Personal, Plain, Privacy, RowKey, RowKeys, Stored, StreamId, Streams, Term, Token,
    View, ViewId, number_in,
};
use crate::saga::Saga as _;

mod clock;
mod command;
mod customers;
mod defects;
mod description;
mod event;
mod ids;
#[cfg(test)]
mod invariants;
mod order;
mod outcome;
mod outside;
pub mod properties;
mod saga;
mod saga_event;
mod scenario;
mod setup;
mod views;
mod words;

pub use clock::TimeOfDay;
pub(crate) use command::{Command, Rejection};
pub(crate) use customers::{Action, ClientState};
pub(crate) use event::Event;
use event::OrderEvent;
pub(crate) use ids::{ORDER, OrderId, RestaurantId, SAGA};
pub(crate) use order::Order;
pub(crate) use saga::Saga;
pub use setup::{Delivery, Dish, Restaurant, Setup};
pub(crate) use views::Row;

/// A query of a customer, a restaurant or a clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// Any order by its number.
    Order(OrderId),
    /// What a restaurant has to do.
    Dashboard(RestaurantId),
    /// The customer's own orders.
    MyOrders,
    /// The figures of an hour.
    Hour(u32),
    /// Who has changed what of an order.
    Audit(OrderId),
    /// An order of the past, from its stream.
    AsOf(OrderId, AsOf),
}

/// The fold of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Of an order.
    Order(Order),
    /// Of a saga.
    Saga(Saga),
}

/// The ids of streams contain the category, so that the variant is known where a state is read.
impl State {
    pub(super) fn order(&self) -> &Order {
        let Self::Order(order) = self else { panic!("not an order: {self:?}") };
        order
    }

    pub(super) fn saga(&self) -> &Saga {
        let Self::Saga(saga) = self else { panic!("not a saga: {self:?}") };
        saga
    }
}

impl Privacy<Self> for Delivery {
    fn personal(delivery: &Self, who: CustomerId, command: &Command) -> Vec<(CustomerId, Plain)> {
        match command {
            Command::CreateOrder { receiver, .. } if delivery.tables.setup.personal_data => {
                said(who, *receiver)
            }
            Command::CreateOrder { .. }
            | Command::PayOrder { .. }
            | Command::ChangeDropOff { .. }
            | Command::ConfirmOrder { .. }
            | Command::StartPreparing { .. }
            | Command::AssignCourier { .. }
            | Command::MarkReady { .. }
            | Command::PickUp { .. }
            | Command::ReportPosition { .. }
            | Command::DeliverOrder { .. }
            | Command::CancelOrder { .. }
            | Command::AbandonOrder { .. } => Vec::new(),
        }
    }

    fn keep(_: &Self, event: &mut Event, personal: &[(CustomerId, Personal)]) {
        if let Event::Order(OrderEvent::OrderCreated { people, .. }) = event {
            *people = People::of(personal);
        }
    }

    fn persons<'a>(_: &Self, row: &'a mut Row) -> Vec<&'a mut Personal> {
        match row {
            Row::Order(row) => row.standing.people.persons().collect(),
            Row::Board(_) | Row::User(_) | Row::Hour(_) | Row::Audit(_) => Vec::new(),
        }
    }

    fn erases(_: &Self, action: &Action) -> bool {
        matches!(action, Action::EraseMe)
    }
}

impl Domain for Delivery {
    const NAME: &'static str = "Delivery";
    const CATEGORIES: &'static [&'static str] = &["order", "saga"];
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
    type Schemas = OneSchema;

    fn plant(&mut self, defect: &'static Defect) {
        self.defects = self.defects.with(defect);
    }

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

    fn decide(&self, read: &Folded<'_, State>, command: &Command, now: Instant) -> Decision<Self> {
        let stream = command.order().stream();
        let event = read.state(stream).order().decide(command, self, now)?;
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
            (State::Order(order), Event::Order(event)) => order.is_legal_transition(self, event),
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (State::Order(_) | State::Saga(_), _) => false,
        }
    }

    /// A stage, and not a position of the courier or a wish of the customer.
    fn is_change_of_state(&self, event: &Event) -> bool {
        matches!(event, Event::Order(event) if event.status().is_some())
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> RowKeys {
        views::rows(self, view, event)
    }

    fn project(&self, view: ViewId, key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, key, row, event);
    }

    fn shows(&self, _view: ViewId, _key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(row)
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

    fn says_the_same(&self, _view: ViewId, before: &Row, now: &Row, stream: StreamId) -> bool {
        description::says_the_same(before, now, stream)
    }

    fn shown_in(&self, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
        description::shown_in(view, stream, state)
    }

    fn concerns(&self, view: ViewId, key: RowKey, stream: StreamId) -> bool {
        views::concerns(self, view, key, stream)
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        views::lookup(customer, query)
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

    fn watches(&self, _who: CustomerId, memory: &ClientState, query: &Query) -> bool {
        customers::watches(memory, query)
    }

    fn command_name(command: &Command) -> &'static str {
        command.name()
    }

    fn rejection_name(rejection: &Rejection) -> &'static str {
        rejection.name()
    }

    fn stream_named(&self, name: &str) -> Option<StreamId> {
        let order = number_in(name, "o-").map(|number| OrderId(number).stream());
        order.or_else(|| number_in(name, "s-").map(|number| OrderId(number).saga()))
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}
