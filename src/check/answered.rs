//! `answered-in-time`: each request is answered before the client that sent it loses patience.
//!
//! The client itself says when its patience has ended, and which instances it had asked. That is a violation
//! if one of them was running, had a free worker and could be reached, all the time since it was asked. Whatever
//! else is down, it has to say something.

use crate::collections::SortedMap;

use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{
    CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Fired, Instant, NodeId, SLOW_PAIR, Scope, Span, Step,
    Unit,
};
use crate::model::{Domain, Fact, Record, RequestId};

pub(super) const ANSWERED_IN_TIME: Property = Property {
    id: "answered-in-time",
    when: When::Always,
    says: "each query, command and erasure gets an answer, which may be \"not yet\", \"try later\" or \
           \"unknown\", within the patience of the client, if that is at least a second for each instance \
           that it asked and 20 times as long as the slowest message or request, unless every instance that the client \
           asked was disturbed itself, had no free worker or could not be reached",
};

/// A client that waits less long than this for one instance is promised nothing: the platform needs time to
/// answer. Of several instances, each is told a part of the patience.
const PATIENCE_MIN: Span = Span::from_secs(1);

/// The least patience in messages. An instance says something after 4/5 of the patience that it is told. The
/// second instance is asked, and told, half of it: its answer has half of a fifth for two messages.
const MESSAGES_MIN: u64 = 20;

/// Follows the open requests, and the faults of nodes and links.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered {
    /// When a client's patience has begun.
    asked: SortedMap<RequestId, (Instant, Step)>,
    /// When the whole platform was stopped last, because the store went back; until a node restarts, it is down.
    stopped: Option<Instant>,
    /// The nodes that are down, each with the step in which it crashed.
    down: SortedMap<NodeId, Step>,
    /// Until when a node is disturbed.
    nodes: SortedMap<NodeId, Instant>,
    /// How many messages wait for a worker of a node, and when the last one that had to was taken by one.
    waiting: SortedMap<NodeId, (u32, Instant)>,
    /// Until when the way between two nodes is disturbed, the lower one first.
    ways: SortedMap<(NodeId, NodeId), Instant>,
}

impl<D: Domain> Checker<D> for Answered {
    const PROPERTIES: &'static [Property] = &[ANSWERED_IN_TIME];
    const FACTS: FactKinds = kinds!(Commanded Queried EraseAsked Told OutOfPatience Fault Restarted Queued Dequeued Rewound);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Commanded { request, .. }
        | Fact::Queried { request, .. }
        | Fact::EraseAsked { request, .. } = record.fact
        {
            self.asked.entry(request).or_insert((record.at, record.step));
        } else if let Fact::Told { request, .. } = record.fact {
            if self.asked.remove(&request).is_some() {
                checks.that(&ANSWERED_IN_TIME, true, [], |_| String::new());
            }
        } else if let Fact::OutOfPatience { request, ref asked, patience, slowest } = record.fact {
            let least = PATIENCE_MIN.times(asked.len() as u64);
            let promised = patience >= least && patience >= slowest.times(MESSAGES_MIN);
            let since = self.asked.remove(&request);
            if let Some(since) = since.filter(|_| promised) {
                self.unanswered(request, since, asked, record, checks);
            }
        } else if let Fact::Queued { .. } = record.fact {
            self.waiting.entry(record.node).or_default().0 += 1;
        } else if let Fact::Dequeued { .. } = record.fact {
            let (waiting, last) = self.waiting.entry(record.node).or_default();
            (*waiting, *last) = (waiting.saturating_sub(1), record.at);
        } else if let Fact::Fault(ref fired) = record.fact {
            self.fault(fired, record);
        } else if let Fact::Rewound { .. } = record.fact {
            self.stopped = Some(record.at);
        } else if let Fact::Restarted = record.fact {
            // A node can crash in the very step in which it restarts.
            if self.down.get(&record.node) != Some(&record.step) {
                self.down.remove(&record.node);
            }
            let until = self.nodes.entry(record.node).or_default();
            *until = record.at.max(*until);
        }
    }
}

impl Answered {
    fn fault<D: Domain>(&mut self, fired: &Fired, record: &Record<D>) {
        let Fired { fault, actor, size, .. } = *fired;
        let lasts = match fault.unit {
            Unit::Span | Unit::Lasting => Span::from_micros(size),
            Unit::Once | Unit::Times => Span::ZERO,
        };
        // The size of a slow way says how slow it is, and not for how long.
        let until = if fault == &SLOW_PAIR { Instant::MAX } else { record.at + lasts };
        let disturbed = match fault.scope {
            Scope::Link | Scope::Pair => self.ways.entry(way(actor.from, actor.to)).or_default(),
            Scope::AnyNode | Scope::Node(_) => {
                if [&CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER].contains(&fault) {
                    self.down.insert(record.node, record.step);
                    self.waiting.remove(&record.node);
                }
                self.nodes.entry(record.node).or_default()
            }
            Scope::Service => return,
        };
        *disturbed = until.max(*disturbed);
    }

    fn unanswered<D: Domain>(
        &self,
        request: RequestId,
        (since, step): (Instant, Step),
        asked: &[NodeId],
        record: &Record<D>,
        checks: &mut Checks<'_, D>,
    ) {
        let reaches = |disturbed: Option<&Instant>| disturbed.is_some_and(|until| *until >= since);
        let is_full = |instance| {
            let waiting = self.waiting.get(instance);
            waiting.is_some_and(|(waiting, last)| *waiting > 0 || *last >= since)
        };
        let excused = asked.iter().all(|instance| {
            self.stopped.is_some_and(|at| at >= since)
                || self.down.contains_key(instance)
                || is_full(instance)
                || reaches(self.nodes.get(instance))
                || reaches(self.ways.get(&way(record.node, *instance)))
        });
        checks.that(&ANSWERED_IN_TIME, excused, [step, record.step], |words| {
            let waited = record.at.since(since);
            let request = words.request(request);
            format!(
                "{request} was not answered within {waited}, although an instance that was asked could answer"
            )
        });
    }
}

/// Two nodes, in order.
fn way(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counters, History, asked};
    use crate::kernel::{Actor, CLOCK_AHEAD, DROP, Entity, Fault, Kind, PARTITION, PAUSE};
    use crate::model::{Answer, Owed};

    const CUSTOMERS: NodeId = NodeId(0);
    const FIRST: NodeId = NodeId(5);
    const SECOND: NodeId = NodeId(6);

    fn asks(history: &mut History) {
        let (request, query) = (asked(1), Asked::Total(0));
        history.fact(Fact::Queried { request, query, owed: Owed::Nothing, resend: false });
    }

    fn gets_no_answer(history: History, instances: &[NodeId]) -> History {
        gets_no_answer_for(history, 5_000, 50, instances)
    }

    /// After so many milliseconds, in a network whose slowest message takes so many.
    fn gets_no_answer_for(
        mut history: History,
        patience: u64,
        slowest: u64,
        instances: &[NodeId],
    ) -> History {
        history.wait(patience);
        history.fact(Fact::OutOfPatience {
            request: asked(1),
            asked: instances.to_vec(),
            patience: Span::from_millis(patience),
            slowest: Span::from_millis(slowest),
        });
        history
    }

    /// A fault between two nodes, or of one.
    fn fault(
        history: &mut History,
        fault: &'static Fault,
        (from, to): (NodeId, NodeId),
        size: u64,
    ) {
        let fired = Fired {
            fault,
            actor: Actor { from, to, kind: Kind(1) },
            entity: Entity(0),
            size,
            until: None,
        };
        let node = if from == to { to } else { from };
        history.fact_of(node, Fact::Fault(fired));
    }

    fn own(history: &mut History, of: &'static Fault, node: NodeId, seconds: u64) {
        fault(history, of, (node, node), seconds * 1_000_000);
    }

    fn accepted(history: &History) -> u64 {
        history.accepted_by::<Answered>()
    }

    #[test]
    fn an_answer_that_puts_off_is_an_answer() {
        let mut history = History::default();
        asks(&mut history);
        let answer: Answer<Counters> = Answer::TryLater(Some(Asked::Total(0)));
        history.fact(Fact::Told { request: asked(1), owed: Owed::Nothing, answer });
        assert_eq!(accepted(&history), 1);
    }

    #[test]
    fn a_request_that_a_running_instance_does_not_answer_is_a_violation() {
        let mut history = History::default();
        asks(&mut history);
        gets_no_answer(history, &[FIRST]).rejected_by::<Answered>(
            "answered-in-time",
            "request 1 of ana was not answered within 5.000s, although an instance that was asked could \
             answer",
        );
    }

    #[test]
    fn an_instance_without_a_free_worker_is_an_excuse_until_it_has_one() {
        let mut history = History::default();
        asks(&mut history);
        history.fact_of(FIRST, Fact::Queued { behind: 0 });
        assert_eq!(accepted(&gets_no_answer(history.clone(), &[FIRST])), 1);
        history.fact_of(FIRST, Fact::Dequeued { waited: Span::from_millis(1) });
        assert_eq!(accepted(&gets_no_answer(history, &[FIRST])), 1);

        let mut history = History::default();
        history.fact_of(FIRST, Fact::Queued { behind: 0 });
        history.fact_of(FIRST, Fact::Dequeued { waited: Span::ZERO });
        history.wait(10);
        asks(&mut history);
        gets_no_answer(history, &[FIRST]).rejected_by::<Answered>("answered-in-time", "request 1");
    }

    #[test]
    fn an_instance_that_is_down_or_paused_or_cut_off_is_an_excuse() {
        for of in [&CRASH_BEFORE, &PAUSE] {
            let mut history = History::default();
            own(&mut history, of, FIRST, 60);
            history.wait(10_000);
            asks(&mut history);
            assert_eq!(accepted(&gets_no_answer(history, &[FIRST])), 1);
        }
        for (of, (from, to)) in [(&PARTITION, (FIRST, CUSTOMERS)), (&DROP, (CUSTOMERS, FIRST))] {
            let mut history = History::default();
            asks(&mut history);
            fault(&mut history, of, (from, to), 1);
            assert_eq!(accepted(&gets_no_answer(history, &[FIRST])), 1);
        }
    }

    #[test]
    fn a_client_that_waits_for_too_short_a_time_is_promised_nothing() {
        for (patience, slowest) in [(999, 10), (5_000, 251)] {
            let mut history = History::default();
            asks(&mut history);
            let history = gets_no_answer_for(history, patience, slowest, &[FIRST]);
            assert_eq!(accepted(&history), 0);
        }
        let mut history = History::default();
        asks(&mut history);
        gets_no_answer_for(history.clone(), 5_000, 250, &[FIRST])
            .rejected_by::<Answered>("answered-in-time", "request 1");
        // Two instances are told half of the patience each.
        assert_eq!(accepted(&gets_no_answer_for(history, 1_999, 10, &[FIRST, SECOND])), 0);
    }

    #[test]
    fn each_patience_is_judged_by_itself_when_the_request_is_sent_again() {
        // The first sending was answered with "unknown", after which the client waits once more.
        let mut history = History::default();
        asks(&mut history);
        history.wait(800);
        let history = gets_no_answer_for(history, 900, 10, &[FIRST]);
        assert_eq!(accepted(&history), 0);
    }

    #[test]
    fn a_fault_that_was_over_when_the_question_was_asked_is_no_excuse() {
        let mut history = History::default();
        own(&mut history, &PAUSE, FIRST, 2);
        fault(&mut history, &PARTITION, (CUSTOMERS, FIRST), 2_000_000);
        own(&mut history, &CRASH_BEFORE, FIRST, 2);
        history.wait(2_000);
        history.fact_of(FIRST, Fact::Restarted);
        history.wait(10);
        asks(&mut history);
        gets_no_answer(history, &[FIRST]).rejected_by::<Answered>("answered-in-time", "request 1");
    }

    #[test]
    fn a_fault_of_somebody_else_is_no_excuse() {
        for of in [&CRASH_BEFORE, &CLOCK_AHEAD] {
            let mut history = History::default();
            own(&mut history, of, NodeId(9), 60);
            fault(&mut history, &PARTITION, (FIRST, NodeId(9)), 60_000_000);
            asks(&mut history);
            gets_no_answer(history, &[FIRST])
                .rejected_by::<Answered>("answered-in-time", "request 1");
        }
    }

    #[test]
    fn a_second_instance_that_runs_has_to_answer() {
        let mut history = History::default();
        own(&mut history, &CRASH_BEFORE, FIRST, 60);
        asks(&mut history);
        gets_no_answer(history.clone(), &[FIRST, SECOND])
            .rejected_by::<Answered>("answered-in-time", "could answer");
        own(&mut history, &CRASH_AFTER, SECOND, 60);
        assert_eq!(accepted(&gets_no_answer(history, &[FIRST, SECOND])), 1);
    }
}
