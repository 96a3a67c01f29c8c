//! Faults as steps of a plan.

use super::{Action, Moment, Size};
use crate::capsule::Occurrence as Message;
use crate::export::Course;
use crate::kernel::{
    CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, ChoiceKey, DELAY, DROP, DUPLICATE, Fault,
    LINK_JITTER, OccurrenceKey, Scope, Span, Unit,
};
use crate::session::kind_name;

/// The timer of a fault that is tied to no message.
const OPPORTUNITY: &str = "Opportunity";

/// A fault that fires.
pub(super) fn wrong(course: &Course<'_>, nth: usize, fault: &Fault, value: u64) -> Action {
    let key = course.decisions[nth].key;
    let names = &course.names;
    let by_ns = Span::from_micros(value).as_nanos();
    if let Some(moment) = moment(fault) {
        let (node, during) = (names.node(key.actor.to), during(course, key));
        return Action::Crash { node, moment, down_ns: by_ns, during };
    }
    let message = || names.occurrence(message_of(course, nth));
    if *fault == DROP {
        return Action::Drop { message: message() };
    }
    if *fault == DUPLICATE {
        return Action::Duplicate { message: message(), by_ns };
    }
    if *fault == DELAY {
        return Action::Delay { message: message(), by_ns, is_fault: true };
    }
    let is_sent = matches!(fault.scope, Scope::Link | Scope::Pair);
    Action::Fault {
        fault: fault.name,
        family: fault.family,
        says: fault.says,
        node: names.node(if is_sent { key.actor.from } else { key.actor.to }),
        peer: is_sent.then(|| names.node(key.actor.to)),
        during: if is_sent { Some(message()) } else { during(course, key) },
        size: match fault.unit {
            Unit::Once => None,
            Unit::Times => Some(Size::Times(value)),
            Unit::Span | Unit::Lasting => Some(Size::Nanoseconds(by_ns)),
        },
    }
}

/// When a fault makes its node crash; `None` for other faults.
fn moment(fault: &Fault) -> Option<Moment> {
    let crashes = [
        (CRASH_BEFORE, Moment::Before),
        (CRASH_BETWEEN, Moment::Between),
        (CRASH_AFTER, Moment::After),
    ];
    crashes.into_iter().find_map(|(crash, moment)| (crash == *fault).then_some(moment))
}

/// The message or timer in whose handling something goes wrong; `None` if it does not depend on any. The number
/// counts those at which it could have gone wrong.
fn during(course: &Course<'_>, key: ChoiceKey) -> Option<Message> {
    let ChoiceKey { actor, entity, nth, .. } = key;
    let is_tied = !["", OPPORTUNITY].contains(&kind_name(actor.kind));
    is_tied.then(|| course.names.occurrence(OccurrenceKey { actor, entity, nth }))
}

/// The message that a fault of a link is drawn for: the last one of its kind that drew a delay.
fn message_of(course: &Course<'_>, nth: usize) -> OccurrenceKey {
    let ChoiceKey { actor, entity, .. } = course.decisions[nth].key;
    let before = course.decisions[..nth].iter().rev();
    let mut sent = before.filter(|before| before.key.site == LINK_JITTER);
    let last = sent.find(|sent| (sent.key.actor, sent.key.entity) == (actor, entity));
    let nth = last.map_or(course.decisions[nth].key.nth, |sent| sent.key.nth);
    OccurrenceKey { actor, entity, nth }
}
