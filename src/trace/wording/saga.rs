//! What sagas send and receive.

use super::{Place, Wording};
use crate::model::{Domain, Reply, Request, ServiceId, StreamId, Term};

impl<D: Domain> Place<'_, D> {
    pub(super) fn replied(
        &self,
        saga: StreamId,
        service: ServiceId,
        reply: &Reply<D>,
        webhook: bool,
    ) -> Wording {
        let what = if webhook { "a webhook" } else { "a reply" };
        let reply = self.vocabulary.term(Term::Reply(service, reply));
        let name = self.vocabulary.service(service);
        self.saga(saga)
            .says(format!("receives {what} from {name}: {reply}"))
            .about([self.of_service(service)])
    }

    /// A fact about a request to a service.
    pub(super) fn on_request(
        &self,
        saga: StreamId,
        verb: &str,
        service: ServiceId,
        after: &str,
        request: &Request<D>,
    ) -> Wording {
        let words = self.vocabulary.term(Term::Request(service, request));
        let name = self.vocabulary.service(service);
        self.saga(saga)
            .says(format!("{verb} {name}{after}: {words}"))
            .about([self.of_service(service)])
            .about(self.of_request(request))
    }
}
