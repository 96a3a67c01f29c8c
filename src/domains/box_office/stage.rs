//! The stages through which the box office was built: each fixes what the one before it got wrong.

use serde::{Deserialize, Serialize};

/// How tickets are sold.
///
/// | stage | how a purchase keeps others away from its place |
/// |---|---|
/// | `Monolith` | not at all: it looks, inserts a ticket, has it paid for, and then writes the count |
/// | `RedisLock` | by a lock with a time to live, whose expiry it does not notice |
/// | `RedisLockFenced` | by the same lock; the show refuses writers whose lock was granted to others since |
/// | `EventSourced` | it reserves the place in the transaction that makes the ticket |
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Stage {
    /// Check, insert, pay, write the count: four steps that nothing holds together.
    Monolith,
    /// The same steps under a lock with a time to live, with an idempotency key and retries of the payment.
    RedisLock,
    /// The same, with a fencing token.
    RedisLockFenced,
    /// Reservations with a deadline, in one transaction with the inventory, and a saga with compensations.
    #[default]
    EventSourced,
}

impl Stage {
    /// Whether a ticket reserves its place before it is paid for.
    pub const fn reserves(self) -> bool {
        matches!(self, Self::EventSourced)
    }

    /// Whether a purchase takes the lock of its show.
    pub const fn locks(self) -> bool {
        matches!(self, Self::RedisLock | Self::RedisLockFenced)
    }

    /// Whether a show compares fencing tokens.
    pub const fn fences(self) -> bool {
        matches!(self, Self::RedisLockFenced)
    }

    /// Whether a payment has an idempotency key, so that it can be tried again and undone.
    pub const fn has_keys(self) -> bool {
        !matches!(self, Self::Monolith)
    }
}
