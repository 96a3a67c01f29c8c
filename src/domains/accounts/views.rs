//! The views: the balance of an account by three strategies, the accounts of an owner, a transfer.
//!
//! All three strategies make the same rows from the same events: `BalanceInline` in the transaction of
//! the append, `BalanceByBus` when the broker delivers an event, `BalanceOnDemand` when a query
//! arrives.

use super::State;
use super::account::{Account, Standing};
use super::defects::{CLOSED_STILL_LISTED, RETURNS_NOT_SHOWN};
use super::event::{AccountEvent, Event};
use super::ids::{ACCOUNT, AccountId, TRANSFER, TransferId};
use super::setup::Accounts;
use super::transfer::Transfer;
use crate::domains::money::Money;
use crate::model::{
    OwnWrites, People, RowKey, RowKeys, Stored, Strategy, StreamId, StreamLookup, Token, Version,
    View, ViewId,
};

/// The balance of an account, updated in the transaction of the append.
pub(crate) const BALANCE_INLINE: ViewId = ViewId(0);
/// The balance of an account, updated through outbox and broker.
pub(crate) const BALANCE_BY_BUS: ViewId = ViewId(1);
/// The balance of an account, updated when it is queried.
pub(crate) const BALANCE_ON_DEMAND: ViewId = ViewId(2);
pub(crate) const ACCOUNTS_OF_OWNER: ViewId = ViewId(3);
pub(crate) const TRANSFER_BY_ID: ViewId = ViewId(4);

pub(super) const VIEWS: &[View] = &[
    View { strategy: Strategy::Synchronous, ..balance("BalanceInline") },
    balance("BalanceByBus"),
    View { strategy: Strategy::OnDemand, ..balance("BalanceOnDemand") },
    // Its rows show no version of a deposit.
    View::of("AccountsOfOwner", ACCOUNT),
    View { own_writes: OwnWrites::Promised, ..View::of("TransferById", TRANSFER) },
];

/// A view of balances. Whoever has moved money sees that in it, or is told "not yet".
const fn balance(name: &'static str) -> View {
    View { own_writes: OwnWrites::Pinned, ..View::of(name, ACCOUNT) }
}

/// The balance of an account, as of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BalanceLine {
    pub account: AccountId,
    /// The version that the row shows.
    pub version: Version,
    pub balance: Money,
    pub closed: bool,
}

/// One of a customer's accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountLine {
    pub account: AccountId,
    /// The version that the row shows.
    pub version: Version,
    pub closed: bool,
    /// The owner.
    pub people: People,
}

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransferLine {
    pub transfer: TransferId,
    /// The version that the row shows.
    pub version: Version,
    /// The state of the transfer at that version.
    pub standing: Transfer,
}

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Of the three views of balances, or of the account's own state.
    Balance(BalanceLine),
    /// Of `AccountsOfOwner`, ordered by account.
    Accounts(Vec<AccountLine>),
    Transfer(TransferLine),
}

impl BalanceLine {
    fn apply(&mut self, bank: &Accounts, version: Version, event: &AccountEvent) {
        self.version = version;
        let balance = match event {
            AccountEvent::TransferTakenBack { .. } if bank.has(&RETURNS_NOT_SHOWN) => None,
            AccountEvent::Deposited { amount }
            | AccountEvent::TransferReceived { amount, .. }
            | AccountEvent::TransferTakenBack { amount, .. } => self.balance.plus(*amount),
            AccountEvent::Withdrew { amount } | AccountEvent::TransferSent { amount, .. } => {
                self.balance.minus(*amount)
            }
            AccountEvent::AccountOpened { .. } => {
                self.closed = false;
                None
            }
            AccountEvent::TransferSettled { .. } | AccountEvent::LifeBegan { .. } => None,
            AccountEvent::AccountClosed { .. } => {
                self.closed = true;
                None
            }
        };
        self.balance = balance.unwrap_or(self.balance);
    }
}

/// The row of a view that an event changes: that of its owner, of its account or of its transfer.
pub(super) fn rows(view: ViewId, stored: &Stored<Event>) -> RowKeys {
    let key = match &stored.event {
        Event::Account(event) if view == ACCOUNTS_OF_OWNER => match event {
            AccountEvent::AccountOpened { owner, .. } | AccountEvent::AccountClosed { owner } => {
                Some(owner.0)
            }
            AccountEvent::Deposited { .. }
            | AccountEvent::Withdrew { .. }
            | AccountEvent::TransferSent { .. }
            | AccountEvent::TransferReceived { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::TransferTakenBack { .. }
            | AccountEvent::LifeBegan { .. } => None,
        },
        Event::Account(_) | Event::Transfer(_) => Some(stored.stream.number),
        Event::Saga(_) | Event::Old(_) => None,
    };
    key.map(RowKey).into_iter().collect()
}

pub(super) fn project(
    accounts: &Accounts,
    view: ViewId,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    match &stored.event {
        Event::Account(event) if view == ACCOUNTS_OF_OWNER => {
            let account = AccountId(stored.stream.number);
            let closed = matches!(event, AccountEvent::AccountClosed { .. })
                && !accounts.has(&CLOSED_STILL_LISTED);
            let people = match event {
                AccountEvent::AccountOpened { people, .. } => people.clone(),
                _ => People::NONE,
            };
            let mut line = AccountLine { account, version: stored.version, closed, people };
            if let Row::Accounts(lines) = row.get_or_insert(Row::Accounts(Vec::new())) {
                match lines.binary_search_by_key(&account, |line| line.account) {
                    Ok(place) => {
                        line.people = std::mem::take(&mut lines[place].people);
                        lines[place] = line;
                    }
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
                line.apply(accounts, stored.version, event);
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

/// The streams that a row shows, each with its version.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    let account = |account: AccountId, version| Token { stream: account.stream(), version };
    match row {
        Row::Balance(line) => vec![account(line.account, line.version)],
        Row::Accounts(lines) => lines.iter().map(|it| account(it.account, it.version)).collect(),
        Row::Transfer(TransferLine { transfer, version, .. }) => {
            vec![Token { stream: transfer.stream(), version: *version }]
        }
    }
}

/// A row of an account or a transfer, read from its stream.
pub(super) fn of(stream: StreamId) -> StreamLookup<Accounts> {
    StreamLookup { stream, row: |_, stream, version, state| row(stream.number, version, state) }
}

fn row(number: u32, version: Version, state: &State) -> Option<Row> {
    match state {
        State::Account(Account { standing, balance, .. }) => standing.map(|standing| {
            let (account, closed) = (AccountId(number), standing == Standing::Closed);
            Row::Balance(BalanceLine { account, version, balance: *balance, closed })
        }),
        State::Transfer(standing) => {
            let (transfer, standing) = (TransferId(number), standing.clone());
            standing.status.map(|_| Row::Transfer(TransferLine { transfer, version, standing }))
        }
        State::Saga(_) | State::OpenAccounts(_) => None,
    }
}
