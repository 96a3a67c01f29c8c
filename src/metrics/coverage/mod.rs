//! Coverage: which features a run reaches, and which could be reached.
//!
//! A [`Feature`] is reached once or not at all; how often does not count. Like the other metrics, coverage reads
//! facts only, so the moment of a stimulus is that of the fact that states it. An event of the stream that a
//! saga follows counts when the broker delivers it, which is a message before the orchestrator has it.

mod feature;
mod observe;
#[cfg(test)]
mod tests;
mod universe;

pub use feature::{Feature, FeatureKind, Reached};
pub(crate) use observe::Coverage;
pub use universe::never_met;
pub(crate) use universe::{reachable, states, stimuli};

/// The state of a saga that has recorded nothing.
pub const NOT_STARTED: &str = "NotStarted";

/// A service replied to a request of the saga.
pub(super) const REPLY_RECEIVED: &str = "ReplyReceived";
/// A service sent the saga a webhook.
pub(super) const WEBHOOK_RECEIVED: &str = "WebhookReceived";
/// A service did not reply in time.
pub(super) const REPLY_MISSED: &str = "ReplyMissed";
/// A command of the saga was accepted.
pub(super) const COMMAND_ACCEPTED: &str = "CommandAccepted";
/// A command of the saga was rejected.
pub(super) const COMMAND_REJECTED: &str = "CommandRejected";
/// Whether a command of the saga took effect is unknown.
pub(super) const COMMAND_UNKNOWN: &str = "CommandUnknown";
/// A timer of the saga fired.
pub(super) const TIMER_FIRED: &str = "TimerFired";

/// What a saga can receive besides the events of the stream that it follows.
///
/// A restart of the orchestrator is none of them: it is a fault, and a saga that goes on after one records that.
pub const STIMULI: &[&str] = &[
    REPLY_RECEIVED,
    WEBHOOK_RECEIVED,
    REPLY_MISSED,
    COMMAND_ACCEPTED,
    COMMAND_REJECTED,
    COMMAND_UNKNOWN,
    TIMER_FIRED,
];
/// Those of them that come from services.
pub(super) const OF_SERVICES: usize = 3;
