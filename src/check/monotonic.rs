//! `monotonic-reads`: a customer who was shown a version is never shown an older one.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    Answer, CustomerId, Domain, Fact, FactKind, Lookup, Names, Record, RequestId, RowKey, Shows,
    Term, Token, ViewId, Vocabulary,
};

pub(super) const MONOTONIC_READS: Property = Property {
    id: "monotonic-reads",
    when: When::Always,
    says: "a customer who was shown a version of a stream in a row is never shown an older one there",
};

/// Remembers what each customer was shown, row by row, from whichever instance.
#[derive(Clone, Debug)]
pub(super) struct Monotonic {
    names: Arc<Names>,
    tally: Tally,
    seen: SortedMap<(CustomerId, ViewId, RowKey), Vec<Seen>>,
}

/// The newest version of a stream that was shown, and when.
#[derive(Clone, Copy, Debug)]
struct Seen {
    token: Token,
    step: Step,
}

impl<D: Domain> Checker<D> for Monotonic {
    const PROPERTIES: &'static [Property] = &[MONOTONIC_READS];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Told]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let (names, tally) = (Arc::clone(names), Tally::new(&MONOTONIC_READS));
        Self { names, tally, seen: SortedMap::new() }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let Fact::Told { request, answer, .. } = &record.fact else { return };
        match answer {
            Answer::Shown(query, row) => {
                self.shown(domain, record, *request, (query, row.as_ref()), violations);
            }
            Answer::Command(..) | Answer::NotYet(_) | Answer::Erased | Answer::Silence => {}
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Monotonic {
    fn shown<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        request: RequestId,
        (query, row): (&D::Query, Option<&D::Row>),
        violations: &mut Violations,
    ) {
        let Lookup::Row(view, key) = domain.lookup(request.customer, query) else { return };
        let shows = Shows::of(domain, view, key, row);
        let seen = match shows.is_empty() {
            true => match self.seen.get_mut(&(request.customer, view, key)) {
                Some(seen) => seen,
                None => return,
            },
            false => self.seen.entry((request.customer, view, key)).or_default(),
        };
        for before in seen.iter() {
            let stream = before.token.stream;
            let now = shows.version(stream);
            self.tally.check(now >= before.token.version, record.at, record.step, violations, || {
                let narrator = Vocabulary { domain, names: &self.names };
                let customer = self.names.customer(request.customer);
                let (stream, query) = (narrator.stream(stream), narrator.term(Term::Query(query)));
                let says = format!(
                    "{customer} was shown {stream} {}, and later {now} of it, when asking for {query}",
                    before.token.version
                );
                (says, because([before.step, record.step]))
            });
        }
        for token in shows.tokens() {
            let fresh = Seen { token, step: record.step };
            match seen.iter_mut().find(|seen| seen.token.stream == token.stream) {
                Some(known) if known.token.version < token.version => *known = fresh,
                Some(_) => {}
                None => seen.push(fresh),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, History, Total, asked};
    use crate::model::{Owed, Version};

    fn told(history: &mut History, nth: u32, query: Asked, version: Option<u32>) {
        let row = version.map(|version| Total { sum: 1, version: Version(version) });
        let answer = Answer::Shown(query, row);
        history.fact(Fact::Told { request: asked(nth), owed: Owed::Nothing, answer });
    }

    #[test]
    fn the_same_version_a_later_one_and_none_at_all_are_accepted() {
        let mut history = History::default();
        told(&mut history, 1, Asked::Total(0), None);
        told(&mut history, 2, Asked::Total(0), Some(2));
        told(&mut history, 3, Asked::Total(0), Some(2));
        let answer = Answer::NotYet(Asked::Total(0));
        history.fact(Fact::Told { request: asked(4), owed: Owed::Nothing, answer });
        told(&mut history, 5, Asked::Total(0), Some(3));
        assert_eq!(history.accepted_by::<Monotonic>(), 2);
    }

    #[test]
    fn other_rows_and_other_customers_are_checked_by_themselves() {
        let mut history = History::default();
        told(&mut history, 1, Asked::Total(0), Some(2));
        told(&mut history, 2, Asked::Total(1), Some(1));
        told(&mut history, 3, Asked::Progress(0), Some(1));
        told(&mut history, 4, Asked::Opinions, Some(0));
        let request = RequestId { customer: CustomerId(1), nth: 1 };
        let row = Some(Total { sum: 1, version: Version(1) });
        let answer = Answer::Shown(Asked::Total(0), row);
        history.fact(Fact::Told { request, owed: Owed::Nothing, answer });
        assert_eq!(history.accepted_by::<Monotonic>(), 0);
    }

    #[test]
    fn an_older_version_is_rejected_however_much_later() {
        let mut history = History::default();
        for (nth, version) in [(1, 2), (2, 3), (3, 3), (4, 2)] {
            told(&mut history, nth, Asked::Total(0), Some(version));
        }
        history.rejected_by::<Monotonic>(
            "monotonic-reads",
            "ana was shown k-0 v3, and later v2 of it, when asking for total 0",
        );
    }

    #[test]
    fn a_row_that_is_gone_is_rejected() {
        let mut history = History::default();
        told(&mut history, 1, Asked::Total(0), Some(1));
        told(&mut history, 2, Asked::Total(0), None);
        history.rejected_by::<Monotonic>("monotonic-reads", "was shown k-0 v1, and later v0 of it");
    }
}
