//! The names of answers and waits in scenario files.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::setup::Accounts;
use super::transfer::Status;
use super::views::Row;
use super::{Kept, Query};
use crate::domains::money::Money;
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{OutcomeLabel, WaitLabel};

/// A balance in an answer, as in `"120.00 EUR"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sum(pub Money);

impl std::fmt::Debug for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What can follow `include:`. The rejections have their own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    InsufficientFunds,
    NotPositive,
    NotOpen,
    AlreadyOpen,
    NumberTaken,
    Closed,
    NotEmpty,
    TransferUnderWay,
    NotTheOwner,
    SameAccount,
    TooMuch,
    TooManyAccounts,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query returned this balance.
    Balance(Sum),
    /// A query returned a transfer that is under way.
    UnderWay,
    /// A query returned a completed transfer.
    Arrived,
    /// A query returned a transfer whose money came back.
    Returned,
    /// A query returned a transfer that failed before money had moved.
    Failed,
    /// A query returned the customer's accounts.
    Accounts,
    /// A query found nothing.
    Nothing,
    /// The rows did not contain the customer's own writes yet.
    NotYet,
    /// A node that a query or an erasure needs did not answer.
    TryLater,
    /// The customer's data was erased.
    Forgotten,
    /// No answer came in time.
    Silence,
}

/// What can follow `of:`: an operation whose latency is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// An account is opened or closed.
    Account,
    /// Money is paid in or out.
    Payment,
    /// A transfer is requested.
    Transfer,
    /// A balance in the synchronous view.
    BalanceInline,
    /// A balance in the view behind outbox and broker.
    BalanceByBus,
    /// A balance in the on-demand view.
    BalanceOnDemand,
    /// A balance of the past.
    BalanceAsOf,
    /// The customer's accounts, or a transfer.
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
                Rejection::TooManyAccounts { .. } => Self::TooManyAccounts,
                Rejection::AlreadyRequested | Rejection::NotNow { .. } | Rejection::AnotherLife => {
                    Self::Refused
                }
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
            Answer::TryLater(_) => Self::TryLater,
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
            // A customer that stopped waiting has no answer to measure.
            Answer::TryLater(_) | Answer::Erased | Answer::Silence => None,
        }
    }
}
