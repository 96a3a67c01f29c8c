//! What a fact says of money and of things that are limited, for readers that do not know the domain.

use crate::model::StreamId;

/// Money that moved, or a thing that was taken or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Something happened to the payment for a stream.
    Money {
        /// The stream that is paid for.
        about: StreamId,
        /// What happened.
        did: MoneyMove,
        /// How much, in minor units.
        minor: i64,
    },
    /// There are so many of an item from now on.
    Stock {
        /// The item.
        item: Subject,
        /// How many.
        capacity: u32,
    },
    /// Some of an item is held.
    Held {
        /// The item.
        item: Subject,
        /// What holds it.
        holder: Subject,
    },
    /// Some of an item is sold. It may have been held.
    Sold {
        /// The item.
        item: Subject,
        /// What has bought it.
        holder: Subject,
        /// How many.
        quantity: u32,
    },
    /// It is free again.
    Released {
        /// The item.
        item: Subject,
        /// What had it.
        holder: Subject,
    },
}

/// What happens to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MoneyMove {
    Authorise,
    Capture,
    /// Authorised and captured at once.
    Charge,
    Void,
    Refund,
    Chargeback,
    DisputeWon,
}

impl MoneyMove {
    /// Its name in a history.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Capture => "capture",
            Self::Charge => "charge",
            Self::Void => "void",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
            Self::DisputeWon => "dispute_won",
        }
    }
}

/// An item, or what holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A stream.
    Stream(StreamId),
    /// A part of a stream, such as one of several orders for it.
    Part(StreamId, String),
    /// Something that is no stream.
    Named(String),
}
