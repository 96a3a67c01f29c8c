//! `read-through`: a row that a cache has lost is not taken for one that does not exist.

use crate::collections::SortedMap;

use super::{Archive, Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    Answer, Domain, Fact, Position, Record, RequestId, RowKey, Shows, StreamId, Term, Version,
    ViewId,
};
use crate::platform::schema;

pub(super) const READ_THROUGH: Property = Property {
    id: "read-through",
    when: When::Always,
    says: "the answer to a query for a row that the cache of a view does not hold shows every event that \
           was applied up to the checkpoint when the row was missed, or is \"not yet\" or \"try later\"",
};

/// Remembers what the answer to each query that missed a row has to show.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadThrough {
    missed: SortedMap<RequestId, Missed>,
}

/// What a row has to show that was missed.
#[derive(Clone, Debug)]
struct Missed {
    step: Step,
    view: ViewId,
    row: RowKey,
    owed: Vec<(StreamId, Version)>,
}

impl<D: Domain> Checker<D> for ReadThrough {
    const PROPERTIES: &'static [Property] = &[READ_THROUGH];
    const FACTS: FactKinds = kinds!(RowMissing Told);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::RowMissing { request, view, row, upto } = record.fact {
            let owed = owed(checks.words.domain, checks.archive, (view, row), upto);
            self.missed.insert(request, Missed { step: record.step, view, row, owed });
        } else if let Fact::Told { request, answer, .. } = &record.fact
            && !self.missed.is_empty()
            && let Some(missed) = self.missed.remove(request)
            && let Answer::Shown(query, row) = answer
        {
            let shows = Shows::of(checks.words.domain, missed.view, missed.row, row.as_ref());
            for (stream, version) in missed.owed {
                let shown = shows.version(stream);
                let because = [missed.step, checks.step()];
                checks.that(&READ_THROUGH, shown >= version, because, |words| {
                    let (name, stream) = (words.customer(request.customer), words.stream(stream));
                    let query = words.term(Term::Query(query));
                    format!(
                        "{name} asked for {query}, whose row the cache had lost; {stream} {version} was \
                         applied, but the answer shows {shown} of it"
                    )
                });
            }
        }
    }
}

/// The newest version of each stream that a row shows when everything up to a position is applied.
fn owed<D: Domain>(
    domain: &D,
    archive: &Archive<D>,
    (view, row): (ViewId, RowKey),
    upto: Position,
) -> Vec<(StreamId, Version)> {
    let category = D::VIEWS[usize::from(view.0)].category;
    let streams = archive.streams().filter(|stream| stream.category == category);
    let newest = streams.filter_map(|stream| {
        let applied = archive.events(stream).iter().rev().filter(|event| event.position <= upto);
        let mut of_row = applied.filter(|event| schema::rows(domain, view, event).contains(&row));
        of_row.next().map(|event| (stream, event.version))
    });
    newest.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counted, History, TOTALS, Total, asked, counter};
    use crate::model::Owed;

    /// Two events of a counter are applied, and a query misses its row.
    fn missed() -> History {
        let mut history = History::default();
        (1..=2).for_each(|nth| history.append(nth, &[(counter(0), Counted::Added(1))]));
        let upto = Position(2);
        history.fact(Fact::RowMissing { request: asked(1), view: TOTALS, row: RowKey(0), upto });
        history.append(3, &[(counter(0), Counted::Added(1))]);
        history
    }

    fn told(mut history: History, answer: Answer<crate::check::testing::Counters>) -> History {
        history.fact(Fact::Told { request: asked(1), owed: Owed::Nothing, answer });
        history
    }

    fn shown(version: u32) -> Answer<crate::check::testing::Counters> {
        Answer::Shown(Asked::Total(0), Some(Total { sum: version, version: Version(version) }))
    }

    #[test]
    fn a_row_with_what_was_applied_when_it_was_missed_is_accepted() {
        for version in [2, 3] {
            assert_eq!(told(missed(), shown(version)).accepted_by::<ReadThrough>(), 1);
        }
        let later = Answer::NotYet(Asked::Total(0));
        assert_eq!(told(missed(), later).accepted_by::<ReadThrough>(), 0);
        let later = Answer::TryLater(Some(Asked::Total(0)));
        assert_eq!(told(missed(), later).accepted_by::<ReadThrough>(), 0);
    }

    #[test]
    fn the_absence_of_a_row_that_was_missed_is_rejected() {
        told(missed(), Answer::Shown(Asked::Total(0), None)).rejected_by::<ReadThrough>(
            "read-through",
            "ana asked for total 0, whose row the cache had lost; k-0 v2 was applied, but the answer shows v0",
        );
    }

    #[test]
    fn a_row_without_an_event_that_was_applied_is_rejected() {
        told(missed(), shown(1)).rejected_by::<ReadThrough>("read-through", "shows v1 of it");
    }

    #[test]
    fn a_row_that_does_not_exist_may_be_missed() {
        let mut history = missed();
        let upto = Position(3);
        let row = RowKey(7);
        history.fact(Fact::RowMissing { request: asked(2), view: TOTALS, row, upto });
        let answer = Answer::Shown(Asked::Total(7), None);
        history.fact(Fact::Told { request: asked(2), owed: Owed::Nothing, answer });
        assert_eq!(history.accepted_by::<ReadThrough>(), 0);
    }
}
