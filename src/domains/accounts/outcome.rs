//! What customers of a bank are told and what they wait for, as scenario files call it.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::setup::Accounts;
use super::transfer::Status;
use super::views::Row;
use super::{Kept, Query};
use crate::domains::money::Money;
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{OutcomeLabel, WaitLabel};

/// A balance that a customer is shown, as in `"120.00 EUR"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sum(pub Money);

impl std::fmt::Debug for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What stands after `include:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// There is too little on the account.
    InsufficientFunds,
    /// An amount is nothing, or less.
    NotPositive,
    /// There is no such account.
    NotOpen,
    /// The account is theirs already.
    AlreadyOpen,
    /// Another customer has the number.
    NumberTaken,
    /// The account was given up.
    Closed,
    /// There is still money on the account.
    NotEmpty,
    /// Money is on its way from the account, and could come back.
    TransferUnderWay,
    /// The account belongs to another customer.
    NotTheOwner,
    /// There is nothing to move from an account to itself.
    SameAccount,
    /// That is more than can be counted.
    TooMuch,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// They were shown this balance.
    Balance(Sum),
    /// They were shown a transfer that is on its way.
    UnderWay,
    /// They were shown a transfer that has arrived.
    Arrived,
    /// They were shown a transfer that came back.
    Returned,
    /// They were shown a transfer of which no money ever left.
    Failed,
    /// They were shown their accounts.
    Accounts,
    /// A query was answered: there is nothing.
    Nothing,
    /// A query came too early to show the customer what they had done.
    NotYet,
    /// They were forgotten.
    Forgotten,
    /// Nothing came back.
    Silence,
}

/// What stands after `of:`: what customers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// That an account is opened or closed.
    Account,
    /// That money was paid in or out.
    Payment,
    /// That a transfer is under way.
    Transfer,
    /// A balance, in the view that is never behind.
    BalanceInline,
    /// A balance, in the view that outbox and broker bring up to date.
    BalanceByBus,
    /// A balance, in the view that is brought up to date by being asked.
    BalanceOnDemand,
    /// A balance as it was.
    BalanceAsOf,
    /// Their accounts, or a transfer.
    List,
}

impl OutcomeLabel<Accounts> for Outcome {
    fn of(answer: &Answer<Accounts>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(rejection)) => match rejection {
                Rejection::InsufficientFunds { .. } => Self::InsufficientFunds,
                Rejection::NotPositive => Self::NotPositive,
                Rejection::NotOpen => Self::NotOpen,
                Rejection::AlreadyOpen => Self::AlreadyOpen,
                Rejection::NumberTaken => Self::NumberTaken,
                Rejection::Closed => Self::Closed,
                Rejection::NotEmpty { .. } => Self::NotEmpty,
                Rejection::TransferUnderWay => Self::TransferUnderWay,
                Rejection::NotTheOwner => Self::NotTheOwner,
                Rejection::SameAccount => Self::SameAccount,
                Rejection::TooMuch => Self::TooMuch,
                Rejection::AlreadyRequested | Rejection::NotNow { .. } => Self::Refused,
            },
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(Row::Balance(line))) => Self::Balance(Sum(line.balance)),
            Answer::Shown(_, Some(Row::Accounts(_))) => Self::Accounts,
            Answer::Shown(_, Some(Row::Transfer(line))) => match line.standing.status {
                Some(Status::Completed) => Self::Arrived,
                Some(Status::Returned(_)) => Self::Returned,
                Some(Status::Failed(_)) => Self::Failed,
                Some(Status::Requested | Status::Debited | Status::Credited) | None => {
                    Self::UnderWay
                }
            },
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

impl WaitLabel<Accounts> for Wait {
    fn of(answer: &Answer<Accounts>) -> Option<Self> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::OpenAccount { .. } | Command::CloseAccount { .. } => Some(Self::Account),
                Command::Deposit { .. } | Command::Withdraw { .. } => Some(Self::Payment),
                Command::RequestTransfer { .. } => Some(Self::Transfer),
                Command::Debit { .. }
                | Command::Credit { .. }
                | Command::Settle { .. }
                | Command::TakeBack { .. }
                | Command::Fail { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => Some(match query {
                Query::Balance(_, Kept::Inline) => Self::BalanceInline,
                Query::Balance(_, Kept::ByBus) => Self::BalanceByBus,
                Query::Balance(_, Kept::OnDemand) => Self::BalanceOnDemand,
                Query::BalanceAsOf(..) => Self::BalanceAsOf,
                Query::MyAccounts | Query::Transfer(_) => Self::List,
            }),
            // A customer who gave up waiting got no answer.
            Answer::Erased | Answer::Silence => None,
        }
    }
}
