//! The defects of the platform: mistakes that can be put into its components.

use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the platform.
    pub const PLATFORM_DEFECTS;

    pub(crate) const POLL_SKIPS_GAP = "poll-skips-gap"(
        "rows of the outbox are read up to the last position, although earlier ones are not visible yet",
        when "transactions commit in another order than they got their positions",
        caught by "checkpoint-behind", "no-lost-event",
    );
    pub(crate) const MARKED_BEFORE_CONFIRM = "marked-before-confirm"(
        "a batch is marked as sent after the second timeout, although confirms are missing",
        when "messages to the broker are lost twice",
        caught by "no-lost-event",
    );
    pub(crate) const UNROUTABLE_CONFIRMED = "unroutable-confirmed"(
        "a confirm counts for all queues of a message, also for those that returned it",
        when "a queue is not bound",
        caught by "no-lost-event",
    );
    pub(crate) const ACK_BEFORE_APPLY = "ack-before-apply"(
        "a projector acknowledges an event before it applies it",
        when "the projector crashes, or the read store fails, after the acknowledgement",
        caught by "no-lost-event",
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
        caught by "no-lost-event", "drains",
    );
    pub(crate) const FAILOVER_KEEPS_LEASE = "failover-keeps-lease"(
        "a lease to load survives the failover of the cache, those who wait for it do not",
        when "the cache fails over while a row is loaded",
        caught by "single-flight", "drains",
    );
}

/// The defect of this name.
pub fn defect_named(id: &str) -> Option<&'static Defect> {
    PLATFORM_DEFECTS.iter().copied().find(|defect| defect.id == id)
}
