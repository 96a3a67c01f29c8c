//! Violations as a reader needs them: one entry for each cause, with the lines that led to it.

use super::journey::{journey, last_seen};
use super::roles::roles;
use super::{Also, Violated, Why};
use crate::check::{Finding, Violation, When, folded};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Record, Sagas as _, StreamId};
use crate::trace::{Detail, Line, Narrator, Story, Trace};

/// How many violations of one cause are told besides the first.
const LIKE_IT_MAX: usize = 2;

/// The violations of a run, one entry for each cause. `at_rest` says that the run had come to rest when
/// they were found. A trace without records explains nothing, and the violations are folded without it.
pub(super) fn explained<D: Domain>(
    narrator: Narrator<'_, D>,
    (violations, at_rest): (&[Violation], bool),
    trace: &Trace<D>,
) -> Vec<Violated> {
    let seen = last_seen(trace, violations.iter().filter_map(|violation| violation.lost));
    let station = |violation: &Violation| {
        let lost = violation.lost?;
        Some((seen.get(&lost)?.station, lost.queue))
    };
    let related = |one: &[&Violation], other: &[&Violation]| {
        let (one, other) = (cases(trace, one), cases(trace, other));
        one.is_empty() || other.is_empty() || one.iter().any(|case| other.contains(case))
    };
    let findings = folded::<D, _>(violations, at_rest, station, related);
    let tell = |detail| Story::tell(narrator, trace, detail);
    let (story, everything) = (tell(Detail::Story), tell(Detail::Everything));
    let explain = |Finding { violations, also }: &Finding<'_>| {
        let first = violations[0];
        let lines = match first.lost {
            Some(lost) => {
                let (records, causes) = (journey(trace, lost), trace.causes.clone());
                let way = Story::tell(narrator, &Trace { records, causes }, Detail::Everything);
                way.lines().to_vec()
            }
            None => lines_that_led_to(first, &story, &everything),
        };
        let others = violations.iter().skip(1);
        Violated {
            property: first.property.id,
            at: first.at,
            step: first.step,
            says: first.says.clone(),
            roles: roles(&first.says, narrator.vocabulary, (narrator.nodes, narrator.roles)),
            why: lines.into_iter().map(why).collect(),
            last_seen: first.lost.and_then(|lost| seen.get(&lost)).map(ToString::to_string),
            others: others.len() as u64,
            like_it: others.take(LIKE_IT_MAX).map(|other| other.says.clone()).collect(),
            also: also.iter().map(|group| consequence(group)).collect(),
        }
    };
    findings.iter().map(explain).collect()
}

fn consequence(group: &[&Violation]) -> Also {
    let first = group[0];
    Also { property: first.property.id, count: group.len() as u64, says: first.says.clone() }
}

/// The lines of the steps that the checker named. If it named none, the lines of the steps that led to the
/// violation; a violation at rest is found in the last step, which explains nothing.
fn lines_that_led_to(violation: &Violation, story: &Story, everything: &Story) -> Vec<Line> {
    let mut steps = violation.because.clone();
    match violation.property.when {
        When::Always | When::AlwaysAndAtRest if steps.is_empty() => {
            steps = story.path_to(violation.step);
        }
        When::Always | When::AlwaysAndAtRest | When::AtRest => {}
    }
    steps.sort();
    steps.dedup();
    let lines_of = |step: &Step| match story.at(*step) {
        [] => everything.at(*step).to_vec(),
        lines => lines.to_vec(),
    };
    steps.iter().flat_map(lines_of).collect()
}

fn why(line: Line) -> Why {
    let Line { step, at, speaker, text, .. } = line;
    Why { step, at, who: speaker.name, what: text }
}

/// The streams with sagas that the facts behind violations are about. What several cases share, such as
/// the stock that two orders take from, does not relate them.
fn cases<D: Domain>(trace: &Trace<D>, violations: &[&Violation]) -> Vec<StreamId> {
    let mut cases = Vec::new();
    for violation in violations {
        let records = violation.because.iter().flat_map(|step| at(trace, *step));
        let only = |event: &Record<D>| match (&event.fact, violation.lost) {
            (Fact::Stored(event), Some(lost)) => event.position == lost.position,
            (_, lost) => lost.is_none(),
        };
        cases.extend(records.filter(|record| only(record)).filter_map(case_of));
    }
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// The stream with a saga that a record is about.
fn case_of<D: Domain>(record: &Record<D>) -> Option<StreamId> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others name no case")]
    let stream = match &record.fact {
        Fact::Stored(event) => event.stream,
        Fact::Replied { saga, .. }
        | Fact::TimerSet { saga, .. }
        | Fact::TimerFired { saga, .. } => *saga,
        Fact::SagaCommanded { effect, .. }
        | Fact::Called { effect, .. }
        | Fact::GaveUp { effect, .. }
        | Fact::NotCalled { effect, .. }
        | Fact::SagaTold { effect, .. } => effect.saga,
        _ => return None,
    };
    D::Sagas::subject_of(stream).or_else(|| D::Sagas::saga_of(stream).map(|_| stream))
}

/// The records of a step.
fn at<D: Domain>(trace: &Trace<D>, step: Step) -> &[Record<D>] {
    let from = trace.records.partition_point(|record| record.step < step);
    let upto = trace.records.partition_point(|record| record.step <= step);
    &trace.records[from..upto]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::General;
    use crate::model::{
        CommandId, CustomerId, Names, Position, RequestId, Version, ViewId, Vocabulary,
    };
    use crate::platform::Role;
    use crate::testing::{Add, Counting, Event, History, Row, counter, plan};

    const EVENTS: u32 = 20;

    /// Twenty additions to one counter, whose saga has ended; every view has applied them.
    fn whole() -> History<Counting> {
        let mut history = History::new(plan().domain.clone());
        let stream = counter(0);
        for nth in 1..=EVENTS {
            let command = CommandId::Request(RequestId { customer: CustomerId(0), nth });
            let body = Some(Add { counter: 0, amount: 1 });
            let begun = history.begin_with(command, body, vec![(stream, Event::Added(1))]);
            history.finish(begun);
        }
        let saga = <Counting as Domain>::Sagas::saga_of(stream).expect("counters have sagas");
        for (after, event) in [Event::StampAsked, Event::Stamped].into_iter().enumerate() {
            let command = CommandId::Progress { saga, after: Version(after as u32) };
            let begun = history.begin_with(command, None, vec![(saga, event)]);
            history.finish(begun);
        }
        history.settle();
        history
    }

    /// The queue of a view returns one event, and the relay marks it as sent: the view holds back all that
    /// follow.
    fn with_a_loss(lost: u32) -> History<Counting> {
        let mut history = whole();
        let late = |fact: &Fact<Counting>| matches!(fact, Fact::Applied { event, .. } if event.version >= Version(lost));
        history.facts.retain(|(_, fact)| !late(fact));
        let version = Version(lost - 1);
        history.rows[0] = vec![Some(Arc::new(Row { total: version.0.into(), version }))];
        history.checkpoints[0] = version.0.into();
        let held_back = u64::from(EVENTS - lost);
        (history.queued[0], history.buffered[0]) = (held_back, held_back);
        for version in lost..=EVENTS {
            let event = Arc::clone(&history.log[version as usize - 1]);
            let (position, stream) = (event.position, event.stream);
            history.fact(Fact::Published { event: Arc::clone(&event), again: false });
            if version == lost {
                history.fact(Fact::Returned { queue: 0, position });
                history.fact(Fact::Routed { position, queues: 1 });
                continue;
            }
            history.fact(Fact::Routed { position, queues: 2 });
            history.fact(Fact::Delivered { queue: 0, event, redelivered: false });
            let (view, version) = (ViewId(0), Version(version));
            history.fact(Fact::Buffered { view, stream, version });
        }
        history.fact(Fact::Marked { upto: Position(EVENTS.into()) });
        history
    }

    fn told(history: &History<Counting>) -> Vec<Violated> {
        let findings = history.checked::<General<Counting>>();
        let names = Names { customers: vec!["ana".to_owned()] };
        let domain = plan().domain.clone();
        let vocabulary = Vocabulary { domain: &domain, names: &names };
        let nodes = ["store".to_owned()];
        let narrator = Narrator { vocabulary, nodes: &nodes, roles: &[Role::EventStore] };
        let trace = Trace { records: history.records(), ..Trace::default() };
        explained(narrator, (findings.violations(), true), &trace)
    }

    #[test]
    fn a_lost_event_is_told_once_with_its_journey_and_its_consequences() {
        assert_eq!(told(&whole()), []);
        let told = told(&with_a_loss(3));
        assert_eq!(told.len(), 1, "{told:?}");
        let Violated { property, says, last_seen, others, like_it, also, why, .. } = &told[0];
        assert_eq!(*property, "no-lost-event");
        assert_eq!(says, "k-0 v3 is stored at @3, but Totals never applied it");
        let seen = last_seen.as_deref().expect("a lost event was seen somewhere");
        assert!(seen.starts_with("returned by a queue that is not bound, at 0.000s"), "{seen}");
        assert_eq!((*others, like_it.len()), (17, LIKE_IT_MAX));
        let also: Vec<_> = also.iter().map(|also| (also.property, also.count)).collect();
        let left = ("no-lost-event", 2);
        let [convergence, rebuild] = ["projection-convergence", "rebuild-equals-live"];
        assert_eq!(also, [left, (convergence, 1), (rebuild, 1), ("drains", 2)]);
        let why: Vec<_> = why.iter().map(|line| line.what.as_str()).collect();
        assert_eq!(
            why,
            [
                "stores k-0 v2 → v3 @3: Added 1",
                "publishes Added k-0 v3",
                "returns @3: the queue of Totals is not bound",
                "confirms @3, routed to 1 queue",
                "marks rows up to @20 as sent",
            ]
        );
    }

    #[test]
    fn events_that_are_lost_at_another_station_are_told_by_themselves() {
        let mut history = with_a_loss(3);
        history.facts.retain(
            |(_, fact)| !matches!(fact, Fact::Acked { position, .. } if *position == Position(7)),
        );
        let told = told(&history);
        let seen: Vec<_> = told.iter().filter_map(|told| told.last_seen.as_deref()).collect();
        assert_eq!(seen.len(), 2, "{told:?}");
        assert!(seen[1].starts_with("in the queue, not delivered, at"), "{seen:?}");
        assert!(told[1].says.contains("the saga orchestrator never acknowledged it"));
    }
}
