//! Services outside of the platform.

use super::{Entity, Narrator, Wording};
use crate::model::{Domain, ServiceId, Term};

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn opened(&self, service: ServiceId) -> Wording {
        let about = &self.vocabulary.domain.services()[usize::from(service.0)].about;
        self.service(service).says(format!("is available: {about}"))
    }

    pub(super) fn served(
        &self,
        service: ServiceId,
        request: &D::Request,
        reply: &D::Reply,
    ) -> Wording {
        let request_words = self.vocabulary.term(Term::Request(service, request));
        let reply = self.vocabulary.term(Term::Reply(service, reply));
        self.service(service)
            .says(format!("{request_words} → {reply}"))
            .about(self.of_request(request))
    }

    pub(super) fn entered(&self, service: ServiceId, entry: &D::Entry) -> Wording {
        let entry = self.vocabulary.term(Term::Entry(service, entry));
        self.service(service).says(format!("ledger: {entry}"))
    }

    /// The stream that a request to a service is about.
    pub(super) fn of_request(&self, request: &D::Request) -> Option<Entity> {
        self.vocabulary.domain.about(request).map(|stream| self.of_stream(stream))
    }
}
