//! Services outside of the platform.

use super::{Entity, Place, Wording};
use crate::model::{Domain, Entry, Reply, Request, ServiceId, Services, Term};

impl<D: Domain> Place<'_, D> {
    pub(super) fn opened(&self, service: ServiceId) -> Wording {
        let about = &D::Services::services(self.vocabulary.domain)[usize::from(service.0)].about;
        self.service(service).says(format!("is available: {about}"))
    }

    pub(super) fn served(&self, by: ServiceId, request: &Request<D>, reply: &Reply<D>) -> Wording {
        let words = self.vocabulary.term(Term::Request(by, request));
        let reply = self.vocabulary.term(Term::Reply(by, reply));
        self.service(by).says(format!("{words} → {reply}")).about(self.of_request(request))
    }

    pub(super) fn entered(&self, service: ServiceId, entry: &Entry<D>) -> Wording {
        let words = self.vocabulary.term(Term::Entry(service, entry));
        let about = D::Services::entry_about(entry).map(|stream| self.of_stream(stream));
        self.service(service).says(format!("ledger: {words}")).about(about)
    }

    /// The stream that a request to a service is about.
    pub(super) fn of_request(&self, request: &Request<D>) -> Option<Entity> {
        D::Services::about(request).map(|stream| self.of_stream(stream))
    }
}
