//! The faults of the platform's own nodes and of services. Each is drawn where it happens.

use crate::kernel::{Fault, Scope, Site, Unit, declare_faults};
use crate::model::ViewId;
use crate::platform::map::Role;

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

/// A family of faults, with the nodes at which they happen.
type Family = (&'static str, Scope);

const STORE: Family = ("Store", Scope::Node(Role::EventStore.kind()));
const BROKER: Family = ("Broker", Scope::Node(Role::Broker.kind()));
const PROJECTOR: Family = ("Broker", Scope::Node(Role::Projector(ViewId(0)).kind()));
const CACHE: Family = ("Cache", Scope::Node(Role::Cache.kind()));
const QUERY: Family = ("Cache", Scope::Node(Role::QueryApi(0).kind()));
const SERVICE: Family = ("Service", Scope::Service);

const ONCE: (Unit, &[u64]) = (Unit::Once, &[1]);

const fn fault(
    (family, scope): Family,
    (site, name): (Site, &'static str),
    (unit, sizes): (Unit, &'static [u64]),
    says: &'static str,
    stands_for: &'static str,
) -> Fault {
    Fault { site, name, family, scope, unit, sizes, says, stands_for }
}

declare_faults! {
    /// The faults of stores, brokers, consumers, caches and services.
    pub(super) const PLATFORM_FAULTS;

    // ---- the event store

    /// The commit takes effect, and the reply to it is lost.
    pub(crate) const COMMIT_REPLY_LOST = fault(
        STORE,
        (Site::new(64, "store.commit-reply-lost"), "CommitReplyLost"),
        ONCE,
        "a transaction commits, and its writer never gets the reply",
        "a connection that is cut after COMMIT: the client cannot know the outcome",
    );

    /// The connection is cut before the commit.
    pub(crate) const CONNECTION_CUT = fault(
        STORE,
        (Site::new(65, "store.connection-cut"), "ConnectionCut"),
        ONCE,
        "a writer's connection is cut: its transaction rolls back, and it never gets a reply",
        "a pooler that restarts, an idle connection that a firewall drops",
    );

    /// The commit is refused.
    pub(crate) const COMMIT_REFUSED = fault(
        STORE,
        (Site::new(66, "store.commit-refused"), "CommitRefused"),
        ONCE,
        "a transaction fails at its commit, and its writer gets the error",
        "a disk that is full, a primary that has become read-only",
    );

    /// The commit takes long.
    pub(crate) const SLOW_COMMIT = fault(
        STORE,
        (Site::new(67, "store.slow-commit"), "SlowCommit"),
        (Unit::Span, &[500 * MILLI, 50 * MILLI, 5 * SECOND]),
        "a transaction takes that much longer to commit, and other writers to its streams wait",
        "a slow disk, a synchronous replica that lags",
    );

    /// A transaction cannot be serialised.
    pub(crate) const SERIALIZATION_FAILURE = fault(
        STORE,
        (Site::new(68, "store.serialization-failure"), "SerializationFailure"),
        ONCE,
        "a transaction fails with 40001, although no other transaction wrote to its streams",
        "serialisable isolation, which may abort any transaction",
    );

    // ---- the broker and its consumers

    /// The broker closes a consumer's connection.
    pub(crate) const CONNECTION_CLOSED = fault(
        BROKER,
        (Site::new(72, "broker.connection-closed"), "ConnectionClosed"),
        ONCE,
        "a consumer's connection is closed: all its unacknowledged messages are requeued",
        "a missed heartbeat, a channel error, a consumer that took too long to acknowledge",
    );

    /// A message is delivered again.
    pub(crate) const REDELIVERY = fault(
        BROKER,
        (Site::new(73, "broker.redelivery"), "Redelivery"),
        ONCE,
        "an acknowledgement is lost, and the message is delivered again",
        "at-least-once delivery: a channel that closes while the acknowledgement is on its way",
    );

    /// A message is overtaken in its queue.
    pub(crate) const OVERTAKEN = fault(
        BROKER,
        (Site::new(74, "broker.overtaken"), "Overtaken"),
        (Unit::Times, &[1, 2, 3]),
        "a message goes back to its queue, and that many messages behind it are delivered first",
        "a requeue with more than one message in flight: the order is lost",
    );

    /// A publisher's confirm is lost.
    pub(crate) const CONFIRM_LOST = fault(
        BROKER,
        (Site::new(75, "broker.confirm-lost"), "ConfirmLost"),
        ONCE,
        "a message is routed and stored, and its publisher never gets the confirm",
        "a channel that closes while the confirm is on its way",
    );

    /// A queue has lost its binding.
    pub(crate) const BINDING_LOST = fault(
        BROKER,
        (Site::new(76, "broker.binding-lost"), "BindingLost"),
        (Unit::Lasting, &[3 * SECOND, 300 * MILLI, 20 * SECOND]),
        "a queue is not bound for a while: what is published meanwhile is not routed to it",
        "a definition that is lost in an upgrade, a queue that was declared anew",
    );

    /// A consumer cannot handle a message.
    pub(crate) const POISON = fault(
        PROJECTOR,
        (Site::new(77, "projector.poison"), "Poison"),
        (Unit::Times, &[1, 3, 25]),
        "a projector fails on an event that many times and refuses it",
        "a bug that one event triggers, until it is fixed",
    );

    // ---- the cache and its readers

    /// The cache fails over.
    pub(crate) const FAILOVER = fault(
        CACHE,
        (Site::new(80, "cache.failover"), "Failover"),
        (Unit::Span, &[SECOND, 100 * MILLI, 60 * SECOND]),
        "a replica takes over without the writes of that last period, even those that were acknowledged",
        "asynchronous replication: an acknowledged write need not survive",
    );

    /// An entry is evicted.
    pub(crate) const EVICTION = fault(
        CACHE,
        (Site::new(81, "cache.eviction"), "Eviction"),
        ONCE,
        "an entry is evicted before it expires",
        "memory pressure under an LRU policy",
    );

    /// An entry expires while it is loaded.
    pub(crate) const EARLY_EXPIRY = fault(
        CACHE,
        (Site::new(82, "cache.early-expiry"), "EarlyExpiry"),
        ONCE,
        "a value, or the lease of its loader, expires during the load",
        "a time to live that ends during a load, a clock that drifts",
    );

    /// A loader forgets its load.
    pub(crate) const LOADER_CRASH = fault(
        QUERY,
        (Site::new(83, "query.loader-crash"), "LoaderCrash"),
        ONCE,
        "the reader that loads a value for all others dies during the load",
        "a worker that is killed while it holds the lock",
    );

    // ---- services

    /// A service is slow.
    pub(crate) const SERVICE_SLOW = fault(
        SERVICE,
        (Site::new(96, "service.slow"), "ServiceSlow"),
        (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
        "a service takes that much longer before it handles a request",
        "a reservation system at peak time",
    );

    /// A service fails before the request takes effect.
    pub(crate) const ERROR_BEFORE = fault(
        SERVICE,
        (Site::new(97, "service.error-before"), "ErrorBefore"),
        ONCE,
        "a service answers with a 5xx, and the request has no effect",
        "an overloaded gateway",
    );

    /// A service fails after the request took effect.
    pub(crate) const ERROR_AFTER = fault(
        SERVICE,
        (Site::new(98, "service.error-after"), "ErrorAfter"),
        ONCE,
        "a service answers with a 5xx, although the request took effect",
        "a back end that commits and then fails to render its answer",
    );

    /// A request is lost at a service.
    pub(crate) const TIMEOUT_BEFORE = fault(
        SERVICE,
        (Site::new(99, "service.timeout-before"), "TimeoutBefore"),
        ONCE,
        "a service never handles a request, and never answers it",
        "a worker that is killed, a queue that overflows",
    );

    /// An answer is lost at a service.
    pub(crate) const TIMEOUT_AFTER = fault(
        SERVICE,
        (Site::new(100, "service.timeout-after"), "TimeoutAfter"),
        ONCE,
        "a request takes effect at a service, and the answer is lost",
        "a gateway that times out before its back end answers",
    );

    /// An answer comes twice.
    pub(crate) const REPLY_TWICE = fault(
        SERVICE,
        (Site::new(101, "service.reply-twice"), "ReplyTwice"),
        (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
        "a service answers a second time, that much later",
        "a message-based interface that redelivers",
    );

    /// An answer comes late.
    pub(crate) const REPLY_LATE = fault(
        SERVICE,
        (Site::new(102, "service.reply-late"), "ReplyLate"),
        (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
        "a request takes effect at once, and the service's answer comes that much later",
        "an answer that arrives after the caller has timed out",
    );

    /// A report comes twice.
    pub(crate) const WEBHOOK_TWICE = fault(
        SERVICE,
        (Site::new(103, "service.webhook-twice"), "WebhookTwice"),
        (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
        "a service sends a webhook a second time, that much later",
        "webhooks, which are delivered at least once",
    );

    /// A report comes late.
    pub(crate) const WEBHOOK_LATE = fault(
        SERVICE,
        (Site::new(104, "service.webhook-late"), "WebhookLate"),
        (Unit::Span, &[3 * SECOND, 300 * MILLI, 60 * SECOND]),
        "a service sends a webhook that much later, after newer ones",
        "webhooks, which are delivered in no particular order",
    );

    /// A service forgets old idempotency keys.
    pub(crate) const KEYS_PRUNED = fault(
        SERVICE,
        (Site::new(105, "service.keys-pruned"), "KeysPruned"),
        ONCE,
        "a service forgets the idempotency keys that are past its promised retention",
        "payment providers, which keep keys for a day",
    );
}
