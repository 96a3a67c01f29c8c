//! `shown-is-fold`: what is shown of a stream is so.
//!
//! A view that is compared with the fold of the log by its own code agrees with its own mistakes. Here rows are
//! compared with the states that commands are decided on, by the domain's second description of its views.

use super::Pasts;
use super::large::LARGE;
use super::marks::Marked;
use crate::check::active::Active;
use crate::check::folds::kept_views;
use crate::check::streams::Streams;
use crate::check::words::view as name_of;
use crate::check::{Archive, Checks, Property, When};
use crate::model::{
    CustomerId, Domain, Lookup, Rest, RowKey, Shows, StreamId, Term, Token, ViewId,
};

pub(in crate::check) const SHOWN_IS_FOLD: Property = Property {
    id: "shown-is-fold",
    when: When::AlwaysAndAtRest,
    says: "what a row that is shown says of a stream is so in the state of the stream at the version \
           that the row shows; at rest every row says what is so in the final states, and none of the \
           streams that it must show is missing; by the domain's description of its views apart from \
           their code",
};

impl<D: Domain> Pasts<D> {
    /// A customer is shown a row of a view.
    pub(super) fn told(
        &mut self,
        customer: CustomerId,
        (query, row): (&D::Query, &D::Row),
        checks: &mut Checks<'_, D>,
    ) {
        let domain = checks.words.domain;
        let Lookup::Row(view, key) = domain.lookup(customer, query) else { return };
        let before = self.large.before(domain, (view, key));
        let shows = Shows::of(domain, view, key, Some(row)).tokens();
        let is_large = shows.len() >= LARGE;
        let mut all_so = true;
        for token @ Token { stream, version } in shows {
            if before.as_ref().is_some_and(|before| before.says_the_same(domain, row, token)) {
                continue;
            }
            let mut past = self.marked.past(checks.archive, stream);
            if version > past.last() {
                // That it does not exist yet is for other properties to say.
                all_so = false;
                continue;
            }
            let state = self.recent.state(domain, stream, version, &mut past);
            let wrong = domain.misstates(view, row, stream, state);
            all_so &= wrong.is_none();
            let because = [checks.archive.grew(stream), checks.step()];
            checks.that(&SHOWN_IS_FOLD, wrong.is_none(), because, |words| {
                format!(
                    "the answer to {} of {} says {} of {} at {version}, which is not so",
                    words.term(Term::Query(query)),
                    words.customer(customer),
                    wrong.as_deref().unwrap_or_default(),
                    words.stream(stream),
                )
            });
        }
        if is_large && all_so {
            self.large.keep((view, key), row);
        }
    }

    /// Every view has come to the end of the log.
    pub(super) fn rows_at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let mut last = Last::new(&mut self.marked, checks.archive);
        for (id, view) in kept_views::<D>() {
            let rows = rest.rows.get(usize::from(id.0)).map_or(&[][..], Vec::as_slice);
            // Of each stream, how many of the rows that must show it do.
            let mut shown: Streams<usize> = Streams::default();
            for (key, row) in (0..).map(RowKey).zip(rows) {
                for stream in streams_of(rest, (id, key), row.as_deref()) {
                    let state = last.state(rest.domain, stream);
                    let wrong = row
                        .as_deref()
                        .and_then(|row| rest.domain.misstates(id, row, stream, state));
                    is_so((id, stream), wrong.as_deref(), checks);
                    let must = rest.is_known(id, key)
                        && rest.domain.shown_in(id, stream, state).contains(&key);
                    *shown.entry(stream) += usize::from(must);
                }
            }
            for stream in checks.archive.streams() {
                if stream.category != view.category {
                    continue;
                }
                let mut keys = rest.domain.shown_in(id, stream, last.state(rest.domain, stream));
                keys.retain(|key| rest.is_known(id, *key));
                let all = shown.get(stream) == Some(&keys.len());
                for key in keys {
                    let row = rows.get(key.0 as usize).and_then(Option::as_deref);
                    let is_there = all || streams_of(rest, (id, key), row).contains(&stream);
                    let nothing = (!is_there).then_some("nothing");
                    is_so((id, stream), nothing, checks);
                }
            }
        }
    }
}

/// The streams that a row shows.
fn streams_of<D: Domain>(
    rest: &Rest<'_, D>,
    (view, key): (ViewId, RowKey),
    row: Option<&D::Row>,
) -> Vec<StreamId> {
    let tokens = row.map_or_else(Vec::new, |row| rest.domain.shows(view, key, row));
    let mut streams: Vec<_> = tokens.into_iter().map(|token| token.stream).collect();
    streams.sort_unstable();
    streams.dedup();
    streams
}

/// The states of streams at the end. Those of short streams are folded again when they are needed again.
struct Last<'a, D: Domain> {
    marked: &'a mut Marked<D>,
    archive: &'a Archive<D>,
    states: Active<D::State>,
}

impl<'a, D: Domain> Last<'a, D> {
    fn new(marked: &'a mut Marked<D>, archive: &'a Archive<D>) -> Self {
        Self { marked, archive, states: Active::default() }
    }

    fn state(&mut self, domain: &D, stream: StreamId) -> &D::State {
        self.states.entry(stream, || {
            let mut past = self.marked.past(self.archive, stream);
            let last = past.last();
            (past.fold(domain, last), last.0)
        })
    }
}

/// Checks what a view says of a stream at rest.
fn is_so<D: Domain>(
    (view, stream): (ViewId, StreamId),
    wrong: Option<&str>,
    checks: &mut Checks<'_, D>,
) {
    let grew = checks.archive.grew(stream);
    checks.that(&SHOWN_IS_FOLD, wrong.is_none(), [grew], |words| {
        let (stream, said) = (words.stream(stream), wrong.unwrap_or_default());
        format!("{} says {said} of {stream}, which is not so", name_of::<D>(view))
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Pasts;
    use crate::check::testing::{Asked, Counted, Counters, History, STEPS, Total, asked, counter};
    use crate::model::{Answer, Fact, Owed, Version};

    type Checker = Pasts<Counters>;

    /// A saga has begun and is handed to an operator, as its row in `Steps` shows.
    fn stuck() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        history.progress(0, Counted::Stuck);
        history.settle();
        history
    }

    /// The row of the saga is shown as of a version.
    fn told(history: &mut History, version: u32, operators: u32) {
        let row = Total { sum: operators, version: Version(version) };
        let answer = Answer::Shown(Asked::Progress(0), Some(row));
        history.fact(Fact::Told { request: asked(1), owed: Owed::Nothing, answer });
    }

    #[test]
    fn what_is_so_at_the_version_that_is_shown_is_accepted() {
        for (version, operators) in [(1, 0), (2, 1)] {
            let mut history = stuck();
            told(&mut history, version, operators);
            history.accepted_by::<Checker>();
        }
    }

    #[test]
    fn what_is_so_at_another_version_is_rejected() {
        for (version, operators) in [(1, 1), (2, 0)] {
            let mut history = stuck();
            told(&mut history, version, operators);
            let says = format!("says \"{operators} as of v{version}\" of s-0 at v{version}");
            history.rejected_by::<Checker>("shown-is-fold", &says);
        }
    }

    #[test]
    fn at_rest_a_row_that_says_what_is_not_so_is_rejected_and_a_missing_one_too() {
        let with_row = |row: Option<Total>| {
            let mut history = stuck();
            history.rows[usize::from(STEPS.0)][0] = row.map(Arc::new);
            history
        };
        let wrong = with_row(Some(Total { sum: 0, version: Version(2) }));
        wrong.rejected_by::<Checker>("shown-is-fold", "Steps says \"0 as of v2\" of s-0");
        let missing = with_row(None);
        missing.rejected_by::<Checker>("shown-is-fold", "Steps says nothing of s-0");
    }
}
