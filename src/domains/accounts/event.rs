//! The events of accounts and transfers.

use super::command::Rejection;
use super::ids::{AccountId, Life, TransferId};
use super::old_event::OldEvent;
use super::saga_event::SagaEvent;
use crate::domains::money::Money;
use crate::event_names;
use crate::model::{CustomerId, People};

/// An event of an account. The balance is the sum of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AccountEvent {
    /// A customer opened the account.
    AccountOpened {
        owner: CustomerId,
        /// The owner.
        people: People,
    },
    /// Money was paid in.
    Deposited { amount: Money },
    /// The owner took money out.
    Withdrew { amount: Money },
    /// Money left for another account. It is under way until it is settled or taken back.
    TransferSent { transfer: TransferId, to: AccountId, amount: Money },
    /// Money arrived from another account.
    TransferReceived { transfer: TransferId, from: AccountId, amount: Money },
    /// Money that was sent has arrived and is no longer under way.
    TransferSettled { transfer: TransferId },
    /// Money that was sent came back.
    TransferTakenBack { transfer: TransferId, amount: Money },
    /// The owner closed the account.
    AccountClosed { owner: CustomerId },
    /// This life of the number began, in a bank that uses numbers again.
    LifeBegan { life: Life },
}

/// An event of a transfer, stored in the transaction that moves the money.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TransferEvent {
    /// A customer requested the transfer.
    TransferRequested {
        by: CustomerId,
        from: AccountId,
        to: AccountId,
        amount: Money,
        /// The customer who requested it, and the payee.
        people: People,
    },
    /// The money has left its source.
    TransferDebited,
    /// The money has arrived.
    TransferCredited,
    /// The source knows that the money has arrived.
    TransferCompleted,
    /// The money is back at its source.
    TransferReturned { why: Why },
    /// The money never left.
    TransferFailed { why: Why },
    /// The life of the destination for which the transfer was requested, in a bank that uses numbers again.
    DestinationNoted { life: Life },
}

/// Why an account rejects its part of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    InsufficientFunds,
    /// It was never opened.
    NotOpen,
    Closed,
    NotTheOwner,
    /// The balance would overflow.
    TooMuch,
    /// Its number was used again since the transfer was requested.
    AnotherLife,
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Account(AccountEvent),
    Transfer(TransferEvent),
    Saga(SagaEvent),
    /// Of an account, in an older schema.
    Old(OldEvent),
}

impl Why {
    /// The reason, if the account rejected the command, and not the transfer.
    pub const fn of(rejection: &Rejection) -> Option<Self> {
        match rejection {
            Rejection::InsufficientFunds { .. } => Some(Self::InsufficientFunds),
            Rejection::NotOpen => Some(Self::NotOpen),
            Rejection::Closed => Some(Self::Closed),
            Rejection::NotTheOwner => Some(Self::NotTheOwner),
            Rejection::TooMuch => Some(Self::TooMuch),
            Rejection::AnotherLife => Some(Self::AnotherLife),
            Rejection::NotPositive
            | Rejection::AlreadyOpen
            | Rejection::NumberTaken
            | Rejection::NotEmpty { .. }
            | Rejection::TransferUnderWay
            | Rejection::SameAccount
            | Rejection::AlreadyRequested
            | Rejection::TooManyAccounts { .. }
            | Rejection::NotNow { .. } => None,
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient funds",
            Self::NotOpen => "no such account",
            Self::Closed => "the account is closed",
            Self::NotTheOwner => "the account belongs to another customer",
            Self::TooMuch => "the balance would be too large",
            Self::AnotherLife => "the account number is another account by now",
        }
    }
}

event_names! {
    AccountEvent {
        AccountOpened, Deposited, Withdrew, TransferSent, TransferReceived, TransferSettled,
        TransferTakenBack, AccountClosed, LifeBegan,
    }
}

event_names! {
    TransferEvent {
        TransferRequested, TransferDebited, TransferCredited, TransferCompleted, TransferReturned,
        TransferFailed, DestinationNoted,
    }
}

event_names! { Event of Account(AccountEvent), Transfer(TransferEvent), Saga(SagaEvent); old Old }
