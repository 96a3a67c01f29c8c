//! The number, the name and the entity of each message.

use super::Message;
use crate::kernel::{Entity, Kind, NodeId, Operation, Payload};
use crate::model::{Domain, Services};

/// Numbers the messages from 1, in this order. The numbers are part of the digest and of capsules: a new
/// message goes to the end. Behind a message stands the entity that it is about, if there is one, as an
/// expression that starts with a field: a named one in brackets, a numbered one in parentheses.
macro_rules! messages {
    ($($name:ident $([$($named:tt)+])? $(($index:tt: $($numbered:tt)+))?),+ $(,)?) => {
        enum Number {
            $($name),+
        }

        impl<D: Domain> Payload for Message<D> {
            fn disconnected(peer: NodeId) -> Option<Self> {
                Some(Self::Disconnected(peer))
            }

            fn is_turning_point(&self) -> bool {
                matches!(
                    self,
                    Self::Restarted
                        | Self::Disconnected(_)
                        | Self::Notify
                        | Self::AppendReply { .. }
                        | Self::Nack { .. }
                        | Self::Release { .. }
                        | Self::CallReply(..)
                        | Self::Webhook { .. }
                        | Self::TimerDue { .. }
                        | Self::ShadowAt { .. }
                )
            }

            fn kind(&self) -> Kind {
                let number = match self {
                    $(Self::$name { .. } => Number::$name,)+
                };
                Kind(number as u16 + 1)
            }

            fn entity(&self) -> Entity {
                match self {
                    $(messages!(@pattern $name $([$($named)+])? $(($index: $($numbered)+))?) => {
                        messages!(@entity $($($named)+)? $($($numbered)+)?)
                    })+
                }
            }

            fn operation(&self) -> Operation {
                match self {
                    Self::Command { body, .. } | Self::PersonalCommand { body, .. } => {
                        Operation { name: D::command_name(body), part: 0 }
                    }
                    Self::Call(_, request) | Self::Serve(_, _, request) => {
                        D::Services::operation(request)
                    }
                    _ => Operation::default(),
                }
            }
        }

        /// The names of messages and timers, by the number of their kind.
        pub(crate) const MESSAGES: &[&str] = &["", $(stringify!($name)),+];
    };
    (@pattern $name:ident) => { Self::$name { .. } };
    (@pattern $name:ident [$field:ident $($rest:tt)*]) => { Self::$name { $field, .. } };
    (@pattern $name:ident ($index:tt: $field:ident $($rest:tt)*)) => {
        Self::$name { $index: $field, .. }
    };
    (@entity) => { Entity::default() };
    (@entity $field:ident) => { Entity::from(*$field) };
    (@entity $field:ident => $entity:expr) => { $entity };
    (@entity $($entity:tt)+) => { Entity::from($($entity)+) };
}

messages! {
    Tick, Cue, Arrive(0: turn.entity()), Act(0: request.customer), StoreStep, RelayPoll, Serve(0: call.entity()),
    Lapse, Command[id.entity()], CommandReply[id.entity()], Load(0: load.command.entity()),
    Loaded(0: loaded.command.entity()), Append(0: append.command.entity()),
    AppendReply[command.entity()], SaveSnapshot[stream], Notify, Fetch, Batch, Mark, Marked,
    Publish[letter.event.stream], Confirm[stream], Subscribe[queue => Entity(u64::from(*queue))],
    Deliver[letter.event.stream], Ack[stream], Nack[stream],
    Widen[queue => Entity(u64::from(*queue))], Apply(1: letter.event.stream), ApplyReply[stream],
    Read[request.customer], ReadReply[request.customer], CacheGet[request.customer],
    CacheGot[request.customer], CacheFill[request.customer], CacheRefresh[key], CachePin[key],
    Query[request.customer], QueryReply[request.customer], TimerSet[effect.saga],
    TimerSetDone[effect.saga], TimerCancel[effect.saga], TimerDue[effect.saga], TimerDone[effect.saga],
    Call(0: call.entity()), CallReply(0: call.entity()), Webhook[saga], WebhookDone[saga],
    Restarted, Opportunity, Disconnected, PersonalCommand[request.customer],
    Erase[request.customer], EraseReply[request.customer], Seal[request.customer],
    Sealed[request.customer], Unseal[request.customer], Unsealed[request.customer],
    Destroy[request.customer], Destroyed[request.customer], Conclude(0: conclude.command.entity()),
    Release[stream], Rebuild, RebuildDone, Shadow, ShadowAt, ReadLog, LogPage, ListSagas,
    SagasListed, ReadTail[view], TailPage[view], Recall[request.customer],
    Recalled[request.customer], Worked[about], Overloaded[request.customer],
    Watch[connection => connection.entity()], Unwatch[connection => connection.entity()],
    Push[connection => connection.entity()], Heartbeat[connection => connection.entity()],
    Listen[channel => channel.entity()], Changed[channel => channel.entity()],
    Cancelled[queue => Entity(u64::from(*queue))],
    RestoreStore, StoreRestored,
    Revoked[queue => Entity(u64::from(*queue))], Unsubscribe[queue => Entity(u64::from(*queue))],
    LeasePoll, Lead, Leads, SwitchBack,
    RowMissing[request.customer], RestoreRow[request.customer],
    SendAgain, SentAgain,
    Report, Reported, Reconciled,
}

/// The name of a kind of message or timer.
pub(crate) fn message_name(kind: Kind) -> &'static str {
    MESSAGES.get(usize::from(kind.0)).copied().unwrap_or("?")
}
