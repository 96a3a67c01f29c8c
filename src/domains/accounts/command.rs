//! Commands to accounts and transfers, and the reasons to reject them.

use thiserror::Error;

use super::event::Why;
use super::ids::{AccountId, TransferId};
use super::transfer::Status;
use crate::domains::money::Money;
use crate::model::{CustomerId, Named, Streams};
use crate::names;

/// A command. The last five come from the saga of a transfer: each is one step of the transfer and
/// involves at most one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Opens an account, optionally with a first deposit.
    OpenAccount { account: AccountId, owner: CustomerId, deposit: Option<Money> },
    /// Pays money in.
    Deposit { account: AccountId, amount: Money },
    /// Takes money out.
    Withdraw { account: AccountId, by: CustomerId, amount: Money },
    /// Closes an account.
    CloseAccount { account: AccountId, by: CustomerId },
    /// Requests a transfer.
    RequestTransfer {
        transfer: TransferId,
        by: CustomerId,
        from: AccountId,
        to: AccountId,
        amount: Money,
        /// Whom the money is for, as the customer writes it.
        payee: Named,
    },
    /// Takes the money from the source.
    Debit { transfer: TransferId, from: AccountId },
    /// Adds the money to the destination.
    Credit { transfer: TransferId, to: AccountId },
    /// Confirms to the source that the money has arrived.
    Settle { transfer: TransferId, from: AccountId },
    /// Returns the money to the source.
    TakeBack { transfer: TransferId, from: AccountId, why: Why },
    /// Ends the transfer before any money has moved.
    Fail { transfer: TransferId, why: Why },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    #[error("the balance is only {balance}")]
    InsufficientFunds { balance: Money },
    #[error("the amount must be greater than zero")]
    NotPositive,
    /// The account was never opened.
    #[error("no such account")]
    NotOpen,
    #[error("already open")]
    AlreadyOpen,
    #[error("the account number is taken")]
    NumberTaken,
    #[error("the account is closed")]
    Closed,
    #[error("the balance is still {balance}")]
    NotEmpty { balance: Money },
    /// Money that was sent may still come back.
    #[error("a transfer is under way")]
    TransferUnderWay,
    #[error("the account belongs to another customer")]
    NotTheOwner,
    #[error("source and destination are the same account")]
    SameAccount,
    #[error("the balance would be too large")]
    TooMuch,
    #[error("the transfer was already requested")]
    AlreadyRequested,
    #[error("the transfer is {}", status.map_or("unknown", Status::word))]
    NotNow { status: Option<Status> },
    /// The customer, or the bank, has as many open accounts as are allowed.
    #[error("only {limit} can be open")]
    TooManyAccounts { limit: u32 },
    /// The account with this number is not the one for which the transfer was requested.
    #[error("the account number is another account by now")]
    AnotherLife,
}

names! {
    Command {
        OpenAccount, Deposit, Withdraw, CloseAccount, RequestTransfer, Debit, Credit, Settle,
        TakeBack, Fail,
    }
}

names! {
    Rejection {
        InsufficientFunds, NotPositive, NotOpen, AlreadyOpen, NumberTaken, Closed, NotEmpty,
        TransferUnderWay, NotTheOwner, SameAccount, TooMuch, AlreadyRequested, NotNow, TooManyAccounts,
        AnotherLife,
    }
}

impl Command {
    /// The streams that the decision reads: the transfer, if any, and the one account involved.
    pub fn streams(&self) -> Streams {
        match self {
            Self::OpenAccount { account, .. }
            | Self::Deposit { account, .. }
            | Self::Withdraw { account, .. }
            | Self::CloseAccount { account, .. } => Streams::from_iter([account.stream()]),
            Self::RequestTransfer { transfer, from: account, .. }
            | Self::Debit { transfer, from: account }
            | Self::Settle { transfer, from: account }
            | Self::TakeBack { transfer, from: account, .. }
            | Self::Credit { transfer, to: account } => {
                Streams::from_iter([transfer.stream(), account.stream()])
            }
            Self::Fail { transfer, .. } => Streams::from_iter([transfer.stream()]),
        }
    }
}
