//! Accounts of a bank: money comes, goes and moves, and no outside system takes part.
//!
//! Three categories of streams: accounts, transfers, and a saga for each transfer. No transaction ever
//! writes to two accounts: a transfer is a saga that has the money leave one and arrive at the other, or
//! come back. There are no services: a saga sends commands to aggregates only. Everything here is a pure
//! function.

use std::fmt;

use crate::event_names;
use crate::kernel::Instant;
use crate::model::{
    Answer, AsOf, Ask, Category, CustomerId, Decision, Domain, Effect, Folded, Lookup, Names,
    NoPersonalData, NoServices, RowKey, RowKeys, Sagas, Schemas, Stimulus, Stored, StreamId,
    StreamLookup, Streams, Term, Token, View, ViewId,
};
use crate::saga::Saga as _;

mod account;
mod command;
mod customers;
mod decide;
mod event;
mod ids;
#[cfg(test)]
mod invariants;
mod old_event;
mod outcome;
pub mod properties;
mod saga;
mod saga_event;
mod scenario;
mod setup;
mod transfer;
mod views;
mod words;

pub use account::{Account, Standing};
pub use command::{Command, Rejection};
pub use customers::{Action, ClientState};
pub use event::{AccountEvent, Event, TransferEvent, Why};
pub use ids::{ACCOUNT, AccountId, SAGA, TRANSFER, TransferId};
pub use old_event::OldEvent;
pub use outcome::{Outcome, Sum, Wait};
pub use saga::Saga;
pub use saga_event::{SagaEvent, Step, Trouble};
pub use scenario::{AccountsFile, ScriptAction};
pub use setup::{Accounts, Setup, SetupError};
pub use transfer::{Status, Transfer};
pub use views::{
    ACCOUNTS_OF_OWNER, AccountLine, BALANCE_BY_BUS, BALANCE_INLINE, BALANCE_ON_DEMAND, BalanceLine,
    Row, TRANSFER_BY_ID, TransferLine,
};

/// Which of the three views of balances is asked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Kept {
    /// The one that is never behind.
    Inline,
    /// The one that outbox and broker bring up to date.
    ByBus,
    /// The one that is brought up to date by being asked.
    OnDemand,
}

/// What a customer wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// What is on an account, as one of the views has it.
    Balance(AccountId, Kept),
    /// What was on an account.
    BalanceAsOf(AccountId, AsOf),
    /// Their own accounts.
    MyAccounts,
    /// How a transfer stands.
    Transfer(TransferId),
}

/// The fold of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Of an account.
    Account(Account),
    /// Of a transfer.
    Transfer(Transfer),
    /// Of a saga.
    Saga(Saga),
}

/// The state of a stream of a known category: streams are read by their ids, which have the category.
impl State {
    pub(super) fn account(&self) -> &Account {
        let Self::Account(account) = self else { panic!("not an account: {self:?}") };
        account
    }

    pub(super) fn transfer(&self) -> &Transfer {
        let Self::Transfer(transfer) = self else { panic!("not a transfer: {self:?}") };
        transfer
    }

    pub(super) fn saga(&self) -> &Saga {
        let Self::Saga(saga) = self else { panic!("not a saga: {self:?}") };
        saga
    }
}

impl Domain for Accounts {
    const NAME: &'static str = "Accounts";
    const CATEGORIES: &'static [&'static str] = &["account", "transfer", "saga"];
    const VIEWS: &'static [View] = views::VIEWS;
    event_names!(Event);

    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;
    type Query = Query;
    type Row = Row;
    type Action = Action;
    type ClientState = ClientState;
    type Sagas = Self;
    type Services = NoServices;
    type Privacy = NoPersonalData;
    type Schemas = Self;

    fn streams(&self, command: &Command) -> Streams {
        command.streams()
    }

    fn blank(&self, stream: StreamId) -> State {
        match stream.category {
            ACCOUNT => State::Account(Account::blank(self.currency())),
            TRANSFER => State::Transfer(Transfer::blank(self.currency())),
            SAGA => State::Saga(Saga::blank(TransferId(stream.number))),
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn decide(&self, read: &Folded<'_, State>, command: &Command, _: Instant) -> Decision<Self> {
        decide::decide(read, command)
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Account(account), Event::Account(event)) => account.evolve(event),
            (State::Transfer(transfer), Event::Transfer(event)) => transfer.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (State::Account(_) | State::Transfer(_) | State::Saga(_), _) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Account(account), Event::Account(event)) => account.is_legal_transition(event),
            (State::Transfer(transfer), Event::Transfer(event)) => {
                transfer.is_legal_transition(event)
            }
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (State::Account(_) | State::Transfer(_) | State::Saga(_), _) => false,
        }
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> RowKeys {
        views::rows(view, event)
    }

    fn project(&self, view: ViewId, _key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, row, event);
    }

    fn shows(&self, _view: ViewId, _key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(row)
    }

    fn concerns(&self, view: ViewId, key: RowKey, stream: StreamId) -> bool {
        view == ACCOUNTS_OF_OWNER || key.0 == stream.number
    }

    fn lookup(&self, customer: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::Balance(account, by) => {
                let view = match by {
                    Kept::Inline => BALANCE_INLINE,
                    Kept::ByBus => BALANCE_BY_BUS,
                    Kept::OnDemand => BALANCE_ON_DEMAND,
                };
                Lookup::Row(view, RowKey(account.0))
            }
            Query::BalanceAsOf(account, at) => Lookup::Stream(views::of(account.stream()), *at),
            Query::MyAccounts => Lookup::Row(ACCOUNTS_OF_OWNER, RowKey(customer.0)),
            Query::Transfer(transfer) => Lookup::Row(TRANSFER_BY_ID, RowKey(transfer.0)),
        }
    }

    fn pinned(&self, _customer: CustomerId, query: &Query) -> Option<StreamLookup<Self>> {
        match query {
            Query::Balance(account, _) => Some(views::of(account.stream())),
            Query::Transfer(transfer) => Some(views::of(transfer.stream())),
            Query::BalanceAsOf(..) | Query::MyAccounts => None,
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
        _who: CustomerId,
        memory: &mut ClientState,
        answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        customers::on_answer(memory, answer)
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}

impl Sagas<Self> for Accounts {
    const FOLLOWS: &'static [(Category, Category)] = &[(TRANSFER, SAGA)];

    fn react(
        _: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let events = saga::react(saga.saga(), subject.transfer(), stimulus, now);
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(_: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(event) => saga::effects(saga.saga(), event),
            Event::Account(_) | Event::Transfer(_) | Event::Old(_) => Vec::new(),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        saga.saga().life.is_over()
    }

    fn still_wants(_: &Self, saga: &State, effect: &Effect<Self>) -> bool {
        saga::still_wants(saga.saga(), effect)
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }
}

impl Schemas<Self> for Accounts {
    const SCHEMA: u16 = old_event::SCHEMA;

    fn upcast(_: &Self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        old_event::upcast(schema, event)
    }

    fn downcast(
        accounts: &Self,
        schema: u16,
        events: Vec<(StreamId, Event)>,
    ) -> Vec<(StreamId, Event)> {
        old_event::downcast(schema, accounts.currency(), events)
    }
}
