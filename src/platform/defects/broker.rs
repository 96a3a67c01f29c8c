//! Mistakes of relays and brokers: what is published, kept and delivered again.

use super::event_store;
use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST, after event_store::END;

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
    pub(crate) const OLD_DELIVERIES_HANDLED = "old-deliveries-handled"(
        "a consumer still handles what it was given over a connection that is lost, beside the copies over the new one",
        when "a connection is lost while messages wait for a worker",
        caught by "no-lost-event", "drains";
        needs "platform.capacity.projectors";
        seen in "a pool of workers behind a subscription",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = event_store::END + LIST.len() as u8;
