//! `read-your-writes`: a customer who has written sees the write, or gets the answer "not yet". A
//! customer who is pinned to the write side sees it.

use crate::collections::{SortedMap, Table};

use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    Answer, CommandOutcome, CustomerId, Domain, Fact, Lookup, Owed, Record, RequestId, Shows, Term,
    Token,
};

pub(super) const READ_YOUR_WRITES: Property = Property {
    id: "read-your-writes",
    when: When::Always,
    says: "a read with the token of a write shows at least its version, or says \"not yet\" or \"try \
           later\", in every view that shows all writes; a read that is pinned to the write side shows it",
};

/// Compares what customers are shown with what they had written.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// When one of the commands of a customer was last answered as accepted, until the customer leaves.
    wrote: Table<CustomerId, Step>,
    /// When a customer was last shown a row, until the customer leaves.
    looked: Table<CustomerId, Step>,
    /// When the open pinned reads were asked.
    pinned: SortedMap<RequestId, Step>,
}

/// What the platform promises to the holder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Nothing,
    /// The write, or "not yet".
    Eventually(Token),
    /// The write.
    AtOnce(Token),
}

impl<D: Domain> Checker<D> for Reads {
    const PROPERTIES: &'static [Property] = &[READ_YOUR_WRITES];
    const FACTS: FactKinds = kinds!(Queried Told Left);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let domain = checks.words.domain;
        let (request, owed, answer) = match &record.fact {
            Fact::Queried { request, query, owed, resend: false } => {
                if let Promise::AtOnce(_) = promise(domain, request.customer, *owed, query) {
                    self.pinned.insert(*request, record.step);
                }
                return;
            }
            Fact::Told { request, owed, answer } => (*request, *owed, answer),
            Fact::Left { customer } => {
                self.wrote.remove(customer);
                self.looked.remove(customer);
                return;
            }
            _ => return,
        };
        let customer = request.customer;
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => {
                self.wrote.insert(customer, record.step);
            }
            Answer::Shown(query, row) => {
                match promise(domain, customer, owed, query) {
                    Promise::Eventually(token) | Promise::AtOnce(token) => {
                        self.shown(customer, token, (query, row.as_ref()), checks);
                    }
                    Promise::Nothing => {}
                }
                self.looked.insert(customer, record.step);
            }
            Answer::NotYet(query) => {
                if let Promise::AtOnce(token) = promise(domain, customer, owed, query) {
                    self.put_off(request, token, query, checks);
                }
            }
            Answer::Command(_, CommandOutcome::Refused(_) | CommandOutcome::Unknown)
            | Answer::TryLater(_)
            | Answer::Erased
            | Answer::Silence => {}
        }
        self.pinned.remove(&request);
    }
}

impl Reads {
    /// A pinned customer gets "not yet". That is correct only if an answer to a later query of the same
    /// customer has overtaken this one.
    fn put_off<D: Domain>(
        &self,
        request: RequestId,
        token: Token,
        query: &D::Query,
        checks: &mut Checks<'_, D>,
    ) {
        let customer = request.customer;
        let asked = self.pinned.get(&request).copied().unwrap_or_default();
        let overtaken = latest(&self.looked, customer) > asked;
        let because = [latest(&self.wrote, customer), asked, checks.step()];
        checks.that(&READ_YOUR_WRITES, overtaken, because, |words| {
            format!(
                "{} had written {} {} and was pinned to the write side, but got the answer \"not yet\" \
                 for {}",
                words.customer(customer),
                words.stream(token.stream),
                token.version,
                words.term(Term::Query(query))
            )
        });
    }

    fn shown<D: Domain>(
        &self,
        customer: CustomerId,
        token: Token,
        (query, row): (&D::Query, Option<&D::Row>),
        checks: &mut Checks<'_, D>,
    ) {
        let domain = checks.words.domain;
        // A read from a stream itself, and from no view, is checked by `as-of`.
        let Lookup::Row(view, key) = domain.lookup(customer, query) else { return };
        let shown = Shows::of(domain, view, key, row).version(token.stream);
        let because = [latest(&self.wrote, customer), checks.step()];
        checks.that(&READ_YOUR_WRITES, shown >= token.version, because, |words| {
            let what = match row {
                None => "nothing".to_owned(),
                Some(row) => format!("\"{}\" with {shown} of it", words.term(Term::Row(row))),
            };
            format!(
                "{} had written {} {}, but was shown {what} for {}",
                words.customer(customer),
                words.stream(token.stream),
                token.version,
                words.term(Term::Query(query))
            )
        });
    }
}

fn latest(steps: &Table<CustomerId, Step>, customer: CustomerId) -> Step {
    steps.get(&customer).copied().unwrap_or_default()
}

/// What the platform promises of the answer to a query. What is read from a stream itself without being pinned
/// to it, such as a moment of the past, is checked by `as-of`.
fn promise<D: Domain>(domain: &D, customer: CustomerId, owed: Owed, query: &D::Query) -> Promise {
    let Some(token) = owed.to_show(domain, customer, query) else { return Promise::Nothing };
    match owed.lookup(domain, customer, query) {
        Lookup::Row(..) => Promise::Eventually(token),
        Lookup::Stream(..) if matches!(owed, Owed::Pinned(_)) => Promise::AtOnce(token),
        Lookup::Gather(..) | Lookup::Stream(..) => Promise::Nothing,
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

    /// A customer wrote the second version of a counter, is pinned to it, and asks.
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
            "ana had written k-0 v2 and was pinned to the write side, but got the answer \"not yet\" \
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
                "ana had written k-0 v2, but was shown \"1 as of v1\" with v1 of it for \
                 total 0",
            );
    }

    #[test]
    fn a_row_that_is_not_there_is_rejected() {
        told(counter(0), Asked::Total(0), |query| Answer::Shown(query, None))
            .rejected_by::<Reads>("read-your-writes", "but was shown nothing for");
    }
}
