//! Violations that have one cause, as one finding.
//!
//! A violation while the run goes on halts it, so whatever is found then is found in one occurrence: the
//! first property that it violates is the finding, the others are its consequences. At rest everything is
//! judged at once, and one cause shows in many places: an event that was lost is missing in a view, the
//! checkpoint of the view is behind, and the saga that waits for the event never ends.

use super::convergence::PROJECTION_CONVERGENCE;
use super::drains::DRAINS;
use super::past::SHOWN_IS_FOLD;
use super::rebuilds::REBUILD_EQUALS_LIVE;
use super::sagas::SAGA_TERMINATES;
use super::timers::TIMER_HONEST;
use super::{Checker, General, Property, Violation};
use crate::check::checkpoints::NO_LOST_EVENT;
use crate::model::Domain;

/// Violations with one cause.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// The violations that name the cause, all of one property.
    pub violations: Vec<&'a Violation>,
    /// The violations that follow from it, by property.
    pub also: Vec<Vec<&'a Violation>>,
}

/// Puts violations of one cause together. `at_rest` says that they were found when the run had come to
/// rest; `kind_of_loss` tells apart the ways in which events are lost; `related` says whether two
/// violations at rest may be about the same case.
pub fn folded<'a, D: Domain, K: PartialEq>(
    violations: &'a [Violation],
    at_rest: bool,
    kind_of_loss: impl Fn(&Violation) -> Option<K>,
    related: impl Fn(&[&Violation], &[&Violation]) -> bool,
) -> Vec<Finding<'a>> {
    let mut groups: Vec<(Option<K>, Vec<&Violation>)> = Vec::new();
    for violation in violations {
        let kind = kind_of_loss(violation);
        let same = |(other, group): &&mut (Option<K>, Vec<&Violation>)| {
            *other == kind && group[0].property == violation.property
        };
        match groups.iter_mut().find(same) {
            Some((_, group)) => group.push(violation),
            None => groups.push((kind, vec![violation])),
        }
    }
    let groups: Vec<_> = groups.into_iter().map(|(_, group)| group).collect();
    let explains = |cause: usize, effect: usize| match at_rest {
        false => cause == 0 && effect > 0,
        true => {
            let (cause, effect) = (&groups[cause], &groups[effect]);
            explains::<D>(cause[0], effect[0])
                && (is_of_the_whole(effect[0]) || related(cause, effect))
        }
    };
    // What explains others can be explained itself; none explains itself, as the table has no circle.
    let cause = |effect: usize| (0..groups.len()).find(|&cause| explains(cause, effect));
    let root = |effect| std::iter::successors(Some(effect), |&at| cause(at)).last();
    let roots: Vec<usize> = (0..groups.len()).filter_map(root).collect();
    let finding = |(index, group): (usize, &Vec<&'a Violation>)| {
        let follows = |(other, _): &(usize, _)| roots[*other] == index && *other != index;
        let also = groups.iter().enumerate().filter(follows).map(|(_, group)| group.clone());
        (roots[index] == index).then(|| Finding { violations: group.clone(), also: also.collect() })
    };
    groups.iter().enumerate().filter_map(finding).collect()
}

/// Whether a violation at rest can be the cause of another one.
fn explains<D: Domain>(cause: &Violation, effect: &Violation) -> bool {
    let is = |violation: &Violation, property: &Property| violation.property == property;
    if is(effect, &NO_LOST_EVENT) {
        // What is left in queues and buffers is behind an event that is lost.
        return is(cause, &NO_LOST_EVENT) && cause.lost.is_some() && effect.lost.is_none();
    }
    let causes: &[&Property] = match effect.property {
        property if *property == SAGA_TERMINATES => &[&NO_LOST_EVENT],
        property if *property == PROJECTION_CONVERGENCE => &[&NO_LOST_EVENT],
        property if *property == REBUILD_EQUALS_LIVE => &[&NO_LOST_EVENT],
        property if *property == SHOWN_IS_FOLD => &[&NO_LOST_EVENT, &PROJECTION_CONVERGENCE],
        property if *property == TIMER_HONEST => &[&NO_LOST_EVENT, &SAGA_TERMINATES],
        property if *property == DRAINS => &[&NO_LOST_EVENT, &SAGA_TERMINATES],
        property if General::<D>::PROPERTIES.contains(property) => &[],
        // What a domain expects at rest presupposes that everything has arrived and has ended.
        _ => &[&NO_LOST_EVENT, &SAGA_TERMINATES, &PROJECTION_CONVERGENCE, &SHOWN_IS_FOLD],
    };
    causes.iter().any(|property| is(cause, property))
}

/// Whether a violation at rest is about the platform as a whole instead of a case of the domain.
fn is_of_the_whole(violation: &Violation) -> bool {
    [&NO_LOST_EVENT, &PROJECTION_CONVERGENCE, &REBUILD_EQUALS_LIVE, &DRAINS]
        .contains(&violation.property)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::Counters;
    use crate::check::{Lost, When};
    use crate::kernel::{Instant, Step};
    use crate::model::Position;

    const OWN: Property = Property { id: "own", when: When::AlwaysAndAtRest, says: "of a domain" };

    fn violation(property: &'static Property, lost: Option<u64>) -> Violation {
        let lost = lost.map(|at| Lost { position: Position(at), queue: Some(0) });
        let (at, step, says) = (Instant::ZERO, Step(9), String::new());
        Violation { property, at, step, says, because: Vec::new(), lost }
    }

    /// Of each finding the property, how often it is violated, and what follows.
    fn told(
        violations: &[Violation],
        at_rest: bool,
        related: bool,
    ) -> Vec<(&'static str, usize, Vec<&'static str>)> {
        let kind = |violation: &Violation| violation.lost.map(|lost| lost.position.0 > 99);
        let findings = folded::<Counters, _>(violations, at_rest, kind, |_, _| related);
        let of = |finding: &Finding<'_>| {
            let also = finding.also.iter().map(|group| group[0].property.id).collect();
            (finding.violations[0].property.id, finding.violations.len(), also)
        };
        findings.iter().map(of).collect()
    }

    #[test]
    fn what_follows_from_a_lost_event_is_told_with_it() {
        let violations = [
            violation(&PROJECTION_CONVERGENCE, None),
            violation(&NO_LOST_EVENT, Some(3)),
            violation(&NO_LOST_EVENT, Some(4)),
            violation(&NO_LOST_EVENT, None),
            violation(&TIMER_HONEST, None),
            violation(&DRAINS, None),
            violation(&OWN, None),
        ];
        let also = ["projection-convergence", "no-lost-event", "timer-honest", "drains", "own"];
        assert_eq!(told(&violations, true, true), [("no-lost-event", 2, also.to_vec())]);
    }

    #[test]
    fn events_that_were_lost_in_different_ways_are_different_findings() {
        let violations = [violation(&NO_LOST_EVENT, Some(3)), violation(&NO_LOST_EVENT, Some(100))];
        let alone = ("no-lost-event", 1, vec![]);
        assert_eq!(told(&violations, true, true), [alone.clone(), alone]);
    }

    #[test]
    fn a_violation_about_another_case_is_a_finding_of_its_own() {
        let violations = [violation(&NO_LOST_EVENT, Some(3)), violation(&OWN, None)];
        assert_eq!(
            told(&violations, true, false),
            [("no-lost-event", 1, vec![]), ("own", 1, vec![])]
        );
    }

    #[test]
    fn a_consequence_of_a_consequence_is_told_with_the_first_cause() {
        let violations = [
            violation(&OWN, None),
            violation(&SAGA_TERMINATES, None),
            violation(&TIMER_HONEST, None),
        ];
        assert_eq!(
            told(&violations, true, true),
            [("saga-terminates", 1, vec!["own", "timer-honest"])]
        );
    }

    #[test]
    fn what_is_violated_in_one_occurrence_follows_from_the_first() {
        let violations = [violation(&TIMER_HONEST, None), violation(&OWN, None)];
        assert_eq!(told(&violations, false, false), [("timer-honest", 1, vec!["own"])]);
        let apart = told(&violations, true, true);
        assert_eq!(apart.len(), 2, "at rest neither explains the other");
    }
}
