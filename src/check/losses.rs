//! What remains of the records of a run when the event store goes back to an earlier moment.
//!
//! A loss that the store declares ([`Fact::Rewound`]) is no violation: what a failover to a replica that lags loses was
//! promised to nobody. Everything else must still hold, on what is left. So the checkers begin again, as if only that
//! had happened: they are given the records that remain, without what they say of them, and go on from there. What
//! they had found before stays.
//!
//! A transaction that is lost takes with it all that was said of its command, also to the customer who was told that it
//! was accepted. Rows, queues, caches and timers are empty after a loss, and so is what checkers know of them.
//!
//! The ledgers of services remain, including what was asked for in lost events. The calls of lost events do not remain:
//! the platform no longer knows that it made them, and has to learn their effects from the services.

use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Instant, Step};
use crate::model::{
    CommandId, Domain, EffectId, Expired, Fact, Owed, Record, RequestId, StreamId, Version,
};

/// The records that remain when the store goes back to the occurrence `last` and loses these transactions.
pub(crate) fn remaining<D: Domain>(
    records: &[Record<D>],
    last: Step,
    lost: &[(Instant, CommandId)],
) -> Vec<Record<D>> {
    let past = Past::of(records, last, lost);
    records.iter().filter(|record| past.remains(record)).map(without_debts).collect()
}

/// What is known of the past as a whole.
#[derive(Default)]
struct Past {
    last: Step,
    /// The commands whose outcome is on record and is not declared as lost.
    settled: SortedSet<CommandId>,
    /// Those of them that were settled later than the store went back to. A store that declares all that it loses
    /// leaves none; of another one, everything remains that was said of these, so that they are missed.
    later: SortedSet<CommandId>,
    /// The requests that were answered for good.
    told: SortedSet<RequestId>,
    queries: SortedSet<RequestId>,
    /// The version of each stream that is left.
    versions: SortedMap<StreamId, Version>,
}

impl Past {
    fn of<D: Domain>(records: &[Record<D>], last: Step, lost: &[(Instant, CommandId)]) -> Self {
        let mut past = Self { last, ..Self::default() };
        for record in records {
            if let Fact::Committed { command, .. } | Fact::Concluded { command, .. } = record.fact {
                past.settled.insert(command);
                if record.step > last {
                    past.later.insert(command);
                }
            } else if let Fact::Told { request, .. } = record.fact {
                past.told.insert(request);
            } else if let Fact::Queried { request, .. } = record.fact {
                past.queries.insert(request);
            } else if let Fact::Stored(event) = &record.fact
                && record.step <= last
            {
                past.versions.insert(event.stream, event.version);
            }
        }
        for (_, command) in lost {
            past.settled.remove(command);
            past.later.remove(command);
        }
        past
    }

    /// Whether a step of the store in a transaction of a command remains.
    fn counts(&self, step: Step, command: CommandId) -> bool {
        self.later.contains(&command) || step <= self.last && self.is_settled(command)
    }

    fn is_settled(&self, command: CommandId) -> bool {
        self.settled.contains(&command)
    }

    /// Whether the event that calls for an effect is left.
    fn is_recorded(&self, effect: EffectId) -> bool {
        self.versions.get(&effect.saga).is_some_and(|version| effect.version <= *version)
    }

    /// Whether a request is not answered yet, or was answered with what is left.
    fn stands(&self, request: RequestId) -> bool {
        !self.told.contains(&request) || self.is_settled(CommandId::Request(request))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is left out is emptied by the loss")]
    fn remains<D: Domain>(&self, record: &Record<D>) -> bool {
        match record.fact {
            // Customers, and what they are told.
            Fact::Commanded { request, .. }
            | Fact::Queried { request, .. }
            | Fact::OutOfPatience { request, .. } => self.stands(request),
            Fact::Told { request, .. } => !self.queries.contains(&request) && self.stands(request),
            Fact::EraseAsked { .. } | Fact::Left { .. } => true,

            // Commands.
            Fact::Decided { command, .. }
            | Fact::Refused { command, .. }
            | Fact::Acknowledged { command, .. }
            | Fact::Recognised { command, .. }
            | Fact::Answered { command, .. } => self.is_settled(command),
            Fact::Deployed { .. } | Fact::ReplicaReads { .. } => true,

            // The store.
            Fact::Allocated { command, .. }
            | Fact::Inserted { command }
            | Fact::Committed { command, .. }
            | Fact::Aborted { command, .. }
            | Fact::Concluded { command, .. } => self.counts(record.step, command),
            Fact::Stored(ref event) | Fact::AppliedInline { ref event, .. } => {
                self.counts(record.step, event.metadata.id.command)
            }
            Fact::Snapshotted { .. }
            | Fact::Cleaned { .. }
            | Fact::SentAgain { .. }
            | Fact::StreamEnded { .. } => record.step <= self.last,
            Fact::Expired { what: Expired::OutboxRows | Expired::Snapshot(..), .. } => {
                record.step <= self.last
            }

            // Sagas.
            Fact::SagaCommanded { effect, .. } => self.is_recorded(effect),
            Fact::SagaTold { effect, .. } => self.is_settled(CommandId::Effect(effect)),
            Fact::Called { effect, .. }
            | Fact::GaveUp { effect, .. }
            | Fact::NotCalled { effect, .. } => self.is_recorded(effect),
            Fact::Replied { saga, .. } => self.versions.contains_key(&saga),

            // What is not of the store.
            Fact::Rewound { .. }
            | Fact::Fault(_)
            | Fact::Restarted
            | Fact::KeyMade { .. }
            | Fact::Sealed { .. }
            | Fact::Unsealed { .. }
            | Fact::Erased { .. }
            | Fact::Opened { .. }
            | Fact::Served { .. }
            | Fact::Entered { .. } => true,
            _ => false,
        }
    }
}

/// The record of a query that is not answered yet owes nothing: its client drops tokens of another timeline.
fn without_debts<D: Domain>(record: &Record<D>) -> Record<D> {
    let mut record = record.clone();
    if let Fact::Queried { owed, .. } = &mut record.fact {
        *owed = Owed::Nothing;
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counted, Counters, History, asked, counter, request, saga};
    use crate::kernel::NodeId;
    use crate::model::{Answer, CommandOutcome, Position, ServiceId, Token};

    const NOTHING: Version = Version(0);

    fn records(facts: Vec<Fact<Counters>>) -> Vec<Record<Counters>> {
        let record = |(fact, step)| {
            let (at, node) = (Instant::from_nanos(step), NodeId(0));
            Record { step: Step(step), part: 0, cause: Step(0), at, node, fact }
        };
        facts.into_iter().zip(1..).map(record).collect()
    }

    /// A command, from the request to what the customer is told.
    fn command(nth: u32, first: u64) -> Vec<Fact<Counters>> {
        let (request, command) = (asked(nth), request(nth));
        let first = Position(first);
        let events = vec![(counter(0), Counted::Added(1))];
        let token = Token { stream: counter(0), version: NOTHING };
        let answer = Answer::Command(0, CommandOutcome::Accepted(token));
        vec![
            Fact::Commanded { request, command: 0, resend: false },
            Fact::Decided { command, body: 0, attempt: 1, events },
            Fact::Allocated { command, first, count: 1 },
            Fact::Committed { command, first },
            Fact::Told { request, owed: Owed::Nothing, answer },
        ]
    }

    fn remaining_of(facts: Vec<Fact<Counters>>, last: u64, lost: &[u32]) -> Vec<u64> {
        let lost: Vec<_> = lost.iter().map(|nth| (Instant::MAX, request(*nth))).collect();
        let left = remaining(&records(facts), Step(last), &lost);
        left.iter().map(|record| record.step.0).collect()
    }

    #[test]
    fn nothing_remains_of_a_command_that_is_lost_and_everything_of_one_that_is_not() {
        let both = || [command(1, 1), command(2, 2)].concat();
        assert_eq!(remaining_of(both(), 5, &[2]), [1, 2, 3, 4, 5]);
        assert_eq!(remaining_of(both(), 10, &[]), (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn everything_remains_of_a_command_that_is_lost_and_not_declared() {
        let both = [command(1, 1), command(2, 2)].concat();
        assert_eq!(remaining_of(both, 5, &[]), (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn a_request_that_is_not_answered_yet_remains_without_its_attempts() {
        let mut facts = command(1, 1);
        facts.truncate(3);
        assert_eq!(remaining_of(facts, 3, &[]), [1]);
    }

    #[test]
    fn what_a_saga_has_asked_for_remains_with_the_event_that_called_for_it() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        let called = |version| {
            let effect = EffectId { saga: saga(0), version: Version(version), nth: 0 };
            Fact::Called { effect, service: ServiceId(0), request: 1, again: false }
        };
        let facts = history.facts.into_iter().map(|(_, fact)| fact);
        let facts: Vec<_> = facts.chain([called(1), called(2)]).collect();
        let last = Step(facts.len() as u64 - 2);
        let left = remaining(&records(facts), last, &[]);
        let calls = left.iter().filter(|record| matches!(record.fact, Fact::Called { .. }));
        assert_eq!(calls.count(), 1);
    }

    #[test]
    fn queries_remain_until_they_are_answered_and_what_is_emptied_does_not() {
        let request = asked(1);
        let queried = |request| {
            let owed = Owed::Written(Token { stream: counter(0), version: Version(7) });
            Fact::Queried { request, query: Asked::Total(0), owed, resend: false }
        };
        let told = Fact::Told { request, owed: Owed::Nothing, answer: Answer::Silence };
        let facts =
            vec![queried(request), told, queried(asked(2)), Fact::Marked { upto: Position(1) }];
        assert_eq!(remaining_of(facts.clone(), 4, &[]), [3]);
        let left = remaining(&records(facts), Step(4), &[]);
        let owes = |fact: &Fact<_>| matches!(fact, Fact::Queried { owed: Owed::Nothing, .. });
        assert!(owes(&left[0].fact), "tokens of another timeline are dropped");
    }
}
