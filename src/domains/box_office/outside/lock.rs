//! The lock service: one lock for each show, with a time to live, as Redis keeps it with `SET NX PX`.
//!
//! A lock that has expired is free, whatever its last holder does meanwhile. Each lock that is granted has a
//! greater fencing token than all before it; whether anybody compares it is not the service's concern.

use crate::collections::SortedMap;
use crate::domains::box_office::ids::{Fence, ShowId, TicketId};
use crate::kernel::{Instant, Span};
use crate::names;

/// A request to the lock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockRequest {
    /// Lock a show for a purchase. Its holder is granted the same lock again.
    Acquire { show: ShowId, ticket: TicketId },
    /// Release the lock, if the purchase still holds it.
    Release { show: ShowId, ticket: TicketId },
}

names! { LockRequest { Acquire => AcquireLock, Release => ReleaseLock } }

/// An answer of the lock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockReply {
    Granted {
        ticket: TicketId,
        fence: Fence,
    },
    /// Another purchase holds the lock.
    Busy {
        ticket: TicketId,
    },
    /// The purchase does not hold the lock.
    Released {
        ticket: TicketId,
    },
    /// The service failed (5xx): the request may have taken effect.
    Unavailable(LockRequest),
}

/// An entry of the log of the lock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockEntry {
    Granted { show: ShowId, ticket: TicketId, fence: Fence },
    Released { show: ShowId, ticket: TicketId },
}

/// The holder of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    pub ticket: TicketId,
    pub fence: Fence,
    pub until: Instant,
}

/// What the lock service keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LockLedger {
    held: SortedMap<ShowId, Held>,
    granted: Fence,
}

impl LockRequest {
    pub const fn ticket(&self) -> TicketId {
        let (Self::Acquire { ticket, .. } | Self::Release { ticket, .. }) = self;
        *ticket
    }
}

impl LockLedger {
    /// All locks, also those that have expired.
    pub fn held(&self) -> impl Iterator<Item = (ShowId, Held)> + '_ {
        self.held.iter().map(|(show, held)| (*show, *held))
    }
}

/// Answers a request, and returns the entry if a lock changed hands. A lock lives for `ttl`.
pub(super) fn serve(
    ttl: Span,
    ledger: &mut LockLedger,
    request: &LockRequest,
    now: Instant,
) -> (LockReply, Option<LockEntry>) {
    match *request {
        LockRequest::Acquire { show, ticket } => {
            let holder = ledger.held.get(&show).filter(|held| now < held.until);
            match holder {
                Some(held) if held.ticket == ticket => {
                    (LockReply::Granted { ticket, fence: held.fence }, None)
                }
                Some(_) => (LockReply::Busy { ticket }, None),
                None => {
                    let fence = Fence(ledger.granted.0 + 1);
                    ledger.granted = fence;
                    ledger.held.insert(show, Held { ticket, fence, until: now + ttl });
                    let entry = LockEntry::Granted { show, ticket, fence };
                    (LockReply::Granted { ticket, fence }, Some(entry))
                }
            }
        }
        LockRequest::Release { show, ticket } => {
            let own = ledger.held.get(&show).is_some_and(|held| held.ticket == ticket);
            if own {
                ledger.held.remove(&show);
            }
            let entry = own.then_some(LockEntry::Released { show, ticket });
            (LockReply::Released { ticket }, entry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOW: ShowId = ShowId(0);

    fn ask(ledger: &mut LockLedger, request: LockRequest, secs: u64) -> LockReply {
        let now = Instant::ZERO + Span::from_secs(secs);
        serve(Span::from_secs(5), ledger, &request, now).0
    }

    fn acquire(ticket: u32) -> LockRequest {
        LockRequest::Acquire { show: SHOW, ticket: TicketId(ticket) }
    }

    fn granted(ticket: u32, fence: u32) -> LockReply {
        LockReply::Granted { ticket: TicketId(ticket), fence: Fence(fence) }
    }

    #[test]
    fn a_lock_has_one_holder_until_it_expires() {
        let mut ledger = LockLedger::default();
        assert_eq!(ask(&mut ledger, acquire(1), 0), granted(1, 1));
        assert_eq!(ask(&mut ledger, acquire(1), 1), granted(1, 1), "the same lock");
        assert_eq!(ask(&mut ledger, acquire(2), 4), LockReply::Busy { ticket: TicketId(2) });
        assert_eq!(ask(&mut ledger, acquire(2), 5), granted(2, 2), "after its time to live");
    }

    #[test]
    fn only_its_holder_releases_a_lock() {
        let mut ledger = LockLedger::default();
        let release = |ticket| LockRequest::Release { show: SHOW, ticket: TicketId(ticket) };
        ask(&mut ledger, acquire(1), 0);
        ask(&mut ledger, release(2), 1);
        assert_eq!(ledger.held().count(), 1);
        ask(&mut ledger, release(1), 1);
        assert_eq!(ask(&mut ledger, acquire(2), 1), granted(2, 2));
    }
}
