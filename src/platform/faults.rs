//! Everything that can go wrong in a platform: the one list of faults.
//!
//! Faults of links and nodes are the kernel's; those of the store, the broker, the cache and services
//! are declared here, beside each other, and drawn where they happen. What a domain's services do on
//! their own the domain lists itself ([`Services::FAULTS`](crate::model::Services::FAULTS)).

use crate::kernel::{Fault, LINK_FAULTS, NODE_FAULTS, Scope, Site, Unit};

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

/// A fault at one node.
const fn at_node(
    site: Site,
    (family, name): (&'static str, &'static str),
    (unit, sizes): (Unit, &'static [u64]),
    says: &'static str,
    stands_for: &'static str,
) -> Fault {
    Fault { site, name, family, scope: Scope::Node, unit, sizes, says, stands_for }
}

const ONCE: (Unit, &[u64]) = (Unit::Once, &[1]);

// ---- the event store

/// The commit took effect, and the answer to it is lost.
pub(crate) const COMMIT_REPLY_LOST: Fault = at_node(
    Site::new(64, "store.commit-reply-lost"),
    ("Store", "CommitReplyLost"),
    ONCE,
    "a transaction is committed, and its writer never hears of it",
    "a connection that is cut after COMMIT: all or nothing, and nobody knows which",
);

/// The connection is cut before the commit.
pub(crate) const CONNECTION_CUT: Fault = at_node(
    Site::new(65, "store.connection-cut"),
    ("Store", "ConnectionCut"),
    ONCE,
    "a writer's connection is cut: its transaction is rolled back, and it never hears of it",
    "a pooler that restarts, an idle connection that a firewall drops",
);

/// The commit is refused.
pub(crate) const COMMIT_REFUSED: Fault = at_node(
    Site::new(66, "store.commit-refused"),
    ("Store", "CommitRefused"),
    ONCE,
    "a transaction fails at its commit, and its writer is told so",
    "a disk that is full, a primary that has become read-only",
);

/// The commit takes long.
pub(crate) const SLOW_COMMIT: Fault = at_node(
    Site::new(67, "store.slow-commit"),
    ("Store", "SlowCommit"),
    (Unit::Span, &[500 * MILLI, 50 * MILLI, 5 * SECOND]),
    "a transaction takes that much longer to commit, and whoever writes to its streams waits",
    "a slow disk, a synchronous replica that lags",
);

/// A transaction cannot be serialised.
pub(crate) const SERIALIZATION_FAILURE: Fault = at_node(
    Site::new(68, "store.serialization-failure"),
    ("Store", "SerializationFailure"),
    ONCE,
    "a transaction fails with 40001, though nobody else wrote to its streams",
    "serialisable isolation, which promises no success without a retry",
);

// ---- the broker and its consumers

/// The broker closes a consumer's connection.
pub(crate) const CONNECTION_CLOSED: Fault = at_node(
    Site::new(72, "broker.connection-closed"),
    ("Broker", "ConnectionClosed"),
    ONCE,
    "a consumer's connection is closed: all that it has not acknowledged is requeued",
    "a missed heartbeat, a channel error, a consumer that took too long to acknowledge",
);

/// A message is delivered again.
pub(crate) const REDELIVERY: Fault = at_node(
    Site::new(73, "broker.redelivery"),
    ("Broker", "Redelivery"),
    ONCE,
    "an acknowledgement is lost, and the message is delivered again",
    "at-least-once delivery: a channel that closes with the acknowledgement on its way",
);

/// A message is overtaken in its queue.
pub(crate) const OVERTAKEN: Fault = at_node(
    Site::new(74, "broker.overtaken"),
    ("Broker", "Overtaken"),
    (Unit::Times, &[1, 2, 3]),
    "a message goes back to its queue, and so many of those behind it are delivered first",
    "a requeue with more than one message in flight: the order is lost",
);

/// A publisher's confirm is lost.
pub(crate) const CONFIRM_LOST: Fault = at_node(
    Site::new(75, "broker.confirm-lost"),
    ("Broker", "ConfirmLost"),
    ONCE,
    "a message is routed and kept, and its publisher never hears of it",
    "a channel that closes with the confirm on its way",
);

/// A queue has lost its binding.
pub(crate) const BINDING_LOST: Fault = at_node(
    Site::new(76, "broker.binding-lost"),
    ("Broker", "BindingLost"),
    (Unit::Lasting, &[3 * SECOND, 300 * MILLI, 20 * SECOND]),
    "a queue is not bound for a while: what is published meanwhile is not routed to it",
    "a definition that is lost in an upgrade, a queue that was declared anew",
);

/// A consumer cannot handle a message.
pub(crate) const POISON: Fault = at_node(
    Site::new(77, "projector.poison"),
    ("Broker", "Poison"),
    (Unit::Times, &[1, 3, 25]),
    "a projector fails on an event so many times and refuses it",
    "a bug that one event triggers, until it is mended",
);

// ---- the cache and its readers

/// The cache fails over.
pub(crate) const FAILOVER: Fault = at_node(
    Site::new(80, "cache.failover"),
    ("Cache", "Failover"),
    (Unit::Span, &[SECOND, 100 * MILLI, 60 * SECOND]),
    "a replica takes over that lacks what was written in the last while: acknowledged or not, it is gone",
    "asynchronous replication: an acknowledged write need not survive",
);

/// An entry is evicted.
pub(crate) const EVICTION: Fault = at_node(
    Site::new(81, "cache.eviction"),
    ("Cache", "Eviction"),
    ONCE,
    "an entry is evicted before its time",
    "memory that runs short under an LRU policy",
);

/// An entry expires at the worst moment.
pub(crate) const EARLY_EXPIRY: Fault = at_node(
    Site::new(82, "cache.early-expiry"),
    ("Cache", "EarlyExpiry"),
    ONCE,
    "a value, or the lease of whoever loads it, lapses while it is being loaded",
    "a time to live that ends mid-load, a clock that drifts",
);

/// A loader forgets its load.
pub(crate) const LOADER_CRASH: Fault = at_node(
    Site::new(83, "query.loader-crash"),
    ("Cache", "LoaderCrash"),
    ONCE,
    "whoever loads a value for all others dies in the middle of it",
    "a worker that is killed with the lock in its hands",
);

// ---- services

/// A service is slow.
pub(crate) const SERVICE_SLOW: Fault = at_node(
    Site::new(96, "service.slow"),
    ("Service", "ServiceSlow"),
    (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
    "a service takes that much longer before it does what it is asked",
    "a reservation system at peak time",
);

/// A service fails before it does anything.
pub(crate) const ERROR_BEFORE: Fault = at_node(
    Site::new(97, "service.error-before"),
    ("Service", "ErrorBefore"),
    ONCE,
    "a service answers with a 5xx and has done nothing",
    "an overloaded gateway",
);

/// A service fails after it did what it was asked.
pub(crate) const ERROR_AFTER: Fault = at_node(
    Site::new(98, "service.error-after"),
    ("Service", "ErrorAfter"),
    ONCE,
    "a service answers with a 5xx although it has done what it was asked",
    "a back end that commits and then fails to render its answer",
);

/// A request is lost at a service.
pub(crate) const TIMEOUT_BEFORE: Fault = at_node(
    Site::new(99, "service.timeout-before"),
    ("Service", "TimeoutBefore"),
    ONCE,
    "a service never gets to a request, and never answers it",
    "a worker that is killed, a queue that overflows",
);

/// An answer is lost at a service.
pub(crate) const TIMEOUT_AFTER: Fault = at_node(
    Site::new(100, "service.timeout-after"),
    ("Service", "TimeoutAfter"),
    ONCE,
    "a service does what it is asked, and its answer is lost",
    "a gateway that times out before its back end answers",
);

/// An answer comes twice.
pub(crate) const REPLY_TWICE: Fault = at_node(
    Site::new(101, "service.reply-twice"),
    ("Service", "ReplyTwice"),
    (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
    "a service answers a second time, that much later",
    "a message-based interface that redelivers",
);

/// An answer comes late.
pub(crate) const REPLY_LATE: Fault = at_node(
    Site::new(102, "service.reply-late"),
    ("Service", "ReplyLate"),
    (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
    "a service does what it is asked at once, and its answer comes that much later",
    "an answer that arrives when the asker has long turned back",
);

/// A report comes twice.
pub(crate) const WEBHOOK_TWICE: Fault = at_node(
    Site::new(103, "service.webhook-twice"),
    ("Service", "WebhookTwice"),
    (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
    "a service reports something a second time, that much later",
    "webhooks are delivered at least once",
);

/// A report comes late.
pub(crate) const WEBHOOK_LATE: Fault = at_node(
    Site::new(104, "service.webhook-late"),
    ("Service", "WebhookLate"),
    (Unit::Span, &[3 * SECOND, 300 * MILLI, 60 * SECOND]),
    "a service reports something that much later, and later things before it",
    "webhooks come in no particular order",
);

/// A service forgets old idempotency keys.
pub(crate) const KEYS_PRUNED: Fault = at_node(
    Site::new(105, "service.keys-pruned"),
    ("Service", "KeysPruned"),
    ONCE,
    "a service forgets the idempotency keys that are older than it promises to keep them",
    "payment providers, which keep keys for a day",
);

/// All faults that any platform knows, in order of their sites.
pub(crate) const FAULTS: &[&Fault] = &{
    const OWN: [&Fault; 25] = [
        &COMMIT_REPLY_LOST,
        &CONNECTION_CUT,
        &COMMIT_REFUSED,
        &SLOW_COMMIT,
        &SERIALIZATION_FAILURE,
        &CONNECTION_CLOSED,
        &REDELIVERY,
        &OVERTAKEN,
        &CONFIRM_LOST,
        &BINDING_LOST,
        &POISON,
        &FAILOVER,
        &EVICTION,
        &EARLY_EXPIRY,
        &LOADER_CRASH,
        &SERVICE_SLOW,
        &ERROR_BEFORE,
        &ERROR_AFTER,
        &TIMEOUT_BEFORE,
        &TIMEOUT_AFTER,
        &REPLY_TWICE,
        &REPLY_LATE,
        &WEBHOOK_TWICE,
        &WEBHOOK_LATE,
        &KEYS_PRUNED,
    ];
    const LINKS: usize = LINK_FAULTS.len();
    const NODES: usize = NODE_FAULTS.len();
    let mut all = [LINK_FAULTS[0]; LINKS + NODES + OWN.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < LINKS {
            LINK_FAULTS[at]
        } else if at < LINKS + NODES {
            NODE_FAULTS[at - LINKS]
        } else {
            OWN[at - LINKS - NODES]
        };
        at += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_faults_share_a_site_or_a_name() {
        assert!(FAULTS.windows(2).all(|pair| pair[0].site < pair[1].site));
        let mut names: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
        names.extend(FAULTS.iter().map(|fault| fault.site.name()));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_family_is_no_fault_and_every_fault_has_a_size() {
        for fault in FAULTS {
            assert!(FAULTS.iter().all(|other| other.name != fault.family), "{}", fault.family);
            assert!(!fault.sizes.is_empty() && !fault.sizes.contains(&0), "{}", fault.name);
        }
    }
}
