//! What can be asked of accounts and transfers, and the reasons for which they say no.

use thiserror::Error;

use super::event::Why;
use super::ids::{AccountId, TransferId};
use super::transfer::Status;
use crate::domains::money::Money;
use crate::model::{CustomerId, Streams};
use crate::names;

/// What is asked. The last five are asked by the saga of a transfer: each moves the transfer one step
/// and touches one account at most.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Opens an account, with or without a first deposit.
    OpenAccount { account: AccountId, owner: CustomerId, deposit: Option<Money> },
    /// Pays money in.
    Deposit { account: AccountId, amount: Money },
    /// Takes money out.
    Withdraw { account: AccountId, by: CustomerId, amount: Money },
    /// Closes an account.
    CloseAccount { account: AccountId, by: CustomerId },
    /// Asks for money to be moved.
    RequestTransfer {
        transfer: TransferId,
        by: CustomerId,
        from: AccountId,
        to: AccountId,
        amount: Money,
    },
    /// The money leaves its source.
    Debit { transfer: TransferId, from: AccountId },
    /// The money arrives.
    Credit { transfer: TransferId, to: AccountId },
    /// The source hears that it has.
    Settle { transfer: TransferId, from: AccountId },
    /// The money goes back to its source.
    TakeBack { transfer: TransferId, from: AccountId, why: Why },
    /// The transfer is given up before any money has moved.
    Fail { transfer: TransferId, why: Why },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// An account is not overdrawn.
    #[error("there is only {balance}")]
    InsufficientFunds { balance: Money },
    /// The amount is zero or negative.
    #[error("an amount must be positive")]
    NotPositive,
    /// There is nothing to act on.
    #[error("no such account")]
    NotOpen,
    /// The same customer has opened it before.
    #[error("already open")]
    AlreadyOpen,
    /// Another customer has opened it before.
    #[error("the number is taken")]
    NumberTaken,
    /// It was given up.
    #[error("the account is closed")]
    Closed,
    /// The money must be taken out first.
    #[error("there is still {balance}")]
    NotEmpty { balance: Money },
    /// Money that was sent may still come back.
    #[error("a transfer is under way")]
    TransferUnderWay,
    /// It belongs to another customer.
    #[error("not the owner's")]
    NotTheOwner,
    /// There is nothing to move.
    #[error("source and destination are the same account")]
    SameAccount,
    /// The sum would be more than can be counted.
    #[error("more than can be counted")]
    TooMuch,
    /// The number of the transfer was used before.
    #[error("requested before")]
    AlreadyRequested,
    /// The transfer has come another way.
    #[error("the transfer is {}", status.map_or("not there", Status::word))]
    NotNow { status: Option<Status> },
}

names! {
    Command {
        OpenAccount, Deposit, Withdraw, CloseAccount, RequestTransfer, Debit, Credit, Settle,
        TakeBack, Fail,
    }
}

impl Command {
    /// The streams it is decided on: that of the transfer, if it has to do with one, and that of the one
    /// account that takes part.
    pub fn streams(&self) -> Streams {
        let streams = |transfer: &TransferId, account: &AccountId| {
            [transfer.stream(), account.stream()].into_iter().collect()
        };
        match self {
            Self::OpenAccount { account, .. }
            | Self::Deposit { account, .. }
            | Self::Withdraw { account, .. }
            | Self::CloseAccount { account, .. } => [account.stream()].into_iter().collect(),
            Self::RequestTransfer { transfer, from, .. }
            | Self::Debit { transfer, from }
            | Self::Settle { transfer, from }
            | Self::TakeBack { transfer, from, .. } => streams(transfer, from),
            Self::Credit { transfer, to } => streams(transfer, to),
            Self::Fail { transfer, .. } => [transfer.stream()].into_iter().collect(),
        }
    }
}

names! {
    Rejection {
        InsufficientFunds, NotPositive, NotOpen, AlreadyOpen, NumberTaken, Closed, NotEmpty,
        TransferUnderWay, NotTheOwner, SameAccount, TooMuch, AlreadyRequested, NotNow,
    }
}
