//! Accounts of a bank, without services.
//!
//! There are three categories of streams: accounts, transfers, and a saga for each transfer. No
//! transaction writes to two accounts: the saga of a transfer takes the money from the source and adds
//! it to the destination, or returns it to the source. All functions are pure.

use std::fmt;

use crate::domains::people::said;
use crate::event_names;
use crate::kernel::Instant;
use crate::linearizability::{Act, Object};
use crate::model::{
    Acts, Answer, AsOf, Ask, CustomerId, Decision, DecisionModel, Defect, Domain, Expected, Folded,
    Lookup, Named, Names, NoServices, People, Personal, Plain, Privacy, RowKey, RowKeys, Stored,
    StreamId, StreamLookup, Streams, Tags, Term, Token, Version, View, ViewId, number_in,
};
use crate::saga::Saga as _;

mod account;
mod command;
mod contended;
mod customers;
mod decide;
mod defects;
mod description;
mod event;
mod ids;
#[cfg(test)]
mod invariants;
mod limits;
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

use account::Account;
pub(crate) use command::{Command, Rejection};
pub(crate) use customers::{Action, ClientState};
pub(crate) use event::Event;
use event::{AccountEvent, TransferEvent};
pub use ids::AccountId;
pub(crate) use ids::{ACCOUNT, SAGA, TRANSFER, TransferId};
pub(crate) use saga::Saga;
pub use setup::{Accounts, DepositsExpect, Limits, Numbers, Setup, SetupError};
use transfer::Transfer;
use views::{
    ACCOUNTS_OF_OWNER, BALANCE_BY_BUS, BALANCE_INLINE, BALANCE_ON_DEMAND, Row, TRANSFER_BY_ID,
};

/// One of the three views of balances.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Kept {
    /// The synchronous view.
    Inline,
    /// The view behind outbox and broker.
    ByBus,
    /// The on-demand view.
    OnDemand,
}

/// A query of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The balance in a view.
    Balance(AccountId, Kept),
    /// The balance of the past, from the account's stream.
    BalanceAsOf(AccountId, AsOf),
    /// The customer's own accounts.
    MyAccounts,
    /// A transfer.
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
    /// How many accounts are open, of those whose events have a tag.
    OpenAccounts(u32),
}

/// The ids of streams contain the category, so that the variant is known where a state is read.
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

    pub(super) fn open_accounts(&self) -> u32 {
        let Self::OpenAccounts(open) = self else { panic!("not a number of accounts: {self:?}") };
        *open
    }
}

impl Privacy<Self> for Accounts {
    fn personal(bank: &Self, who: CustomerId, command: &Command) -> Vec<(CustomerId, Plain)> {
        if !bank.has_personal_data() {
            return Vec::new();
        }
        match command {
            Command::OpenAccount { .. } => said(who, Named::NONE),
            Command::RequestTransfer { payee, .. } => said(who, *payee),
            Command::Deposit { .. }
            | Command::Withdraw { .. }
            | Command::CloseAccount { .. }
            | Command::Debit { .. }
            | Command::Credit { .. }
            | Command::Settle { .. }
            | Command::TakeBack { .. }
            | Command::Fail { .. } => Vec::new(),
        }
    }

    fn keep(_: &Self, event: &mut Event, personal: &[(CustomerId, Personal)]) {
        if let Event::Account(AccountEvent::AccountOpened { people, .. })
        | Event::Transfer(TransferEvent::TransferRequested { people, .. }) = event
        {
            *people = People::of(personal);
        }
    }

    fn persons<'a>(_: &Self, row: &'a mut Row) -> Vec<&'a mut Personal> {
        match row {
            Row::Accounts(lines) => {
                lines.iter_mut().flat_map(|line| line.people.persons()).collect()
            }
            Row::Transfer(line) => line.standing.people.persons().collect(),
            Row::Balance(_) => Vec::new(),
        }
    }

    fn erases(_: &Self, action: &Action) -> bool {
        matches!(action, Action::EraseMe)
    }
}

impl Domain for Accounts {
    const NAME: &'static str = "Accounts";
    const CATEGORIES: &'static [&'static str] = &["account", "transfer", "saga"];
    const TAGS: &'static [&'static str] = limits::TAGS;
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
    type Services = NoServices;
    type Privacy = Self;
    type Schemas = Self;

    fn plant(&mut self, defect: &'static Defect) {
        self.defects = self.defects.with(defect);
    }

    fn streams(&self, command: &Command) -> Streams {
        limits::streams(self, command)
    }

    fn blank(&self, stream: StreamId) -> State {
        match stream.category {
            ACCOUNT => State::Account(Account::blank(self.currency())),
            TRANSFER => State::Transfer(Transfer::blank(self.currency())),
            SAGA => State::Saga(Saga::blank(TransferId(stream.number))),
            other => panic!("the domain has no category {other:?}"),
        }
    }

    fn tags(&self, _: StreamId, event: &Event) -> Tags {
        limits::tags(self, event)
    }

    fn models(&self, command: &Command) -> Vec<DecisionModel<Self>> {
        limits::models(self, command)
    }

    fn expects(&self, command: &Command, _: StreamId, folded: Version) -> Expected {
        match (command, self.deposits()) {
            (Command::Deposit { .. }, DepositsExpect::StreamExists) => Expected::StreamExists,
            (Command::Deposit { .. }, DepositsExpect::Any) => Expected::Any,
            _ => Expected::Exact(folded),
        }
    }

    fn decide(&self, read: &Folded<'_, State>, command: &Command, _: Instant) -> Decision<Self> {
        decide::decide(self, read, command)
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match (state, event) {
            (State::Account(account), Event::Account(AccountEvent::AccountClosed { .. }))
                if self.uses_numbers_again() =>
            {
                *account = Account::blank(self.currency());
            }
            (State::Account(account), Event::Account(event)) => account.evolve(event),
            (State::Transfer(transfer), Event::Transfer(event)) => transfer.evolve(event),
            (State::Saga(saga), Event::Saga(event)) => saga.evolve(event),
            (State::OpenAccounts(open), Event::Account(event)) => limits::evolve(open, event),
            (
                State::Account(_) | State::Transfer(_) | State::Saga(_) | State::OpenAccounts(_),
                _,
            ) => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match (state, event) {
            (State::Account(account), Event::Account(event)) => account.is_legal_transition(event),
            (State::Transfer(transfer), Event::Transfer(event)) => {
                transfer.is_legal_transition(event)
            }
            (State::Saga(saga), Event::Saga(event)) => saga.is_legal_transition(event),
            (
                State::Account(_) | State::Transfer(_) | State::Saga(_) | State::OpenAccounts(_),
                _,
            ) => false,
        }
    }

    fn ends(&self, event: &Event) -> bool {
        matches!(event, Event::Account(AccountEvent::AccountClosed { .. }))
    }

    fn begins_again(&self) -> bool {
        self.uses_numbers_again()
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

    fn misstates(
        &self,
        _view: ViewId,
        row: &Row,
        stream: StreamId,
        state: &State,
    ) -> Option<String> {
        description::misstates(self, row, stream, state)
    }

    fn shown_in(&self, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
        description::shown_in(view, stream, state)
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

    fn reversed(&self, action: &Action) -> Option<Action> {
        action.reversed()
    }

    fn on_answer(
        &self,
        _who: CustomerId,
        memory: &mut ClientState,
        answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        customers::on_answer(memory, answer)
    }

    fn command_name(command: &Command) -> &'static str {
        command.name()
    }

    fn rejection_name(rejection: &Rejection) -> &'static str {
        rejection.name()
    }

    fn stream_named(&self, name: &str) -> Option<StreamId> {
        let transfer = number_in(name, "t-").map(|number| TransferId(number).stream());
        let saga = || number_in(name, "s-").map(|number| TransferId(number).saga());
        transfer.or_else(saga).or_else(|| self.account_named(name).map(AccountId::stream))
    }

    fn say(&self, term: Term<'_, Self>, names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::say(self, term, names, f)
    }
}
