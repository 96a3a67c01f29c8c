//! The faults of platform nodes and services. Each is drawn where it happens.

use crate::kernel::{Fault, Scope, Site, Unit, declare_faults};
use crate::model::ViewId;
use crate::platform::map::{Instance, Role};

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

/// A family of faults, with the nodes at which they happen.
type Family = (&'static str, Scope);

const STORE: Family = ("Store", Scope::Node(Role::EventStore.kind()));
const BROKER: Family = ("Broker", Scope::Node(Role::Broker.kind()));
const PROJECTOR: Family =
    ("Broker", Scope::Node(Role::Projector(Instance { view: ViewId(0), nth: 0 }).kind()));
const CACHE: Family = ("Cache", Scope::Node(Role::Cache.kind()));
const QUERY: Family = ("Cache", Scope::Node(Role::QueryApi(0).kind()));
const SEARCH: Family = ("Search", Scope::Node(Role::ReadStore.kind()));
const ROW_CACHE: Family = ("RowCache", Scope::Node(Role::ReadStore.kind()));
const COMMAND: Family = ("Capacity", Scope::Node(Role::CommandApi(0).kind()));
const READS: Family = ("Capacity", Scope::Node(Role::QueryApi(0).kind()));
const BREAKER: Family = ("Capacity", Scope::Node(Role::Orchestrator(0).kind()));
const SUBSCRIPTION: Family = ("Subscription", Scope::Node(Role::QueryApi(0).kind()));
const SERVICE: Family = ("Service", Scope::Service);

const ONCE: (Unit, &[u64]) = (Unit::Once, &[1]);

declare_faults! {
    /// The faults of stores, brokers, consumers, caches and services.
    pub(super) const PLATFORM_FAULTS;

    // ---- the event store
    pub(crate) const COMMIT_REPLY_LOST = Fault::new(
        STORE, (Site::new(64, "store.commit-reply-lost"), "CommitReplyLost"), ONCE,
        "a transaction is committed, but its writer gets no reply",
        "a connection cut after COMMIT: the outcome is unknown");
    pub(crate) const CONNECTION_CUT = Fault::new(
        STORE, (Site::new(65, "store.connection-cut"), "ConnectionCut"), ONCE,
        "a writer's connection is cut: its transaction is rolled back, and the writer gets no reply",
        "a pooler restart, an idle connection dropped by a firewall");
    pub(crate) const COMMIT_REFUSED = Fault::new(
        STORE, (Site::new(66, "store.commit-refused"), "CommitRefused"), ONCE,
        "a transaction fails at commit, and its writer gets an error",
        "a full disk, a primary turned read-only");
    pub(crate) const SLOW_COMMIT = Fault::new(
        STORE, (Site::new(67, "store.slow-commit"), "SlowCommit"),
        (Unit::Span, &[500 * MILLI, 50 * MILLI, 5 * SECOND]),
        "a transaction takes this much longer to commit, and other writers to its streams wait",
        "a slow disk, a synchronous replica that lags");
    pub(crate) const SERIALIZATION_FAILURE = Fault::new(
        STORE, (Site::new(68, "store.serialization-failure"), "SerializationFailure"), ONCE,
        "a transaction fails with SQLSTATE 40001 although no other transaction wrote to its streams",
        "serializable isolation, which may abort any transaction");

    pub(crate) const STORE_FAILOVER = Fault::new(
        STORE, (Site::new(69, "store.failover"), "StoreFailover"), ONCE,
        "the primary fails, and a replica that lags takes over: the last commits are lost, acknowledged or not",
        "asynchronous replication: the default of PostgreSQL");

    // ---- the broker and its consumers
    pub(crate) const CONNECTION_CLOSED = Fault::new(
        BROKER, (Site::new(72, "broker.connection-closed"), "ConnectionClosed"), ONCE,
        "a consumer's connection is closed: all its unacknowledged messages are requeued",
        "a missed heartbeat, a channel error, an acknowledgement timeout");
    pub(crate) const REDELIVERY = Fault::new(
        BROKER, (Site::new(73, "broker.redelivery"), "Redelivery"), ONCE,
        "an acknowledgement is lost, and the message is delivered again",
        "at-least-once delivery: a channel closed while the acknowledgement is in transit");
    pub(crate) const OVERTAKEN = Fault::new(
        BROKER, (Site::new(74, "broker.overtaken"), "Overtaken"), (Unit::Times, &[1, 2, 3]),
        "a message returns to its queue, and this many messages behind it are delivered first",
        "a requeue with more than one message in flight");
    pub(crate) const CONFIRM_LOST = Fault::new(
        BROKER, (Site::new(75, "broker.confirm-lost"), "ConfirmLost"), ONCE,
        "a message is routed and stored, but its publisher gets no confirm",
        "a channel closed while the confirm is in transit");
    pub(crate) const BINDING_LOST = Fault::new(
        BROKER, (Site::new(76, "broker.binding-lost"), "BindingLost"),
        (Unit::Lasting, &[3 * SECOND, 300 * MILLI, 20 * SECOND]),
        "a queue is unbound for a while; messages published meanwhile are not routed to it",
        "a definition lost in an upgrade, a redeclared queue");
    pub(crate) const POISON = Fault::new(
        PROJECTOR, (Site::new(77, "projector.poison"), "Poison"), (Unit::Times, &[1, 3, 25]),
        "a projector fails on an event this many times",
        "a bug that one event triggers, until it is fixed");
    pub(crate) const HALF_OPEN = Fault::new(
        BROKER, (Site::new(78, "broker.half-open"), "HalfOpen"),
        (Unit::Span, &[60 * SECOND, 5 * SECOND, 120 * SECOND]),
        "a consumer's connection is half-open: for this time nothing arrives at either end, and the broker holds on \
         to it",
        "a firewall that drops an idle connection, a host that is gone; found by missed heartbeats");
    pub(crate) const CONSUMER_CANCELLED = Fault::new(
        BROKER, (Site::new(79, "broker.consumer-cancelled"), "ConsumerCancelled"), ONCE,
        "the broker cancels a consumer, whose connection stays open, and requeues what it holds",
        "a queue whose leader moves, a queue that is deleted and declared again");

    // ---- the cache and its readers
    pub(crate) const FAILOVER = Fault::new(
        CACHE, (Site::new(80, "cache.failover"), "Failover"),
        (Unit::Span, &[SECOND, 100 * MILLI, 60 * SECOND]),
        "a replica that lags by this much takes over: newer writes are lost, acknowledged or not",
        "asynchronous replication loses acknowledged writes");
    pub(crate) const EVICTION = Fault::new(
        CACHE, (Site::new(81, "cache.eviction"), "Eviction"), ONCE,
        "an entry is evicted before it expires",
        "memory pressure under an LRU policy");
    pub(crate) const EARLY_EXPIRY = Fault::new(
        CACHE, (Site::new(82, "cache.early-expiry"), "EarlyExpiry"), ONCE,
        "a value or a loader's lease expires while the value is being loaded",
        "a time to live that ends during a load, clock drift");
    pub(crate) const LOADER_CRASH = Fault::new(
        QUERY, (Site::new(83, "query.loader-crash"), "LoaderCrash"), ONCE,
        "a loader crashes while others wait for its value",
        "a worker killed while it holds the lock");

    // ---- capacity
    pub(crate) const OVERLOADED = Fault::new(
        COMMAND, (Site::new(84, "api.overloaded"), "Overloaded"), ONCE,
        "an instance sheds a command of a client without handling it",
        "a full accept queue, a load balancer that answers 503");
    pub(crate) const READS_SHED = Fault::new(
        READS, (Site::new(85, "query.overloaded"), "ReadsOverloaded"), ONCE,
        "an instance sheds a query of a client without handling it",
        "a full accept queue, a load balancer that answers 503");
    pub(crate) const BREAKER_STUCK_OPEN = Fault::new(
        BREAKER, (Site::new(86, "saga.breaker-stuck-open"), "BreakerStuckOpen"),
        (Unit::Span, &[30 * SECOND, 5 * SECOND, 120 * SECOND]),
        "an open circuit breaker stays open for this time before it lets a call probe the service",
        "a breaker whose probes starve, a health check that fails by itself");

    // ---- the search index
    pub(crate) const BULK_REJECTED = Fault::new(
        SEARCH, (Site::new(87, "search.bulk-rejected"), "BulkRejected"), ONCE,
        "a search index rejects a document because its queue is full",
        "a bulk request of which some items are answered with 429");
    pub(crate) const REFRESH_LATE = Fault::new(
        SEARCH, (Site::new(88, "search.refresh-late"), "RefreshLate"),
        (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
        "a search index is refreshed this much later",
        "a merge of segments, a shard that is throttled");

    // ---- subscriptions
    pub(crate) const SUBSCRIPTION_DROPPED = Fault::new(
        SUBSCRIPTION, (Site::new(89, "query.subscription-dropped"), "SubscriptionDropped"), ONCE,
        "an instance forgets a subscription, and its client hears nothing",
        "a proxy that closes an idle connection at one end, a load balancer that fails over");

    // ---- brokers of one kind
    pub(crate) const VISIBILITY_LAPSED = Fault::new(
        BROKER, (Site::new(90, "broker.visibility-lapsed"), "VisibilityLapsed"), ONCE,
        "the visibility timeout of a message ends while its consumer works on it",
        "a handler that takes longer than usual, a pause of the garbage collector");
    pub(crate) const REBALANCE = Fault::new(
        BROKER, (Site::new(91, "broker.rebalance"), "Rebalance"), ONCE,
        "partitions are assigned anew in the middle of a batch: what is not committed is delivered again",
        "a member that joins or leaves a group, a poll that comes too late");
    pub(crate) const PRODUCE_RETRIED = Fault::new(
        BROKER, (Site::new(92, "broker.produce-retried"), "ProduceRetried"), ONCE,
        "a record is appended, and the producer's library, which gets no answer, sends it again",
        "a leader that fails after it has appended and before it answers");

    // ---- views in a cache
    pub(crate) const ROW_EVICTED = Fault::new(
        ROW_CACHE, (Site::new(93, "row-cache.row-evicted"), "RowEvicted"), ONCE,
        "a cache that a view is kept in evicts a row just before it is read",
        "`maxmemory` with an eviction policy, and another tenant that fills the memory");
    pub(crate) const ROWS_LOST = Fault::new(
        ROW_CACHE, (Site::new(94, "row-cache.rows-lost"), "RowsLost"), ONCE,
        "a cache that a view is kept in loses all rows",
        "a restart of Redis without persistence, FLUSHALL, a replica that takes over before it has the data");

    // ---- services
    pub(crate) const SERVICE_SLOW = Fault::new(
        SERVICE, (Site::new(96, "service.slow"), "ServiceSlow"),
        (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
        "a service takes this much longer before it handles a request",
        "a reservation system at peak time");
    pub(crate) const ERROR_BEFORE = Fault::new(
        SERVICE, (Site::new(97, "service.error-before"), "ErrorBefore"), ONCE,
        "a service answers with a 5xx without executing the request",
        "an overloaded gateway");
    pub(crate) const ERROR_AFTER = Fault::new(
        SERVICE, (Site::new(98, "service.error-after"), "ErrorAfter"), ONCE,
        "a service answers with a 5xx after executing the request",
        "a back end that commits and then fails to render its answer");
    pub(crate) const TIMEOUT_BEFORE = Fault::new(
        SERVICE, (Site::new(99, "service.timeout-before"), "TimeoutBefore"), ONCE,
        "a service neither executes nor answers a request",
        "a killed worker, a queue overflow");
    pub(crate) const TIMEOUT_AFTER = Fault::new(
        SERVICE, (Site::new(100, "service.timeout-after"), "TimeoutAfter"), ONCE,
        "a service executes a request, and the answer is lost",
        "a gateway that times out before its back end answers");
    pub(crate) const REPLY_TWICE = Fault::new(
        SERVICE, (Site::new(101, "service.reply-twice"), "ReplyTwice"),
        (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
        "a service sends its answer again after this time",
        "a message-based interface that redelivers");
    pub(crate) const REPLY_LATE = Fault::new(
        SERVICE, (Site::new(102, "service.reply-late"), "ReplyLate"),
        (Unit::Span, &[5 * SECOND, SECOND, 30 * SECOND]),
        "a service executes a request at once and answers after this time",
        "an answer that arrives after the caller has timed out");
    pub(crate) const WEBHOOK_TWICE = Fault::new(
        SERVICE, (Site::new(103, "service.webhook-twice"), "WebhookTwice"),
        (Unit::Span, &[SECOND, 10 * MILLI, 20 * SECOND]),
        "a service sends a webhook again after this time",
        "webhooks, which are delivered at least once");
    pub(crate) const WEBHOOK_LATE = Fault::new(
        SERVICE, (Site::new(104, "service.webhook-late"), "WebhookLate"),
        (Unit::Span, &[3 * SECOND, 300 * MILLI, 60 * SECOND]),
        "a service sends a webhook this much later, so that newer ones overtake it",
        "webhooks, which are delivered in any order");
    pub(crate) const KEYS_PRUNED = Fault::new(
        SERVICE, (Site::new(105, "service.keys-pruned"), "KeysPruned"), ONCE,
        "a service removes idempotency keys that are older than its retention time",
        "payment providers, which keep keys for a day");
    pub(crate) const LOOKUP_LAGS = Fault::new(
        SERVICE, (Site::new(106, "service.lookup-lags"), "LookupLags"),
        (Unit::Span, &[10 * SECOND, SECOND, 60 * SECOND]),
        "a service answers a lookup with what was true this long ago, at most with its stated lag",
        "search indexes and read replicas, which lag behind the primary");
    pub(crate) const THROTTLED = Fault::new(
        SERVICE, (Site::new(107, "service.throttled"), "Throttled"), ONCE,
        "a service turns a request away with a 429 without executing or recording it",
        "a rate limit that others have used up");

    // ---- several instances of a projector
    pub(crate) const CLAIM_LAPSED = Fault::new(
        BROKER, (Site::new(110, "broker.claim-lapsed"), "ClaimLapsed"),
        (Unit::Span, &[5 * SECOND, 500 * MILLI, 60 * SECOND]),
        "the claim of an instance on a segment lapses while it works: another one takes the segment, and the first one \
         hears of it after this time",
        "a batch that takes longer than the claim lasts, a pause of the garbage collector");
    pub(crate) const STANDBY_EARLY = Fault::new(
        BROKER, (Site::new(111, "broker.standby-early"), "StandbyEarly"),
        (Unit::Span, &[5 * SECOND, 500 * MILLI, 60 * SECOND]),
        "the active instance is taken for dead and a standby takes over; the first one goes on and hears of it after \
         this time",
        "a node of the broker that the others lose sight of, with consumers still connected to it");

    // ---- several instances of the orchestrator
    pub(crate) const LEASE_LAPSED = Fault::new(
        STORE, (Site::new(120, "store.lease-lapsed"), "LeaseLapsed"), ONCE,
        "the lease of the orchestrator that leads is given to another one although it has not ended",
        "a clock that jumps, a lock that is lost with the node that granted it");
}
