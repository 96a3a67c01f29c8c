//! `correlated`: all events that a request led to have its correlation id.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::orders::ids::OrderId;
use crate::domains::orders::setup::Orders;
use crate::model::{CommandId, Fact, Principal, Record, Vocabulary};

/// Every event of a conversation has its correlation id.
pub static CORRELATED: Property = Property {
    id: "correlated",
    when: When::Always,
    says: "every event has the correlation id of the request that caused it, directly or through a \
           saga; a saga and its order share one id",
};

/// Looks up the cause of each event.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversations;

impl Checker<Orders> for Conversations {
    const PROPERTIES: &'static [Property] = &[CORRELATED];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Orders>, checks: &mut Checks<'_, Orders>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let (metadata, step, archive) = (&stored.metadata, record.step, checks.archive);
        let (correlation, order) = (metadata.correlation, OrderId(stored.stream.number));
        let name = |words: Vocabulary<'_, Orders>| {
            format!("{} {}", words.stream(stored.stream), stored.version)
        };
        match (metadata.causation, metadata.actor) {
            (None, Principal::Customer(customer)) => {
                let asked = |id: CommandId| match id {
                    CommandId::Request(request) => request.customer == customer,
                    CommandId::Effect(_) | CommandId::Progress { .. } => false,
                };
                let own = correlation == metadata.id.command && asked(correlation);
                checks.that(&CORRELATED, own, [step], |words| {
                    let name = name(words);
                    format!("{name} was requested by a customer, but carries {correlation:?}")
                });
            }
            (Some(cause), _) => {
                let cause = archive.find([order.saga(), order.stream()], cause);
                let other = cause.as_ref().map(|cause| cause.metadata.correlation);
                let since = cause.map(|cause| archive.step(cause.position));
                checks.that(&CORRELATED, other == Some(correlation), since, |words| {
                    let name = name(words);
                    match other {
                        None => format!("{name} is caused by no event of its order"),
                        Some(other) => {
                            format!("{name} carries {correlation:?}, but its cause {other:?}")
                        }
                    }
                });
            }
            (None, Principal::Saga) => checks
                .that(&CORRELATED, false, [step], |words| format!("{} has no cause", name(words))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, ID, request};
    use crate::domains::orders::saga_event::SagaEvent;

    #[test]
    fn a_saga_that_speaks_in_the_name_of_the_request_is_accepted() {
        let mut story = History::placed();
        story.saga(SagaEvent::PaymentOverdue, request(1));
        story.saga(SagaEvent::SagaCompensated, request(1));
        assert_eq!(story.violated(), Vec::<&str>::new());
    }

    #[test]
    fn another_name_than_that_of_the_cause_is_rejected() {
        let mut story = History::placed();
        story.saga(SagaEvent::PaymentOverdue, request(2));
        assert_eq!(story.violated(), ["correlated"]);
    }

    #[test]
    fn a_saga_that_came_out_of_nowhere_is_rejected() {
        let mut story = History::placed();
        story.forget_cause();
        story.saga(SagaEvent::PaymentOverdue, request(1));
        assert_eq!(story.violated(), ["correlated"]);
    }

    #[test]
    fn a_request_that_goes_by_the_name_of_another_is_rejected() {
        let mut story = History::placed();
        let event = SagaEvent::PaymentOverdue.into();
        story.stored(ID.stream(), event, request(2), (request(1), None));
        assert_eq!(story.violated(), ["correlated"]);
    }
}
