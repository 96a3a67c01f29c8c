//! The defects of the platform: mistakes that can be put into its components.

use crate::model::declare_defects;

declare_defects! {
    /// All defects of the platform.
    pub const PLATFORM_DEFECTS;

    pub(crate) const POLL_SKIPS_GAP = "poll-skips-gap"(
        "rows of the outbox are read up to the last position, although earlier ones are not visible yet",
        when "transactions commit in another order than they got their positions",
        caught by "checkpoint-behind", "no-lost-event";
        seen in "commanded/eventstore#3, emmett#336",
    );
    pub(crate) const MARKED_BEFORE_CONFIRM = "marked-before-confirm"(
        "a batch is marked as sent after the second timeout, although confirms are missing",
        when "messages to the broker are lost twice",
        caught by "no-lost-event",
    );
    pub(crate) const UNROUTABLE_CONFIRMED = "unroutable-confirmed"(
        "a confirm counts for all queues of a message, also for those that returned it",
        when "a queue is not bound",
        caught by "no-lost-event";
        seen in "RabbitMQ's guide to publisher confirms",
    );
    pub(crate) const ACK_BEFORE_APPLY = "ack-before-apply"(
        "a projector acknowledges an event before it applies it",
        when "the projector crashes, or the read store fails, after the acknowledgement",
        caught by "no-lost-event";
        seen in "RabbitMQ's guide to acknowledgements",
    );
    pub(crate) const ACKED_WHILE_BUFFERED = "acked-while-buffered"(
        "a projector acknowledges an event that waits in its memory for the one before it",
        when "the projector crashes while the event waits",
        caught by "no-lost-event",
    );
    pub(crate) const FULL_BUFFER_DROPS = "full-buffer-drops"(
        "a projector acknowledges an early event for which its buffer has no room",
        when "the buffer is full",
        caught by "no-lost-event",
    );
    pub(crate) const NEITHER_ACK_NOR_NACK = "neither-ack-nor-nack"(
        "a projector gives up an event silently when the read store does not answer",
        when "a reply of the read store is lost",
        caught by "no-lost-event", "drains";
        seen in "wolverine#3767",
    );
    pub(crate) const FAILOVER_KEEPS_LEASE = "failover-keeps-lease"(
        "a lease to load survives the failover of the cache, those who wait for it do not",
        when "the cache fails over while a row is loaded",
        caught by "single-flight", "drains",
    );
    pub(crate) const CHECK_THEN_INSERT = "check-then-insert"(
        "the version of a stream is checked without a unique key on stream and version",
        when "two transactions insert into one stream at the same time",
        caught by "legal-transition", "no-double-sale";
        seen in "an event store written by hand over a table",
    );
    pub(crate) const ZERO_MEANS_ANY = "zero-means-any"(
        "an expected version of 0 is read as \"do not check\"",
        when "two commands are the first of one stream",
        caught by "legal-transition", "command-once";
        seen in "NEventStore#415",
    );
    pub(crate) const CONDITION_TOO_NARROW = "condition-too-narrow"(
        "only the version of the first stream of a command is checked",
        when "another stream that was decided on changes meanwhile",
        caught by "legal-transition", "no-double-sale";
        seen in "occurrent#506",
    );
    pub(crate) const CONDITION_LEAVES_OUT_TAG = "condition-leaves-out-tag"(
        "only the first query of a command is a condition of its append; events with other tags are not counted again",
        when "a command decides on several tags, and an event with another one comes meanwhile",
        caught by "account-limits";
        seen in "an append condition that is written by hand beside its query",
    );
    pub(crate) const CONDITION_NOT_LOCKED = "condition-not-locked"(
        "the condition of an append is checked, and nothing is locked until the commit",
        when "two transactions check their conditions at the same time",
        caught by "account-limits";
        seen in "an event store written by hand over a table",
    );
    pub(crate) const ANY_NOT_RECORDED = "any-not-recorded"(
        "the outcome of a command is stored only if its events expect an exact version",
        when "the answer to a command that expects no version is lost, and the command is sent again",
        caught by "command-once", "acknowledged-once";
        seen in "KurrentDB: appends at any version",
    );
    pub(crate) const RECORDS_CLEANED_TOGETHER = "records-cleaned-together"(
        "when the oldest record of a command is due, the records of all commands are removed",
        when "a command is sent again, and older records are due",
        caught by "command-once", "acknowledged-once";
        needs "platform.store.retention.commands";
        seen in "a table of processed messages that is truncated by a job",
    );
    pub(crate) const RETRY_WITHOUT_REDECIDE = "retry-without-redecide"(
        "after a conflict the old decision is appended at the new version",
        when "another event comes between decision and append",
        caught by "legal-transition", "command-once";
        seen in "NEventStore#352",
    );
    pub(crate) const CONFLICT_SWALLOWED = "conflict-swallowed"(
        "a conflict is answered as if the events had been stored",
        when "two commands write to one stream",
        caught by "acknowledged-once";
        seen in "eventuous#553",
    );
    pub(crate) const COMMAND_NOT_RECORDED = "command-not-recorded"(
        "the outcome of a command is not stored with its events",
        when "the answer is lost and the command is sent again",
        caught by "command-once", "acknowledged-once";
        seen in "KurrentDB#1358",
    );
    pub(crate) const DEAD_GAP_STALLS = "dead-gap-stalls"(
        "readers wait for every position, also for one that was taken and never used",
        when "a transaction is rolled back",
        caught by "drains", "no-lost-event";
        seen in "marten#5108",
    );
    pub(crate) const MARK_TAKES_ALL = "mark-takes-all"(
        "all rows of the outbox are deleted when a batch was sent",
        when "an event is stored while a batch is published",
        caught by "no-lost-event", "checkpoint-behind";
        seen in "a table of the outbox that is truncated",
    );
    pub(crate) const DEAD_RELAY_KEEPS_ROWS = "dead-relay-keeps-rows"(
        "the lease of a relay never expires",
        when "the relay crashes",
        caught by "drains", "no-lost-event";
        seen in "wolverine#565",
    );
    pub(crate) const INLINE_FIRST_ONLY = "inline-first-only"(
        "a synchronous view is updated with the first event of a transaction only",
        when "a transaction stores several events",
        caught by "synchronous", "whole-transactions",
    );
    pub(crate) const TAKEOVER_NOT_FENCED = "takeover-not-fenced"(
        "the append of an orchestrator that was replaced is still taken",
        when "an append is under way when its orchestrator restarts",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const SNAPSHOT_OFF_BY_ONE = "snapshot-off-by-one"(
        "the events after a snapshot are read from one version too early",
        when "a stream with a snapshot is loaded",
        caught by "snapshot-equals-fold";
        needs "platform.snapshot_every";
        seen in "edomata#389",
    );
    pub(crate) const OLD_SNAPSHOT_LOADED = "old-snapshot-loaded"(
        "the schema of a snapshot is not checked",
        when "a snapshot was written by older code",
        caught by "snapshot-equals-fold";
        needs "platform.snapshot_every";
        seen in "commanded#373",
    );
    pub(crate) const OLDER_SNAPSHOT_WINS = "older-snapshot-wins"(
        "a snapshot replaces any other, also a newer one",
        when "two instances save snapshots, and the older one arrives last",
        caught by "snapshot-equals-fold";
        needs "platform.snapshot_every";
        seen in "SpineEventEngine#838",
    );
    pub(crate) const AS_OF_NEWEST_SNAPSHOT = "as-of-newest-snapshot"(
        "the state at a past version is read from the newest snapshot",
        when "a past version is queried that is older than the snapshot",
        caught by "as-of", "balance-is-fold";
        needs "platform.snapshot_every",
    );
    pub(crate) const UPCASTER_SKIPPED = "upcaster-skipped"(
        "events that are loaded for a decision lose the number of their schema",
        when "an event of an older schema is loaded",
        caught by "legal-transition", "refused-with-cause", "upcast-equals-native";
        needs "platform.schema";
        seen in "marten#2615",
    );
    pub(crate) const OPEN_SAGA_NOT_LISTED = "open-saga-not-listed"(
        "the list of sagas that have not ended has only those that were there at the first event",
        when "an ended saga goes on, and the orchestrator restarts",
        caught by "saga-terminates",
    );
    pub(crate) const NOTIFY_ONLY = "notify-only"(
        "a relay does not poll; it relies on notifications",
        when "a notification is lost",
        caught by "drains", "no-lost-event";
        seen in "pyeventsourcing#305",
    );
    pub(crate) const LIMIT_WITHOUT_DLX = "limit-without-dlx"(
        "a message that was delivered too often is dropped",
        when "a projector fails on an event more often than the limit",
        caught by "no-lost-event";
        seen in "RabbitMQ's guide to quorum queues",
    );
    pub(crate) const UNACKED_LOST = "unacked-lost"(
        "messages that a consumer holds are gone when its connection breaks",
        when "a consumer crashes while it holds a message",
        caught by "no-lost-event";
        seen in "automatic acknowledgement",
    );
    pub(crate) const RESTING_LOST_IN_RESTART = "resting-lost-in-restart"(
        "a broker that restarts forgets the deadlines of messages that rest",
        when "the broker restarts while a rejected message rests",
        caught by "drains", "no-lost-event",
    );
    pub(crate) const REDRIVE_NOT_REARMED = "redrive-not-rearmed"(
        "a broker that restarts does not schedule the retry of its dead letters",
        when "the broker restarts while a stream is parked",
        caught by "drains", "no-lost-event",
    );
    pub(crate) const LATE_IS_DROPPED = "late-is-dropped"(
        "an event that is newer than the last one is applied, and one that is older is skipped",
        when "an event overtakes the one before it",
        caught by "in-order-apply", "projection-convergence";
        seen in "a projector that compares versions",
    );
    pub(crate) const INBOX_IN_MEMORY = "inbox-in-memory"(
        "the log of the events that were applied is in the memory of the projector",
        when "an acknowledgement is lost, and the projector restarts",
        caught by "in-order-apply",
    );
    pub(crate) const INBOX_KEY_WITHOUT_CONSUMER = "inbox-key-without-consumer"(
        "one idempotency log serves all projectors",
        when "two views are fed by one event",
        caught by "in-order-apply", "no-lost-event";
        seen in "wolverine#1211",
    );
    pub(crate) const PREFETCH_NEVER_WIDENED = "prefetch-never-widened"(
        "a projector that waits for an event which it has no room to receive does not ask for more",
        when "as many events as it may hold overtake one",
        caught by "drains", "no-lost-event",
    );
    pub(crate) const RESUBSCRIBE_FORGOTTEN = "resubscribe-forgotten"(
        "a projector whose connection breaks does not subscribe again",
        when "the connection to the broker breaks",
        caught by "drains", "no-lost-event",
    );
    pub(crate) const REBUILD_CLEARS_LIVE = "rebuild-clears-live"(
        "a rebuild begins by clearing the rows that are read",
        when "a customer queries during a rebuild",
        caught by "monotonic-reads", "cache-coherent", "balance-is-fold";
        needs "operations.rebuild";
        seen in "a projection that is truncated and replayed",
    );
    pub(crate) const REBUILD_SWAPS_EARLY = "rebuild-swaps-early"(
        "a rebuild ends where the live table was when it began",
        when "an event is applied during the rebuild",
        caught by "rebuild-equals-live";
        needs "operations.rebuild";
        seen in "laravel-event-sourcing#169",
    );
    pub(crate) const STALE_REFILL = "stale-refill"(
        "a loaded row is put into the cache although a newer one came meanwhile",
        when "an event is applied while a row is loaded",
        caught by "cache-coherent";
        seen in "lakekeeper#1843",
    );
    pub(crate) const LEADER_DIES = "leader-dies"(
        "the lease of a loader never lapses",
        when "the loader crashes",
        caught by "single-flight";
        seen in "layercache#59",
    );
    pub(crate) const UNLOCK_ANOTHERS = "unlock-anothers"(
        "a value is filled under any lease",
        when "a lease lapses while its holder loads",
        caught by "single-flight", "cache-coherent";
        seen in "nexspence#223",
    );
    pub(crate) const NO_SINGLE_FLIGHT = "no-single-flight"(
        "every miss is granted a lease",
        when "two customers miss the same key",
        caught by "single-flight";
        seen in "a cache without a lock for its loaders",
    );
    pub(crate) const PINS_OVER_A_GAP = "pins-over-a-gap"(
        "a cached row is completed with any newer event that is pinned",
        when "the cache has lost the event between",
        caught by "balance-is-fold", "shown-is-fold", "cache-coherent", "monotonic-reads",
    );
    pub(crate) const RYOW_TRUSTS_CACHE = "ryow-trusts-cache"(
        "a cached row is shown without a look at the customer's token",
        when "the cache is behind the read store",
        caught by "read-your-writes", "monotonic-reads";
        seen in "the documentation of Redis on WAIT",
    );
    pub(crate) const TOKEN_IGNORED = "token-ignored"(
        "a query does not compare the row with the customer's last write",
        when "a customer queries right after a write",
        caught by "read-your-writes",
    );
    pub(crate) const JOINS_A_CATCH_UP = "joins-a-catch-up"(
        "a query joins a catch-up that has already begun",
        when "two customers query a view on demand at the same time",
        caught by "on-demand",
    );
    pub(crate) const PAGE_APPLIED_TWICE = "page-applied-twice"(
        "a page of the log is applied as often as it arrives",
        when "the answer to a repeated request comes twice",
        caught by "projection-convergence", "shown-is-fold", "balance-is-fold",
    );
    pub(crate) const REJECTION_NOT_RECORDED = "rejection-not-recorded"(
        "a rejection is answered without being stored",
        when "the answer is lost, and the command is decided again after a change",
        caught by "command-once",
    );
    pub(crate) const LATE_ATTEMPT_COUNTS = "late-attempt-counts"(
        "the failure of an earlier attempt is taken for that of the present one",
        when "the answer to an attempt arrives after the next one was made",
        caught by "command-once", "acknowledged-once", "drains",
    );
    pub(crate) const ERASED_BEFORE_IT_IS = "erased-before-it-is"(
        "a customer is told that their data is erased before the key store has destroyed the key",
        when "the command API crashes after the answer",
        caught by "erased",
    );
    pub(crate) const SEALED_FOR_THE_SENDER = "sealed-for-the-sender"(
        "all personal data of a request is sealed under the key of the customer who sent it",
        when "a customer is erased whom another one has named",
        caught by "erased";
        seen in "crypto-shredding with one key for each aggregate or each owner of it",
    );
    pub(crate) const KEY_REVIVED = "key-revived"(
        "a key is created for everyone who has none, also after an erasure",
        when "a command of an erased customer arrives late",
        caught by "erased",
    );
    pub(crate) const RANDOM_COMMAND_IDS = "random-command-ids"(
        "after a restart an effect is performed again under another id",
        when "the orchestrator crashes after it has sent a command",
        caught by "step-once", "command-once";
        seen in "akka-ddd#69",
    );
    pub(crate) const TAKEOVER_FORGETS_TIMERS = "takeover-forgets-timers"(
        "a restarted orchestrator sends commands again and sets no timers",
        when "the orchestrator crashes before a timer is set",
        caught by "saga-terminates", "drains", "no-late-release", "timer-honest",
    );
    pub(crate) const TAKEOVER_FORGETS_COMMANDS = "takeover-forgets-commands"(
        "a restarted orchestrator sends no commands again",
        when "the orchestrator crashes before it sends a command",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const TAKEOVER_TELLS_NOBODY = "takeover-tells-nobody"(
        "a saga is not told that its orchestrator was restarted",
        when "the orchestrator crashes while it waits for a service",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const ROLL_NOT_CALLED = "roll-not-called"(
        "a restarted orchestrator does not look for sagas that have not ended",
        when "the orchestrator crashes",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const WAKE_ACKNOWLEDGED_FIRST = "wake-acknowledged-first"(
        "a message that wakes a saga is acknowledged before the saga has recorded anything",
        when "the orchestrator crashes in between",
        caught by "saga-terminates", "no-lost-event",
    );
    pub(crate) const WEBHOOK_ACKNOWLEDGED_FIRST = "webhook-acknowledged-first"(
        "a webhook is acknowledged before the saga has recorded it",
        when "the orchestrator crashes in between, and the reply was lost",
        caught by "no-orphan", "money-conserved", "saga-terminates",
    );
    pub(crate) const SILENCE_NOT_TOLD = "silence-not-told"(
        "a call that is not answered in time is forgotten",
        when "the answer of a service is lost",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const COMMAND_NOT_RESENT = "command-not-resent"(
        "a command of a saga that is not answered is not sent again",
        when "the answer of the command API is lost",
        caught by "saga-terminates", "drains",
    );
    pub(crate) const ONE_TIMEOUT_CLEARS_ALL = "one-timeout-clears-all"(
        "a timer that is cancelled or done takes all timers of its saga with it",
        when "a saga has two timers",
        caught by "timer-honest", "saga-terminates", "drains", "no-late-release";
        seen in "NServiceBus#246",
    );
    pub(crate) const EARLY_BY_A_FAST_CLOCK = "early-by-a-fast-clock"(
        "a timer fires when the wait that was computed is over, whatever the clock says then",
        when "the clock was ahead when the timer was set",
        caught by "timer-honest", "no-early-release",
    );
    pub(crate) const TIMERS_NOT_WOUND = "timers-not-wound"(
        "a restarted timer service does not set its alarms again",
        when "the timer service crashes",
        caught by "timer-honest", "saga-terminates", "drains",
    );
    pub(crate) const TIMER_FIRES_ONCE = "timer-fires-once"(
        "a timer that has fired is not delivered again",
        when "the message that it is due is lost",
        caught by "timer-honest", "saga-terminates", "drains",
    );
    pub(crate) const PUBLISH_WITHOUT_OUTBOX = "publish-without-outbox"(
        "the row of the outbox is written after the transaction of its event, and not again in a recovery",
        when "the store crashes between commit and visibility",
        caught by "no-lost-event", "checkpoint-behind";
        seen in "cqrs#21",
    );
    pub(crate) const LOCKS_UNSORTED = "locks-unsorted"(
        "a transaction takes its locks in the order in which its command names them",
        when "two commands name the same streams in opposite order",
        caught by "no-deadlock";
        seen in "a store that locks rows as they come",
    );
    pub(crate) const CHAIN_NOT_CONTINUED = "chain-not-continued"(
        "the chain of a stream begins anew with each event",
        when "a stream has two events",
        caught by "dense-versions",
    );
    pub(crate) const CHECKPOINT_SKIPS_GAP = "checkpoint-skips-gap"(
        "the checkpoint is the rank of the newest event that was applied",
        when "an event overtakes one of another stream",
        caught by "checkpoint-behind",
    );
    pub(crate) const OLD_SCHEMA_SKIPPED = "old-schema-skipped"(
        "a projector skips events of a schema that it does not know",
        when "an event of an older schema is delivered",
        caught by "no-lost-event", "upcast-equals-native";
        needs "platform.schema";
        seen in "ReactiveDomain#245",
    );
    pub(crate) const SNAPSHOT_CLAIMS_NEWEST = "snapshot-claims-newest"(
        "a snapshot that older code has made is saved as one of the newest schema",
        when "a snapshot is taken before a deploy",
        caught by "snapshot-equals-fold";
        needs "platform.snapshot_every",
    );
    pub(crate) const KEY_FOR_EACH_REQUEST = "key-for-each-request"(
        "each text is sealed under a new key of its owner",
        when "a customer gives personal data twice",
        caught by "erased",
    );
    pub(crate) const CORRELATION_LOST = "correlation-lost"(
        "the events of a saga have a correlation id of their own",
        when "a saga records anything",
        caught by "correlated",
    );
    pub(crate) const CANCEL_NOT_HEARD = "cancel-not-heard"(
        "a projector ignores that the broker has cancelled it",
        when "RabbitMQ cancels the consumer of a queue, and the connection stays open",
        caught by "no-lost-event", "drains";
        needs "platform.broker.kind";
        seen in "vertx-rabbitmq-client#10, rascal#52, action_subscriber#103",
    );
    pub(crate) const CONTENT_DEDUPLICATED = "content-deduplicated"(
        "messages to a FIFO queue have a hash of their content as deduplication id",
        when "two events of a stream are equal, within five minutes",
        caught by "no-lost-event";
        needs "platform.broker.kind";
        seen in "symfony#59741",
    );
    pub(crate) const OFFSET_COMMITTED_FIRST = "offset-committed-first"(
        "offsets are committed when records are polled, before they are processed",
        when "a member leaves a Kafka group while it works on a batch",
        caught by "no-lost-event";
        needs "platform.broker.kind";
        seen in "librdkafka#1122, kafka-python#722",
    );
    pub(crate) const CALLS_AGAIN_AFTER_RESTART = "calls-again-after-restart"(
        "a restarted orchestrator repeats the calls of its predecessor",
        when "the orchestrator crashes while it waits for a service",
        caught by "no-orphan", "step-once", "legal-transition",
    );
    pub(crate) const POLL_FORGETS_THE_REST = "poll-forgets-the-rest"(
        "timers that a poll finds beyond its batch are taken for handled",
        when "more timers are due at one poll than it takes",
        caught by "timer-honest", "saga-terminates", "drains";
        needs "platform.timers",
    );
    pub(crate) const DELAY_NOT_COMPARED = "delay-not-compared"(
        "a delayed message wakes its saga whether or not its timer is still set",
        when "a timer was cancelled or moved",
        caught by "timer-honest", "legal-transition", "refused-with-cause";
        needs "platform.timers";
        seen in "the documentation of RabbitMQ and SQS: a delayed message cannot be taken back",
    );
    pub(crate) const BULK_ERRORS_IGNORED = "bulk-errors-ignored"(
        "a bulk request to a search index is taken for done as a whole",
        when "the index rejects an item of it",
        caught by "no-lost-event", "projection-convergence";
        needs "platform.search_index";
        seen in "the documentation of Elasticsearch on the bulk API",
    );
    pub(crate) const MISS_IS_ABSENCE = "miss-is-absence"(
        "a row that a cache does not hold is taken for one that does not exist",
        when "a row is read that was evicted from the cache that its view is kept in",
        caught by "read-through";
        needs "platform.row_cache";
        seen in "a view in Redis whose reader answers 404 on a nil reply",
    );
    pub(crate) const EVICTED_ROW_BEGUN_ANEW = "evicted-row-begun-anew"(
        "an event about a row that a cache does not hold is applied to an empty row",
        when "an event is applied after its row was evicted",
        caught by "projection-convergence", "shown-is-fold", "read-through", "erased", "rebuild-equals-live";
        needs "platform.row_cache";
        seen in "HSET and HINCRBY of Redis, which make a key that does not exist",
    );
    pub(crate) const SUBSCRIPTION_LOST_IN_CRASH = "subscription-lost-in-crash"(
        "a client that hears nothing on its subscription waits and does not subscribe again",
        when "the query API crashes while a customer is subscribed",
        caught by "pushed-up-to-date";
        seen in "an event source whose reconnection is switched off",
    );
    pub(crate) const PUSH_WITHOUT_VERSION = "push-without-version"(
        "a client shows each row that is pushed to it, whichever came before",
        when "a row overtakes the one before it",
        caught by "monotonic-reads";
        seen in "events without an id",
    );
    pub(crate) const PUSHES_ON_NOTICE_ONLY = "pushes-on-notice-only"(
        "a query API relies on notifications and does not read the rows of its subscribers again",
        when "a notification is lost",
        caught by "pushed-up-to-date";
        seen in "LISTEN and NOTIFY of PostgreSQL without a poll",
    );
    pub(crate) const INBOX_OF_EACH_INSTANCE = "inbox-of-each-instance"(
        "each instance of a projector has an idempotency log of its own",
        when "another instance takes over what was applied and not acknowledged",
        caught by "in-order-apply";
        needs "platform.projectors.instances";
        seen in "an inbox whose key has the name of the host",
    );
    pub(crate) const SEGMENT_NOT_RELEASED = "segment-not-released"(
        "an instance keeps events back although their segment is another one's by now",
        when "a segment moves while an event waits for the one before it",
        caught by "no-lost-event";
        needs "platform.projectors.instances";
        seen in "a listener of a Kafka consumer without `onPartitionsLost`",
    );
    pub(crate) const STANDBY_ACKNOWLEDGES = "standby-acknowledges"(
        "an orchestrator acknowledges an event before it looks whether it still leads",
        when "the lease ends while an event is on its way to the one that led",
        caught by "saga-terminates";
        needs "platform.saga.instances";
        seen in "a consumer that acknowledges by itself when its handler returns early",
    );
    pub(crate) const OLD_VERSION_NOT_FED = "old-version-not-fed"(
        "the table of a view that is kept beside its successor gets no events",
        when "readers are switched back to it after further events",
        caught by "rebuild-equals-live";
        needs "operations.back";
        seen in "a blue-green deployment of a projection that stops the old version when the new one is live",
    );
    pub(crate) const REFUSED_FROM_MEMORY = "refused-from-memory"(
        "a command is refused by the state that an instance has in memory, without asking the store for what is newer",
        when "another instance has changed the stream since",
        caught by "refused-with-cause", "linearizable",
    );
    pub(crate) const TIMELINE_IGNORED = "timeline-ignored"(
        "the read models keep their rows and checkpoints when the event store goes back to an earlier state",
        when "a replica that takes over lacks commits that a view has applied",
        caught by "no-lost-event", "projection-convergence", "in-order-apply", "checkpoint-behind", "whole-transactions";
        needs "platform.store.replication" or "operations.restore_store_to";
        seen in "a consumer group that goes on from its offset after the log was truncated",
    );
    pub(crate) const QUEUES_SURVIVE_RESTORE = "queues-survive-restore"(
        "messages about lost events stay in the queues of the broker when the event store goes back",
        when "the store is restored while events are on their way to a view",
        caught by "in-order-apply", "no-lost-event", "projection-convergence", "checkpoint-behind";
        needs "platform.store.replication" or "operations.restore_store_to";
        seen in "a restore of the database alone",
    );
    pub(crate) const LOSS_UNDERSTATED = "loss-understated"(
        "the last transaction that a failover loses is not declared",
        when "a replica takes over that lacks a commit",
        caught by "acknowledged-once", "command-once", "dense-versions", "legal-transition", "no-lost-event";
        needs "platform.store.replication";
        seen in "a replica whose lag is measured in bytes that it has received",
    );
    pub(crate) const REPLICA_TRUSTED = "replica-trusted"(
        "a command is refused on what a replica shows, without a look at the primary",
        when "the stream was changed within the lag of the replica",
        caught by "refused-with-cause", "linearizable";
        needs "platform.store.reads";
        seen in "a load balancer that sends SELECT to a standby",
    );
    pub(crate) const MARK_OF_THE_PRIMARY = "mark-of-the-primary"(
        "a view on demand reads the high-water mark at the primary and the events up to it at a replica",
        when "an event became visible within the lag of the replica",
        caught by "on-demand", "projection-convergence", "drains", "shown-is-fold";
        needs "platform.store.catch_up";
        seen in "a page whose end is the high-water mark whenever it is not full, as in the daemon of Marten",
    );
    pub(crate) const REBUILD_ENDS_AT_REPLICA = "rebuild-ends-at-replica"(
        "a rebuild takes the end of the log at a replica for the end of the log, and goes live there",
        when "the live table has applied an event within the lag of the replica",
        caught by "rebuild-equals-live", "no-lost-event";
        needs "platform.store.catch_up";
        seen in "a rebuild that ends with the first empty page",
    );
    pub(crate) const PINNED_TO_A_REPLICA = "pinned-to-a-replica"(
        "a session that is pinned to its stream is answered by a replica, whatever it has written",
        when "a customer looks within the lag of the replica after a write",
        caught by "read-your-writes", "as-of", "monotonic-reads";
        needs "platform.store.catch_up";
        seen in "a load balancer that sends reads to a standby",
    );
    pub(crate) const OUTBOX_CLEANED_BY_AGE = "outbox-cleaned-by-age"(
        "rows of the outbox are removed when they are old, whether they were sent or not",
        when "rows wait for a relay or for the broker for longer than sent rows are kept",
        caught by "no-lost-event", "projection-convergence";
        needs "platform.store.retention.outbox";
        seen in "a job that deletes from an outbox by the time of creation",
    );
    pub(crate) const REMOVED_SNAPSHOT_READ = "removed-snapshot-read"(
        "the state of an old snapshot is removed and its row is left: a stream is read as blank at that version",
        when "an instance that does not know the stream reads it after its snapshot was removed",
        caught by "snapshot-equals-fold", "refused-with-cause";
        needs "platform.store.retention.snapshots";
        seen in "a cleanup that sets the column of the state to NULL",
    );
    pub(crate) const INBOX_DROPPED_BY_PERIOD = "inbox-dropped-by-period"(
        "the inbox of a view has a partition for each period of retention, which is dropped when the period is over, with the ids of a moment ago",
        when "a message is delivered again after the end of the period in which it was applied",
        caught by "in-order-apply";
        needs "platform.projectors.idempotency";
        seen in "a table of message ids that is partitioned by time",
    );
    pub(crate) const INBOX_NOT_REBUILT = "inbox-not-rebuilt"(
        "a rebuild fills the rows of a view and leaves its inbox empty",
        when "a message is delivered again after the rebuilt table was swapped in",
        caught by "in-order-apply";
        needs "platform.projectors.idempotency";
        seen in "a replay that runs beside the message handler and its inbox",
    );
    pub(crate) const VERSIONS_BEGIN_AGAIN = "versions-begin-again"(
        "the row of a stream is deleted with its end, and the versions of the next life begin at 1",
        when "a stream begins again under its old name",
        caught by "dense-versions", "no-lost-event";
        needs "platform.store.ended_streams";
        seen in "a hard delete in an event store over SQL tables",
    );
    pub(crate) const SNAPSHOT_OUTLIVES_STREAM = "snapshot-outlives-stream"(
        "the snapshot of a stream stays when the stream ends, and its next life begins from it",
        when "a stream with a snapshot begins again, and an instance reads it that does not know it",
        caught by "snapshot-equals-fold", "refused-with-cause", "legal-transition";
        needs "platform.store.ended_streams";
        seen in "a journal whose events are deleted, and not its snapshots",
    );
}
