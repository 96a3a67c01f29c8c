//! `projection-convergence`: what customers are shown is what has happened.

use std::sync::Arc;

use super::streams::entry;
use super::words::{because, row};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    Domain, Fact, FactKind, Names, Recalled, Record, Rest, RowKey, Term, View, ViewId, Vocabulary,
};
use crate::platform::schema;

pub(super) const PROJECTION_CONVERGENCE: Property = Property {
    id: "projection-convergence",
    when: When::AtRest,
    says: "every read model equals the fold of the log from position 0; one in the memory of an \
           instance equals the fold of the part that it has read",
};

/// Folds the log once more when all is quiet. Until then it only remembers what changed each row last.
#[derive(Clone, Debug)]
pub(super) struct Convergence {
    tally: Tally,
    /// By view and row: the occurrence that last changed it.
    touched: Vec<Vec<Step>>,
}

impl<D: Domain> Checker<D> for Convergence {
    const PROPERTIES: &'static [Property] = &[PROJECTION_CONVERGENCE];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Applied, FactKind::AppliedInline]);

    fn new(_: &D, _: &Arc<Names>) -> Self {
        let touched = D::VIEWS.iter().map(|_| Vec::new()).collect();
        Self { tally: Tally::new(&PROJECTION_CONVERGENCE), touched }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, _: &mut Violations) {
        let (Fact::Applied { view, event, .. } | Fact::AppliedInline { view, event }) =
            &record.fact
        else {
            return;
        };
        let touched = &mut self.touched[usize::from(view.0)];
        for key in schema::rows(domain, *view, event) {
            *entry(touched, key.0 as usize) = record.step;
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let nothing = Vec::new();
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)).filter(|(view, _)| view.is_kept())
        {
            let live = rest.rows.get(usize::from(id.0)).unwrap_or(&nothing);
            self.compare(rest, (view.name, id), live, &fold(rest, view, id), violations);
        }
        for Recalled { node, view: id, checkpoint, rows } in &rest.recalled {
            let view = &D::VIEWS[usize::from(id.0)];
            let count = usize::try_from(*checkpoint).unwrap_or(usize::MAX);
            let folded = fold_events(rest, view, *id, count);
            let name = format!("{} at {node}, up to event {checkpoint},", view.name);
            self.compare(rest, (&name, *id), rows, &folded, violations);
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Convergence {
    /// Checks each row of a view, or of a copy of it in memory.
    fn compare<D: Domain>(
        &mut self,
        rest: &Rest<'_, D>,
        (name, id): (&str, ViewId),
        live: &[Option<Arc<D::Row>>],
        folded: &[Option<D::Row>],
        violations: &mut Violations,
    ) {
        for (key, index) in (0..).map(RowKey).zip(0..live.len().max(folded.len())) {
            let live = live.get(index).and_then(|row| row.as_deref());
            let folded = folded.get(index).and_then(|row| row.as_ref());
            self.tally.check(live == folded, rest.at, rest.step, violations, || {
                let narrator = Vocabulary { domain: rest.domain, names: rest.names };
                let what = narrator.term(Term::RowOf(id, key));
                let (live, folded) = (row(&narrator, live), row(&narrator, folded));
                let says = format!("{name} of {what} shows {live}, but the log folds to {folded}");
                let touched = self.touched[usize::from(id.0)].get(index).copied();
                (says, because([touched.unwrap_or_default()]))
            });
        }
    }
}

/// The rows of a view as the log alone gives them.
pub(super) fn fold<D: Domain>(rest: &Rest<'_, D>, view: &View, id: ViewId) -> Vec<Option<D::Row>> {
    fold_events(rest, view, id, usize::MAX)
}

/// The same, of the first events of its category alone.
fn fold_events<D: Domain>(
    rest: &Rest<'_, D>,
    view: &View,
    id: ViewId,
    count: usize,
) -> Vec<Option<D::Row>> {
    let mut rows = Vec::new();
    let wanted = rest.events.iter().filter(|event| event.stream.category == view.category);
    for event in wanted.take(count) {
        for part in event.upcast(rest.domain).iter() {
            for key in rest.domain.rows(id, part) {
                rest.domain.project(id, key, entry(&mut rows, key.0 as usize), part);
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, HEADS, History, RECALLED, TOTALS, Total, counter};
    use crate::model::Version;

    fn settled() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(2), Counted::Added(5))]);
        history.append(2, &[(counter(0), Counted::Added(2))]);
        history.settle();
        history
    }

    #[test]
    fn rows_that_the_log_folds_to_are_accepted() {
        settled().accepted_by::<Convergence>();
    }

    #[test]
    fn a_row_without_a_trailing_event_is_rejected() {
        let mut history = settled();
        let old = Total { sum: 1, version: Version(1) };
        history.rows[usize::from(TOTALS.0)][0] = Some(Arc::new(old));
        history.rejected_by::<Convergence>(
            "projection-convergence",
            "Totals of row 0 shows \"1 as of v1\", but the log folds to \"3 as of v2\"",
        );
    }

    #[test]
    fn a_missing_row_and_one_too_many_are_rejected() {
        let mut history = settled();
        let rows = &mut history.rows[usize::from(TOTALS.0)];
        let last = rows.pop().flatten();
        let mut missing = history.clone();
        missing.rows[usize::from(TOTALS.0)].pop();
        missing.rejected_by::<Convergence>("projection-convergence", "of row 2 shows nothing");
        history.rows[usize::from(TOTALS.0)].extend([last.clone(), last]);
        history.rejected_by::<Convergence>("projection-convergence", "the log folds to nothing");
    }

    #[test]
    fn a_synchronous_row_without_a_trailing_event_is_rejected() {
        let mut history = settled();
        let old = Total { sum: 1, version: Version(1) };
        history.rows[usize::from(HEADS.0)][0] = Some(Arc::new(old));
        history.rejected_by::<Convergence>("projection-convergence", "Heads of row 0 shows \"1 as");
    }

    /// What an instance that has read so many events has of them.
    fn recalled(checkpoint: u64, rows: Vec<Option<(u32, u32)>>) -> History {
        let mut history = settled();
        let row = |(sum, version)| Arc::new(Total { sum, version: Version(version) });
        let rows = rows.into_iter().map(|it| it.map(row)).collect();
        let node = "query-2".to_owned();
        history.recalled.push(Recalled { node, view: RECALLED, checkpoint, rows });
        history
    }

    #[test]
    fn a_table_in_memory_is_compared_with_the_part_of_the_log_that_it_has_read() {
        recalled(0, Vec::new()).accepted_by::<Convergence>();
        recalled(2, vec![Some((1, 1)), None, Some((5, 1))]).accepted_by::<Convergence>();
        recalled(3, vec![Some((3, 2)), None, Some((5, 1))]).accepted_by::<Convergence>();
    }

    #[test]
    fn a_table_in_memory_that_lacks_what_it_says_it_has_read_is_rejected() {
        recalled(3, vec![Some((1, 1)), None, Some((5, 1))]).rejected_by::<Convergence>(
            "projection-convergence",
            "Recalled at query-2, up to event 3, of row 0 shows \"1 as of v1\", but the log folds to",
        );
        recalled(2, vec![Some((1, 1))])
            .rejected_by::<Convergence>("projection-convergence", "of row 2 shows nothing");
    }
}
