//! What keeps a run from coming to rest: pending messages and timers, nodes with work left, locks.

use std::collections::BTreeMap;

use super::simulation::World;
use crate::kernel::{Actor, Awaited, Class, Instant, Kernel, NodeId, Payload as _, Span};
use crate::model::{Domain, Vocabulary};
use crate::platform::message::Message;
use crate::platform::{LockKey, LockWait, Role, message_name};

/// How many occurrences without a stored event show that a run makes no progress.
const RECENT: u64 = 100;

/// How many timers are listed.
const TIMERS_MAX: usize = 20;

/// A node whose next timer is due later than this does nothing but wait for it. Longer than any back-off
/// with the default settings.
const FAR: Span = Span::from_secs(300);

/// What is pending in a run that stopped before it came to rest, as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Messages under way, by kind and route, those that are due first at the front.
    pub messages: Vec<PendingMessages>,
    /// Timers that nodes wait for, those that are due first at the front; at most twenty.
    pub timers: Vec<PendingTimer>,
    /// The number of all such timers.
    pub timer_count: u64,
    /// The nodes that have work left.
    pub busy: Vec<BusyNode>,
    /// The last hundred occurrences by kind, the most frequent first.
    pub recent: Vec<Recent>,
    /// What transactions of the store wait for.
    pub locks: Vec<AwaitedLock>,
    /// Whether nothing happens until a timer that is still far away.
    pub waits_for_timer: bool,
    /// Whether the last hundred occurrences stored no event.
    pub stores_nothing: bool,
}

/// Messages of one kind on one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessages {
    /// The name of the kind.
    pub what: &'static str,
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// How many.
    pub count: u64,
    /// When the first one is due.
    pub due: Instant,
}

/// A timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTimer {
    /// The saga, the customer or the node that waits for it.
    pub who: String,
    /// What it is for, in words.
    pub what: String,
    /// When it is due.
    pub due: Instant,
}

/// A node with work left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyNode {
    /// Its name.
    pub node: String,
    /// Its work, in words.
    pub work: String,
}

/// How often one kind of message or timer was delivered on one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The name of the kind.
    pub what: &'static str,
    /// The sender; of a timer, the node itself.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// How often.
    pub count: u64,
}

/// A lock that one transaction holds and another one waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitedLock {
    /// What is locked, in words.
    pub lock: String,
    /// The command whose transaction holds it.
    pub holder: String,
    /// The command whose transaction waits for it.
    pub waiting: String,
    /// Whether the holder waits, directly or not, for the one that waits for it.
    pub is_deadlock: bool,
}

impl<D: Domain, L> World<D, L> {
    /// What is pending at `now`, which may be later than the last occurrence.
    pub fn pending(&self, kernel: &Kernel<Message<D>>, now: Instant) -> Pending {
        let awaited = kernel.awaited();
        let busy = self.busy_nodes();
        let mut timers = self.timers(&awaited, &busy);
        timers.sort_by_key(|timer| timer.due);
        let timer_count = timers.len() as u64;
        timers.truncate(TIMERS_MAX);
        Pending {
            messages: self.messages(&awaited),
            waits_for_timer: timer_count > 0 && Self::only_waits(&awaited, &busy, now),
            timers,
            timer_count,
            busy: busy.into_iter().map(|(node, work)| self.busy_in_words(node, work)).collect(),
            recent: self.recent(kernel),
            locks: self.locks(),
            stores_nothing: self.stored_at.0 + RECENT <= kernel.steps(),
        }
    }

    fn vocabulary(&self) -> Vocabulary<'_, D> {
        Vocabulary { domain: &self.plan.domain, names: &self.plan.names }
    }

    fn name(&self, node: NodeId) -> String {
        self.map.name(node).to_owned()
    }

    fn busy_nodes(&self) -> Vec<(NodeId, String)> {
        let busy = |node| Some((node, self.busy_node(node)?));
        self.node_ids().filter_map(busy).collect()
    }

    fn busy_in_words(&self, node: NodeId, work: String) -> BusyNode {
        BusyNode { node: self.name(node), work }
    }

    /// Whether no work is pending, and no node with work left has a timer that is due soon.
    fn only_waits(
        awaited: &[Awaited<'_, Message<D>>],
        busy: &[(NodeId, String)],
        now: Instant,
    ) -> bool {
        let is_soon = |awaited: &Awaited<'_, _>| match awaited.class {
            Class::Work => true,
            Class::Timer => {
                let is_busy = busy.iter().any(|(node, _)| *node == awaited.to);
                is_busy && awaited.due <= now + FAR
            }
            Class::Poll => false,
        };
        !awaited.iter().any(is_soon)
    }

    fn messages(&self, awaited: &[Awaited<'_, Message<D>>]) -> Vec<PendingMessages> {
        let mut routes: Vec<PendingMessages> = Vec::new();
        let mut places = BTreeMap::new();
        for message in awaited.iter().filter(|awaited| awaited.class == Class::Work) {
            let Awaited { due, from, to, payload, .. } = *message;
            let kind = payload.kind();
            let place = *places.entry(Actor { from, to, kind }).or_insert_with(|| {
                let (what, from, to) = (message_name(kind), self.name(from), self.name(to));
                routes.push(PendingMessages { what, from, to, count: 0, due });
                routes.len() - 1
            });
            routes[place].count += 1;
        }
        routes
    }

    /// The durable timers of sagas, and the timers of busy nodes.
    fn timers(
        &self,
        awaited: &[Awaited<'_, Message<D>>],
        busy: &[(NodeId, String)],
    ) -> Vec<PendingTimer> {
        let durable = self.nodes.timers.set_timers(self.vocabulary());
        let durable = durable.map(|(who, what, due)| PendingTimer { who, what, due });
        let own = awaited.iter().filter(|awaited| {
            awaited.class == Class::Timer
                && self.map.role(awaited.to) != Role::Timers
                && busy.iter().any(|(node, _)| *node == awaited.to)
        });
        durable.chain(own.map(|awaited| self.own_timer(awaited))).collect()
    }

    fn own_timer(&self, awaited: &Awaited<'_, Message<D>>) -> PendingTimer {
        let node = || self.name(awaited.to);
        let (who, what) = match awaited.payload {
            Message::Tick => (node(), "a deadline"),
            Message::Cue => (node(), "the next line of the script"),
            Message::Arrive(_) => (node(), "the next customer of a workload"),
            Message::Act(id, _) => (self.vocabulary().customer(id.customer), "the end of a pause"),
            Message::StoreStep(_) => (node(), "the next step of a transaction"),
            Message::Serve(..) => (node(), "the end of its work on a request"),
            Message::Lapse => (node(), "the end of what lapses"),
            other => (node(), message_name(other.kind())),
        };
        PendingTimer { who, what: what.to_owned(), due: awaited.due }
    }

    fn recent(&self, kernel: &Kernel<Message<D>>) -> Vec<Recent> {
        let mut counts = BTreeMap::new();
        for actor in kernel.recent() {
            *counts.entry(actor).or_insert(0) += 1;
        }
        let recent = |(Actor { from, to, kind }, count)| Recent {
            what: message_name(kind),
            from: self.name(from),
            to: self.name(to),
            count,
        };
        let mut recent: Vec<Recent> = counts.into_iter().map(recent).collect();
        recent.sort_by_key(|recent| std::cmp::Reverse(recent.count));
        recent
    }

    fn locks(&self) -> Vec<AwaitedLock> {
        let vocabulary = self.vocabulary();
        let words = |wait: LockWait| AwaitedLock {
            lock: match wait.key {
                LockKey::Stream(stream) => vocabulary.stream(stream).to_string(),
                LockKey::Tag(tag) => vocabulary.tag(tag),
                LockKey::Command(_) => {
                    format!("the outcome of {}", vocabulary.command(wait.holder))
                }
            },
            holder: vocabulary.command(wait.holder),
            waiting: vocabulary.command(wait.waiting),
            is_deadlock: wait.is_deadlock,
        };
        self.nodes.store.lock_waits().into_iter().map(words).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kernel::{Budget, Choices, Holds, Overrides, Policy, Simulation, Stop};
    use crate::model::CustomerId;
    use crate::platform::{Cue, Plan};
    use crate::testing::{Add, Counting, plan};
    use crate::world::simulation;

    /// Two customers add to a counter each, at the same time.
    fn two() -> Simulation<World<Counting, ()>> {
        let mut plan: Plan<Counting> = Arc::unwrap_or_clone(plan());
        let cue = |nth: u32| Cue {
            at: Instant::ZERO,
            who: CustomerId(nth),
            action: Add { counter: nth, amount: 1 },
        };
        plan.script = (0..2).map(cue).collect();
        plan.names.customers = vec!["ana".to_owned(), "ben".to_owned()];
        let choices = Choices::new(Policy::seeded(1), Overrides::default());
        simulation(&Arc::new(plan), choices, Holds::default(), ())
    }

    fn pending(simulation: &Simulation<World<Counting, ()>>) -> Pending {
        simulation.model.pending(&simulation.kernel, simulation.kernel.now())
    }

    #[test]
    fn what_is_pending_is_named_with_its_route_and_its_time() {
        let mut simulation = two();
        simulation.run(&Budget { occurrences: 2, ..Budget::default() });
        let pending = pending(&simulation);
        let commands: Vec<_> = pending.messages.iter().filter(|it| it.what == "Command").collect();
        let [one, other] = commands[..] else { panic!("one at each instance: {commands:?}") };
        assert_eq!((one.count, other.count, &*one.from), (1, 1, "customers"));
        assert_ne!(one.to, other.to);
        assert_eq!(pending.timers[0].who, "customers");
        assert_eq!(pending.recent.iter().map(|recent| recent.count).sum::<u64>(), 2);
        assert!(!pending.waits_for_timer);
    }

    #[test]
    fn at_rest_nothing_is_pending() {
        let mut simulation = two();
        assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
        let Pending { messages, timers, busy, locks, waits_for_timer, .. } = pending(&simulation);
        assert_eq!((messages, timers, busy, locks), Default::default());
        assert!(!waits_for_timer);
    }

    #[test]
    fn transactions_that_wait_for_each_other_are_named_with_what_they_hold() {
        let mut simulation = two();
        while !simulation.model.nodes.store.entangle() {
            assert!(simulation.step(), "two transactions are open at once");
        }
        assert_eq!(simulation.run(&Budget::default()), Stop::Stuck);
        let locks = pending(&simulation).locks;
        let [one, other] = &locks.iter().filter(|lock| lock.is_deadlock).collect::<Vec<_>>()[..]
        else {
            panic!("two transactions wait for each other: {locks:?}")
        };
        assert_eq!((&one.holder, &one.waiting), (&other.waiting, &other.holder));
        let mut commands = [&*one.holder, &*other.holder];
        commands.sort_unstable();
        assert_eq!(commands, ["request 1 of ana", "request 1 of ben"]);
    }
}
