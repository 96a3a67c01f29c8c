//! A box office: shows and their tickets, with a payment provider and, at some stages, a lock service.
//!
//! Customers browse shows and buy tickets. A saga has each ticket paid for and confirmed, or undoes what it
//! has asked for. The same box office can be run as it was at four [stages](Stage), each of which fixes what
//! the one before it got wrong. There are six categories of streams: shows, tickets and their sagas, customers if
//! purchases are limited, and waiting rooms with their sagas. All functions are pure; faults happen in the
//! platform, between two calls.

use std::fmt;

use crate::domains::people::said;
use crate::event_names;
use crate::kernel::Instant;
use crate::linearizability::{Act, Object};
use crate::model::{
    Acts, Answer, AsOf, Ask, CustomerId, Decision, Defect, Domain, Folded, Lookup, Movement, Names,
    OneSchema, People, Personal, Plain, Privacy, RowKey, RowKeys, Stored, StreamId, Streams, Term,
    Token, View, ViewId, number_in,
};
use crate::saga::Saga as _;

mod command;
mod contended;
mod customers;
mod decide;
mod defects;
mod description;
mod event;
mod ids;
mod outcome;
mod outside;
mod payments;
pub mod properties;
mod room;
mod saga;
mod saga_event;
mod scenario;
mod setup;
mod show;
mod stage;
mod state;
mod ticket;
mod views;
mod visit;
mod visitor;
mod words;

pub(crate) use command::{Command, Rejection};
pub(crate) use customers::{Action, ClientState, Query};
pub(crate) use event::Event;
#[cfg(test)]
pub(crate) use event::Reason;
use event::TicketEvent;
pub(crate) use ids::{ROOM, SAGA, SHOW, ShowId, TICKET, TicketId, VISITOR, WATCH};
pub(crate) use room::Room;
pub(crate) use room::saga::Watch;
pub(crate) use saga::Saga;
pub use setup::{
    BoxOffice, Limit, Listed, LockSetup, PaymentSetup, Setup, SetupError, WaitingRoom,
};
pub(crate) use show::Show;
pub use stage::Stage;
pub(crate) use state::State;
pub(crate) use ticket::Ticket;
pub(crate) use views::{
    PLACE_IN_LINE, Row, SALES_REPORT, SHOW_DETAILS, SHOW_LIST, TICKETS_OF_USER,
};
pub(crate) use visitor::Visitor;

impl Privacy<Self> for BoxOffice {
    fn personal(office: &Self, who: CustomerId, command: &Command) -> Vec<(CustomerId, Plain)> {
        match command {
            Command::ReserveTicket { guest, .. } | Command::BuyTicket { guest, .. }
                if office.setup().personal_data =>
            {
                said(who, *guest)
            }
            Command::ReserveTicket { .. }
            | Command::BuyTicket { .. }
            | Command::CreateShow { .. }
            | Command::PayTicket { .. }
            | Command::ConfirmTicket { .. }
            | Command::CancelTicket { .. }
            | Command::CheckPlaces { .. }
            | Command::TakePlace { .. }
            | Command::JoinRoom { .. }
            | Command::LeaveRoom { .. }
            | Command::EndVisits { .. } => Vec::new(),
        }
    }

    fn keep(_: &Self, event: &mut Event, personal: &[(CustomerId, Personal)]) {
        if let Event::Ticket(
            TicketEvent::TicketReserved { people, .. }
            | TicketEvent::TicketRequested { people, .. },
        ) = event
        {
            *people = People::of(personal);
        }
    }

    fn persons<'a>(_: &Self, row: &'a mut Row) -> Vec<&'a mut Personal> {
        match row {
            Row::Tickets(list) | Row::Sales(list) => list.persons().collect(),
            Row::Past(past) => past.state.people.persons().collect(),
            Row::Page(_) | Row::Show(_) | Row::Line(_) => Vec::new(),
        }
    }

    fn erases(_: &Self, action: &Action) -> bool {
        matches!(action, Action::EraseMe)
    }
}

impl Domain for BoxOffice {
    const NAME: &'static str = "BoxOffice";
    const CATEGORIES: &'static [&'static str] =
        &["show", "ticket", "saga", "visitor", "room", "watch"];
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
        command.streams(self)
    }

    fn blank(&self, stream: StreamId) -> State {
        match stream.category {
            SHOW => State::Show(Show::default()),
            TICKET => State::Ticket(Ticket::blank(self.currency())),
            SAGA => State::Saga(Saga::blank(TicketId(stream.number), self.currency())),
            VISITOR => State::Visitor(Visitor::default()),
            ROOM => State::Room(Room::default()),
            WATCH => State::Watch(Watch::blank(ShowId::of(stream))),
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn decide(&self, read: &Folded<'_, State>, command: &Command, now: Instant) -> Decision<Self> {
        decide::decide(self, read, command, now)
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Show(show), Event::Show(event)) => show.evolve(event),
            (State::Ticket(ticket), Event::Ticket(event)) => ticket.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (State::Visitor(visitor), Event::Visitor(event)) => visitor.evolve(event),
            (State::Room(room), Event::Room(event)) => room.evolve(event),
            (State::Watch(watch), Event::Watch(event)) => watch.evolve(event),
            (
                State::Show(_)
                | State::Ticket(_)
                | State::Saga(_)
                | State::Visitor(_)
                | State::Room(_)
                | State::Watch(_),
                _,
            ) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Show(show), Event::Show(event)) => {
                show.is_legal_transition(self.stage(), event)
            }
            (State::Ticket(ticket), Event::Ticket(event)) => {
                ticket.is_legal_transition(self.stage(), event)
            }
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            // When purchases may begin is checked by `rate-limit-holds`.
            (State::Visitor(_), Event::Visitor(_)) => self.setup().limit.is_some(),
            (State::Room(room), Event::Room(event)) => room.is_legal_transition(event),
            (State::Watch(watch), Event::Watch(event)) => watch.is_legal_transition(event),
            (
                State::Show(_)
                | State::Ticket(_)
                | State::Saga(_)
                | State::Visitor(_)
                | State::Room(_)
                | State::Watch(_),
                _,
            ) => false,
        }
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

    fn shown_in(&self, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
        description::shown_in(self, view, stream, state)
    }

    fn concerns(&self, view: ViewId, key: RowKey, stream: StreamId) -> bool {
        view != SHOW_DETAILS || key.0 == stream.number
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::List { page, free } => Lookup::Row(SHOW_LIST, views::list_row(*page, *free)),
            Query::Details(show) => Lookup::Row(SHOW_DETAILS, RowKey(show.stream().number)),
            Query::Look { show, .. } => Lookup::Stream(views::of_show(*show), AsOf::Now),
            Query::Line(_) => Lookup::Row(PLACE_IN_LINE, RowKey(customer.0)),
            Query::MyTickets => Lookup::Row(TICKETS_OF_USER, RowKey(customer.0)),
            Query::Sales(show) => Lookup::Row(SALES_REPORT, RowKey(show.stream().number)),
            Query::AsOf(ticket, at) => Lookup::Stream(views::of_ticket(*ticket), *at),
        }
    }

    fn contended(&self, stream: StreamId) -> Option<Object> {
        contended::contended(stream)
    }

    fn acts(&self, command: &Command, rejected: Option<&Rejection>) -> Acts {
        contended::acts(self, command, rejected)
    }

    fn attests(&self, query: &Query, row: Option<&Row>) -> Option<(StreamId, Act)> {
        contended::attests(query, row)
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
        let ticket = number_in(name, "t-").map(|number| TicketId(number).stream());
        let show = |number: u32| u16::try_from(number).ok().map(ShowId);
        let saga = || number_in(name, "s-").map(|number| TicketId(number).saga());
        let visitor = || number_in(name, "v-").map(|number| ids::visitor(CustomerId(number)));
        let room = || number_in(name, "q-").and_then(show).map(ShowId::room);
        let own = ticket.or_else(saga).or_else(visitor).or_else(room);
        own.or_else(|| self.show_named(name).map(ShowId::stream))
    }

    fn movement(&self, stream: StreamId, event: &Event) -> Option<Movement> {
        match event {
            Event::Show(event) => event.movement(stream),
            Event::Ticket(_)
            | Event::Saga(_)
            | Event::Visitor(_)
            | Event::Room(_)
            | Event::Watch(_) => None,
        }
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}
