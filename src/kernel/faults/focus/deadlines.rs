//! Moves messages to just before, at and just after a deadline.
//!
//! What happens at a deadline races with what arrives in the same millisecond. Random latencies hardly ever
//! bring the two together: a deadline is seconds or minutes away from what it guards.

use std::collections::BTreeSet;

use crate::kernel::faults::Fault;
use crate::kernel::{Actor, Choices, Entity, Instant, NodeId, Ratio, Site, Space, Span};

/// Timers that are set for less than this are steps of work, not deadlines.
const LEAST: Span = Span::from_millis(20);
/// A message is moved to one of this many deadlines, the nearest ones.
const NEAREST: usize = 12;
/// How long before or after a deadline a message is moved, in microseconds.
const OFFSETS: [i64; 8] = [-1, 0, 1, -1_000, 1_000, -4_000, 4_000, 12_000];

/// The timers of all nodes, in a run in which messages are moved to deadlines.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    /// How often a message is moved that could be.
    rate: Ratio,
    /// Whether a message is moved to a deadline of any node, or only of its receiver.
    of_any_node: bool,
    timers: BTreeSet<(Instant, NodeId)>,
}

impl Deadlines {
    pub(super) const fn new(rate: Ratio, of_any_node: bool) -> Self {
        Self { rate, of_any_node, timers: BTreeSet::new() }
    }

    /// Notes a timer of a node that is set for `delay`.
    pub(super) fn note(&mut self, node: NodeId, now: Instant, delay: Span) {
        if delay >= LEAST {
            while self.timers.first().is_some_and(|(due, _)| *due < now) {
                self.timers.pop_first();
            }
            self.timers.insert((now + delay, node));
        }
    }

    /// By how many microseconds `fault` delays a message that arrives at `due`, if at all.
    pub(super) fn delay(
        &self,
        site: Site,
        fault: &Fault,
        (actor, entity): (Actor, Entity),
        due: Instant,
        choices: &mut Choices,
    ) -> Option<u64> {
        let reach = fault.sizes.iter().copied().max().unwrap_or(0);
        let from = (due, NodeId(0));
        let until = (due + Span::from_micros(reach), NodeId(u16::MAX));
        let near = self.timers.range(from..=until);
        let near = near.filter(|(_, node)| self.of_any_node || *node == actor.to);
        let near: Vec<Instant> = near.map(|(at, _)| *at).take(NEAREST).collect();
        let mut draw = |space| choices.steer(site, actor, entity, space);
        if near.is_empty() || draw(Space::sized(self.rate, &[1])) == 0 {
            return None;
        }
        let places = (near.len() * OFFSETS.len()) as u64;
        let place = draw(Space::up_to(places - 1)) as usize;
        let (deadline, offset) = (near[place / OFFSETS.len()], OFFSETS[place % OFFSETS.len()]);
        let delay = deadline.since(due).as_micros().checked_add_signed(offset)?;
        (1..=reach).contains(&delay).then_some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{DELAY, Kind, Overrides, Policy, REORDER};

    const ALWAYS: Ratio = Ratio { times: 1, of: 1 };

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_millis(ms)
    }

    /// The delays that are drawn for messages to node 1 that arrive after 2 ms.
    fn delays(fault: &Fault, of_any_node: bool, timers: &[(u16, u64)]) -> BTreeSet<u64> {
        let mut deadlines = Deadlines::new(ALWAYS, of_any_node);
        for &(node, ms) in timers {
            deadlines.note(NodeId(node), at(0), Span::from_millis(ms));
        }
        let actor = Actor { from: NodeId(0), to: NodeId(1), kind: Kind(1) };
        let mut choices = Choices::new(Policy::seeded(1), Overrides::default());
        let mut draw = |entity| {
            let about = (actor, Entity(entity));
            deadlines.delay(Site::new(40, "test.site"), fault, about, at(2), &mut choices)
        };
        (0..200).filter_map(&mut draw).collect()
    }

    #[test]
    fn a_message_is_moved_to_both_sides_of_a_deadline_and_to_the_deadline_itself() {
        let moved = delays(&DELAY, false, &[(1, 1_002)]);
        let moved: Vec<i64> = moved.into_iter().map(|delay| delay as i64 - 1_000_000).collect();
        assert_eq!(moved, [-4_000, -1_000, -1, 0, 1, 1_000, 4_000, 12_000]);
    }

    #[test]
    fn only_deadlines_of_the_receiver_within_the_largest_size_count_unless_any_node_is_meant() {
        assert!(delays(&DELAY, false, &[(2, 1_000)]).is_empty());
        assert!(!delays(&DELAY, true, &[(2, 1_000)]).is_empty());
        assert!(delays(&DELAY, false, &[(1, 10_020)]).is_empty());
        assert!(delays(&REORDER, false, &[(1, 100)]).is_empty());
        assert!(!delays(&REORDER, false, &[(1, 30)]).is_empty());
        assert!(delays(&DELAY, false, &[(1, 19)]).is_empty(), "a step of work is no deadline");
    }
}
