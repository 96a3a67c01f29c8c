//! `audit-complete`: of every change it is on record who made it, when, on whose behalf, and because of which
//! request; and the audit trail shows that.

use crate::check::{Archive, Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::delivery::event::Event;
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::setup::Delivery;
use crate::domains::delivery::views::{AuditEntry, AuditTrail};
use crate::domains::delivery::{Query, Row};
use crate::model::{
    Answer, CommandId, EventRef, Fact, Metadata, Principal, Record, RequestId, Stored, Vocabulary,
};

/// Nobody changes anything unseen.
pub static AUDIT_COMPLETE: Property = Property {
    id: "audit-complete",
    when: When::Always,
    says: "every event names who made it and the request of a customer that led to it, which is that of the \
           event that caused it; an audit trail lists all changes up to its version, each as it was recorded",
};

/// Looks up what it needs among the visible events.
#[derive(Clone, Debug, Default)]
pub(super) struct Audit;

impl Checker<Delivery> for Audit {
    const PROPERTIES: &'static [Property] = &[AUDIT_COMPLETE];
    const FACTS: FactKinds = kinds!(Stored Told);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        match &record.fact {
            Fact::Stored(stored) => names_its_origin(stored, checks),
            Fact::Told {
                answer: Answer::Shown(Query::Audit(_), Some(Row::Audit(trail))), ..
            } => lists_changes(trail, checks),
            _ => {}
        }
    }
}

fn names_its_origin(stored: &Stored<Event>, checks: &mut Checks<'_, Delivery>) {
    let (archive, step) = (checks.archive, checks.step());
    let cause = cause_of(stored, archive);
    let since = cause.as_ref().map_or(step, |cause| archive.step(cause.position));
    let wrong = wrong_origin(&stored.metadata, cause.as_deref());
    checks.that(
        &AUDIT_COMPLETE,
        wrong.is_none(),
        [since, step],
        |words: Vocabulary<'_, Delivery>| {
            let (stream, why) = (words.stream(stored.stream), wrong.unwrap_or_default());
            format!("{stream} {} {why}", stored.version)
        },
    );
}

/// The event that an event names as its cause, if that is one of the same order and before it.
fn cause_of<'a>(
    stored: &Stored<Event>,
    archive: &'a Archive<Delivery>,
) -> Option<EventRef<'a, Event>> {
    let order = OrderId(stored.stream.number);
    let cause = stored.metadata.causation.filter(|cause| *cause != stored.metadata.id)?;
    archive.find([order.saga(), order.stream()], cause)
}

/// What is wrong with the origin of an event, if anything is.
fn wrong_origin(metadata: &Metadata, cause: Option<&Stored<Event>>) -> Option<&'static str> {
    let Some(request) = request_of(metadata) else {
        return Some("does not name the request that led to it");
    };
    let is_own = metadata.id.command == metadata.correlation;
    match (metadata.actor, metadata.causation, cause) {
        (Principal::Customer(customer), None, _) => {
            let holds = is_own && request.customer == customer;
            (!holds).then_some("names the request of somebody else")
        }
        (Principal::Customer(_), Some(_), _) => {
            Some("was requested by a customer, but is said to be caused by an event")
        }
        (Principal::Saga, None, _) => Some("was made by the service without a cause"),
        (Principal::Saga, Some(_), None) => Some("is caused by no event of its order"),
        (Principal::Saga, Some(_), Some(cause)) => {
            let same = request_of(&cause.metadata) == Some(request);
            (!same).then_some("does not name the request of the event that caused it")
        }
    }
}

/// The request of a customer that led to an event.
const fn request_of(metadata: &Metadata) -> Option<RequestId> {
    match metadata.correlation {
        CommandId::Request(request) => Some(request),
        CommandId::Effect(_) | CommandId::Progress { .. } => None,
    }
}

fn lists_changes(trail: &AuditTrail, checks: &mut Checks<'_, Delivery>) {
    let recorded = checks.archive.events(trail.order.stream());
    let shown = trail.entries();
    let expected = recorded.iter().map(|event| recorded_as(&event));
    let wrong = shown.iter().zip(expected).find(|(shown, recorded)| *shown != recorded);
    let holds = wrong.is_none() && shown.len() <= recorded.len();
    checks.that(&AUDIT_COMPLETE, holds, [checks.step()], |words| match wrong {
        Some((shown, recorded)) => {
            let [shown, recorded] = [shown, &recorded].map(|entry| said(words, entry));
            format!("the audit trail of {} says {shown}, but it was {recorded}", trail.order)
        }
        None => format!("the audit trail of {} lists changes that nobody made", trail.order),
    });
}

/// What a trail must say of an event.
fn recorded_as(stored: &Stored<Event>) -> AuditEntry {
    let (metadata, what) = (&stored.metadata, stored.event.name());
    let (version, who, at) = (stored.version, metadata.actor, metadata.recorded_at);
    AuditEntry { version, what, who, request: request_of(metadata), at }
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
