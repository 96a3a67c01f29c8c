//! The payment provider: idempotency keys, and a ledger of all movements of money.
//!
//! Like the simpler real providers it knows only keys and charges: a second capture under a fresh key
//! takes the money a second time, so its clients must choose keys with care. A resend under a key gets
//! the first answer again, also if that was a failure (5xx), until the key is forgotten.
//!
//! A charge can take turns that we do not ask for: the customer's bank wants a confirmation before it reserves
//! money, a reservation lapses, a cardholder disputes a charge. The ledger has a line for each, a [`Notice`].

use std::fmt;

use super::event::ChargeStep;
use super::ids::{Attempt, BookingId};
use super::money::Money;

mod faults;
mod ledger;
mod serve;
mod standing;
#[cfg(test)]
mod tests;
mod words;

pub(super) use faults::FAULTS;
pub(crate) use ledger::ProviderLedger;
pub(super) use serve::{changed, fail, look_up, report, serve, webhook};
pub(crate) use standing::{Dispute, Standing};
pub(super) use words::{dispute_word, imperative, say_entry, say_notice, say_reply, say_request};

/// An idempotency key: a request with the same key is a resend, which is answered and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub booking: BookingId,
    pub step: ChargeStep,
    /// Counts the attempts that are not resends, from 0. For queries: counts all of them, because the
    /// answer to an older query may be out of date.
    pub again: u8,
}

/// What the provider is asked: the key contains the step and the booking. Each attempt of the customer
/// is made with a card of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeRequest {
    pub key: Key,
    pub amount: Money,
    pub attempt: Attempt,
}

/// What the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    /// It is done.
    Done { key: Key, amount: Money },
    /// It is not done, and will not be done under this key.
    Declined { key: Key },
    /// The answer to a query.
    Standing { key: Key, standing: Standing },
    /// The key was used before with other parameters.
    KeyReused { key: Key },
    /// The provider failed (5xx); the request may have taken effect.
    Unavailable(ChargeRequest),
    /// The customer must confirm the payment with their bank; the outcome is reported later.
    Pending { key: Key },
    /// It is not done, because the reservation has lapsed.
    Lapsed { key: Key },
    /// The state of a dispute, which the cardholder's bank has opened or decided.
    Disputed { key: Key, dispute: Dispute },
    /// Of a report: the state of the charge, and for each movement how many keys were used.
    Reported { booking: BookingId, standing: Standing, keys: [u8; 4] },
}

/// One line of the provider's ledger: a movement, and the state of the charge after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeEntry {
    pub booking: BookingId,
    pub step: ChargeStep,
    pub amount: Money,
    pub standing: Standing,
}

/// One line of the provider's ledger about what nobody asked the provider for, and the state of the charge after
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Notice {
    pub key: Key,
    pub what: Turn,
    pub amount: Money,
    pub standing: Standing,
}

/// What happens to a charge without a request of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// The customer must confirm the payment with their bank.
    Pending,
    /// The customer has confirmed: the money is reserved.
    Confirmed,
    /// The customer has not confirmed in time: nothing is reserved.
    Unconfirmed,
    /// A reservation has lapsed.
    Lapsed,
    /// The cardholder's bank has taken the money back until a dispute is decided.
    Disputed,
    /// The dispute is decided for us: the money is ours again.
    DisputeWon,
    /// The dispute is decided against us: the money stays with the cardholder.
    DisputeLost,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.booking, imperative(self.step))?;
        if self.again == 0 { Ok(()) } else { write!(f, "-{}", self.again) }
    }
}
