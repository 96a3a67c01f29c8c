//! The read models: the balance of an account, kept in three ways; the accounts of an owner; a transfer.
//!
//! The three ways make the same rows from the same events. What differs is when: `BalanceInline` in the
//! transaction of the append, `BalanceByBus` when the broker brings the event, `BalanceOnDemand` when
//! somebody asks.

use super::State;
use super::account::Account;
use super::event::{AccountEvent, Event};
use super::ids::{ACCOUNT, AccountId, TRANSFER, TransferId};
use super::setup::Accounts;
use super::transfer::Transfer;
use crate::domains::money::Money;
use crate::model::{
    RowKey, RowKeys, Stored, Strategy, StreamId, StreamLookup, Token, Version, View, ViewId,
};

/// The balance of an account, brought up to date in the transaction of the append.
pub const BALANCE_INLINE: ViewId = ViewId(0);
/// The same, brought up to date through outbox and broker.
pub const BALANCE_BY_BUS: ViewId = ViewId(1);
/// The same, brought up to date when somebody asks.
pub const BALANCE_ON_DEMAND: ViewId = ViewId(2);
/// Which accounts somebody has.
pub const ACCOUNTS_OF_OWNER: ViewId = ViewId(3);
/// How a transfer stands.
pub const TRANSFER_BY_ID: ViewId = ViewId(4);

/// The views, by number.
pub(super) const VIEWS: &[View] = &[
    view("BalanceInline", ACCOUNT, Strategy::Synchronous),
    View { pinned: true, ..view("BalanceByBus", ACCOUNT, Strategy::Outbox) },
    view("BalanceOnDemand", ACCOUNT, Strategy::OnDemand),
    view("AccountsOfOwner", ACCOUNT, Strategy::Outbox),
    view("TransferById", TRANSFER, Strategy::Outbox),
];

const fn view(name: &'static str, category: crate::model::Category, strategy: Strategy) -> View {
    View { name, category, pinned: false, strategy }
}

/// The balance of an account, as of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BalanceLine {
    /// Which account.
    pub account: AccountId,
    /// How much of it is shown.
    pub version: Version,
    /// What is on it.
    pub balance: Money,
    /// Whether it was given up.
    pub closed: bool,
}

/// One of somebody's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountLine {
    /// Which.
    pub account: AccountId,
    /// How much of it is shown.
    pub version: Version,
    /// Whether it was given up.
    pub closed: bool,
}

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransferLine {
    /// Which.
    pub transfer: TransferId,
    /// How much of it is shown.
    pub version: Version,
    /// What it moves, and how far that has come.
    pub standing: Transfer,
}

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Of `BalanceInline`, `BalanceByBus` and `BalanceOnDemand`, or of the account itself.
    Balance(BalanceLine),
    /// Of `AccountsOfOwner`, in order of accounts.
    Accounts(Vec<AccountLine>),
    /// Of `TransferById`.
    Transfer(TransferLine),
}

impl BalanceLine {
    /// What an account itself shows, if there is one.
    pub(super) fn of(id: AccountId, version: Version, account: &Account) -> Option<Self> {
        let closed = account.standing? == super::account::Standing::Closed;
        Some(Self { account: id, version, balance: account.balance, closed })
    }

    fn apply(&mut self, version: Version, event: &AccountEvent) {
        self.version = version;
        let balance = match event {
            AccountEvent::Deposited { amount }
            | AccountEvent::TransferReceived { amount, .. }
            | AccountEvent::TransferTakenBack { amount, .. } => self.balance.plus(*amount),
            AccountEvent::Withdrew { amount } | AccountEvent::TransferSent { amount, .. } => {
                self.balance.minus(*amount)
            }
            AccountEvent::AccountOpened { .. } | AccountEvent::TransferSettled { .. } => None,
            AccountEvent::AccountClosed { .. } => {
                self.closed = true;
                None
            }
        };
        self.balance = balance.unwrap_or(self.balance);
    }
}

/// The rows of a view that an event touches: one for each account or transfer, but for the accounts of an
/// owner.
pub(super) fn rows(view: ViewId, stored: &Stored<Event>) -> RowKeys {
    let key = match &stored.event {
        Event::Account(event) if view == ACCOUNTS_OF_OWNER => match event {
            AccountEvent::AccountOpened { owner } | AccountEvent::AccountClosed { owner } => {
                Some(owner.0)
            }
            AccountEvent::Deposited { .. }
            | AccountEvent::Withdrew { .. }
            | AccountEvent::TransferSent { .. }
            | AccountEvent::TransferReceived { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::TransferTakenBack { .. } => None,
        },
        Event::Account(_) | Event::Transfer(_) => Some(stored.stream.number),
        Event::Saga(_) | Event::Old(_) => None,
    };
    key.map(RowKey).into_iter().collect()
}

/// Brings one row up to date.
pub(super) fn project(
    accounts: &Accounts,
    view: ViewId,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    match &stored.event {
        Event::Account(event) if view == ACCOUNTS_OF_OWNER => {
            let account = AccountId(stored.stream.number);
            let closed = matches!(event, AccountEvent::AccountClosed { .. });
            let line = AccountLine { account, version: stored.version, closed };
            if let Row::Accounts(lines) = row.get_or_insert(Row::Accounts(Vec::new())) {
                match lines.binary_search_by_key(&account, |line| line.account) {
                    Ok(place) => lines[place] = line,
                    Err(place) => lines.insert(place, line),
                }
            }
        }
        Event::Account(event) => {
            let blank = BalanceLine {
                account: AccountId(stored.stream.number),
                version: Version(0),
                balance: accounts.money(0),
                closed: false,
            };
            if let Row::Balance(line) = row.get_or_insert(Row::Balance(blank)) {
                line.apply(stored.version, event);
            }
        }
        Event::Transfer(event) => {
            let standing = Transfer::blank(accounts.currency());
            let transfer = TransferId(stored.stream.number);
            let blank = TransferLine { transfer, version: Version(0), standing };
            if let Row::Transfer(line) = row.get_or_insert(Row::Transfer(blank)) {
                line.version = stored.version;
                line.standing.evolve(event);
            }
        }
        Event::Saga(_) | Event::Old(_) => {}
    }
}

/// Every stream that a row shows something of, and how much of it.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    match row {
        Row::Balance(line) => vec![Token { stream: line.account.stream(), version: line.version }],
        Row::Accounts(lines) => {
            let token =
                |line: &AccountLine| Token { stream: line.account.stream(), version: line.version };
            lines.iter().map(token).collect()
        }
        Row::Transfer(line) => {
            vec![Token { stream: line.transfer.stream(), version: line.version }]
        }
    }
}

/// An account or a transfer, read from its stream.
pub(super) fn of(stream: StreamId) -> StreamLookup<Accounts> {
    StreamLookup { stream, row: |_, stream, version, state| row(stream.number, version, state) }
}

fn row(number: u32, version: Version, state: &State) -> Option<Row> {
    match state {
        State::Account(account) => {
            BalanceLine::of(AccountId(number), version, account).map(Row::Balance)
        }
        State::Transfer(standing) => {
            let (transfer, standing) = (TransferId(number), standing.clone());
            standing.status.map(|_| Row::Transfer(TransferLine { transfer, version, standing }))
        }
        State::Saga(_) => None,
    }
}
