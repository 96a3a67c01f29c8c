//! A saga that is awake: its folded streams, what it waits for, and why it was woken.

use std::collections::VecDeque;

use crate::kernel::{Cause, NodeId};
use crate::model::{
    CommandId, CommandOutcome, Domain, EffectId, EventId, Reply, Request, Sagas, ServiceId,
    Stimulus, StreamId, Version,
};
use crate::platform::fold::Fold;
use crate::platform::message::Append;

/// A saga that has not ended, or has just been woken.
#[derive(Clone, Debug)]
pub(super) struct Saga<D: Domain> {
    pub(super) own: Fold<D>,
    pub(super) subject: Fold<D>,
    /// Whether its streams have been read since it woke.
    pub(super) read: bool,
    /// The correlation id and the id of its subject's last known event.
    pub(super) origin: Option<(CommandId, EventId)>,
    /// Why it was woken, each with what led to that. The saga reacts to the first.
    pub(super) inbox: VecDeque<(Wake<D>, Cause)>,
    pub(super) phase: Phase<D>,
    /// How often in a row the store did not answer.
    pub(super) silences: u32,
    /// How often in a row the store could not commit its append.
    pub(super) refusals: u32,
}

/// What a saga waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase<D: Domain> {
    /// Nothing.
    Resting,
    /// New events. After a conflict this has the append that was refused: the first of two copies of it
    /// may have been stored.
    Loading(Option<Box<Append<D>>>),
    /// The outcome of an append. Nothing else is decided meanwhile: the append may be stored already, and
    /// its effects are still to be sent.
    Appending(Box<Append<D>>),
    /// The end of a back-off, after the store could not commit the append. The same append is sent again:
    /// an earlier copy may still be pending, so nothing else is decided meanwhile.
    Pausing(Box<Append<D>>),
}

/// The stream that a saga follows.
pub(super) fn subject_of<D: Domain>(saga: StreamId) -> StreamId {
    D::Sagas::subject_of(saga).expect("only sagas are woken")
}

impl<D: Domain> Saga<D> {
    /// A saga before its streams are read.
    pub(super) fn asleep(saga: StreamId, domain: &D) -> Self {
        Self {
            own: Fold::blank(saga, domain),
            subject: Fold::blank(subject_of::<D>(saga), domain),
            read: false,
            origin: None,
            inbox: VecDeque::new(),
            phase: Phase::Resting,
            silences: 0,
            refusals: 0,
        }
    }

    /// The store has answered.
    pub(super) fn rest(&mut self) {
        self.phase = Phase::Resting;
        (self.silences, self.refusals) = (0, 0);
    }

    /// Whether a wake requires events that the saga has not read yet.
    pub(super) fn is_behind(&self, wake: &Wake<D>, subject: StreamId) -> bool {
        if !self.read {
            return true;
        }
        match wake {
            Wake::Subject { version, .. } => *version > self.subject.version,
            Wake::Answered { verdict: CommandOutcome::Accepted(token), .. } => {
                token.stream == subject && token.version > self.subject.version
            }
            Wake::Replied { .. }
            | Wake::Silent { .. }
            | Wake::Answered { .. }
            | Wake::Due { .. }
            | Wake::Resumed
            | Wake::Reported(_) => false,
        }
    }
}

/// Why a saga is woken.
#[derive(Clone, Debug)]
pub(super) enum Wake<D: Domain> {
    /// Its subject has changed. The broker waits for an acknowledgement of this tag, unless it has taken
    /// the message back.
    Subject { version: Version, tag: Option<u64> },
    /// A service has replied. A webhook is acknowledged to its sender.
    Replied { service: ServiceId, reply: Box<Reply<D>>, webhook: Option<(NodeId, u64)> },
    /// A service has not replied in time.
    Silent { service: ServiceId, request: Box<Request<D>> },
    /// A command was answered.
    Answered { command: Box<D::Command>, verdict: CommandOutcome<D> },
    /// A timer is due.
    Due { effect: EffectId, timer: u8 },
    /// A predecessor recorded events and may not have performed their effects.
    Resumed,
    /// Commits are lost, and services have reported what they have for it.
    Reported(Box<[(ServiceId, Reply<D>)]>),
}

impl<D: Domain> Wake<D> {
    /// The form in which the domain sees it.
    pub(super) fn stimulus(&self) -> Stimulus<'_, D> {
        match self {
            Self::Subject { .. } => Stimulus::Subject,
            Self::Replied { service, reply, .. } => Stimulus::Replied(*service, &**reply),
            Self::Silent { service, request } => Stimulus::Silent(*service, &**request),
            Self::Answered { command, verdict } => Stimulus::Answered(&**command, verdict),
            Self::Due { timer, .. } => Stimulus::Due(*timer),
            Self::Resumed => Stimulus::Resumed,
            Self::Reported(replies) => Stimulus::Reported(replies),
        }
    }

    /// The broker has taken the message back.
    pub(super) const fn forget_delivery(&mut self) {
        if let Self::Subject { tag, .. } = self {
            *tag = None;
        }
    }
}
