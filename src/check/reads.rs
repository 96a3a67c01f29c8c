//! `read-your-writes`: who has written sees it, or is told that it is not there yet.

use std::sync::Arc;

use super::words::because;
use super::{Judge, Oracle, Property, Rest, Tally, When};
use crate::kernel::Step;
use crate::platform::{
    Answer, CustomerId, Domain, Fact, Lookup, Names, Noun, RequestId, Speech, Token, Verdict,
    Version,
};
use crate::trace::Record;

pub(super) const READ_YOUR_WRITES: Property = Property {
    id: "read-your-writes",
    when: When::Always,
    says: "a read with a version token shows at least that version, or says \"not yet\"",
};

/// Compares what customers are shown with what they had written.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    names: Arc<Names>,
    tally: Tally,
    /// By customer: when they were last told that a command of theirs took effect.
    wrote: Vec<Step>,
}

impl<D: Domain> Oracle<D> for Reads {
    const PROPERTIES: &'static [Property] = &[READ_YOUR_WRITES];

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self { names: Arc::clone(names), tally: Tally::new(&READ_YOUR_WRITES), wrote: Vec::new() }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, judge: &mut Judge) {
        let Fact::Told { request, token, answer } = &record.fact else { return };
        match answer {
            Answer::Command(_, Verdict::Accepted(_)) => self.wrote(request.customer, record.step),
            Answer::Shown(query, row) => {
                if let Some(token) = token {
                    let shown = (query, row.as_ref());
                    self.shown(domain, record, *request, *token, shown, judge);
                }
            }
            Answer::Command(_, Verdict::Refused(_) | Verdict::Unknown)
            | Answer::NotYet(_)
            | Answer::Erased
            | Answer::Silence => {}
        }
    }

    fn at_rest(&mut self, _: &Rest<'_, D>, _: &mut Judge) {}

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        vec![self.tally.checks()]
    }
}

impl Reads {
    fn wrote(&mut self, customer: CustomerId, step: Step) {
        let index = customer.0 as usize;
        if self.wrote.len() <= index {
            self.wrote.resize(index + 1, Step(0));
        }
        self.wrote[index] = step;
    }

    fn shown<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        request: RequestId,
        token: Token,
        (query, row): (&D::Query, Option<&D::Row>),
        judge: &mut Judge,
    ) {
        if !promised(domain, request.customer, query, token) {
            return;
        }
        let shown = row.map_or(Version(0), |row| domain.shown(row, token.stream));
        self.tally.check(shown >= token.version, record.at, record.step, judge, || {
            let speaker = Speech { domain, names: &self.names };
            let customer = self.names.customer(request.customer);
            let (stream, query) = (speaker.stream(token.stream), speaker.noun(Noun::Query(query)));
            let what = match row {
                None => "nothing".to_owned(),
                Some(row) => format!("\"{}\" with {shown} of it", speaker.noun(Noun::Row(row))),
            };
            let says = format!(
                "{customer} had written {stream} {}, but was shown {what} when asking for {query}",
                token.version
            );
            let wrote = self.wrote.get(request.customer.0 as usize).copied();
            (says, because([wrote.unwrap_or_default(), record.step]))
        });
    }
}

/// Whether the platform promises that this query shows the write: only pinned views do, only of the
/// category that feeds them, and only in the row where the domain has it looked for.
fn promised<D: Domain>(domain: &D, customer: CustomerId, query: &D::Query, token: Token) -> bool {
    match domain.lookup(customer, query) {
        Lookup::Row(id, key) => {
            let view = D::VIEWS[usize::from(id.0)];
            view.pinned
                && view.category == token.stream.category
                && domain.concerns(id, key, token.stream)
        }
        Lookup::Gather(..) | Lookup::Stream(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, History, Total, asked, counter, saga};
    use crate::platform::StreamId;

    fn told(
        stream: StreamId,
        asks: Asked,
        answer: impl FnOnce(Asked) -> Answer<crate::check::testing::Counters>,
    ) -> History {
        let mut history = History::default();
        let token = Token { stream, version: Version(2) };
        history.fact(Fact::Told {
            request: asked(1),
            token: None,
            answer: Answer::Command(0, Verdict::Accepted(token)),
        });
        history.fact(Fact::Told { request: asked(2), token: Some(token), answer: answer(asks) });
        history
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
    fn where_nothing_is_promised_nothing_is_judged() {
        let judged = |history: History| history.accepted_by::<Reads>();
        let stale = |query| Answer::Shown(query, row(1));
        assert_eq!(
            judged(told(counter(0), Asked::Total(0), |query| Answer::Shown(query, row(2)))),
            1
        );
        assert_eq!(judged(told(saga(0), Asked::Total(0), stale)), 0);
        assert_eq!(judged(told(saga(0), Asked::Progress(0), stale)), 0);
        assert_eq!(judged(told(counter(0), Asked::Opinions, stale)), 0);
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
