//! A saga that is awake: how far its streams are read, and what it waits for.

use std::collections::VecDeque;

use super::wake::Wake;
use crate::model::{CommandId, CommandOutcome, Domain, EventId, Sagas, StreamId};
use crate::platform::fold::Fold;
use crate::platform::message::Append;

/// A saga that is not over, or has just been woken.
#[derive(Clone, Debug)]
pub(super) struct Saga<D: Domain> {
    pub(super) own: Fold<D>,
    pub(super) subject: Fold<D>,
    /// Whether its streams were read since it woke.
    pub(super) read: bool,
    /// Where its subject's last known event came from.
    pub(super) origin: Option<(CommandId, EventId)>,
    pub(super) inbox: VecDeque<Wake<D>>,
    pub(super) phase: Phase<D>,
    /// How often in a row the store has not answered it.
    pub(super) silences: u32,
    /// How often in a row the store could not commit what it was to append.
    pub(super) refusals: u32,
}

/// What a saga waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase<D: Domain> {
    /// Nothing.
    Resting,
    /// Reading what is new. If the store did not take what was to be appended, that comes along: it may
    /// be there all the same, from the first of two sendings.
    Loading(Option<Box<Append<D>>>),
    /// Until the store has said what became of this, nothing else is decided: it may be there already,
    /// and what it calls for is still to be done.
    Appending(Box<Append<D>>),
    /// The store could not commit this. It is given time, and then the same is sent once more: an earlier
    /// copy may still be under way, so that nothing else is decided meanwhile either.
    Pausing(Box<Append<D>>),
}

/// The stream that a saga follows.
pub(super) fn subject_of<D: Domain>(saga: StreamId) -> StreamId {
    D::Sagas::subject_of(saga).expect("only sagas are woken")
}

impl<D: Domain> Saga<D> {
    /// A saga of which nothing is known yet.
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

    /// Whether a wake speaks of something that the saga has not read yet.
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
            | Wake::Resumed => false,
        }
    }
}
