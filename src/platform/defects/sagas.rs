//! Mistakes of the orchestrator and its timers.

use super::queries;
use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST, after queries::END;

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
    pub(crate) const CORRELATION_LOST = "correlation-lost"(
        "the events of a saga have a correlation id of their own",
        when "a saga records anything",
        caught by "correlated",
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
    pub(crate) const STANDBY_ACKNOWLEDGES = "standby-acknowledges"(
        "an orchestrator acknowledges an event before it looks whether it still leads",
        when "the lease ends while an event is on its way to the one that led",
        caught by "saga-terminates";
        needs "platform.saga.instances";
        seen in "a consumer that acknowledges by itself when its handler returns early",
    );
    pub(crate) const NOT_RECONCILED = "not-reconciled"(
        "services are not asked what they did when the event store goes back to an earlier state",
        when "a service has acted for a saga, and a failover or a restore loses the event that says so",
        caught by "money-conserved", "no-orphan", "single-capture";
        needs "platform.store.replication" or "operations.restore_store_to";
        seen in "a restore of the database without a look at the settlement report of the payment provider",
    );
    pub(crate) const LATE_TIMEOUT_ACTS = "late-timeout-acts"(
        "the timer service confirms that a timer is cancelled, and lets it fire",
        when "a timer is cancelled",
        caught by "timer-honest", "legal-transition", "refused-with-cause";
        seen in "NServiceBus#2515",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = queries::END + LIST.len() as u8;
