//! `audit-complete`: of every change it is on record who made it, when, on whose behalf, and because of which
//! request; and the audit trail shows that.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::{SortedMap, Table};
use crate::domains::delivery::event::Event;
use crate::domains::delivery::ids::{ORDER, OrderId};
use crate::domains::delivery::setup::Delivery;
use crate::domains::delivery::views::{AuditEntry, AuditTrail};
use crate::domains::delivery::{Query, Row};
use crate::kernel::Step;
use crate::model::{
    Answer, CommandId, EventId, Fact, Metadata, Principal, Record, RequestId, Stored, Vocabulary,
};

/// Nobody changes anything unseen.
pub static AUDIT_COMPLETE: Property = Property {
    id: "audit-complete",
    when: When::Always,
    says: "every event names who made it and the request of a customer that led to it, which is that of the \
           event that caused it; an audit trail lists all changes up to its version, each as it was recorded",
};

/// Remembers every event with its originator.
#[derive(Clone, Debug, Default)]
pub(super) struct Audit {
    events: Table<EventId, (RequestId, u32, Step)>,
    /// What was recorded of each order, in order of the versions.
    trails: SortedMap<OrderId, Vec<AuditEntry>>,
}

impl Checker<Delivery> for Audit {
    const PROPERTIES: &'static [Property] = &[AUDIT_COMPLETE];
    const FACTS: FactKinds = kinds!(Stored Told);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        match &record.fact {
            Fact::Stored(stored) => self.stored(stored, checks),
            Fact::Told {
                answer: Answer::Shown(Query::Audit(_), Some(Row::Audit(trail))), ..
            } => self.shown(trail, checks),
            _ => {}
        }
    }
}

impl Audit {
    fn stored(&mut self, stored: &Stored<Event>, checks: &mut Checks<'_, Delivery>) {
        let (metadata, step, number) = (&stored.metadata, checks.step(), stored.stream.number);
        let (request, because) = self.request_of(metadata, number);
        let because = [because.unwrap_or(step), step];
        checks.that(
            &AUDIT_COMPLETE,
            request.is_ok(),
            because,
            |words: Vocabulary<'_, Delivery>| {
                let (stream, why) =
                    (words.stream(stored.stream), request.err().unwrap_or_default());
                format!("{stream} {} {why}", stored.version)
            },
        );
        let Ok(request) = request else { return };
        self.events.insert(metadata.id, (request, number, step));
        if let (ORDER, Event::Order(event)) = (stored.stream.category, &stored.event) {
            let (version, what, who) = (stored.version, event.name(), metadata.actor);
            let (request, at) = (Some(request), metadata.recorded_at);
            let entry = AuditEntry { version, what, who, request, at };
            self.trails.entry(OrderId(number)).or_default().push(entry);
        }
    }

    /// The request that led to an event, or what is wrong, and the occurrence of the event that caused it.
    fn request_of(
        &self,
        metadata: &Metadata,
        number: u32,
    ) -> (Result<RequestId, &'static str>, Option<Step>) {
        let CommandId::Request(request) = metadata.correlation else {
            return (Err("does not name the request that led to it"), None);
        };
        let is_own = metadata.id.command == metadata.correlation;
        match (metadata.actor, metadata.causation) {
            (Principal::Customer(customer), None) => {
                let holds = is_own && request.customer == customer;
                (if holds { Ok(request) } else { Err("names the request of somebody else") }, None)
            }
            (Principal::Customer(_), Some(_)) => {
                (Err("was requested by a customer, but is said to be caused by an event"), None)
            }
            (Principal::Saga, None) => (Err("was made by the service without a cause"), None),
            (Principal::Saga, Some(cause)) => match self.events.get(&cause).copied() {
                None => (Err("is caused by an event that does not exist"), None),
                Some((known, of, step)) if (known, of) == (request, number) => {
                    (Ok(request), Some(step))
                }
                Some((.., step)) => {
                    (Err("does not name the request of the event that caused it"), Some(step))
                }
            },
        }
    }

    fn shown(&self, trail: &AuditTrail, checks: &mut Checks<'_, Delivery>) {
        let none = Vec::new();
        let recorded = self.trails.get(&trail.order).unwrap_or(&none);
        let shown = trail.entries();
        let wrong = shown.iter().zip(recorded).find(|(shown, recorded)| shown != recorded);
        let holds = wrong.is_none() && shown.len() <= recorded.len();
        checks.that(&AUDIT_COMPLETE, holds, [checks.step()], |words| match wrong {
            Some((shown, recorded)) => {
                let [shown, recorded] = [shown, recorded].map(|entry| said(words, entry));
                format!("the audit trail of {} says {shown}, but it was {recorded}", trail.order)
            }
            None => format!("the audit trail of {} lists changes that nobody made", trail.order),
        });
    }
}

/// An entry in words.
fn said(words: Vocabulary<'_, Delivery>, entry: &AuditEntry) -> String {
    let AuditEntry { version, what, who, request, at } = entry;
    let name = |customer| words.names.customer(customer);
    let who = match who {
        Principal::Customer(customer) => name(*customer).to_string(),
        Principal::Saga => "the service".to_owned(),
    };
    match request {
        Some(RequestId { customer, nth }) => {
            format!("{version} {what} by {who} for request {nth} of {} at {at}", name(*customer))
        }
        None => format!("{version} {what} by {who} for no request at {at}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE, request};
    use crate::domains::delivery::event::Reason;
    use crate::domains::delivery::order::Status;
    use crate::domains::delivery::saga_event::SagaEvent;

    const NOTHING: [&str; 0] = [];
    const UNSEEN: [&str; 1] = ["audit-complete"];

    #[test]
    fn a_saga_that_acts_on_behalf_of_the_request_that_began_it_is_accepted() {
        let mut story = History::at(Status::Created);
        story.saga(SagaEvent::SagaCompensated, request(1));
        assert_eq!(story.violated(), NOTHING);
    }

    #[test]
    fn another_request_than_that_of_the_cause_or_none_is_rejected() {
        let mut story = History::at(Status::Created);
        story.saga(SagaEvent::SagaCompensated, request(99));
        assert_eq!(story.violated(), UNSEEN);
        let mut story = History::at(Status::Created);
        story.forget_cause();
        story.saga(SagaEvent::SagaCompensated, request(1));
        assert_eq!(story.violated(), UNSEEN);
    }

    #[test]
    fn a_trail_that_lists_every_change_is_accepted() {
        let mut story = History::at(Status::Confirmed);
        story.shows_trail(|_| {});
        story.cancelled(Status::Confirmed, Reason::ByCustomer, PRICE);
        story.shows_trail(|_| {});
        assert_eq!(story.violated(), NOTHING);
    }

    #[test]
    fn a_trail_that_leaves_out_a_change_or_its_origin_is_rejected() {
        let mut story = History::at(Status::Confirmed);
        story.shows_trail(|entries| {
            entries.remove(0);
        });
        assert_eq!(story.violated(), UNSEEN);
        let mut story = History::at(Status::Confirmed);
        story.shows_trail(|entries| entries[1].request = None);
        assert_eq!(story.violated(), UNSEEN);
    }
}
