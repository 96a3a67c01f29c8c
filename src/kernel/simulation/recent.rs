//! What was delivered last, for the description of a run that does not come to rest.

use super::{Kernel, Payload};
use crate::kernel::{Actor, Kind, NodeId};

/// How many are remembered.
const REMEMBERED: usize = 100;

/// The last occurrences, as a ring.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    actors: [Actor; REMEMBERED],
    next: usize,
}

impl Default for Recent {
    fn default() -> Self {
        let none = Actor { from: NodeId(0), to: NodeId(0), kind: Kind(0) };
        Self { actors: [none; REMEMBERED], next: 0 }
    }
}

impl Recent {
    #[inline]
    pub(super) fn note(&mut self, actor: Actor) {
        self.actors[self.next] = actor;
        self.next = if self.next + 1 == REMEMBERED { 0 } else { self.next + 1 };
    }
}

impl<P: Payload> Kernel<P> {
    /// The last hundred occurrences, or as many as there were, the oldest first.
    pub fn recent(&self) -> Vec<Actor> {
        let Recent { actors, next } = &self.recent;
        let whole = self.steps() >= REMEMBERED as u64;
        let older: &[Actor] = if whole { &actors[*next..] } else { &[] };
        older.iter().chain(&actors[..*next]).copied().collect()
    }
}
