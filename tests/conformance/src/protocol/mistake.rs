//! What developers do wrong: each is one departure from the protocol, and the property that finds it.

/// A departure from the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The append does not look whether the stream is at the version of the decision.
    VersionNotChecked,
    /// A retry is not recognised: commands are not recorded.
    CommandNotRecorded,
    /// The customer is told before the commit.
    AnsweredBeforeCommit,
    /// The outbox row is written in a second transaction.
    OutboxAfterCommit,
    /// The relay marks rows before it publishes them.
    MarkedBeforePublished,
    /// The projector acknowledges a delivery before its transaction.
    AckedBeforeApplied,
    /// The projector commits its checkpoint before the rows.
    CheckpointBeforeRows,
    /// The projector does not look whether it has had the event: there is no inbox.
    NoInbox,
    /// The projector applies an event although an earlier one of its stream is missing.
    GapIgnored,
    /// The follower reads to the end of the log, past numbers that are in flight.
    InFlightSkipped,
    /// The follower commits its cursor before the rows.
    CursorBeforeRows,
    /// The follower writes under a lease that may have ended.
    LeaseWithoutFence,
    /// The reader is shown a row that does not have what they wrote.
    ReadWithoutWaiting,
}

use Mistake as M;

/// Each mistake with its name and the property of `jetlag check` that finds it.
pub const MISTAKES: &[(Mistake, &str, &str)] = &[
    (M::VersionNotChecked, "version-not-checked", "no-double-sale"),
    (M::CommandNotRecorded, "command-not-recorded", "command-once"),
    (M::AnsweredBeforeCommit, "answered-before-commit", "acknowledged-once"),
    (M::OutboxAfterCommit, "outbox-after-commit", "no-lost-event"),
    (M::MarkedBeforePublished, "marked-before-published", "no-lost-event"),
    (M::AckedBeforeApplied, "acked-before-applied", "no-lost-event"),
    (M::CheckpointBeforeRows, "checkpoint-before-rows", "no-lost-event"),
    (M::NoInbox, "no-inbox", "in-order-apply"),
    (M::GapIgnored, "gap-ignored", "in-order-apply"),
    (M::InFlightSkipped, "in-flight-skipped", "checkpoint-behind"),
    (M::CursorBeforeRows, "cursor-before-rows", "checkpoint-behind"),
    (M::LeaseWithoutFence, "lease-without-fence", "in-order-apply"),
    (M::ReadWithoutWaiting, "read-without-waiting", "read-your-writes"),
];

impl Mistake {
    /// The mistake of a name.
    pub fn named(name: &str) -> Option<Self> {
        MISTAKES.iter().find(|(_, known, _)| *known == name).map(|(mistake, ..)| *mistake)
    }

    /// What has to be undone in the database for the mistake to be made: the inbox has a key that would tell.
    pub(super) fn migration(self) -> &'static str {
        match self {
            Self::NoInbox | Self::LeaseWithoutFence => {
                "ALTER TABLE jetlag.inbox DROP CONSTRAINT inbox_pkey"
            }
            _ => "",
        }
    }
}
