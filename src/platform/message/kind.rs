//! What a message is called, and what it is about.

use super::Message;
use crate::kernel::{Entity, Kind, NodeId, Payload};
use crate::model::Domain;

impl<D: Domain> Payload for Message<D> {
    fn disconnected(peer: NodeId) -> Option<Self> {
        Some(Self::Disconnected(peer))
    }

    fn kind(&self) -> Kind {
        Kind(match self {
            Self::Tick => 1,
            Self::Cue => 2,
            Self::Arrive => 3,
            Self::Act(..) => 4,
            Self::StoreStep(_) => 5,
            Self::RelayPoll => 6,
            Self::Serve(..) => 7,
            Self::Lapse => 8,
            Self::Command { .. } => 9,
            Self::CommandReply { .. } => 10,
            Self::Load(_) => 11,
            Self::Loaded(_) => 12,
            Self::Append(_) => 13,
            Self::AppendReply { .. } => 14,
            Self::SaveSnapshot { .. } => 15,
            Self::Notify => 16,
            Self::Fetch { .. } => 17,
            Self::Batch { .. } => 18,
            Self::Mark { .. } => 19,
            Self::Marked => 20,
            Self::Publish { .. } => 21,
            Self::Confirm { .. } => 22,
            Self::Subscribe { .. } => 23,
            Self::Deliver { .. } => 24,
            Self::Ack { .. } => 25,
            Self::Nack { .. } => 26,
            Self::Widen { .. } => 27,
            Self::Apply(..) => 28,
            Self::ApplyReply { .. } => 29,
            Self::Read { .. } => 30,
            Self::ReadReply { .. } => 31,
            Self::CacheGet { .. } => 32,
            Self::CacheGot { .. } => 33,
            Self::CacheFill { .. } => 34,
            Self::CacheRefresh { .. } => 35,
            Self::CachePin { .. } => 36,
            Self::Query { .. } => 37,
            Self::QueryReply { .. } => 38,
            Self::TimerSet { .. } => 39,
            Self::TimerSetDone { .. } => 40,
            Self::TimerCancel { .. } => 41,
            Self::TimerDue { .. } => 42,
            Self::TimerDone { .. } => 43,
            Self::Call(..) => 44,
            Self::CallReply(..) => 45,
            Self::Webhook { .. } => 46,
            Self::WebhookDone { .. } => 47,
            Self::Restarted => 48,
            Self::Opportunity => 49,
            Self::Disconnected(_) => 50,
            Self::PersonalCommand { .. } => 51,
            Self::Erase { .. } => 52,
            Self::EraseReply { .. } => 53,
            Self::Seal { .. } => 54,
            Self::Sealed { .. } => 55,
            Self::Unseal { .. } => 56,
            Self::Unsealed { .. } => 57,
            Self::Destroy { .. } => 58,
            Self::Destroyed { .. } => 59,
            Self::Conclude(_) => 60,
            Self::Release { .. } => 61,
            Self::Rebuild { .. } => 62,
            Self::RebuildDone { .. } => 63,
            Self::Shadow { .. } => 64,
            Self::ShadowAt { .. } => 65,
            Self::ReadLog { .. } => 66,
            Self::LogPage { .. } => 67,
            Self::ListSagas { .. } => 68,
            Self::SagasListed { .. } => 69,
            Self::ReadTail { .. } => 70,
            Self::TailPage { .. } => 71,
            Self::Recall { .. } => 72,
            Self::Recalled { .. } => 73,
        })
    }

    fn entity(&self) -> Entity {
        match self {
            Self::Tick
            | Self::Cue
            | Self::Arrive
            | Self::StoreStep(_)
            | Self::RelayPoll
            | Self::Lapse
            | Self::Restarted
            | Self::Opportunity
            | Self::Disconnected(_)
            | Self::Notify
            | Self::Fetch { .. }
            | Self::Batch { .. }
            | Self::Mark { .. }
            | Self::Marked
            | Self::ListSagas { .. }
            | Self::SagasListed { .. }
            | Self::Rebuild { .. }
            | Self::RebuildDone { .. }
            | Self::Shadow { .. }
            | Self::ShadowAt { .. }
            | Self::ReadLog { .. }
            | Self::LogPage { .. } => Entity::default(),
            Self::Command { id, .. } | Self::CommandReply { id, .. } => id.entity(),
            Self::Load(load) => load.command.entity(),
            Self::Loaded(loaded) => loaded.command.entity(),
            Self::Append(append) => append.command.entity(),
            Self::Conclude(conclude) => conclude.command.entity(),
            Self::AppendReply { command, .. } => command.entity(),
            Self::SaveSnapshot { stream, .. } | Self::ApplyReply { stream, .. } => (*stream).into(),
            Self::Publish { letter, .. }
            | Self::Apply(_, letter)
            | Self::Deliver { letter, .. } => letter.event.stream.into(),
            Self::Subscribe { queue, .. } | Self::Widen { queue, .. } => Entity(u64::from(*queue)),
            Self::Confirm { stream, .. }
            | Self::Ack { stream, .. }
            | Self::Nack { stream, .. }
            | Self::Release { stream, .. } => (*stream).into(),
            Self::Act(request, _)
            | Self::Read { request, .. }
            | Self::ReadReply { request, .. }
            | Self::CacheGet { request, .. }
            | Self::CacheGot { request, .. }
            | Self::CacheFill { request, .. }
            | Self::Query { request, .. }
            | Self::QueryReply { request, .. }
            | Self::Recall { request, .. }
            | Self::Recalled { request, .. }
            | Self::PersonalCommand { request, .. }
            | Self::Erase { request }
            | Self::EraseReply { request }
            | Self::Seal { request, .. }
            | Self::Sealed { request, .. }
            | Self::Unseal { request, .. }
            | Self::Unsealed { request, .. }
            | Self::Destroy { request }
            | Self::Destroyed { request } => request.customer.into(),
            Self::ReadTail { view, .. } | Self::TailPage { view, .. } => (*view).into(),
            Self::CacheRefresh { key, .. } | Self::CachePin { key, .. } => (*key).into(),
            Self::TimerSet { effect, .. }
            | Self::TimerSetDone { effect }
            | Self::TimerCancel { effect, .. } => effect.saga.into(),
            Self::TimerDue { saga, .. }
            | Self::TimerDone { saga, .. }
            | Self::Webhook { saga, .. }
            | Self::WebhookDone { saga, .. } => (*saga).into(),
            Self::Serve(call, ..) | Self::Call(call, _) | Self::CallReply(call, _) => call.entity(),
        }
    }
}

/// What messages and timers are called, by the number of their kind.
pub(crate) const MESSAGES: &[&str] = &[
    "",
    "Tick",
    "Cue",
    "Arrive",
    "Act",
    "StoreStep",
    "RelayPoll",
    "Serve",
    "Lapse",
    "Command",
    "CommandReply",
    "Load",
    "Loaded",
    "Append",
    "AppendReply",
    "SaveSnapshot",
    "Notify",
    "Fetch",
    "Batch",
    "Mark",
    "Marked",
    "Publish",
    "Confirm",
    "Subscribe",
    "Deliver",
    "Ack",
    "Nack",
    "Widen",
    "Apply",
    "ApplyReply",
    "Read",
    "ReadReply",
    "CacheGet",
    "CacheGot",
    "CacheFill",
    "CacheRefresh",
    "CachePin",
    "Query",
    "QueryReply",
    "TimerSet",
    "TimerSetDone",
    "TimerCancel",
    "TimerDue",
    "TimerDone",
    "Call",
    "CallReply",
    "Webhook",
    "WebhookDone",
    "Restarted",
    "Occasion",
    "Disconnected",
    "PersonalCommand",
    "Erase",
    "EraseReply",
    "Seal",
    "Sealed",
    "Unseal",
    "Unsealed",
    "Destroy",
    "Destroyed",
    "Conclude",
    "Release",
    "Rebuild",
    "RebuildDone",
    "Shadow",
    "ShadowAt",
    "ReadLog",
    "LogPage",
    "ListSagas",
    "SagasListed",
    "ReadTail",
    "TailPage",
    "Recall",
    "Recalled",
];

/// What a kind of message or timer is called.
pub(crate) fn message_name(kind: Kind) -> &'static str {
    MESSAGES.get(usize::from(kind.0)).copied().unwrap_or("?")
}
