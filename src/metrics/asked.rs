//! Counts that an expectation asks for and no general counter has: of one stream, up to a time, within a
//! time, of one operation.

use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Domain, Fact, FactKind, Record, ServiceId, Services, StreamId};

/// One such count. `O` names answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<O> {
    /// What is counted.
    pub what: What<O>,
    /// Only what is about one of these streams; about anything if there is none.
    pub about: Vec<StreamId>,
    /// Only what happens by this time.
    pub by: Instant,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum What<O> {
    /// Stored events of a type, by its number in [`EVENTS`](Domain::EVENTS); of any type if `None`.
    Events(Option<usize>),
    /// Facts of a kind.
    Facts(FactKind),
    /// Answers to a customer, or to all, that come within this time of the request.
    Replies(Option<CustomerId>, O, Span),
    /// Requests that a service handles, for an operation.
    Served(ServiceId, Option<&'static str>),
    /// Money that a service took, less what it gave back, in minor units.
    Paid(ServiceId),
}

impl<O> Asked<O> {
    /// What a record adds to the count. Answers are not among records here; see [`replies`](Self::replies).
    pub(super) fn records<D: Domain>(&self, domain: &D, record: &Record<D>) -> i64 {
        if record.at > self.by {
            return 0;
        }
        match (&self.what, &record.fact) {
            (What::Events(event), Fact::Stored(stored)) => {
                let is_meant =
                    event.is_none_or(|n| D::EVENTS[n] == domain.event_name(&stored.event));
                i64::from(is_meant && self.is_about(Some(stored.stream)))
            }
            (What::Facts(kind), fact) => i64::from(fact.kind() == *kind),
            (What::Served(wanted, operation), Fact::Served { service, request, .. }) => {
                let asks = D::Services::operation(request).name;
                let is_meant = wanted == service && operation.is_none_or(|wanted| wanted == asks);
                i64::from(is_meant && self.is_about(D::Services::about(request)))
            }
            (What::Paid(wanted), Fact::Entered { service, entry }) if wanted == service => {
                let (stream, amount) = D::Services::paid(entry);
                if self.is_about(stream) { amount } else { 0 }
            }
            _ => 0,
        }
    }

    fn is_about(&self, stream: Option<StreamId>) -> bool {
        self.about.is_empty() || stream.is_some_and(|stream| self.about.contains(&stream))
    }
}

impl<O: Copy + Ord> Asked<O> {
    /// What an answer to a customer adds to the count, `waited` after the request.
    pub(super) fn replies(&self, to: CustomerId, outcome: O, at: Instant, waited: Span) -> i64 {
        let What::Replies(wanted, of, within) = &self.what else { return 0 };
        let is_meant = wanted.is_none_or(|wanted| wanted == to) && *of == outcome;
        i64::from(is_meant && at <= self.by && waited <= *within)
    }
}
