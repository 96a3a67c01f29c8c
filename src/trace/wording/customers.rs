//! The requests of customers, and the answers that they receive.

use super::{Place, Wording};
use crate::model::{Answer, Domain, Owed, RequestId, Term, Token};

impl<D: Domain> Place<'_, D> {
    pub(super) fn queried(
        &self,
        request: RequestId,
        query: &D::Query,
        owed: Owed,
        resend: bool,
    ) -> Wording {
        let again = if resend { " again" } else { "" };
        let query = self.vocabulary.term(Term::Query(query));
        let owed_words = match owed {
            Owed::Nothing => String::new(),
            Owed::Written(token) => format!(", at least {}", self.token(token)),
            Owed::Pinned(token) => format!(", at least {}, session pinned", self.token(token)),
        };
        let about = owed.token().map(|token| self.of_stream(token.stream));
        let customer = self.customer(request.customer);
        customer.says(format!("asks{again} for {query}{owed_words}")).about(about)
    }

    pub(super) fn told(&self, to: RequestId, owed: Option<Token>, answer: &Answer<D>) -> Wording {
        let customer = self.customer(to.customer);
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
                let query = self.vocabulary.term(Term::Query(query));
                let owed = owed.map(|token| format!(", {} is missing", self.token(token)));
                format!("not yet: {query}{}", owed.unwrap_or_default())
            }
            Answer::Erased => "erasure confirmed".to_owned(),
            Answer::Silence => "gets no answer and stops waiting".to_owned(),
        };
        customer.says(text).about(owed.map(|token| self.of_stream(token.stream)))
    }

    pub(super) fn erase_asked(&self, request: RequestId, resend: bool) -> Wording {
        let again = if resend { " again" } else { "" };
        self.customer(request.customer).says(format!("asks{again} for erasure"))
    }
}
