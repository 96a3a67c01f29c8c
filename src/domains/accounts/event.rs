//! Everything that can happen to an account or a transfer.

use super::command::Rejection;
use super::ids::{AccountId, TransferId};
use super::old_event::OldEvent;
use super::saga_event::SagaEvent;
use crate::domains::money::Money;
use crate::event_names;
use crate::model::CustomerId;

/// What happens to an account. Its balance is the sum of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AccountEvent {
    /// There is an account.
    AccountOpened { owner: CustomerId },
    /// Money was paid in.
    Deposited { amount: Money },
    /// The owner took money out.
    Withdrew { amount: Money },
    /// Money left for another account. It is under way until that is settled or taken back.
    TransferSent { transfer: TransferId, to: AccountId, amount: Money },
    /// Money came from another account.
    TransferReceived { transfer: TransferId, from: AccountId, amount: Money },
    /// Money that was sent has arrived: it is not under way any more.
    TransferSettled { transfer: TransferId },
    /// Money that was sent came back.
    TransferTakenBack { transfer: TransferId, amount: Money },
    /// The account is no more. Its number is not used again.
    AccountClosed { owner: CustomerId },
}

/// What happens to a transfer. Each step of money is noted here in the transaction that moves it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TransferEvent {
    /// A customer asked for money to be moved.
    TransferRequested { by: CustomerId, from: AccountId, to: AccountId, amount: Money },
    /// The money has left its source.
    TransferDebited,
    /// The money has arrived.
    TransferCredited,
    /// Both sides know that it has.
    TransferCompleted,
    /// The money is back at its source.
    TransferReturned { why: Why },
    /// The money never left.
    TransferFailed { why: Why },
}

/// Why an account takes no part in a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// There is too little on it.
    InsufficientFunds,
    /// There is no such account.
    NotOpen,
    /// It is closed.
    Closed,
    /// It belongs to another customer.
    NotTheOwner,
    /// It cannot count so much.
    TooMuch,
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Of an account.
    Account(AccountEvent),
    /// Of a transfer.
    Transfer(TransferEvent),
    /// Of a saga.
    Saga(SagaEvent),
    /// Of an account, as it was written under an older schema.
    Old(OldEvent),
}

impl Why {
    /// The reason for which an account refused; `None` if it was not the account that did.
    pub const fn of(rejection: &Rejection) -> Option<Self> {
        match rejection {
            Rejection::InsufficientFunds { .. } => Some(Self::InsufficientFunds),
            Rejection::NotOpen => Some(Self::NotOpen),
            Rejection::Closed => Some(Self::Closed),
            Rejection::NotTheOwner => Some(Self::NotTheOwner),
            Rejection::TooMuch => Some(Self::TooMuch),
            Rejection::NotPositive
            | Rejection::AlreadyOpen
            | Rejection::NumberTaken
            | Rejection::NotEmpty { .. }
            | Rejection::TransferUnderWay
            | Rejection::SameAccount
            | Rejection::AlreadyRequested
            | Rejection::NotNow { .. } => None,
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient funds",
            Self::NotOpen => "no such account",
            Self::Closed => "the account is closed",
            Self::NotTheOwner => "not the owner's",
            Self::TooMuch => "more than can be counted",
        }
    }
}

event_names! {
    AccountEvent {
        AccountOpened, Deposited, Withdrew, TransferSent, TransferReceived, TransferSettled,
        TransferTakenBack, AccountClosed,
    }
}

event_names! {
    TransferEvent {
        TransferRequested, TransferDebited, TransferCredited, TransferCompleted, TransferReturned,
        TransferFailed,
    }
}

event_names! { Event of Account(AccountEvent), Transfer(TransferEvent), Saga(SagaEvent); old Old }
