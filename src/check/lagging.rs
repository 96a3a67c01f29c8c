//! What became visible lately, as far as a replica may lack it.
//!
//! The store states by how much replicas are behind that answer readers of the log. What was visible so long before a
//! question is owed by the answer, whichever replica gives it. Without replicas nothing is kept here.

use std::collections::VecDeque;

use crate::kernel::{Instant, Span};
use crate::model::{Domain, Fact, Position, Record, Stored, StreamId};

/// The events that a replica may lack, in the order in which they became visible.
#[derive(Clone, Debug, Default)]
pub(super) struct Lagging {
    lag: Span,
    recent: VecDeque<(Instant, StreamId, Position)>,
}

impl Lagging {
    /// Notes how far replicas are behind, if a record states it.
    pub(super) fn note<D: Domain>(&mut self, record: &Record<D>) {
        if let Fact::ReplicaReads { lag } = record.fact {
            self.lag = lag;
        }
    }

    /// Notes an event that becomes visible, and forgets those that every replica has.
    pub(super) fn stored<E>(&mut self, event: &Stored<E>, now: Instant) {
        if self.lag == Span::ZERO {
            return;
        }
        while self.recent.front().is_some_and(|(at, ..)| *at + self.lag <= now) {
            self.recent.pop_front();
        }
        self.recent.push_back((now, event.stream, event.position));
    }

    /// What a replica may lack at a moment.
    fn at(&self, now: Instant) -> impl Iterator<Item = &(Instant, StreamId, Position)> {
        self.recent.iter().filter(move |(at, ..)| *at + self.lag > now)
    }

    /// The first position whose event a replica may lack.
    pub(super) fn first(&self, now: Instant) -> Option<Position> {
        self.at(now).map(|(.., position)| *position).min()
    }

    /// How many of the last events of a stream a replica may lack; of these, those that became visible after `since`.
    pub(super) fn count(&self, stream: StreamId, now: Instant, since: Instant) -> usize {
        self.at(now).filter(|(at, of, _)| *of == stream && *at > since).count()
    }
}
