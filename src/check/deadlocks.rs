//! `no-deadlock`: no transaction waits for one that waits for it.
//!
//! The store says who waits for whom when the wait begins. When a transaction ends, what it held passes to
//! the first that waits for it, and the others wait for that one from then on. Copies of one command share
//! its id: that one waits for the other is no circle, because it holds nothing yet.

use std::collections::VecDeque;

use crate::collections::SortedMap;

use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{NodeId, Step};
use crate::model::{CommandId, Domain, Fact, Record, StreamId, Vocabulary};

pub(super) const NO_DEADLOCK: Property = Property {
    id: "no-deadlock",
    when: When::Always,
    says: "no transaction waits for one that waits for it, directly or through others",
};

/// Follows what each transaction waits for. A hot stream can have thousands of waiters, so they are queued once
/// for each lock, and not moved whenever the lock passes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Deadlocks {
    waits: SortedMap<CommandId, Wait>,
    /// The locks that are waited for, each with its holder and the others in the order in which they came.
    locks: SortedMap<StreamId, Lock>,
    /// Of those locks the ones that a transaction holds.
    held: SortedMap<CommandId, Vec<StreamId>>,
    store: Option<NodeId>,
}

/// A transaction waits for the lock of a stream.
#[derive(Clone, Copy, Debug)]
struct Wait {
    stream: StreamId,
    since: Step,
}

/// A lock that is waited for.
#[derive(Clone, Debug)]
struct Lock {
    holder: CommandId,
    /// Also those that have given up: they do not wait for it any more.
    queue: VecDeque<CommandId>,
}

impl<D: Domain> Checker<D> for Deadlocks {
    const PROPERTIES: &'static [Property] = &[NO_DEADLOCK];
    const FACTS: FactKinds = kinds!(Blocked Stored Aborted Concluded Restarted);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Blocked { command, stream, behind } = record.fact {
            self.store = Some(record.node);
            self.blocked((command, behind), stream, record.step, checks);
        } else if self.waits.is_empty() {
        } else if let Fact::Stored(event) = &record.fact {
            self.ended(event.metadata.id.command);
        } else if let Fact::Aborted { command, .. } | Fact::Concluded { command, .. } = record.fact
        {
            self.ended(command);
        } else if matches!(record.fact, Fact::Restarted) && self.store == Some(record.node) {
            *self = Self { store: self.store, ..Self::default() };
        }
    }
}

impl Deadlocks {
    fn blocked<D: Domain>(
        &mut self,
        (command, behind): (CommandId, CommandId),
        stream: Option<StreamId>,
        since: Step,
        checks: &mut Checks<'_, D>,
    ) {
        // A copy of a command that waits for the other copy holds nothing yet.
        if let Some(stream) = stream.filter(|_| command != behind) {
            self.holds(behind, stream);
            self.waits.insert(command, Wait { stream, since });
            self.lock(stream, behind).queue.push_back(command);
        }
        let circle = self.circle(command);
        let because = circle.iter().map(|(_, wait, _)| wait.since);
        checks.that(&NO_DEADLOCK, circle.is_empty(), because, |words: Vocabulary<'_, D>| {
            let says = |(command, wait, holder): &(CommandId, Wait, CommandId)| {
                let (waiter, holder) = (words.command(*command), words.command(*holder));
                format!("{waiter} waits for {holder}, which holds {}", words.stream(wait.stream))
            };
            circle.iter().map(says).collect::<Vec<_>>().join("; ")
        });
    }

    fn lock(&mut self, stream: StreamId, holder: CommandId) -> &mut Lock {
        self.locks.entry(stream).or_insert_with(|| Lock { holder, queue: VecDeque::new() })
    }

    /// The store says that a transaction holds the lock of a stream.
    fn holds(&mut self, holder: CommandId, stream: StreamId) {
        self.lock(stream, holder).holder = holder;
        let held = self.held.entry(holder).or_default();
        if !held.contains(&stream) {
            held.push(stream);
        }
    }

    /// The waits that lead from a transaction back to it, each with the holder; empty if they do not.
    fn circle(&self, from: CommandId) -> Vec<(CommandId, Wait, CommandId)> {
        let mut path = Vec::new();
        let mut at = from;
        while let Some(wait) = self.waits.get(&at) {
            let holder = self.locks.get(&wait.stream).map_or(at, |lock| lock.holder);
            path.push((at, *wait, holder));
            at = holder;
            if at == from {
                return path;
            }
            // A circle that `from` only leads to was found when it was closed.
            if path.len() > self.waits.len() {
                break;
            }
        }
        Vec::new()
    }

    /// A transaction has ended: each of its locks passes to the first that waits for it.
    fn ended(&mut self, command: CommandId) {
        self.waits.remove(&command);
        for stream in self.held.remove(&command).unwrap_or_default() {
            let Some(lock) = self.locks.get_mut(&stream).filter(|lock| lock.holder == command)
            else {
                continue;
            };
            let waits = |waiter: &CommandId| {
                self.waits.get(waiter).is_some_and(|wait| wait.stream == stream)
            };
            let next = std::iter::from_fn(|| lock.queue.pop_front()).find(waits);
            match next {
                Some(next) => {
                    self.waits.remove(&next);
                    self.holds(next, stream);
                }
                None => _ = self.locks.remove(&stream),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, counter, request};
    use crate::testing::Begun;

    fn begin(history: &mut History, nth: u32, streams: &[u32]) -> Begun<Counted> {
        let events: Vec<_> =
            streams.iter().map(|number| (counter(*number), Counted::Added(1))).collect();
        history.begin(nth, &events)
    }

    fn waits(history: &mut History, waiter: u32, holder: u32, stream: Option<u32>) {
        let (command, behind) = (request(waiter), request(holder));
        history.fact(Fact::Blocked { command, stream: stream.map(counter), behind });
    }

    #[test]
    fn transactions_that_wait_in_a_row_are_accepted() {
        let mut history = History::default();
        let first = begin(&mut history, 1, &[0]);
        begin(&mut history, 2, &[0, 1]);
        waits(&mut history, 2, 1, Some(0));
        waits(&mut history, 3, 2, Some(1));
        waits(&mut history, 1, 1, None);
        history.finish(first);
        // The second has what it waited for, so that the first may wait for it with its next command.
        waits(&mut history, 1, 2, Some(0));
        assert_eq!(history.accepted_by::<Deadlocks>(), 4);
    }

    #[test]
    fn two_transactions_that_wait_for_each_other_are_rejected() {
        let mut history = History::default();
        waits(&mut history, 1, 2, Some(1));
        waits(&mut history, 2, 1, Some(0));
        history.rejected_by::<Deadlocks>(
            "no-deadlock",
            "request 2 of ana waits for request 1 of ana, which holds k-0; \
             request 1 of ana waits for request 2 of ana, which holds k-1",
        );
    }

    #[test]
    fn who_waits_for_a_lock_waits_for_each_holder_in_turn() {
        let queue = || {
            let mut history = History::default();
            let first = begin(&mut history, 1, &[0]);
            waits(&mut history, 2, 1, Some(0));
            waits(&mut history, 3, 1, Some(0));
            history.finish(first);
            history
        };
        let mut history = queue();
        waits(&mut history, 2, 3, Some(1));
        history.rejected_by::<Deadlocks>("no-deadlock", "request 3 of ana waits for request 2");
        let mut history = queue();
        waits(&mut history, 2, 4, Some(1));
        history.accepted_by::<Deadlocks>();
    }

    #[test]
    fn a_restart_of_the_store_ends_all_waits() {
        let mut history = History::default();
        waits(&mut history, 1, 2, Some(1));
        history.fact(Fact::Restarted);
        waits(&mut history, 2, 1, Some(0));
        history.accepted_by::<Deadlocks>();
    }
}
