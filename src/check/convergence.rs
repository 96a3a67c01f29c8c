//! `projection-convergence`: the views show what has happened.

use std::sync::Arc;

use super::folds::{kept_views, rows};
use super::streams::entry;
use super::words::row;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Recalled, Record, Rest, RowKey, Term, ViewId};
use crate::platform::schema;

pub(super) const PROJECTION_CONVERGENCE: Property = Property {
    id: "projection-convergence",
    when: When::AtRest,
    says: "every read model equals the fold of the log from position 0; one in the memory of an \
           instance equals the fold of the part that it has read",
};

/// Folds the log at rest. Until then it only remembers the last change of each row.
#[derive(Clone, Debug, Default)]
pub(super) struct Convergence {
    /// By view and row: the occurrence that last changed it.
    touched: Vec<Vec<Step>>,
}

impl<D: Domain> Checker<D> for Convergence {
    const PROPERTIES: &'static [Property] = &[PROJECTION_CONVERGENCE];
    const FACTS: FactKinds = kinds!(Applied AppliedInline);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Applied { view, event, .. } | Fact::AppliedInline { view, event } =
            &record.fact
        {
            let touched = entry(&mut self.touched, view.0.into());
            for key in schema::rows(checks.words.domain, *view, event) {
                *entry(touched, key.0 as usize) = record.step;
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        for (id, view) in kept_views::<D>() {
            let live = rest.rows.get(usize::from(id.0)).map_or(&[][..], Vec::as_slice);
            let is_known = |row| rest.is_known(id, row);
            let folded = rows(rest, id, usize::MAX);
            self.compare((view.name, id), live, &folded, is_known, checks);
        }
        for Recalled { node, view, checkpoint, rows: live } in &rest.recalled {
            let count = usize::try_from(*checkpoint).unwrap_or(usize::MAX);
            let name = D::VIEWS[usize::from(view.0)].name;
            let name = format!("{name} at {node}, up to event {checkpoint},");
            self.compare((&name, *view), live, &rows(rest, *view, count), |_| true, checks);
        }
    }
}

impl Convergence {
    /// Checks each row of a view, or of a copy of it in memory.
    fn compare<D: Domain>(
        &self,
        (name, id): (&str, ViewId),
        live: &[Option<Arc<D::Row>>],
        folded: &[Option<D::Row>],
        is_known: impl Fn(RowKey) -> bool,
        checks: &mut Checks<'_, D>,
    ) {
        let rows = (0..).map(RowKey).zip(0..live.len().max(folded.len()));
        for (key, index) in rows.filter(|(key, _)| is_known(*key)) {
            let live = live.get(index).and_then(Option::as_deref);
            let folded = folded.get(index).and_then(Option::as_ref);
            let touched = self.touched.get(usize::from(id.0)).and_then(|rows| rows.get(index));
            checks.that(&PROJECTION_CONVERGENCE, live == folded, touched.copied(), |words| {
                let what = words.term(Term::RowOf(id, key));
                let (live, folded) = (row(words, live), row(words, folded));
                format!("{name} of {what} shows {live}, but the log folds to {folded}")
            });
        }
    }
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

    /// The rows of an instance that has read this many events.
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
