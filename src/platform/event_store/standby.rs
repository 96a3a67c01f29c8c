//! What the store can go back to: a replica that lags, and backups.
//!
//! The states of the store right after its commits stand for the write-ahead log that a replica has received and that
//! a backup can be rolled forward to. They are kept only as long as a failover or a restore of the file can need
//! them, and in runs without either not at all.
//!
//! A store that goes back begins a new timeline. Positions and versions that were taken later are taken again, for
//! other events. What was computed from the events that are lost must not be mistaken for the state of the new
//! timeline, so whoever reads the log starts again from its beginning: all rows of the outbox are sent again.

use std::collections::VecDeque;

use super::outbox::Outbox;
use super::{Durable, EventStore};
use crate::kernel::{Instant, NodeId, Span, Step};
use crate::model::{CommandId, Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::LOSS_UNDERSTATED;
use crate::platform::faults::STORE_FAILOVER;
use crate::platform::message::Message;
use crate::platform::settings::Replication;

/// What the store can go back to.
#[derive(Clone, Debug)]
pub(super) struct Standby<D: Domain> {
    /// The state after each commit that may be needed, oldest first.
    states: VecDeque<(Instant, Step, Durable<D>)>,
    /// The transactions that became visible after the oldest of these.
    commits: VecDeque<(Instant, CommandId)>,
    /// Restores that are done, by the number of the operation.
    restored: Vec<u32>,
    /// Whether it has just gone back, and whether because of the fault.
    gone_back: Option<bool>,
}

impl<D: Domain> Default for Standby<D> {
    fn default() -> Self {
        Self {
            states: VecDeque::new(),
            commits: VecDeque::new(),
            restored: Vec::new(),
            gone_back: None,
        }
    }
}

impl<D: Domain> Standby<D> {
    /// Forgets the states that no failover and no restore needs: each is needed until the next one.
    fn prune(&mut self, replica_at: Instant, restores: &[Instant]) {
        let (mut kept, mut states) = (VecDeque::new(), std::mem::take(&mut self.states));
        while let Some(state) = states.pop_front() {
            let next = states.front().map(|(at, ..)| *at);
            let is_needed = next.is_none_or(|next| {
                next > replica_at || restores.iter().any(|to| state.0 <= *to && *to < next)
            });
            if is_needed {
                kept.push_back(state);
            }
        }
        self.states = kept;
        if let Some((oldest, ..)) = self.states.front() {
            while self.commits.front().is_some_and(|(at, _)| at <= oldest) {
                self.commits.pop_front();
            }
        }
    }
}

impl<D: Domain> EventStore<D> {
    /// Notes the state after a commit of `command`, if it may be needed.
    pub(super) fn replicate(&mut self, command: CommandId, cx: &Cx<'_, '_, D>) {
        if !cx.plan().may_lose_commits() {
            return;
        }
        let standby = self.standby.get_or_insert_default();
        if standby.states.is_empty() {
            standby.states.push_back((Instant::ZERO, Step(0), Self::new().durable));
        }
        let now = cx.uptime();
        let mut state = self.durable.clone();
        // What is not visible yet has not reached the replica.
        state.ahead.clear();
        standby.states.push_back((now, cx.here().step(), state));
        standby.commits.push_back((now, command));
        let restores: Vec<Instant> = cx.plan().restores().collect();
        standby.prune(before(now, lag(cx)), &restores);
    }

    /// Draws whether the primary fails after a commit, so that a replica takes over.
    pub(super) fn may_fail_over(
        &mut self,
        about: impl Into<crate::kernel::Entity>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if cx.settings().store.replication != Replication::Synchronous
            && cx.fault(&STORE_FAILOVER, about) > 0
        {
            self.go_back(before(cx.uptime(), lag(cx)), true, cx);
        }
    }

    /// Restores the store to an earlier moment, once.
    pub(super) fn restore(&mut self, from: NodeId, nth: u32, to: Instant, cx: &mut Cx<'_, '_, D>) {
        let standby = self.standby.get_or_insert_default();
        if standby.restored.contains(&nth) {
            return cx.send(from, Message::StoreRestored { nth });
        }
        standby.restored.push(nth);
        self.go_back(to, false, cx);
    }

    /// Goes back to the state of a moment, on a new timeline.
    fn go_back(&mut self, to: Instant, by_fault: bool, cx: &mut Cx<'_, '_, D>) {
        let standby = self.standby.get_or_insert_default();
        while standby.states.back().is_some_and(|(at, ..)| *at > to) {
            standby.states.pop_back();
        }
        let (at, last, mut state) = match standby.states.back() {
            Some((at, step, state)) => (*at, *step, state.clone()),
            None => (Instant::ZERO, Step(0), Self::new().durable),
        };
        let mut lost: Vec<(Instant, CommandId)> = Vec::new();
        while standby.commits.back().is_some_and(|(committed, _)| *committed > at) {
            lost.extend(standby.commits.pop_back());
        }
        lost.reverse();
        let hidden = self.durable.ahead.iter().map(|(_, _, work)| (cx.uptime(), work.command()));
        lost.extend(hidden);
        standby.gone_back = Some(by_fault);
        let events = self.durable.log.shared().filter(|event| !state.log.has(event.position));
        let events = events.collect();
        state.timeline = self.durable.timeline + 1;
        let unreconciled = [self.durable.lost_since, state.lost_since, Some(to)];
        state.lost_since = unreconciled.into_iter().flatten().min();
        // If it goes back to this state once more, what was reconciled meanwhile is lost again.
        if let Some((.., kept)) = standby.states.back_mut() {
            kept.lost_since = state.lost_since;
        }
        state.last_xid = self.durable.last_xid;
        state.outbox = Outbox::anew(&self.durable.outbox, &state.log);
        self.durable = state;
        let timeline = self.durable.timeline;
        if cx.has(&LOSS_UNDERSTATED) {
            lost.pop();
        }
        cx.fact(Fact::Rewound { timeline, to, last, lost, events });
    }

    /// Whether the store has gone back in this occurrence, and whether because of the fault.
    pub(crate) fn take_gone_back(&mut self) -> Option<bool> {
        self.standby.as_mut()?.gone_back.take()
    }

    /// The timeline whose sagas are not reconciled with services yet, and since when commits are lost.
    pub(super) fn loss(&self) -> Option<(u32, Instant)> {
        Some((self.durable.timeline, self.durable.lost_since?))
    }

    /// The sagas of a timeline have recorded what services have done.
    pub(super) fn reconciled(&mut self, timeline: u32) {
        if timeline == self.durable.timeline {
            self.durable.lost_since = None;
        }
    }

    /// The number of the timeline: how often the store has gone back.
    pub(crate) const fn timeline(&self) -> u32 {
        self.durable.timeline
    }
}

/// How far the replica is behind.
fn lag<D: Domain>(cx: &Cx<'_, '_, D>) -> Span {
    match cx.settings().store.replication {
        Replication::Synchronous => Span::ZERO,
        Replication::Asynchronous { lag } => lag,
    }
}

/// A moment so long before another one, or the beginning.
pub(super) fn before(now: Instant, lag: Span) -> Instant {
    Instant::ZERO + now.since(Instant::ZERO + lag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counting;

    fn second(nth: u64) -> Instant {
        Instant::ZERO + Span::from_secs(nth)
    }

    fn kept(replica_at: u64, restores: &[u64]) -> Vec<u64> {
        let mut standby = Standby::<Counting>::default();
        for nth in [0, 2, 4, 6, 8] {
            let state = EventStore::new().durable;
            standby.states.push_back((second(nth), Step(nth), state));
        }
        let restores: Vec<_> = restores.iter().map(|nth| second(*nth)).collect();
        standby.prune(second(replica_at), &restores);
        standby.states.iter().map(|(_, step, _)| step.0).collect()
    }

    #[test]
    fn the_states_of_the_replica_from_now_on_are_kept() {
        assert_eq!(kept(5, &[]), [4, 6, 8]);
        assert_eq!(kept(6, &[]), [6, 8]);
        assert_eq!(kept(100, &[]), [8], "the newest is always needed");
    }

    #[test]
    fn the_state_of_each_moment_of_a_restore_is_kept() {
        assert_eq!(kept(100, &[3]), [2, 8]);
        assert_eq!(kept(100, &[0, 4]), [0, 4, 8]);
        assert_eq!(kept(7, &[1]), [0, 6, 8]);
    }

    #[test]
    fn a_time_before_the_start_is_the_start() {
        assert_eq!(before(second(3), Span::from_secs(5)), Instant::ZERO);
        assert_eq!(before(second(5), Span::from_secs(3)), second(2));
    }
}
