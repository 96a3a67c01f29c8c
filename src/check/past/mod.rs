//! What was so at some moment: streams as they became visible, with the checks of what is shown of them.
//!
//! Every stream is folded once more, for what is shown of it at a version.

mod as_of;
mod large;
mod marks;
mod recent;
mod shown;

use super::{Checker, Checks, FactKinds, Property, kinds};
use crate::collections::SortedMap;
use crate::model::{Answer, Domain, Fact, Lookup, Record, RequestId, Rest};
use as_of::Asked;
use large::LargeRows;
use marks::Marked;
use recent::Recent;

pub(super) use as_of::AS_OF;
pub(super) use shown::SHOWN_IS_FOLD;

/// Keeps what makes folds of long streams short, and every open question that is answered from one.
#[derive(Clone, Debug)]
pub(super) struct Pasts<D: Domain> {
    marked: Marked<D>,
    asked: SortedMap<RequestId, Asked<D>>,
    recent: Recent<D>,
    large: LargeRows<D>,
}

impl<D: Domain> Default for Pasts<D> {
    fn default() -> Self {
        let (marked, asked) = (Marked::default(), SortedMap::new());
        Self { marked, asked, recent: Recent::default(), large: LargeRows::default() }
    }
}

impl<D: Domain> Checker<D> for Pasts<D> {
    const PROPERTIES: &'static [Property] = &[AS_OF, SHOWN_IS_FOLD];
    const FACTS: FactKinds = kinds!(Queried Told);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Queried { request, query, owed, resend: false } = &record.fact {
            let (domain, customer) = (checks.words.domain, request.customer);
            if let Lookup::Stream(read, as_of) = owed.lookup(domain, customer, query) {
                let written = owed.to_show(domain, customer, query);
                let asked = (*request, record.step, record.at);
                self.ask(asked, (read, as_of), written, checks.archive);
            }
        } else if let Fact::Told { request, answer, .. } = &record.fact {
            let asked = self.asked.remove(request);
            match (answer, asked) {
                (Answer::Shown(query, row), Some(asked)) => {
                    self.as_of(asked, (query, row.as_ref()), checks);
                }
                (Answer::Shown(query, Some(row)), None) => {
                    self.told(request.customer, (query, row), checks);
                }
                (
                    Answer::Shown(_, None)
                    | Answer::Command(..)
                    | Answer::NotYet(_)
                    | Answer::TryLater(_)
                    | Answer::Erased
                    | Answer::Silence,
                    _,
                ) => {}
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        self.rows_at_rest(rest, checks);
    }
}
