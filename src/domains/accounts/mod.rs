//! Accounts of a bank: money comes, goes and moves, and nobody outside has a say in it.
//!
//! Three categories of streams: accounts, transfers, and a saga for each transfer. No transaction ever
//! writes to two accounts: a transfer is a saga that has the money leave one and arrive at the other, or
//! come back. There is no service: a saga talks to aggregates only. Everything here is a pure function.

use std::fmt;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::model::{
    Answer, AsOf, Ask, CustomerId, Domain, Effect, Folded, Lookup, Names, RowKey, Service,
    ServiceId, Stimulus, Stored, StreamId, Streams, Term, Token, Version, View, ViewId,
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

/// What a service could be asked, answer, keep or write down. There is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nothing {}

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

impl State {
    /// The account.
    ///
    /// # Panics
    ///
    /// When it is of another category: streams are read by their ids, which carry the category.
    pub fn account(&self) -> &Account {
        match self {
            Self::Account(account) => account,
            Self::Transfer(_) | Self::Saga(_) => panic!("not an account: {self:?}"),
        }
    }

    /// The transfer.
    ///
    /// # Panics
    ///
    /// When it is of another category.
    pub fn transfer(&self) -> &Transfer {
        match self {
            Self::Transfer(transfer) => transfer,
            Self::Account(_) | Self::Saga(_) => panic!("not a transfer: {self:?}"),
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
            Self::Account(_) | Self::Transfer(_) => panic!("not a saga: {self:?}"),
        }
    }
}

impl Domain for Accounts {
    const NAME: &'static str = "Accounts";
    const CATEGORIES: &'static [&'static str] = &["account", "transfer", "saga"];
    const VIEWS: &'static [View] = views::VIEWS;
    const EVENTS: &'static [&'static str] = Event::NAMES;
    const SCHEMA: u16 = old_event::SCHEMA;

    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;
    type Query = Query;
    type Row = Row;
    type Request = Nothing;
    type Reply = Nothing;
    type Ledger = Nothing;
    type Entry = Nothing;
    type Action = Action;
    type ClientState = ClientState;

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

    fn decide(
        &self,
        folded: &Folded<'_, State>,
        command: &Command,
        _now: Instant,
    ) -> Result<Vec<(StreamId, Event)>, Rejection> {
        decide::decide(folded, command)
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

    fn event_name(&self, event: &Event) -> &'static str {
        event.name()
    }

    fn upcast(&self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        old_event::upcast(schema, event)
    }

    fn downcast(&self, schema: u16, events: Vec<(StreamId, Event)>) -> Vec<(StreamId, Event)> {
        old_event::downcast(schema, self.currency(), events)
    }

    fn rows(&self, view: ViewId, event: &Stored<Event>) -> ArrayVec<RowKey, 4> {
        views::rows(view, event)
    }

    fn project(&self, view: ViewId, _key: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        views::project(self, view, row, event);
    }

    fn shows(&self, _view: ViewId, _key: RowKey, row: &Row) -> Vec<Token> {
        views::shows(row)
    }

    fn shown(&self, row: &Row, stream: StreamId) -> Version {
        views::shown(row, stream)
    }

    fn concerns(&self, view: ViewId, key: RowKey, stream: StreamId) -> bool {
        match view {
            BALANCE_INLINE | BALANCE_BY_BUS | BALANCE_ON_DEMAND => {
                AccountId(key.0).stream() == stream
            }
            TRANSFER_BY_ID => TransferId(key.0).stream() == stream,
            _ => stream.category == ACCOUNT,
        }
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
            Query::BalanceAsOf(account, at) => Lookup::Stream(account.stream(), *at),
            Query::MyAccounts => Lookup::Row(ACCOUNTS_OF_OWNER, RowKey(customer.0)),
            Query::Transfer(transfer) => Lookup::Row(TRANSFER_BY_ID, RowKey(transfer.0)),
        }
    }

    fn pinned(&self, _customer: CustomerId, query: &Query) -> Option<StreamId> {
        match query {
            Query::Balance(account, _) => Some(account.stream()),
            Query::Transfer(transfer) => Some(transfer.stream()),
            Query::BalanceAsOf(..) | Query::MyAccounts => None,
        }
    }

    fn row_from_state(
        &self,
        _query: &Query,
        stream: StreamId,
        version: Version,
        state: &State,
    ) -> Option<Row> {
        match state {
            State::Account(account) => {
                let line = BalanceLine::of(AccountId(stream.number), version, account)?;
                Some(Row::Balance(line))
            }
            State::Transfer(transfer) => {
                transfer.status?;
                let (id, standing) = (TransferId(stream.number), transfer.clone());
                Some(Row::Transfer(TransferLine { transfer: id, version, standing }))
            }
            State::Saga(_) => None,
        }
    }

    fn gather(&self, question: u32, _replies: &[(ServiceId, Option<Nothing>)]) -> Row {
        panic!("no query asks services, and so not question {question}")
    }

    fn saga_of(&self, stream: StreamId) -> Option<StreamId> {
        (stream.category == TRANSFER).then(|| TransferId(stream.number).saga())
    }

    fn subject_of(&self, saga: StreamId) -> StreamId {
        TransferId(saga.number).stream()
    }

    fn react(
        &self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let events = saga::react(saga.saga(), subject.transfer(), stimulus, now);
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(&self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(event) => saga::effects(saga.saga(), event),
            Event::Account(_) | Event::Transfer(_) | Event::Old(_) => Vec::new(),
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
        &[]
    }

    fn open(&self, service: ServiceId) -> Nothing {
        panic!("there is no service, and so not {service:?}")
    }

    fn serve(
        &self,
        _service: ServiceId,
        ledger: &mut Nothing,
        _request: &Nothing,
        _now: Instant,
        _entries: &mut Vec<Nothing>,
    ) -> Nothing {
        *ledger
    }

    fn fail(
        &self,
        _service: ServiceId,
        ledger: &mut Nothing,
        _request: &Nothing,
        _happened: bool,
        _now: Instant,
    ) -> Nothing {
        *ledger
    }

    fn lapse(
        &self,
        _service: ServiceId,
        ledger: &mut Nothing,
        _now: Instant,
        _entries: &mut Vec<Nothing>,
    ) -> Option<Instant> {
        match *ledger {}
    }

    fn webhook(&self, _service: ServiceId, entry: &Nothing) -> Option<(StreamId, Nothing)> {
        match *entry {}
    }

    fn about(&self, request: &Nothing) -> Option<StreamId> {
        match *request {}
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
