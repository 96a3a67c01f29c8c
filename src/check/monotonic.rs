//! `monotonic-reads`: a customer who was shown a version is never shown an older one.

use std::cmp::Reverse;

use crate::collections::SortedMap;

use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    Answer, CustomerId, Domain, Fact, Lookup, Record, RequestId, RowKey, Shows, Term, Token, ViewId,
};

pub(super) const MONOTONIC_READS: Property = Property {
    id: "monotonic-reads",
    when: When::Always,
    says: "a customer never sees an older version of a stream in a row than before",
};

/// Remembers the newest version of each stream that each customer was shown in each row, and when, in order of the streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Monotonic {
    seen: SortedMap<(CustomerId, ViewId, RowKey), Vec<(Token, Step)>>,
}

impl<D: Domain> Checker<D> for Monotonic {
    const PROPERTIES: &'static [Property] = &[MONOTONIC_READS];
    const FACTS: FactKinds = kinds!(Told Left);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let (request, answer) = match &record.fact {
            Fact::Told { request, answer, .. } => (request, answer),
            Fact::Left { customer } => return self.left(*customer),
            _ => return,
        };
        match answer {
            Answer::Shown(query, row) => self.shown(*request, (query, row.as_ref()), checks),
            Answer::Command(..)
            | Answer::NotYet(_)
            | Answer::TryLater(_)
            | Answer::Erased
            | Answer::Silence => {}
        }
    }
}

impl Monotonic {
    /// A customer who has left is shown nothing more.
    fn left(&mut self, customer: CustomerId) {
        let (first, last) = ((ViewId(0), RowKey(0)), (ViewId(u8::MAX), RowKey(u32::MAX)));
        let theirs = (customer, first.0, first.1)..=(customer, last.0, last.1);
        drop(self.seen.remove_range(theirs));
    }

    fn shown<D: Domain>(
        &mut self,
        request: RequestId,
        (query, row): (&D::Query, Option<&D::Row>),
        checks: &mut Checks<'_, D>,
    ) {
        let (domain, customer, step) = (checks.words.domain, request.customer, checks.step());
        let Lookup::Row(view, key) = domain.lookup(customer, query) else { return };
        let shows = Shows::of(domain, view, key, row);
        let seen = match shows.is_empty() {
            true => match self.seen.get_mut(&(customer, view, key)) {
                Some(seen) => seen,
                None => return,
            },
            false => self.seen.entry((customer, view, key)).or_default(),
        };
        for (Token { stream, version }, since) in seen.iter() {
            let now = shows.version(*stream);
            checks.that(&MONOTONIC_READS, now >= *version, [*since, step], |words| {
                let (stream, query) = (words.stream(*stream), words.term(Term::Query(query)));
                let name = words.customer(customer);
                format!("{name} was shown {stream} {version}, and later {now} of it, for {query}")
            });
        }
        // Two sorted runs are merged in one pass: a row of a whole restaurant has tens of thousands of streams.
        seen.extend(shows.tokens().into_iter().map(|token| (token, step)));
        seen.sort_by_key(|(token, _)| (token.stream, Reverse(token.version)));
        seen.dedup_by_key(|(token, _)| token.stream);
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
    fn the_same_version_a_later_one_and_no_row_are_accepted() {
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
    fn nothing_is_kept_of_a_customer_who_has_left() {
        let mut history = History::default();
        told(&mut history, 1, Asked::Total(0), Some(3));
        told(&mut history, 2, Asked::Total(1), Some(3));
        history.fact(Fact::Left { customer: CustomerId(0) });
        // Another customer could have the number: this one sees an older version than the first one.
        told(&mut history, 3, Asked::Total(0), Some(2));
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
            "ana was shown k-0 v3, and later v2 of it, for total 0",
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
