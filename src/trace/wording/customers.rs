//! What customers send, and what they are answered.

use super::{Narrator, Wording, once_more};
use crate::model::{Answer, Domain, Owed, RequestId, Term, Token};

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn commanded(
        &self,
        request: RequestId,
        command: &D::Command,
        resend: bool,
    ) -> Wording {
        let text = format!("{} {}", once_more(resend, "sends"), self.command(command));
        self.customer(request.customer).says(text).about(self.of_command(command))
    }

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
        let text = format!("asks{again} for {query}{owed_words}");
        let about = owed.token().map(|token| self.of_stream(token.stream));
        self.customer(request.customer).says(text).about(about)
    }

    pub(super) fn told(
        &self,
        request: RequestId,
        owed: Option<Token>,
        answer: &Answer<D>,
    ) -> Wording {
        let customer = self.customer(request.customer);
        let about = owed.map(|token| self.of_stream(token.stream));
        let text = match answer {
            Answer::Command(command, outcome) => {
                return self.command_outcome(customer, command, outcome);
            }
            Answer::Shown(query, row) => {
                let query = self.vocabulary.term(Term::Query(query));
                match row {
                    Some(row) => format!("sees {query}: {}", self.vocabulary.term(Term::Row(row))),
                    None => format!("sees {query}: nothing"),
                }
            }
            Answer::NotYet(query) => {
                let query = self.vocabulary.term(Term::Query(query));
                let owed = owed.map_or_else(String::new, |token| {
                    format!(", {} is missing", self.token(token))
                });
                format!("not yet: {query}{owed}")
            }
            Answer::Erased => "erasure confirmed".to_owned(),
            Answer::Silence => "gets no answer and stops waiting".to_owned(),
        };
        customer.says(text).about(about)
    }

    pub(super) fn erase_asked(&self, request: RequestId, resend: bool) -> Wording {
        let again = if resend { " again" } else { "" };
        self.customer(request.customer).says(format!("asks{again} for erasure"))
    }
}
