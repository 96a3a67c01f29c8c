//! `correlated`: what one request led to can be found by its name.

use crate::collections::SortedMap;
use std::sync::Arc;

use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::orders::setup::Orders;
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, EventId, Fact, FactKind, Names, Principal, Record, StreamId, Term,
};

/// Every event of a conversation carries its correlation id.
pub static CORRELATED: Property = Property {
    id: "correlated",
    when: When::Always,
    says: "every event carries the correlation id of the request that began its conversation: its own \
           request's if a customer asked for it, that of its cause if a saga did, and a saga's \
           conversation is one with its order",
};

/// Remembers to which conversation each event belongs.
#[derive(Clone, Debug)]
pub(super) struct Conversations {
    tally: Tally,
    events: SortedMap<EventId, Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    correlation: CommandId,
    order: u32,
    step: Step,
}

impl Checker<Orders> for Conversations {
    const PROPERTIES: &'static [Property] = &[CORRELATED];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn new(_: &Orders, _: &Arc<Names>) -> Self {
        Self { tally: Tally::new(&CORRELATED), events: SortedMap::new() }
    }

    fn observe(&mut self, domain: &Orders, record: &Record<Orders>, violations: &mut Violations) {
        let Fact::Stored(stored) = &record.fact else { return };
        let metadata = &stored.metadata;
        let (at, step) = (record.at, record.step);
        let name = || say(domain, stored.stream);
        let correlation = metadata.correlation;
        let order = stored.stream.number;
        self.events.insert(metadata.id, Known { correlation, order, step });
        match (metadata.causation, metadata.actor) {
            (None, Principal::Customer(customer)) => {
                let asked = |id: CommandId| match id {
                    CommandId::Request(request) => request.customer == customer,
                    CommandId::Effect(_) | CommandId::Progress { .. } => false,
                };
                let own = correlation == metadata.id.command && asked(correlation);
                self.tally.check(own, at, step, violations, || {
                    let says = format!(
                        "{} {} was asked for by a customer, but carries {correlation:?}",
                        name(),
                        stored.version
                    );
                    (says, vec![step])
                });
            }
            (Some(cause), _) => {
                let known = self.events.get(&cause).copied();
                let same = known
                    .is_some_and(|known| known.correlation == correlation && known.order == order);
                self.tally.check(same, at, step, violations, || {
                    let (version, name) = (stored.version, name());
                    let says = match known {
                        None => format!("{name} {version} is caused by an event that is not there"),
                        Some(known) => format!(
                            "{name} {version} carries {correlation:?}, but its cause {:?}",
                            known.correlation
                        ),
                    };
                    (says, known.map(|known| known.step).into_iter().collect())
                });
            }
            (None, Principal::Saga) => self.tally.check(false, at, step, violations, || {
                let says = format!("{} {} has no cause", name(), stored.version);
                (says, vec![step])
            }),
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

/// A stream's name.
fn say(domain: &Orders, stream: StreamId) -> String {
    struct Said<'a>(&'a Orders, StreamId);
    impl std::fmt::Display for Said<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.say(Term::Stream(self.1), &Names::default(), f)
        }
    }
    Said(domain, stream).to_string()
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
