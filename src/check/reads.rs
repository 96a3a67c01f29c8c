//! `read-your-writes`: a customer who has written sees the write, or is told "not yet". A customer who
//! is pinned to the write side sees it.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::streams::entry;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    Answer, AsOf, CommandOutcome, CustomerId, Domain, Fact, FactKind, Lookup, Names, Owed, Record,
    RequestId, Shows, Term, Token, Vocabulary,
};

pub(super) const READ_YOUR_WRITES: Property = Property {
    id: "read-your-writes",
    when: When::Always,
    says: "a read with a version token shows at least that version, or says \"not yet\"; a read that is \
           pinned to the write side shows it",
};

/// Compares what customers are shown with what they had written.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    names: Arc<Names>,
    tally: Tally,
    /// By customer: when they were last told that a command of theirs took effect.
    wrote: Vec<Step>,
    /// By customer: when they were last shown anything.
    looked: Vec<Step>,
    /// When the open pinned reads were asked.
    pinned: SortedMap<RequestId, Step>,
}

/// What the platform promises to the holder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Nothing,
    /// Shown, or "not yet".
    Honest(Token),
    /// Shown.
    AtOnce(Token),
}

impl<D: Domain> Checker<D> for Reads {
    const PROPERTIES: &'static [Property] = &[READ_YOUR_WRITES];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Queried, FactKind::Told]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            tally: Tally::new(&READ_YOUR_WRITES),
            wrote: Vec::new(),
            looked: Vec::new(),
            pinned: SortedMap::new(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let (request, owed, answer) = match &record.fact {
            Fact::Queried { request, query, owed, resend: false } => {
                if let Promise::AtOnce(_) = promise(domain, request.customer, *owed, query) {
                    self.pinned.insert(*request, record.step);
                }
                return;
            }
            Fact::Told { request, owed, answer } => (*request, *owed, answer),
            _ => return,
        };
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => {
                *entry(&mut self.wrote, request.customer.0 as usize) = record.step;
            }
            Answer::Shown(query, row) => {
                match promise(domain, request.customer, owed, query) {
                    Promise::Honest(token) | Promise::AtOnce(token) => {
                        let shown = (query, row.as_ref());
                        self.shown(domain, record, request, token, shown, violations);
                    }
                    Promise::Nothing => {}
                }
                *entry(&mut self.looked, request.customer.0 as usize) = record.step;
            }
            Answer::NotYet(query) => {
                if let Promise::AtOnce(token) = promise(domain, request.customer, owed, query) {
                    self.put_off(domain, record, request, token, query, violations);
                }
            }
            Answer::Command(_, CommandOutcome::Refused(_) | CommandOutcome::Unknown)
            | Answer::Erased
            | Answer::Silence => {}
        }
        self.pinned.remove(&request);
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Reads {
    /// A pinned customer was told "not yet". That is correct only if an answer to a later query of the
    /// same customer has overtaken this one.
    fn put_off<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        request: RequestId,
        token: Token,
        query: &D::Query,
        violations: &mut Violations,
    ) {
        let asked = self.pinned.get(&request).copied().unwrap_or_default();
        let overtaken = latest(&self.looked, request.customer) > asked;
        self.tally.check(overtaken, record.at, record.step, violations, || {
            let narrator = Vocabulary { domain, names: &self.names };
            let customer = self.names.customer(request.customer);
            let (stream, query) =
                (narrator.stream(token.stream), narrator.term(Term::Query(query)));
            let says = format!(
                "{customer} had written {stream} {} and was pinned to the write side, but was told \
                 \"not yet\" when asking for {query}",
                token.version
            );
            (says, because([latest(&self.wrote, request.customer), asked, record.step]))
        });
    }

    fn shown<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        request: RequestId,
        token: Token,
        (query, row): (&D::Query, Option<&D::Row>),
        violations: &mut Violations,
    ) {
        // What is read from a stream itself, and from no view, is checked by `as-of`.
        let Lookup::Row(view, key) = domain.lookup(request.customer, query) else { return };
        let shown = Shows::of(domain, view, key, row).version(token.stream);
        self.tally.check(shown >= token.version, record.at, record.step, violations, || {
            let narrator = Vocabulary { domain, names: &self.names };
            let customer = self.names.customer(request.customer);
            let (stream, query) =
                (narrator.stream(token.stream), narrator.term(Term::Query(query)));
            let what = match row {
                None => "nothing".to_owned(),
                Some(row) => format!("\"{}\" with {shown} of it", narrator.term(Term::Row(row))),
            };
            let says = format!(
                "{customer} had written {stream} {}, but was shown {what} when asking for {query}",
                token.version
            );
            (says, because([latest(&self.wrote, request.customer), record.step]))
        });
    }
}

fn latest(steps: &[Step], customer: CustomerId) -> Step {
    steps.get(customer.0 as usize).copied().unwrap_or_default()
}

/// Whether the platform promises that a query shows the write: pinned views do, of the category that
/// feeds them and in the row where the domain has it looked for, and the stream itself, if the
/// query is answered from it.
fn promise<D: Domain>(domain: &D, customer: CustomerId, owed: Owed, query: &D::Query) -> Promise {
    let Some(token) = owed.token() else { return Promise::Nothing };
    match (owed, owed.lookup(domain, customer, query)) {
        (_, Lookup::Row(id, key)) => {
            let view = D::VIEWS[usize::from(id.0)];
            let concerned =
                view.category == token.stream.category && domain.concerns(id, key, token.stream);
            match view.pinned && concerned {
                true => Promise::Honest(token),
                false => Promise::Nothing,
            }
        }
        (Owed::Pinned(_), Lookup::Stream(from, AsOf::Now)) if from.stream == token.stream => {
            Promise::AtOnce(token)
        }
        (_, Lookup::Gather(..) | Lookup::Stream(..)) => Promise::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counters, History, Total, asked, counter, saga};
    use crate::model::{StreamId, Version};

    fn told(
        stream: StreamId,
        asks: Asked,
        answer: impl FnOnce(Asked) -> Answer<Counters>,
    ) -> History {
        let mut history = History::default();
        let token = Token { stream, version: Version(2) };
        history.fact(Fact::Told {
            request: asked(1),
            owed: Owed::Nothing,
            answer: Answer::Command(0, CommandOutcome::Accepted(token)),
        });
        let owed = Owed::Written(token);
        history.fact(Fact::Told { request: asked(2), owed, answer: answer(asks) });
        history
    }

    /// Somebody wrote the second version of a counter, is pinned to it, and asks.
    fn pinned(answer: Answer<Counters>) -> History {
        let mut history = History::default();
        let token = Token { stream: counter(0), version: Version(2) };
        let (request, owed) = (asked(1), Owed::Nothing);
        let wrote = Answer::Command(0, CommandOutcome::Accepted(token));
        history.fact(Fact::Told { request, owed, answer: wrote });
        let (query, owed) = (Asked::Total(0), Owed::Pinned(token));
        for nth in [2, 3] {
            let (request, query) = (asked(nth), query.clone());
            history.fact(Fact::Queried { request, query, owed, resend: false });
        }
        history.fact(Fact::Told { request: asked(2), owed, answer });
        history
    }

    #[test]
    fn a_pinned_read_that_shows_the_write_is_accepted() {
        let shown = |version| Answer::Shown(Asked::Total(0), row(version));
        assert_eq!(pinned(shown(2)).accepted_by::<Reads>(), 1);
        assert_eq!(pinned(shown(3)).accepted_by::<Reads>(), 1);
    }

    #[test]
    fn a_pinned_read_that_is_put_off_or_shows_less_is_rejected() {
        pinned(Answer::NotYet(Asked::Total(0))).rejected_by::<Reads>(
            "read-your-writes",
            "ana had written k-0 v2 and was pinned to the write side, but was told \"not yet\" when asking \
             for total 0",
        );
        let less = Answer::Shown(Asked::Total(0), row(1));
        pinned(less).rejected_by::<Reads>("read-your-writes", "but was shown \"1 as of v1\"");
    }

    #[test]
    fn a_pinned_read_that_a_later_one_has_overtaken_may_be_put_off() {
        let mut history = pinned(Answer::Shown(Asked::Total(0), row(3)));
        let token = Token { stream: counter(0), version: Version(2) };
        let (request, owed) = (asked(3), Owed::Pinned(token));
        history.fact(Fact::Told { request, owed, answer: Answer::NotYet(Asked::Total(0)) });
        assert_eq!(history.accepted_by::<Reads>(), 2);
    }

    fn row(version: u32) -> Option<Total> {
        Some(Total { sum: 1, version: Version(version) })
    }

    #[test]
    fn the_version_written_or_a_later_one_or_none_yet_is_accepted() {
        for version in [2, 3] {
            told(counter(0), Asked::Total(0), |query| Answer::Shown(query, row(version)))
                .accepted_by::<Reads>();
        }
        told(counter(0), Asked::Total(0), Answer::NotYet).accepted_by::<Reads>();
    }

    #[test]
    fn where_nothing_is_promised_nothing_is_checked() {
        let checked = |history: History| history.accepted_by::<Reads>();
        let stale = |query| Answer::Shown(query, row(1));
        assert_eq!(
            checked(told(counter(0), Asked::Total(0), |query| Answer::Shown(query, row(2)))),
            1
        );
        assert_eq!(checked(told(saga(0), Asked::Total(0), stale)), 0);
        assert_eq!(checked(told(saga(0), Asked::Progress(0), stale)), 0);
        assert_eq!(checked(told(counter(0), Asked::Opinions, stale)), 0);
    }

    #[test]
    fn an_older_row_is_rejected() {
        told(counter(0), Asked::Total(0), |query| Answer::Shown(query, row(1)))
            .rejected_by::<Reads>(
                "read-your-writes",
                "ana had written k-0 v2, but was shown \"1 as of v1\" with v1 of it when asking for \
                 total 0",
            );
    }

    #[test]
    fn a_row_that_is_not_there_is_rejected() {
        told(counter(0), Asked::Total(0), |query| Answer::Shown(query, None))
            .rejected_by::<Reads>("read-your-writes", "but was shown nothing when asking for");
    }
}
