//! The sagas that have not ended: a table that is written in the transactions of their events, so
//! that a restarted orchestrator need not read every stream.

use std::ops::Bound;

use crate::collections::SortedSet;
use crate::kernel::{Instant, NodeId, Span};
use crate::model::StreamId;
use crate::platform::message::{Course, Progress};

/// The maximum number of sagas on a page.
const PAGE: usize = 100;

/// The sagas that have not ended, in order of their streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    open: SortedSet<StreamId>,
    /// When the newest orchestrator that has asked for the list was started.
    round: Instant,
    /// Which of several orchestrators leads.
    leader: Option<Leader>,
    /// The round of the newest of them: a fencing token, which grows.
    leads_since: Instant,
}

impl Agenda {
    /// An orchestrator that was started at `round` asks for the list.
    pub(super) fn fence(&mut self, round: Instant) {
        self.round = self.round.max(round);
    }

    /// Whether a newer orchestrator has asked for the list than the one that records this.
    pub(super) fn is_superseded(&self, progress: Option<Progress>) -> bool {
        progress.is_some_and(|progress| progress.round < self.round)
    }

    /// Gives the lease to an orchestrator, or renews it. Returns its round, unless another one leads.
    pub(super) fn lead(
        &mut self,
        node: NodeId,
        afresh: bool,
        (now, until): (Instant, Instant),
    ) -> Option<Instant> {
        let is_another = |leader: &Leader| leader.node != node && leader.until > now;
        if self.leader.as_ref().is_some_and(is_another) {
            return None;
        }
        let is_renewed = self.leader.is_some_and(|leader| leader.node == node) && !afresh;
        if !is_renewed {
            self.leads_since = now.max(self.leads_since + Span::from_nanos(1));
        }
        self.leader = Some(Leader { node, until });
        Some(self.leads_since)
    }

    /// Ends the lease, whoever has it.
    pub(super) const fn end_lease(&mut self) {
        self.leader = None;
    }

    /// Records the course of a saga after an append of its own.
    pub(super) fn note(&mut self, saga: StreamId, course: Course) {
        match course {
            Course::Open => self.open.insert(saga),
            Course::Over => self.open.remove(&saga),
        };
    }

    /// The sagas that follow one, and whether there are more after this page.
    pub(super) fn page(&self, after: Option<StreamId>) -> (Vec<StreamId>, bool) {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = self.open.range((from, Bound::Unbounded)).copied();
        let page: Vec<_> = rest.by_ref().take(PAGE).collect();
        (page, rest.next().is_some())
    }
}

/// The orchestrator that leads, and until when.
#[derive(Clone, Copy, Debug)]
struct Leader {
    node: NodeId,
    until: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Category;

    fn saga(number: u32) -> StreamId {
        StreamId { category: Category(1), number }
    }

    #[test]
    fn a_saga_is_listed_until_it_ends_and_again_when_it_reopens() {
        let mut agenda = Agenda::default();
        agenda.note(saga(4), Course::Open);
        agenda.note(saga(4), Course::Open);
        agenda.note(saga(2), Course::Open);
        assert_eq!(agenda.page(None), (vec![saga(2), saga(4)], false));
        agenda.note(saga(2), Course::Over);
        assert_eq!(agenda.page(None), (vec![saga(4)], false));
        agenda.note(saga(2), Course::Open);
        assert_eq!(agenda.page(Some(saga(2))), (vec![saga(4)], false));
    }

    #[test]
    fn many_sagas_are_listed_page_by_page_and_each_once() {
        let mut agenda = Agenda::default();
        (0..250).for_each(|number| agenda.note(saga(number), Course::Open));
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, more) = agenda.page(after);
            after = page.last().copied();
            all.extend(page);
            if !more {
                break;
            }
        }
        assert_eq!(all, (0..250).map(saga).collect::<Vec<_>>());
    }

    #[test]
    fn one_leads_at_a_time_and_each_new_leader_has_a_greater_round() {
        let at = |seconds| Instant::ZERO + Span::from_secs(seconds);
        let mut agenda = Agenda::default();
        let mut lead =
            |node, afresh, now| agenda.lead(NodeId(node), afresh, (at(now), at(now + 10)));
        let first = lead(1, true, 1).expect("nobody leads");
        assert_eq!(lead(2, true, 5), None, "its lease lasts until 11 s");
        assert_eq!(lead(1, false, 8), Some(first), "it is renewed until 18 s");
        assert_eq!(lead(2, true, 17), None);
        let second = lead(2, true, 18).expect("it has ended");
        assert_eq!(lead(1, false, 19), None);
        let again = lead(2, true, 18).expect("it was restarted");
        assert!(first < second && second < again, "{first} {second} {again}");
    }
}
