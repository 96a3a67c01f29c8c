//! What sagas send and receive.

use super::{Narrator, Wording, once_more};
use crate::model::{Domain, Reply, Request, ServiceId, StreamId, Term};

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn saga_commanded(
        &self,
        saga: StreamId,
        command: &D::Command,
        again: bool,
    ) -> Wording {
        let text = format!("{} {}", once_more(again, "sends"), self.command(command));
        self.saga(saga).says(text).about(self.of_command(command))
    }

    pub(super) fn called(
        &self,
        saga: StreamId,
        service: ServiceId,
        request: &Request<D>,
        again: bool,
    ) -> Wording {
        let again = if again { " again" } else { "" };
        let words = self.vocabulary.term(Term::Request(service, request));
        let name = self.vocabulary.service(service);
        self.saga(saga)
            .says(format!("asks {name}{again}: {words}"))
            .about([self.of_service(service)])
            .about(self.of_request(request))
    }

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

    pub(super) fn gave_up(
        &self,
        saga: StreamId,
        service: ServiceId,
        request: &Request<D>,
    ) -> Wording {
        let words = self.vocabulary.term(Term::Request(service, request));
        let name = self.vocabulary.service(service);
        self.saga(saga)
            .says(format!("stops waiting for {name}, outcome unknown: {words}"))
            .about([self.of_service(service)])
            .about(self.of_request(request))
    }
}
