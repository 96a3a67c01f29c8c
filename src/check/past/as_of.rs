//! `as-of`: a read of the past shows the state of that time.
//!
//! Between the question and the answer a stream may have grown. The answer may show any state of that time,
//! but none from before the question. If replicas answer, it may be older by as long as they may be behind; a past
//! instant is read where it is over, and a version where it is there.

use super::Pasts;
use crate::check::folds::evolve;
use crate::check::words::row as say;
use crate::check::{Archive, Checks, Property, When};
use crate::kernel::{Instant, Step};
use crate::model::{
    AsOf, Domain, Personal, Privacy as _, RequestId, StreamLookup, Term, Token, Version,
};

pub(in crate::check) const AS_OF: Property = Property {
    id: "as-of",
    when: When::Always,
    says: "the state of a stream at a past instant or version is the fold of the events up to it, \
           and a read as of now includes every event that was visible at the time of the query, or before it by \
           as long as a replica may be behind, and what the customer has written",
};

/// An open question.
#[derive(Clone, Debug)]
pub(super) struct Asked<D: Domain> {
    pub(super) read: StreamLookup<D>,
    pub(super) as_of: AsOf,
    /// The version at that moment, when the question was asked: the least that the answer shows.
    pub(super) from: Version,
    pub(super) step: Step,
}

impl<D: Domain> Pasts<D> {
    /// Notes a question that is answered from a stream.
    pub(super) fn ask(
        &mut self,
        (request, step, now): (RequestId, Step, Instant),
        (read, as_of): (StreamLookup<D>, AsOf),
        written: Option<Token>,
        archive: &Archive<D>,
    ) {
        let mut past = self.marked.past(archive, read.stream);
        let lacking = match as_of {
            AsOf::Now => archive.lagging.count(read.stream, now, Instant::ZERO),
            AsOf::Version(_) => 0,
            AsOf::Instant(at) => archive.lagging.count(read.stream, now, at),
        };
        let everywhere = Version(past.last().0 - lacking as u32);
        let written = written.map_or(Version(0), |token| token.version);
        let from = past.at(as_of).min(everywhere.max(written));
        self.asked.insert(request, Asked { read, as_of, from, step });
    }

    /// Checks an answer to a question about the past.
    pub(super) fn as_of(
        &mut self,
        asked: Asked<D>,
        (query, row): (&D::Query, Option<&D::Row>),
        checks: &mut Checks<'_, D>,
    ) {
        let domain = checks.words.domain;
        let Asked { read: StreamLookup { stream, row: of }, as_of, from, step: since } = asked;
        let mut past = self.marked.past(checks.archive, stream);
        let (upto, shown) = (past.at(as_of), without_persons(domain, row.cloned()));
        let (mut version, mut state) = (from, past.fold(domain, from));
        let instead = loop {
            let row = without_persons(domain, of(domain, stream, version, &state));
            if row == shown {
                break None;
            } else if version == upto {
                break Some(row);
            }
            let event = past.events.get(version.0 as usize).expect("it is not the last version");
            evolve(domain, &mut state, &event);
            version = version.next();
        };
        checks.that(&AS_OF, instead.is_none(), [since, checks.step()], |words| {
            let moment = match as_of {
                AsOf::Now => "now".to_owned(),
                AsOf::Version(version) => version.to_string(),
                AsOf::Instant(at) => at.to_string(),
            };
            format!(
                "asked for {}, which is {} as of {moment}, the platform shows {}, but the events up \
                 to {upto} fold to {}",
                words.term(Term::Query(query)),
                words.stream(stream),
                say(words, row),
                say(words, instead.as_ref().and_then(Option::as_ref))
            )
        });
    }
}

/// A row without its personal data, which is opened for the reader or already forgotten.
fn without_persons<D: Domain>(domain: &D, mut row: Option<D::Row>) -> Option<D::Row> {
    if let Some(row) = &mut row {
        for person in D::Privacy::persons(domain, row) {
            *person = Personal::Forgotten;
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{
        Asked as Query, Counted, Counters, History, Total, asked, counter,
    };
    use crate::kernel::{Instant, Span};
    use crate::model::{Answer, Fact};
    use crate::model::{Owed, Token};

    type Checker = Pasts<Counters>;

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_millis(ms)
    }

    fn asks(history: &mut History, nth: u32, query: Query, owed: Owed) {
        history.fact(Fact::Queried { request: asked(nth), query, owed, resend: false });
    }

    fn told(history: &mut History, nth: u32, query: Query, owed: Owed, row: Option<Total>) {
        let (request, answer) = (asked(nth), Answer::Shown(query, row));
        history.fact(Fact::Told { request, owed, answer });
    }

    /// A counter at a version: open until the fourth, which closes it.
    fn row(version: u32) -> Option<Total> {
        Some(Total { sum: u32::from(version >= 4), version: Version(version) })
    }

    /// A counter that was added to after 10, 20 and 30 ms and closed after 40.
    fn closed() -> History {
        let mut history = History::default();
        let (added, closed) = (Counted::Added(1), Counted::Closed);
        for (nth, event) in (1..).zip([added.clone(), added.clone(), added, closed]) {
            history.wait(10);
            history.append(nth, &[(counter(0), event)]);
        }
        history
    }

    /// Whoever asks for a moment is shown this version.
    fn shown(as_of: AsOf, row: Option<Total>) -> History {
        let mut history = closed();
        let query = Query::Then(0, as_of);
        asks(&mut history, 1, query.clone(), Owed::Nothing);
        told(&mut history, 1, query, Owed::Nothing, row);
        history
    }

    #[test]
    fn the_fold_of_the_events_up_to_the_moment_is_accepted() {
        for (as_of, version) in [
            (AsOf::Version(Version(1)), 1),
            (AsOf::Version(Version(4)), 4),
            (AsOf::Version(Version(9)), 4),
            (AsOf::Instant(at(20)), 2),
            (AsOf::Instant(at(29)), 2),
            (AsOf::Instant(at(99)), 4),
            (AsOf::Now, 4),
        ] {
            assert_eq!(shown(as_of, row(version)).accepted_by::<Checker>(), 1, "{as_of:?}");
        }
        for nothing_yet in [AsOf::Version(Version(0)), AsOf::Instant(at(9))] {
            assert_eq!(shown(nothing_yet, None).accepted_by::<Checker>(), 1);
        }
    }

    #[test]
    fn one_event_more_or_less_is_rejected() {
        for (as_of, version) in [
            (AsOf::Version(Version(3)), 2),
            (AsOf::Version(Version(3)), 4),
            (AsOf::Version(Version(9)), 3),
            (AsOf::Instant(at(20)), 1),
            (AsOf::Instant(at(19)), 2),
            (AsOf::Now, 3),
        ] {
            shown(as_of, row(version)).rejected_by::<Checker>("as-of", "but the events up to");
        }
        shown(AsOf::Version(Version(3)), row(2)).rejected_by::<Checker>(
            "as-of",
            "asked for k-0 as of v3, which is k-0 as of v3, the platform shows \"0 as of v2\", but the \
             events up to v3 fold to \"0 as of v3\"",
        );
        shown(AsOf::Version(Version(3)), None).rejected_by::<Checker>("as-of", "shows nothing");
    }

    #[test]
    fn a_state_of_another_time_under_the_right_version_is_rejected() {
        let later = Some(Total { sum: 1, version: Version(3) });
        let as_of = AsOf::Version(Version(3));
        shown(as_of, later).rejected_by::<Checker>("as-of", "shows \"1 as of v3\"");
    }

    #[test]
    fn what_was_recorded_after_something_later_does_not_come_before_it() {
        let mut history = closed();
        history.append(5, &[(counter(1), Counted::Added(1))]);
        history.append(6, &[(counter(1), Counted::Closed)]);
        history.change_stored(|event| event.metadata.recorded_at = at(1)); // the clock was put back
        let query = Query::Then(1, AsOf::Instant(at(5)));
        asks(&mut history, 1, query.clone(), Owed::Nothing);
        told(&mut history, 1, query, Owed::Nothing, None);
        assert_eq!(history.accepted_by::<Checker>(), 1);
    }

    #[test]
    fn what_came_between_question_and_answer_may_be_shown_and_what_came_before_must() {
        let between = |version| {
            let mut history = History::default();
            let (query, token) =
                (Query::Total(0), Token { stream: counter(0), version: Version(1) });
            let owed = Owed::Pinned(token);
            history.append(1, &[(counter(0), Counted::Added(1))]);
            history.append(2, &[(counter(0), Counted::Added(1))]);
            asks(&mut history, 1, query.clone(), owed);
            history.append(3, &[(counter(0), Counted::Added(1))]);
            told(&mut history, 1, query, owed, row(version));
            history
        };
        assert_eq!(between(2).accepted_by::<Checker>(), 1);
        assert_eq!(between(3).accepted_by::<Checker>(), 1);
        between(1).rejected_by::<Checker>("as-of", "total 0, which is k-0 as of now");
    }

    #[test]
    fn long_streams_are_folded_from_marks_to_the_same_end() {
        let mut history = History::default();
        for nth in 1..=600 {
            history.append(nth, &[(counter(0), Counted::Added(1))]);
        }
        history.append(601, &[(counter(0), Counted::Closed)]);
        let mut nth = 601;
        for version in [600, 601, 1, 255, 256, 257, 512, 601] {
            nth += 1;
            let query = Query::Then(0, AsOf::Version(Version(version)));
            asks(&mut history, nth, query.clone(), Owed::Nothing);
            let row = Total { sum: u32::from(version == 601), version: Version(version) };
            told(&mut history, nth, query, Owed::Nothing, Some(row));
        }
        assert_eq!(history.accepted_by::<Checker>(), 8);
    }

    /// Replicas are two seconds behind, and the second event became visible one second before the question.
    fn behind(as_of: AsOf, owed: Owed, version: u32) -> History {
        let mut history = History::default();
        history.fact(Fact::ReplicaReads { lag: Span::from_secs(2) });
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.wait(4_000);
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.wait(1_000);
        let query = Query::Then(0, as_of);
        asks(&mut history, 1, query.clone(), owed);
        told(&mut history, 1, query, owed, row(version));
        history
    }

    #[test]
    fn as_of_now_what_replicas_may_lack_need_not_be_shown_unless_the_customer_wrote_it() {
        let wrote = Owed::Written(Token { stream: counter(0), version: Version(2) });
        behind(AsOf::Now, Owed::Nothing, 1).accepted_by::<Checker>();
        behind(AsOf::Now, Owed::Nothing, 2).accepted_by::<Checker>();
        behind(AsOf::Now, wrote, 2).accepted_by::<Checker>();
        behind(AsOf::Now, wrote, 1).rejected_by::<Checker>("as-of", "but the events up to");
    }

    #[test]
    fn a_version_that_is_there_and_an_instant_that_replicas_have_not_reached_are_shown() {
        for as_of in [AsOf::Version(Version(2)), AsOf::Instant(at(4_500))] {
            behind(as_of, Owed::Nothing, 2).accepted_by::<Checker>();
            behind(as_of, Owed::Nothing, 1).rejected_by::<Checker>("as-of", "but the events up to");
        }
        behind(AsOf::Instant(at(3_999)), Owed::Nothing, 1).accepted_by::<Checker>();
    }

    #[test]
    fn answers_from_views_and_missing_answers_are_not_checked() {
        let mut history = closed();
        let token = Token { stream: counter(0), version: Version(4) };
        for (nth, owed) in [(1, Owed::Nothing), (2, Owed::Written(token))] {
            asks(&mut history, nth, Query::Total(0), owed);
            told(&mut history, nth, Query::Total(0), owed, row(1));
        }
        let query = Query::Then(0, AsOf::Now);
        asks(&mut history, 3, query.clone(), Owed::Nothing);
        let (request, owed, answer) = (asked(3), Owed::Nothing, Answer::Silence);
        history.fact(Fact::Told { request, owed, answer });
        // The two rows of a view are compared with the stream, by shown-is-fold.
        assert_eq!(history.accepted_by::<Checker>(), 2);
    }
}
