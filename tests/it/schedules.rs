//! What schedules find: orders of deliveries that the default order and random latencies do not.

use std::collections::BTreeSet;

use jetlag::internals::kernel::{
    Budget, Choices, Context, Decision, Delivery, Entity, Holds, Kernel, Kind, Link, Links, Model,
    NodeId, Overrides, Payload, Policy, Schedule, Simulation, Span, Stop,
};

/// The node at which all meet.
const STORE: NodeId = NodeId(0);
/// Customers read at the store, which writes a message later what they read.
const CUSTOMERS: u16 = 10;
/// One more process begins at the store, takes some hops between two other nodes, and ends at the store.
const PROCESS: NodeId = NodeId(CUSTOMERS + 1);
const HOPS: u8 = 7;
const NODES: u16 = CUSTOMERS + 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Read(u16),
    Write(u16),
    Begin,
    Hop(u8),
    End,
}

impl Payload for Word {
    fn kind(&self) -> Kind {
        Kind(match self {
            Self::Read(_) => 1,
            Self::Write(_) => 2,
            Self::Begin => 3,
            Self::Hop(_) => 4,
            Self::End => 5,
        })
    }

    fn entity(&self) -> Entity {
        Entity(match self {
            Self::Read(customer) | Self::Write(customer) => u64::from(*customer),
            Self::Hop(left) => u64::from(*left),
            Self::Begin | Self::End => 0,
        })
    }
}

/// What the store was told, in order.
#[derive(Debug, Default)]
struct Store(Vec<Word>);

impl Model for Store {
    type Payload = Word;

    fn handle(&mut self, delivery: Delivery<Word>, context: &mut Context<'_, Word>) {
        if delivery.to == STORE {
            self.0.push(delivery.payload);
        }
        match delivery.payload {
            Word::Read(customer) => context.send(STORE, Word::Write(customer)),
            Word::Begin => context.send(PROCESS, Word::Hop(HOPS)),
            Word::Hop(0) => context.send(STORE, Word::End),
            Word::Hop(left) => {
                let other = if delivery.to == PROCESS { NODES - 1 } else { PROCESS.0 };
                context.send(NodeId(other), Word::Hop(left - 1));
            }
            Word::Write(_) | Word::End => {}
        }
    }

    fn idle(&self) -> bool {
        true
    }
}

impl Store {
    /// Whether the whole process fell between a read and its write: a customer read before it began and
    /// wrote after it had ended. Two orderings have to meet.
    fn is_torn(&self) -> bool {
        let place = |word| self.0.iter().position(|told| *told == word);
        (1..=CUSTOMERS).any(|customer| {
            place(Word::Read(customer)) < place(Word::Begin)
                && place(Word::End) < place(Word::Write(customer))
        })
    }
}

fn run(schedule: Schedule, seed: u64) -> (Store, Vec<Decision>) {
    let link = Link { base: Span::from_micros(100), jitter: Span::from_millis(10), ordered: false };
    let mut choices = Choices::new(Policy::of(schedule, seed), Overrides::default());
    choices.listen();
    let mut kernel = Kernel::new(Links::new(NODES.into(), link), choices, Holds::default());
    for customer in 1..=CUSTOMERS {
        kernel.context(NodeId(customer)).send(STORE, Word::Read(customer));
    }
    kernel.context(PROCESS).send(STORE, Word::Begin);
    let mut simulation = Simulation { kernel, model: Store::default() };
    assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
    (simulation.model, simulation.kernel.choices().decisions().to_vec())
}

#[test]
fn every_schedule_reaches_many_orders_that_the_default_is_not() {
    let (default, _) = run(Schedule::Benign, 1);
    for schedule in Schedule::all() {
        let mut reached = BTreeSet::from([default.0.clone()]);
        let new = (0..50).filter(|seed| reached.insert(run(schedule, *seed).0.0)).count();
        assert!(new >= 45, "{schedule}: {new} of 50");
    }
}

#[test]
fn a_schedule_by_chains_finds_a_bug_of_depth_two_that_random_latencies_hardly_ever_find() {
    let found = |schedule| (0..10_000).filter(|seed| run(schedule, *seed).0.is_torn()).count();
    let [latency, pct_1, pct_2] =
        [Schedule::Latency, Schedule::Pct(1), Schedule::Pct(2)].map(found);
    assert_eq!(pct_1, 0, "one chain cannot be both faster and slower than another");
    assert!(pct_2 >= 4 && pct_2 > 3 * latency, "pct-2 found {pct_2}, latency {latency}");
}

#[test]
fn a_message_that_has_raced_is_placed_anew_and_never_earlier() {
    let mut moved = 0;
    for seed in 0..20 {
        let [before, after] = [Schedule::Latency, Schedule::Pos].map(|schedule| {
            let (_, mut decisions) = run(schedule, seed);
            decisions.sort_unstable_by_key(|decision| decision.key);
            decisions
        });
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert!(before.key == after.key && before.value <= after.value);
            moved += usize::from(before.value < after.value);
        }
    }
    assert!((50..350).contains(&moved), "{moved} of 600 messages");
}
