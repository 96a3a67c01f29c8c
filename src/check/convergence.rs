//! `projection-convergence`: what customers are shown is what has happened.

use std::sync::Arc;

use super::words::because;
use super::{Judge, Oracle, Property, Rest, Tally, When};
use crate::kernel::Step;
use crate::platform::{Domain, Fact, Names, Noun, RowKey, Speech, View, ViewId, schema};
use crate::trace::Record;

pub(super) const PROJECTION_CONVERGENCE: Property = Property {
    id: "projection-convergence",
    when: When::AtRest,
    says: "every read model equals the fold of the log from position 0",
};

/// Folds the log once more when all is quiet. Until then it only remembers who touched each row.
#[derive(Clone, Debug)]
pub(super) struct Convergence {
    tally: Tally,
    /// By view and row: the occurrence that last changed it.
    touched: Vec<Vec<Step>>,
}

impl<D: Domain> Oracle<D> for Convergence {
    const PROPERTIES: &'static [Property] = &[PROJECTION_CONVERGENCE];

    fn new(_: &D, _: &Arc<Names>) -> Self {
        let touched = D::VIEWS.iter().map(|_| Vec::new()).collect();
        Self { tally: Tally::new(&PROJECTION_CONVERGENCE), touched }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, _: &mut Judge) {
        let Fact::Applied { view, event, .. } = &record.fact else { return };
        let touched = &mut self.touched[usize::from(view.0)];
        for key in schema::rows(domain, *view, event) {
            *entry(touched, key) = record.step;
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, judge: &mut Judge) {
        let nothing = Vec::new();
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
            let live = rest.rows.get(usize::from(id.0)).unwrap_or(&nothing);
            let folded = fold(rest, view, id);
            for (key, index) in (0..).map(RowKey).zip(0..live.len().max(folded.len())) {
                let live = live.get(index).and_then(|row| row.as_deref());
                let folded = folded.get(index).and_then(|row| row.as_ref());
                self.tally.check(live == folded, rest.at, rest.step, judge, || {
                    let speaker = Speech { domain: rest.domain, names: rest.names };
                    let row = |row: Option<&D::Row>| match row {
                        None => "nothing".to_owned(),
                        Some(row) => format!("\"{}\"", speaker.noun(Noun::Row(row))),
                    };
                    let what = speaker.noun(Noun::RowOf(id, key));
                    let says = format!(
                        "{} of {what} shows {}, but the log folds to {}",
                        view.name,
                        row(live),
                        row(folded)
                    );
                    let touched = self.touched[usize::from(id.0)].get(index).copied();
                    (says, because([touched.unwrap_or_default()]))
                });
            }
        }
    }

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        vec![self.tally.checks()]
    }
}

/// The rows of a view as the log alone gives them.
pub(super) fn fold<D: Domain>(rest: &Rest<'_, D>, view: &View, id: ViewId) -> Vec<Option<D::Row>> {
    let mut rows = Vec::new();
    for event in rest.events.iter().filter(|event| event.stream.category == view.category) {
        for part in event.upcast(rest.domain).iter() {
            for key in rest.domain.rows(id, part) {
                rest.domain.project(id, key, entry(&mut rows, key), part);
            }
        }
    }
    rows
}

fn entry<T: Default>(rows: &mut Vec<T>, key: RowKey) -> &mut T {
    let index = key.0 as usize;
    if rows.len() <= index {
        rows.resize_with(index + 1, T::default);
    }
    &mut rows[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, TOTALS, Total, counter};
    use crate::platform::Version;

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
}
