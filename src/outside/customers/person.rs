//! One customer as their client knows them: what they have written, and what they have been shown.

use crate::kernel::{Instant, Span};
use crate::model::{Answer, CustomerId, Domain, Lookup, Owed, Token};
use crate::platform::settings::StoreReads;
use crate::platform::{Plan, Turn};

/// One customer.
#[derive(Clone, Debug)]
pub(super) struct Person<D: Domain> {
    pub(super) state: D::ClientState,
    /// The number of its requests so far.
    pub(super) requests: u32,
    /// The number of its requests, pauses and turns that are not over.
    pub(super) open: u32,
    /// How often it has acted again after a pause.
    pub(super) again: u32,
    /// Its turn in a closed workload, while it is not over.
    pub(super) turn: Option<Turn>,
    token: Option<Token>,
    /// The end of the time in which its queries are pinned to the write side.
    pinned_until: Instant,
    /// How much of each stream each query has shown.
    seen: Vec<(D::Query, Vec<Token>)>,
    /// The timeline of the event store that its tokens are of.
    timeline: u32,
}

impl<D: Domain> Person<D> {
    pub(super) fn new() -> Self {
        Self {
            state: D::ClientState::default(),
            requests: 0,
            open: 0,
            again: 0,
            turn: None,
            token: None,
            pinned_until: Instant::ZERO,
            seen: Vec::new(),
            timeline: 0,
        }
    }

    /// Drops tokens of another timeline.
    pub(super) fn live_in(&mut self, timeline: u32) {
        if self.timeline != timeline {
            self.timeline = timeline;
            (self.token, self.pinned_until) = (None, Instant::ZERO);
            self.seen.clear();
        }
    }

    /// Keeps the token of an accepted command, and pins queries for this long.
    pub(super) fn wrote(&mut self, token: Token, now: Instant, pin: Option<Span>) {
        self.token = Some(token);
        self.pinned_until = pin.map_or(Instant::ZERO, |pin| now + pin);
    }

    /// What the answer to a query must show now.
    pub(super) fn owed(&self, now: Instant) -> Owed {
        match self.token {
            None => Owed::Nothing,
            Some(token) if now < self.pinned_until => Owed::Pinned(token),
            Some(token) => Owed::Written(token),
        }
    }

    /// What a query has shown last, or another one that is `like` it.
    pub(super) fn seen_by(
        &self,
        query: &D::Query,
        like: impl Fn(&D::Query, &D::Query) -> bool,
    ) -> &[Token] {
        let seen = self.seen.iter().find(|(asked, _)| like(asked, query));
        seen.map_or(&[], |(_, shown)| shown)
    }

    /// Reads an answer. The later of two pending queries may be answered first; the answer to the earlier
    /// one is then older than what was shown and is dropped.
    pub(super) fn look(
        &mut self,
        answer: Answer<D>,
        shows: Vec<Token>,
        like: impl Fn(&D::Query, &D::Query) -> bool + Copy,
    ) -> Answer<D> {
        let Answer::Shown(query, _) = &answer else { return answer };
        let newer = |seen: &Token| {
            let shown = shows.iter().find(|token| token.stream == seen.stream);
            shown.is_some_and(|token| token.version >= seen.version)
        };
        if !self.seen_by(query, like).iter().all(newer) {
            return Answer::NotYet(query.clone());
        }
        match self.seen.iter_mut().find(|(asked, _)| like(asked, query)) {
            Some((_, seen)) => *seen = shows,
            None if shows.is_empty() => {}
            None => self.seen.push((query.clone(), shows)),
        }
        answer
    }
}

/// Whether a client compares what two queries of a customer show. Replicas can answer the second of two queries of one
/// row as of an earlier moment than the first; otherwise the answers to one query are enough.
pub(super) fn alike<D: Domain>(
    plan: &Plan<D>,
    who: CustomerId,
) -> impl Fn(&D::Query, &D::Query) -> bool + Copy {
    let by_row = plan.settings.store.catch_up != StoreReads::Primary;
    let row = move |query: &D::Query| match plan.domain.lookup(who, query) {
        Lookup::Row(view, key) => Some((view, key)),
        Lookup::Gather(_) | Lookup::Stream(..) => None,
    };
    move |asked, query| {
        asked == query || by_row && row(asked).is_some_and(|asked| row(query) == Some(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::model::{AsOf, Version};
    use crate::testing::{Bench, Counting, Query, Row, counter};

    const TOTAL: Query = Query::Total(0);

    fn shown(version: u32) -> (Answer<Counting>, Vec<Token>) {
        let row = Row { total: 1, version: Version(version) };
        let shows = vec![Token { stream: counter(0), version: row.version }];
        (Answer::Shown(TOTAL, Some(row)), shows)
    }

    fn look(person: &mut Person<Counting>, version: u32) -> bool {
        let (answer, shows) = shown(version);
        matches!(person.look(answer, shows, Query::eq), Answer::Shown(..))
    }

    #[test]
    fn an_answer_that_was_overtaken_by_a_newer_one_is_dropped() {
        let person = &mut Person::new();
        assert!(look(person, 2));
        assert!(!look(person, 1));
        assert_eq!(person.seen_by(&TOTAL, Query::eq), shown(2).1);
        assert!(look(person, 3));
        assert_eq!(person.seen_by(&TOTAL, Query::eq), shown(3).1);
    }

    #[test]
    fn each_query_is_remembered_separately() {
        let person = &mut Person::new();
        assert!(look(person, 2));
        assert_eq!(person.seen_by(&Query::Total(1), Query::eq), []);
        let nothing = person.look(Answer::Shown(TOTAL, None), Vec::new(), Query::eq);
        assert_eq!(nothing, Answer::NotYet(TOTAL), "the row existed before");
    }

    #[test]
    fn two_queries_of_one_row_are_compared_if_replicas_may_answer_them() {
        let reads = [StoreReads::Primary, StoreReads::Replica { lag: Span::from_secs(1) }];
        for (reads, by_row) in reads.into_iter().zip([false, true]) {
            let bench = Bench::with_settings(|settings| settings.store.catch_up = reads);
            let like = alike(&bench.plan, CustomerId(0));
            assert!(like(&Query::Recalled(0), &Query::Recalled(0)));
            assert_eq!(like(&Query::Recalled(0), &Query::RecalledOtherwise(0)), by_row);
            assert!(!like(&Query::Recalled(0), &Query::RecalledOtherwise(1)), "another row");
            assert!(!like(&Query::Stamps, &Query::TotalAt(0, AsOf::Now)), "no row");
        }
    }

    #[test]
    fn a_customer_who_has_written_nothing_is_owed_nothing() {
        assert_eq!(Person::<Counting>::new().owed(Instant::ZERO), Owed::Nothing);
    }

    #[test]
    fn tokens_of_another_timeline_are_dropped() {
        let person = &mut Person::<Counting>::new();
        let (stream, version) = (counter(0), Version(2));
        person.wrote(Token { stream, version }, Instant::ZERO, None);
        look(person, 2);
        person.live_in(0);
        assert_ne!(person.owed(Instant::ZERO), Owed::Nothing);
        person.live_in(1);
        assert_eq!(
            (person.owed(Instant::ZERO), person.seen_by(&TOTAL, Query::eq)),
            (Owed::Nothing, &[][..])
        );
        assert!(look(person, 1), "an older version is no step back");
    }
}
