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
    says: "the answer to a query for a row of a view in a cache shows every event that was applied up to the \
           checkpoint when the row was first read for it, also if it was not held, or is \"not yet\" or \"try \
           later\"",
};

/// Remembers what the answer to each query that has read such a row has to show: what was applied at the first read. A
/// query can be sent twice, and be answered by either copy.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadThrough {
    read: SortedMap<RequestId, Read>,
}

/// What a row that was read has to show.
#[derive(Clone, Debug)]
struct Read {
    step: Step,
    view: ViewId,
    row: RowKey,
    upto: Position,
    /// Whether it was not held at any of the reads. Only then it is judged: what that costs, the fold of the row costs too.
    missed: bool,
}

impl<D: Domain> Checker<D> for ReadThrough {
    const PROPERTIES: &'static [Property] = &[READ_THROUGH];
    const FACTS: FactKinds = kinds!(RowKnown RowMissing Told);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::RowRead { request, view, row, upto, known } = record.fact {
            let first = Read { step: record.step, view, row, upto, missed: false };
            self.read.entry(request).or_insert(first).missed |= !known;
        } else if let Fact::Told { request, answer, .. } = &record.fact
            && !self.read.is_empty()
            && let Some(read) = self.read.remove(request)
            && read.missed
            && let Answer::Shown(query, row) = answer
        {
            let (domain, of) = (checks.words.domain, (read.view, read.row));
            let owed = owed(domain, checks.archive, of, read.upto);
            let shows = Shows::of(checks.words.domain, read.view, read.row, row.as_ref());
            for (stream, version) in owed {
                let shown = shows.version(stream);
                let because = [read.step, checks.step()];
                checks.that(&READ_THROUGH, shown >= version, because, |words| {
                    let (name, stream) = (words.customer(request.customer), words.stream(stream));
                    let query = words.term(Term::Query(query));
                    format!(
                        "{stream} {version} was applied when the row of {query} was read for {name}, but \
                         the answer shows {shown} of it"
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

    fn read(history: &mut History, nth: u32, row: RowKey, upto: Position) {
        let (request, view, known) = (asked(nth), TOTALS, false);
        history.fact(Fact::RowRead { request, view, row, upto, known });
    }

    /// Two events of a counter are applied, and a query misses its row.
    fn missed() -> History {
        let mut history = History::default();
        (1..=2).for_each(|nth| history.append(nth, &[(counter(0), Counted::Added(1))]));
        let upto = Position(2);
        read(&mut history, 1, RowKey(0), upto);
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
            "k-0 v2 was applied when the row of total 0 was read for ana, but the answer shows v0 of it",
        );
    }

    #[test]
    fn a_row_without_an_event_that_was_applied_is_rejected() {
        told(missed(), shown(1)).rejected_by::<ReadThrough>("read-through", "shows v1 of it");
    }

    #[test]
    fn the_answer_to_an_earlier_copy_of_the_query_is_accepted() {
        let mut history = missed();
        read(&mut history, 1, RowKey(0), Position(3));
        assert_eq!(told(history, shown(2)).accepted_by::<ReadThrough>(), 1);
    }

    #[test]
    fn a_row_that_does_not_exist_may_be_missed() {
        let mut history = missed();
        let upto = Position(3);
        let row = RowKey(7);
        read(&mut history, 2, row, upto);
        let answer = Answer::Shown(Asked::Total(7), None);
        history.fact(Fact::Told { request: asked(2), owed: Owed::Nothing, answer });
        assert_eq!(history.accepted_by::<ReadThrough>(), 0);
    }
}
