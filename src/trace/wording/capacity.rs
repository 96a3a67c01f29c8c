//! Workers that are busy, requests that are turned away, and circuit breakers.

use super::{Place, Wording};
use crate::kernel::Span;
use crate::model::{BreakerState, Domain, Request, RequestId, ServiceId, Services, Term, counted};

impl<D: Domain> Place<'_, D> {
    pub(super) fn queued(&self, behind: u32) -> Wording {
        let behind = match behind {
            0 => String::new(),
            others => format!(", behind {}", counted(others.into(), "other")),
        };
        self.here(format!("all workers are busy: a message waits{behind}"))
    }

    pub(super) fn dequeued(&self, waited: Span) -> Wording {
        self.here(format!("a worker takes a message that has waited for {waited}"))
    }

    pub(super) fn shed(&self, request: RequestId, retry_after: Span) -> Wording {
        let customer = self.vocabulary.customer(request.customer);
        let nth = request.nth;
        self.here(format!(
            "has no room for request {nth} of {customer}: to be sent again after {retry_after}"
        ))
        .about([self.of_customer(request.customer)])
    }

    pub(super) fn throttled(&self, service: ServiceId, request: &Request<D>) -> Wording {
        let what = self.vocabulary.term(Term::Request(service, request));
        self.service(service)
            .says(format!("turns away, has too many requests: {what}"))
            .about(D::Services::about(request).map(|stream| self.of_stream(stream)))
    }

    pub(super) fn breaker(&self, service: ServiceId, state: BreakerState) -> Wording {
        let name = self.vocabulary.service(service);
        let text = match state {
            BreakerState::Closed => format!("circuit breaker closed: {name} is called again"),
            BreakerState::Open => format!("circuit breaker open: {name} is not called"),
            BreakerState::HalfOpen => format!("circuit breaker half open: one call probes {name}"),
        };
        self.here(text).about([self.of_service(service)])
    }
}
