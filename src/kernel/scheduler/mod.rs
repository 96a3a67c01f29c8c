//! The order of deliveries: how late each message arrives, within what its link allows.
//!
//! A message takes the base of its link, plus at most its jitter. Where in this window it arrives is drawn by
//! a [`Schedule`]; that decides the order of deliveries, and nothing else does. Timers are never early or
//! late, and messages of an ordered link keep their order.
//!
//! ```text
//!   sent ──── base ────▶ ├──────── window ────────┤
//!   Latency              │ anywhere               │
//!   RandomWalk           │ soon, or later: the next delivery is any of those in flight
//!   Pos                  │ anywhere; drawn again when another delivery was faster
//!   Pct                  │ where the priority of its chain of causes says
//! ```
//!
//! However a message came by its lateness, the decision log has it under the key of the message, so that a
//! replay needs no schedule.

mod pct;
mod pos;
mod random_walk;

use super::choice::{ChoiceKey, Choices, Schedule, Space};
use super::{Instant, NodeId};
use pct::Pct;
use pos::Pos;
pub(super) use pos::Underway;

/// What a schedule has to know of a pending occurrence. 0 of one that is not in flight, such as a timer; of
/// others the meaning depends on the schedule.
pub(super) type Rank = u8;

/// The schedule of a run, with its state.
#[derive(Clone, Debug)]
pub(super) enum Scheduler {
    /// Lateness is a choice like any other: forced, benign, or anything that the link allows.
    Plain,
    /// See [`random_walk`].
    RandomWalk,
    /// See [`pos`].
    Pos(Box<Pos>),
    /// See [`pct`].
    Pct(Box<Pct>),
}

impl Scheduler {
    /// The order that the policy of a run wants, among this many nodes.
    pub(super) fn of(choices: &Choices, nodes: usize) -> Self {
        let (schedule, secret) = choices.schedule();
        match schedule {
            Schedule::RandomWalk => Self::RandomWalk,
            Schedule::Pos => Self::Pos(Box::new(Pos::new(nodes))),
            Schedule::Pct(depth) => Self::Pct(Box::new(Pct::new(depth, secret))),
            Schedule::Benign | Schedule::Latency | Schedule::Mixture => Self::Plain,
        }
    }

    #[inline]
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    /// How late a message arrives, and its rank.
    #[inline]
    pub(super) fn send(
        &mut self,
        key: ChoiceKey,
        window: Space,
        choices: &mut Choices,
    ) -> (u64, Rank) {
        if self.is_plain() {
            (choices.draw_nth(key, window), 0)
        } else {
            self.place(key, window, choices)
        }
    }

    #[inline(never)]
    fn place(&mut self, key: ChoiceKey, window: Space, choices: &mut Choices) -> (u64, Rank) {
        let bits = choices.bits(&key);
        let (late, rank) = match self {
            Self::Plain => (0, 0),
            Self::RandomWalk => (random_walk::lateness(bits, window), 0),
            Self::Pos(_) => (pos::lateness(bits, pos::FIRST, window), pos::FIRST),
            Self::Pct(pct) => pct.send(bits, window),
        };
        (choices.propose(key, window, late), rank)
    }

    /// The rank of a timer that is set now.
    #[inline]
    pub(super) fn timer(&self) -> Rank {
        if let Self::Pct(pct) = self { pct.chain() } else { 0 }
    }

    /// The rank of a message that arrives with others: behind the one before it on its connection, or in two
    /// copies. It is not moved by itself.
    pub(super) fn bound(&self, rank: Rank) -> Rank {
        if let Self::Pos(_) = self { pos::BOUND } else { rank }
    }

    /// The rank of an occurrence that has arrived but is deferred.
    pub(super) fn deferred(&self, rank: Rank) -> Rank {
        if let Self::Pos(_) = self { 0 } else { rank }
    }

    /// When an occurrence arrives that the schedule does not move from now on.
    pub(super) fn left_alone(
        &mut self,
        due: Instant,
        (from, to): (NodeId, NodeId),
        rank: Rank,
    ) -> Instant {
        match self {
            Self::Pos(pos) if rank > 0 => due.max(*pos.held_up(from, to)),
            _ => due,
        }
    }

    /// An occurrence is delivered.
    pub(super) fn delivered(&mut self, to: NodeId, rank: Rank, now: Instant) {
        match self {
            Self::Plain | Self::RandomWalk => {}
            Self::Pos(pos) => pos.delivered(to, now),
            Self::Pct(pct) => pct.delivered(rank),
        }
    }
}
