//! The requests of customers, and the answers that they receive.

use super::{Place, Wording};
use crate::kernel::NodeId;
use crate::model::{Answer, CustomerId, Domain, Owed, RequestId, Term};

impl<D: Domain> Place<'_, D> {
    /// A customer asks for the answer to a query, or subscribes to it.
    pub(super) fn asks(
        &self,
        (does, of): (&str, &str),
        request: RequestId,
        query: &D::Query,
        owed: Owed,
        resend: bool,
    ) -> Wording {
        let again = if resend { " again" } else { "" };
        let to_show = owed.to_show(self.vocabulary.domain, request.customer, query);
        let query = self.vocabulary.term(Term::Query(query));
        let owed_words = to_show.map_or(String::new(), |token| {
            let pinned = if matches!(owed, Owed::Pinned(_)) { ", session pinned" } else { "" };
            format!(", at least {}{pinned}", self.token(token))
        });
        let about = to_show.map(|token| self.of_stream(token.stream));
        let customer = self.customer(request.customer);
        customer.says(format!("{does}{again} {of} {query}{owed_words}")).about(about)
    }

    pub(super) fn told(&self, to: RequestId, owed: Owed, answer: &Answer<D>) -> Wording {
        let customer = self.customer(to.customer);
        let to_show = |query| owed.to_show(self.vocabulary.domain, to.customer, query);
        let text = match answer {
            Answer::Command(command, outcome) => {
                return self.command_outcome(customer, command, outcome);
            }
            Answer::Shown(query, row) => {
                let query = self.vocabulary.term(Term::Query(query));
                let row = row.as_ref().map(|row| self.vocabulary.term(Term::Row(row)).to_string());
                format!("sees {query}: {}", row.as_deref().unwrap_or("nothing"))
            }
            Answer::NotYet(query) => {
                let missing = to_show(query);
                let missing = missing.map(|token| format!(", {} is missing", self.token(token)));
                let query = self.vocabulary.term(Term::Query(query));
                format!("not yet: {query}{}", missing.unwrap_or_default())
            }
            Answer::TryLater(query) => {
                let query = query.as_ref().map(|query| self.vocabulary.term(Term::Query(query)));
                let what = query.map_or("erasure".to_owned(), |query| query.to_string());
                format!("is asked to try later: {what}")
            }
            Answer::Erased => "erasure confirmed".to_owned(),
            Answer::Silence => "gets no answer and stops waiting".to_owned(),
        };
        let about = match answer {
            Answer::Shown(query, _) | Answer::NotYet(query) => to_show(query),
            Answer::Command(..) | Answer::TryLater(_) | Answer::Erased | Answer::Silence => None,
        };
        customer.says(text).about(about.map(|token| self.of_stream(token.stream)))
    }

    pub(super) fn unwatched(&self, request: RequestId) -> Wording {
        self.customer(request.customer).says("ends the subscription".to_owned())
    }

    pub(super) fn left(&self, customer: CustomerId) -> Wording {
        self.customer(customer).says("leaves".to_owned())
    }

    pub(super) fn out_of_patience(&self, request: RequestId, asked: &[NodeId]) -> Wording {
        let names: Vec<_> = asked.iter().map(|node| self.node(*node)).collect();
        self.customer(request.customer)
            .says(format!("times out waiting for {}", names.join(" and ")))
            .about(asked.iter().map(|node| self.of_node(*node)))
    }

    pub(super) fn erase_asked(&self, request: RequestId, resend: bool) -> Wording {
        let again = if resend { " again" } else { "" };
        self.customer(request.customer).says(format!("asks{again} for erasure"))
    }
}
