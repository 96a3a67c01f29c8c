//! The sagas that have not ended: a table that is written in the transactions of their events, so
//! that a restarted orchestrator need not read every stream.

use std::ops::Bound;

use crate::collections::SortedSet;
use crate::kernel::Instant;
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
}
