//! All steps of a plan, in the order in which they take effect.

use std::collections::BTreeSet;

use super::deeds::Script;
use super::expected::expected;
use super::wrong::wrong;
use super::{Action, StepDoc};
use crate::capsule::{anchors, line_sites};
use crate::export::Course;
use crate::export::course::by_name;
use crate::kernel::{Decision, Hold, LINK_JITTER, OccurrenceKey, Span, Step};
use crate::session::site_name;

/// The message that brings a node back.
const RESTARTED: &str = "Restarted";

/// What was chosen, what followed from it, and what is to be checked at the end.
pub(super) fn steps(course: &Course<'_>) -> Vec<StepDoc> {
    let script = Script::of(course);
    let mut steps: Vec<(Step, Action)> = Vec::new();
    for (nth, decision) in course.decisions.iter().enumerate() {
        let step = course.step_of(nth);
        let action = chosen(course, &script, (step, nth), decision);
        steps.extend(action.map(|action| (step, action)));
    }
    let deeds = steps.iter().filter(|(_, action)| matches!(action, Action::Do(_)));
    let deeds: BTreeSet<Step> = deeds.map(|(step, _)| *step).collect();
    steps.extend(script.reactions(&deeds));
    steps.extend(restarts(course));
    steps.extend(holds(course));
    steps.sort_by_key(|(step, _)| *step);
    let doc = |(step, action): (Step, Action)| StepDoc {
        step: step.0,
        at_ns: course.time_of(step).as_nanos(),
        action,
    };
    let mut steps: Vec<StepDoc> = steps.into_iter().map(doc).collect();
    let (step, at_ns) = (course.outcome.occurrences, course.outcome.ended_at.as_nanos());
    let expected = expected(course).into_iter();
    steps.extend(expected.map(|expect| StepDoc { step, at_ns, action: Action::Expect(expect) }));
    steps
}

/// What a decision has happen; `None` for a benign one.
fn chosen(
    course: &Course<'_>,
    script: &Script<'_>,
    (step, nth): (Step, usize),
    &Decision { key, space, value }: &Decision,
) -> Option<Action> {
    let [line, arrival] = line_sites();
    if key.site == line {
        return (value == 0).then(|| Action::Do(script.line(step, key.entity.0)));
    }
    if key.site == arrival {
        return (value == 0).then(|| Action::Do(script.arrival(step, key.entity.0)));
    }
    if value == 0 {
        return None;
    }
    if key.site == LINK_JITTER {
        let name = OccurrenceKey { actor: key.actor, entity: key.entity, nth: key.nth };
        return course.arrives_as_work(&name).then(|| Action::Delay {
            message: course.names.occurrence(name),
            by_ns: Span::from_micros(value).as_nanos(),
            is_fault: false,
        });
    }
    if let Some(fault) = course.names.faults.iter().find(|fault| fault.site == key.site) {
        return Some(wrong(course, nth, fault, value));
    }
    Some(Action::Choose {
        choice: site_name(key.site),
        node: course.names.node(key.actor.to),
        about: course.names.about(key.entity),
        nth: key.nth,
        value: value.to_string(),
        of: space.max().to_string(),
    })
}

fn restarts<'a>(course: &'a Course<'a>) -> impl Iterator<Item = (Step, Action)> {
    let back = course.occurrences().filter(|occurrence| occurrence.message() == RESTARTED);
    back.map(|occurrence| (occurrence.step, Action::Restart { node: occurrence.node().to_owned() }))
}

/// Messages that waited, from when they were sent to when what they waited for had happened; if it never did, to
/// when they were delivered at last.
fn holds(course: &Course<'_>) -> Vec<(Step, Action)> {
    let deliveries = &course.outcome.deliveries;
    let happened = by_name(&anchors(deliveries));
    let mut steps = Vec::new();
    for Hold { delivery, until } in &course.outcome.request.holds {
        let Some(delivered) = course.delivered.get(delivery) else { continue };
        let message = || course.names.occurrence(*delivery);
        let until_step = happened.get(until).copied().unwrap_or(*delivered);
        let from = course.sent_in(*delivered).unwrap_or(until_step).min(until_step);
        let until = course.names.occurrence(*until);
        steps.push((from, Action::Hold { message: message(), until }));
        steps.push((until_step, Action::Release { message: message() }));
    }
    steps
}
