//! A model that passes messages and timers on and notes what comes, and its runs.

use std::collections::BTreeMap;

use jetlag::internals::kernel::{
    Actor, Branch, Budget, Cause, Choices, Context, Delivery, Entity, Holds, Instant, Kernel, Kind,
    Link, Links, Model, NodeId, OccurrenceKey, Overrides, Payload, Policy, Schedule, Simulation,
    Span, Step, Stop,
};
use proptest::prelude::*;

pub(super) const NODES: u16 = 4;
pub(super) const BASE: Span = Span::from_micros(100);
/// Longer than the base, so that a message can overtake one that was sent a hop earlier.
pub(super) const JITTER: Span = Span::from_micros(250);

/// A message or timer that starts as many more as it has hops left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: u16,
    pub(super) entity: u64,
    pub(super) hops: u8,
    /// How many tokens were sent or set before this one.
    pub(super) nth_created: u64,
    pub(super) due_between: (Instant, Instant),
}

impl Payload for Token {
    fn kind(&self) -> Kind {
        Kind(self.kind)
    }

    fn entity(&self) -> Entity {
        Entity(self.entity)
    }
}

/// A delivery as it was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) at: Instant,
    pub(super) step: Step,
    pub(super) cause: Cause,
    pub(super) key: OccurrenceKey,
    pub(super) nth_created: u64,
    pub(super) due_between: (Instant, Instant),
    pub(super) is_message: bool,
}

/// Passes tokens on, now by message and now by timer, and notes what comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Relay {
    pub(super) created: u64,
    pub(super) seen: Vec<Seen>,
}

const TIMER: u16 = 9;

impl Relay {
    pub(super) fn send(&mut self, to: NodeId, token: Token, context: &mut Context<'_, Token>) {
        let earliest = context.now() + BASE;
        let due_between = (earliest, earliest + JITTER);
        context.send(to, Token { nth_created: self.created, due_between, ..token });
        self.created += 1;
    }

    fn set(&mut self, delay: Span, token: Token, context: &mut Context<'_, Token>) {
        let due = context.now() + delay;
        let (kind, nth_created, due_between) = (TIMER, self.created, (due, due));
        context.timer(delay, Token { kind, nth_created, due_between, ..token });
        self.created += 1;
    }
}

impl Model for Relay {
    type Payload = Token;

    fn handle(&mut self, delivery: Delivery<Token>, context: &mut Context<'_, Token>) {
        let Delivery { step, cause, from, to, nth, payload: token } = delivery;
        assert_eq!((context.node(), context.step()), (to, step));
        let actor = Actor { from, to, kind: token.kind() };
        self.seen.push(Seen {
            at: context.now(),
            step,
            cause,
            key: OccurrenceKey { actor, entity: token.entity(), nth },
            nth_created: token.nth_created,
            due_between: token.due_between,
            is_message: token.kind != TIMER,
        });
        for hop in 0..token.hops.min(2) {
            let next = Token { hops: token.hops - 1, kind: u16::from(hop), ..token };
            if (token.entity + u64::from(hop)) % 3 == 0 {
                self.set(Span::from_micros(token.entity % 5 * 50), next, context);
            } else {
                self.send(NodeId((to.0 + 1 + u16::from(hop)) % NODES), next, context);
            }
        }
    }

    fn idle(&self) -> bool {
        self.seen.len() as u64 == self.created
    }
}

/// The first messages of a run: (from, to, entity).
pub(super) type Start = Vec<(u16, u16, u64)>;

pub(super) fn any_start() -> impl Strategy<Value = Start> {
    prop::collection::vec((0..NODES, 0..NODES, 0_u64..6), 1..60)
}

pub(super) fn run(
    start: &Start,
    hops: u8,
    ordered: bool,
    choices: Choices,
    holds: Holds,
) -> (Relay, u64) {
    let mut simulation = begun(start, hops, ordered, choices, holds);
    assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
    (simulation.model, simulation.kernel.digest().value())
}

pub(super) fn begun(
    start: &Start,
    hops: u8,
    ordered: bool,
    choices: Choices,
    holds: Holds,
) -> Simulation<Relay> {
    let links = Links::new(usize::from(NODES), Link { base: BASE, jitter: JITTER, ordered });
    let mut kernel = Kernel::new(links, choices, holds);
    let mut model = Relay::default();
    for &(from, to, entity) in start {
        let token =
            Token { kind: 0, entity, hops, nth_created: 0, due_between: Default::default() };
        model.send(NodeId(to), token, &mut kernel.context(NodeId(from)));
    }
    Simulation { kernel, model }
}

pub(super) fn seeded(seed: u64) -> Choices {
    Choices::new(Policy::seeded(seed), Overrides::default())
}

/// Choices of any schedule and seed, with and without branches.
pub(super) fn any_choices() -> impl Strategy<Value = Choices> {
    let schedules: Vec<_> = Schedule::all().chain([Schedule::Benign]).collect();
    let branches = prop::collection::vec((1..60_u64, any::<u64>()), 0..3);
    (prop::sample::select(schedules), any::<u64>(), branches).prop_map(
        |(schedule, seed, branches)| {
            let branches: Vec<_> = branches
                .into_iter()
                .map(|(step, seed)| Branch { step: Step(step), seed })
                .collect();
            Choices::new(Policy::of(schedule, seed), Overrides::default()).with_branches(&branches)
        },
    )
}

/// The names of the first messages in the order in which they were sent.
pub(super) fn keys(start: &Start) -> Vec<OccurrenceKey> {
    let mut counts = BTreeMap::new();
    let key = |&(from, to, entity): &(u16, u16, u64)| {
        let actor = Actor { from: NodeId(from), to: NodeId(to), kind: Kind(0) };
        let count = counts.entry((actor, entity)).or_insert(0);
        *count += 1;
        OccurrenceKey { actor, entity: Entity(entity), nth: *count - 1 }
    };
    start.iter().map(key).collect()
}

pub(super) fn position(seen: &[Seen], key: &OccurrenceKey) -> Option<usize> {
    seen.iter().position(|one| one.key == *key)
}
