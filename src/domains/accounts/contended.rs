//! What customers and sagas contend for: the balance of an account.
//!
//! This describes accounts a second time, as the senders of commands see them. The steps of a transfer do not name
//! its amount: what its request has named is remembered by both accounts.

use super::command::{Command, Rejection};
use super::ids::{ACCOUNT, AccountId};
use super::setup::Accounts;
use super::views::Row;
use super::{Kept, Query};
use crate::linearizability::models::{Balance, Money};
use crate::linearizability::{Act, Object};
use crate::model::{Acts, AsOf, StreamId};

/// An account that is not open yet.
pub(super) fn contended(stream: StreamId) -> Option<Object> {
    (stream.category == ACCOUNT).then(|| Object::Balance(Balance::missing()))
}

/// What a command does to balances, or what its rejection says of them.
pub(super) fn acts(bank: &Accounts, command: &Command, rejected: Option<&Rejection>) -> Acts {
    let (account, done) = match *command {
        Command::OpenAccount { account, deposit, .. } => {
            (account, Money::Open(deposit.map_or(0, |deposit| deposit.minor)))
        }
        Command::Deposit { account, amount } => (account, Money::Add(amount.minor)),
        Command::Withdraw { account, amount, .. } => (account, Money::Take(amount.minor)),
        Command::CloseAccount { account, .. } => {
            (account, if bank.uses_numbers_again() { Money::Free } else { Money::Close })
        }
        Command::RequestTransfer { transfer, from, to, amount, .. } => {
            if from == to {
                return Acts::new();
            }
            if rejected.is_none() {
                let (id, amount) = (transfer.0, amount.minor);
                let (out, into) = (Money::AgreeFrom(id, amount), Money::AgreeTo(id, amount));
                return Acts::from_iter([on(from, out), on(to, into)]);
            }
            (from, Money::IsOpen)
        }
        Command::Debit { transfer, from } => (from, Money::Send(transfer.0)),
        Command::Credit { transfer, to } => (to, Money::Receive(transfer.0)),
        Command::Settle { transfer, from } => (from, Money::Arrived(transfer.0)),
        Command::TakeBack { transfer, from, .. } => (from, Money::TakeBack(transfer.0)),
        Command::Fail { .. } => return Acts::new(),
    };
    let said = match rejected {
        None => Some(done),
        Some(&Rejection::InsufficientFunds { balance }) => Some(match done {
            Money::Take(amount) => Money::Lacks(balance.minor, amount),
            Money::Send(id) => Money::LacksFor(balance.minor, id),
            _ => Money::Holds(balance.minor),
        }),
        Some(Rejection::NotEmpty { balance }) => Some(Money::Holds(balance.minor)),
        Some(Rejection::NotOpen) => Some(Money::IsMissing),
        Some(Rejection::Closed) => Some(Money::IsClosed),
        Some(Rejection::TransferUnderWay) => Some(Money::UnderWay),
        Some(Rejection::AlreadyOpen | Rejection::NumberTaken | Rejection::NotTheOwner) => {
            Some(Money::IsOpen)
        }
        // These are about the command, the transfer or other accounts.
        Some(
            Rejection::NotPositive
            | Rejection::SameAccount
            | Rejection::TooMuch
            | Rejection::AlreadyRequested
            | Rejection::TooManyAccounts { .. }
            | Rejection::NotNow { .. }
            | Rejection::AnotherLife,
        ) => None,
    };
    said.map(|act| on(account, act)).into_iter().collect()
}

/// What a balance says that is read in the store: in the synchronous view, or in the account's stream as of now.
pub(super) fn attests(query: &Query, row: Option<&Row>) -> Option<(StreamId, Act)> {
    let (Query::Balance(account, Kept::Inline) | Query::BalanceAsOf(account, AsOf::Now)) = query
    else {
        return None;
    };
    match row {
        Some(Row::Balance(line)) => Some(on(*account, Money::Holds(line.balance.minor))),
        _ => Some(on(*account, Money::IsMissing)),
    }
}

const fn on(account: AccountId, act: Money) -> (StreamId, Act) {
    (account.stream(), Act::Money(act))
}
