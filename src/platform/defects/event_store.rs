//! Mistakes of the event store: appends, positions, snapshots, the outbox, retention, loss and replicas.

use super::commands;
use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST, after commands::END;

    pub(crate) const POLL_SKIPS_GAP = "poll-skips-gap"(
        "rows of the outbox are read up to the last position, although earlier ones are not visible yet",
        when "transactions commit in another order than they got their positions",
        caught by "checkpoint-behind", "no-lost-event";
        seen in "commanded/eventstore#3, emmett#336",
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
    pub(crate) const SUBSCRIBER_INSIDE_APPEND = "subscriber-inside-append"(
        "an append waits for a subscriber and is answered as failed if that does not answer, although it is committed",
        when "events that were stored before cannot be published",
        caught by "acknowledged-once";
        seen in "an event store that calls its subscribers in a loop",
    );
    pub(crate) const VERSION_HARD_CODED = "version-hard-coded"(
        "a command that has been executed before is answered with version 1, whatever version its events have",
        when "the answer to a later command of a stream is lost, and the command is sent again",
        caught by "acknowledged-once";
        seen in "an event store written by hand over a table",
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
    pub(crate) const MARK_OF_THE_PRIMARY = "mark-of-the-primary"(
        "a view on demand reads the high-water mark at the primary and the events up to it at a replica",
        when "an event became visible within the lag of the replica",
        caught by "on-demand", "projection-convergence", "drains", "shown-is-fold";
        needs "platform.store.catch_up";
        seen in "a page whose end is the high-water mark whenever it is not full, as in the daemon of Marten",
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
    pub(crate) const GAP_BY_TIMEOUT = "gap-by-timeout"(
        "a gap in the log that is not filled within a second is taken for one that is never filled",
        when "a transaction takes longer than that to commit, and later positions are visible",
        caught by "checkpoint-behind", "no-lost-event";
        seen in "marten#2370",
    );
    pub(crate) const GAP_ABOVE_START_UNSEEN = "gap-above-start-unseen"(
        "gaps are looked for between the events that are read, and not between where a reader begins and the first of them",
        when "a transaction is open whose positions come before the first event that is new",
        caught by "checkpoint-behind", "no-lost-event";
        seen in "marten#4972",
    );
    pub(crate) const MARK_CROSSES_IN_FLIGHT = "mark-crosses-in-flight"(
        "rows are marked as sent up to the high-water mark, which is read in another statement than the rows",
        when "an event becomes visible between the two statements",
        caught by "no-lost-event", "checkpoint-behind";
        seen in "marten#4977",
    );
    pub(crate) const MARK_BY_COUNT = "mark-by-count"(
        "as many rows of the outbox are deleted as were sent, from the front",
        when "the request to mark a batch is repeated",
        caught by "no-lost-event", "checkpoint-behind";
        seen in "a queue in a table from which the first n rows are deleted",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = commands::END + LIST.len() as u8;
