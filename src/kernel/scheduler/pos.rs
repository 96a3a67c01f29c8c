//! Partial order sampling: a message that another delivery at its receiver has overtaken is placed anew.
//!
//! Every message gets a random place in its window. When it is due and something else was delivered at the
//! same node since it was placed, the two have raced, and its place is drawn again. If the new place is
//! later, the message is put back to there; otherwise it is delivered now. So the outcome of one race says
//! nothing about the next.
//!
//! A message that is put back holds up those behind it on the same ordered link.
//!
//! Yuan et al., "Partial Scheduler Aware Concurrency Sampling", CAV 2018.

use super::Rank;
use crate::kernel::choice::{ChoiceKey, Choices, Space};
use crate::kernel::digest::folded_multiply;
use crate::kernel::{Instant, Links, NodeId, Span};

/// The rank of a message that is not placed anew.
pub(super) const BOUND: Rank = 1;
/// The rank of a message that was placed once; it grows each time.
pub(super) const FIRST: Rank = 2;

/// How late a message of this rank arrives.
pub(super) fn lateness(bits: u64, rank: Rank, window: Space) -> u64 {
    let bits = match rank {
        FIRST => bits,
        _ => folded_multiply(bits ^ u64::from(rank), 0xA076_1D64_78BD_642F),
    };
    window.sample(bits)
}

#[derive(Clone, Debug)]
pub(in crate::kernel) struct Pos {
    /// When each node was last delivered something.
    delivered: Vec<Instant>,
    /// For each pair of nodes, until when messages that are put back hold up those behind them.
    held_up: Vec<Instant>,
}

/// A message in flight, as the queue has it.
pub(in crate::kernel) struct Underway {
    pub(in crate::kernel) due: Instant,
    pub(in crate::kernel) key: ChoiceKey,
    pub(in crate::kernel) rank: Rank,
}

impl Pos {
    pub(super) fn new(nodes: usize) -> Self {
        Self { delivered: vec![Instant::ZERO; nodes], held_up: vec![Instant::ZERO; nodes * nodes] }
    }

    pub(super) fn delivered(&mut self, to: NodeId, now: Instant) {
        self.delivered[to.index()] = now;
    }

    /// Until when a message is held up by one before it.
    pub(in crate::kernel) fn held_up(&mut self, from: NodeId, to: NodeId) -> &mut Instant {
        &mut self.held_up[from.index() * self.delivered.len() + to.index()]
    }

    /// When a message that is due arrives instead, and its rank from then on; `None` if it arrives now.
    pub(in crate::kernel) fn put_back(
        &mut self,
        message: &Underway,
        links: &mut Links,
        choices: &mut Choices,
    ) -> Option<(Instant, Rank)> {
        let Underway { due, key, rank } = *message;
        let (from, to) = (key.actor.from, key.actor.to);
        if rank == 0 {
            return None;
        }
        let held_up = *self.held_up(from, to);
        if due < held_up {
            return Some((held_up, BOUND));
        }
        if rank == BOUND || choices.is_forced(&key) {
            return None;
        }
        let (link, bits) = (links.get(from, to), choices.bits(&key));
        let window = link.window();
        let place = |rank| Span::from_micros(lateness(bits, rank, window));
        let (old, again) = (place(rank), rank.checked_add(1)?);
        // When it was placed: when it was sent, or when it would have arrived at its last place.
        let placed = match rank {
            FIRST => due.before(link.base + old),
            _ => due.before(old) + place(rank - 1),
        };
        if self.delivered[to.index()] <= placed {
            return None;
        }
        let new = place(again);
        if new <= old {
            return None;
        }
        choices.amend(&key, new.as_micros());
        let due = due + (new - old);
        if link.ordered {
            links.arrival(link, from, to, due);
            *self.held_up(from, to) = due;
        }
        Some((due, again))
    }
}
