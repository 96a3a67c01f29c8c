//! Mistakes of projectors and the read store: order, copies, rebuilds, instances.

use super::broker;
use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST, after broker::END;

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
    pub(crate) const LATE_IS_DROPPED = "late-is-dropped"(
        "an event that is newer than the last one is applied, and one that is older is skipped",
        when "an event overtakes the one before it",
        caught by "in-order-apply", "projection-convergence";
        seen in "a projector that compares versions",
    );
    pub(crate) const FIFO_ASSUMED = "fifo-assumed"(
        "events are recognised by their ids, and applied in the order in which they arrive",
        when "an event overtakes the one before it",
        caught by "in-order-apply", "projection-convergence";
        needs "platform.projectors.idempotency";
        seen in "rabbitmq/rabbitmq-server#6804",
    );
    pub(crate) const BUFFER_WANTS_ALL_TYPES = "buffer-wants-all-types"(
        "a projector acknowledges events that change no row of its view without noting their versions, and waits for them",
        when "an event that changes no row of a view is followed by another of its stream",
        caught by "no-lost-event", "drains";
        seen in "eventhorizon#323",
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
    pub(crate) const CANCEL_NOT_HEARD = "cancel-not-heard"(
        "a projector ignores that the broker has cancelled it",
        when "RabbitMQ cancels the consumer of a queue, and the connection stays open",
        caught by "no-lost-event", "drains";
        needs "platform.broker.kind";
        seen in "vertx-rabbitmq-client#10, rascal#52, action_subscriber#103",
    );
    pub(crate) const BULK_ERRORS_IGNORED = "bulk-errors-ignored"(
        "a bulk request to a search index is taken for done as a whole",
        when "the index rejects an item of it",
        caught by "no-lost-event", "projection-convergence";
        needs "platform.search_index";
        seen in "the documentation of Elasticsearch on the bulk API",
    );
    pub(crate) const EVICTED_ROW_BEGUN_ANEW = "evicted-row-begun-anew"(
        "an event about a row that a cache does not hold is applied to an empty row",
        when "an event is applied after its row was evicted",
        caught by "projection-convergence", "shown-is-fold", "read-through", "erased", "rebuild-equals-live";
        needs "platform.row_cache";
        seen in "HSET and HINCRBY of Redis, which make a key that does not exist",
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
    pub(crate) const EARLIER_DELIVERIES_KEPT = "earlier-deliveries-kept"(
        "an instance keeps events back that were delivered before it restarted, and are another one's by now",
        when "a delivery is under way for longer than its receiver takes to restart",
        caught by "no-lost-event";
        needs "platform.projectors.instances",
    );
    pub(crate) const OLD_VERSION_NOT_FED = "old-version-not-fed"(
        "the table of a view that is kept beside its successor gets no events",
        when "readers are switched back to it after further events",
        caught by "rebuild-equals-live";
        needs "operations.back";
        seen in "a blue-green deployment of a projection that stops the old version when the new one is live",
    );
    pub(crate) const REBUILD_ENDS_AT_REPLICA = "rebuild-ends-at-replica"(
        "a rebuild takes the end of the log at a replica for the end of the log, and goes live there",
        when "the live table has applied an event within the lag of the replica",
        caught by "rebuild-equals-live", "no-lost-event";
        needs "platform.store.catch_up";
        seen in "a rebuild that ends with the first empty page",
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
    pub(crate) const DEDUP_ON_FLAG = "dedup-on-flag"(
        "a projector looks for copies among messages with the flag `redelivered` only",
        when "a relay publishes an event twice",
        caught by "in-order-apply";
        seen in "the advice of RabbitMQ's guide to reliability, which holds for one publication of a message",
    );
    pub(crate) const POISON_SKIPS_AHEAD = "poison-skips-ahead"(
        "an event that a projector fails on counts as handled, and the later ones of its stream are applied",
        when "a projector fails on an event, and another one follows",
        caught by "in-order-apply", "no-lost-event";
        seen in "AxonFramework#2021",
    );
    pub(crate) const EFFECT_AND_INBOX_APART = "effect-and-inbox-apart"(
        "the rows of an event and its entry in the idempotency log are written in two transactions",
        when "the read store crashes between the two",
        caught by "in-order-apply", "no-lost-event";
        seen in "wolverine#1677",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = broker::END + LIST.len() as u8;
