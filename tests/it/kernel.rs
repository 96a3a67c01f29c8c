//! What a run of the kernel promises, whatever the model, the seed and the holds are.

use std::collections::BTreeMap;

use jetlag::internals::kernel::{
    Actor, Awaited, Branch, Budget, Cause, ChoiceKey, Choices, Context, Delivery, Entity, Hold,
    Holds, Instant, Kernel, Kind, Link, Links, Model, NodeId, OccurrenceKey, Overrides, Payload,
    Policy, Schedule, Simulation, Span, Step, Stop,
};
use proptest::prelude::*;

const NODES: u16 = 4;
const BASE: Span = Span::from_micros(100);
/// Longer than the base, so that a message can overtake one that was sent a hop earlier.
const JITTER: Span = Span::from_micros(250);

/// A message or timer that starts as many more as it has hops left.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: u16,
    entity: u64,
    hops: u8,
    /// How many tokens were sent or set before this one.
    nth_created: u64,
    due_between: (Instant, Instant),
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
struct Seen {
    at: Instant,
    step: Step,
    cause: Cause,
    key: OccurrenceKey,
    nth_created: u64,
    due_between: (Instant, Instant),
    is_message: bool,
}

/// Passes tokens on, now by message and now by timer, and notes what comes.
#[derive(Clone, Debug, Default)]
struct Relay {
    created: u64,
    seen: Vec<Seen>,
}

const TIMER: u16 = 9;

impl Relay {
    fn send(&mut self, to: NodeId, token: Token, context: &mut Context<'_, Token>) {
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
type Start = Vec<(u16, u16, u64)>;

fn any_start() -> impl Strategy<Value = Start> {
    prop::collection::vec((0..NODES, 0..NODES, 0_u64..6), 1..60)
}

fn run(start: &Start, hops: u8, ordered: bool, choices: Choices, holds: Holds) -> (Relay, u64) {
    let mut simulation = begun(start, hops, ordered, choices, holds);
    assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
    (simulation.model, simulation.kernel.digest().value())
}

fn begun(
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

fn seeded(seed: u64) -> Choices {
    Choices::new(Policy::seeded(seed), Overrides::default())
}

/// Choices of any schedule and seed, with and without branches.
fn any_choices() -> impl Strategy<Value = Choices> {
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
fn keys(start: &Start) -> Vec<OccurrenceKey> {
    let mut counts = BTreeMap::new();
    let key = |&(from, to, entity): &(u16, u16, u64)| {
        let actor = Actor { from: NodeId(from), to: NodeId(to), kind: Kind(0) };
        let count = counts.entry((actor, entity)).or_insert(0);
        *count += 1;
        OccurrenceKey { actor, entity: Entity(entity), nth: *count - 1 }
    };
    start.iter().map(key).collect()
}

fn position(seen: &[Seen], key: &OccurrenceKey) -> Option<usize> {
    seen.iter().position(|one| one.key == *key)
}

proptest! {
    #[test]
    fn deliveries_come_in_order_of_due_time_then_creation(start in any_start(), choices in any_choices(), hops in 0_u8..4) {
        let (model, _) = run(&start, hops, false, choices, Holds::default());
        for pair in model.seen.windows(2) {
            prop_assert!((pair[0].at, pair[0].nth_created) < (pair[1].at, pair[1].nth_created));
            prop_assert_eq!(pair[0].step.0 + 1, pair[1].step.0);
        }
        for one in &model.seen {
            prop_assert!(one.due_between.0 <= one.at && one.at <= one.due_between.1, "{:?}", one);
            prop_assert!(one.cause.step() < one.step);
        }
    }

    #[test]
    fn messages_of_an_ordered_link_never_overtake(start in any_start(), choices in any_choices(), hops in 0_u8..4) {
        let (model, _) = run(&start, hops, true, choices, Holds::default());
        let mut last = BTreeMap::new();
        for one in model.seen.iter().filter(|one| one.is_message) {
            let link = (one.key.actor.from, one.key.actor.to);
            if let Some(before) = last.insert(link, one.nth_created) {
                prop_assert!(before < one.nth_created);
            }
        }
    }

    #[test]
    fn the_decisions_that_are_not_benign_are_the_whole_run(
        start in any_start(), mut choices in any_choices(), hops in 0_u8..4, ordered: bool, until in 1_u64..1_500,
    ) {
        choices.listen();
        let budget = Budget { until: Instant::ZERO + Span::from_micros(until), ..Budget::default() };
        let mut run = begun(&start, hops, ordered, choices, Holds::default());
        let stop = run.run(&budget);
        let forced = run.kernel.choices().decisions().iter().filter(|decision| decision.value > 0);
        let forced: Overrides = forced.map(|decision| (decision.key, decision.value)).collect();
        let choices = Choices::new(Policy::Benign, forced);
        let mut again = begun(&start, hops, ordered, choices, Holds::default());
        prop_assert_eq!(again.run(&budget), stop);
        prop_assert_eq!(again.model.seen, run.model.seen);
        prop_assert_eq!(again.kernel.digest(), run.kernel.digest());
    }

    #[test]
    fn a_held_delivery_comes_after_its_anchor(start in any_start(), seed: u64, wanted in prop::collection::vec((0_usize..60, 0_usize..60), 0..12)) {
        let keys = keys(&start);
        // Odd ones wait for even ones, so that no anchor waits itself.
        let holds: Vec<_> = wanted
            .iter()
            .map(|(held, until)| (held | 1, until & !1))
            .filter(|(held, until)| *held.max(until) < keys.len())
            .map(|(held, until)| Hold { delivery: keys[held], until: keys[until] })
            .collect();
        let (model, _) = run(&start, 0, false, seeded(seed), holds.iter().copied().collect());
        prop_assert_eq!(model.seen.len(), start.len());
        let in_force: BTreeMap<_, _> = holds.iter().map(|hold| (hold.delivery, hold.until)).collect();
        for (held, until) in &in_force {
            prop_assert!(position(&model.seen, held) > position(&model.seen, until));
        }
    }

    #[test]
    fn no_hold_keeps_a_run_from_its_end(start in any_start(), seed: u64, hops in 0_u8..3, wanted in prop::collection::vec((0_usize..60, 0_usize..70), 0..40)) {
        let keys = keys(&start);
        let never = OccurrenceKey { entity: Entity(1000), ..keys[0] };
        let holds = wanted.iter().filter(|(held, _)| *held < keys.len()).map(|(held, until)| Hold {
            delivery: keys[*held],
            until: keys.get(*until).copied().unwrap_or(never),
        });
        let (model, _) = run(&start, hops, false, seeded(seed), holds.collect());
        prop_assert_eq!(model.seen.len() as u64, model.created);
        for pair in model.seen.windows(2) {
            prop_assert!(pair[0].at <= pair[1].at, "time never runs backwards");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_run(start in any_start(), choices in any_choices(), hops in 0_u8..4, ordered: bool) {
        let (first, second) = (
            run(&start, hops, ordered, choices.clone(), Holds::default()),
            run(&start, hops, ordered, choices, Holds::default()),
        );
        prop_assert_eq!(first.1, second.1);
        prop_assert_eq!(first.0.seen, second.0.seen);
    }

    #[test]
    fn forcing_one_delay_moves_one_delivery(start in any_start(), seed: u64, which: prop::sample::Index, late in 0..=JITTER.as_micros()) {
        let keys = keys(&start);
        let moved = keys[which.index(keys.len())];
        let (free, _) = {
            let mut choices = seeded(seed);
            choices.listen();
            run(&start, 0, false, choices, Holds::default())
        };
        let site = jitter_site();
        let OccurrenceKey { actor, entity, nth } = moved;
        let forced = Overrides::from_iter([(ChoiceKey { site, actor, entity, nth }, late)]);
        let (forced, _) =
            run(&start, 0, false, Choices::new(Policy::seeded(seed), forced), Holds::default());
        let at = |model: &Relay| model.seen.iter().map(|one| (one.key, one.at)).collect::<BTreeMap<_, _>>();
        let (mut free, mut forced) = (at(&free), at(&forced));
        free.remove(&moved);
        prop_assert_eq!(forced.remove(&moved), Some(Instant::ZERO + BASE + Span::from_micros(late)));
        prop_assert_eq!(free, forced);
    }

    #[test]
    fn a_fork_runs_on_like_its_original(start in any_start(), choices in any_choices(), steps in 0_u64..40) {
        let links = Links::new(usize::from(NODES), Link { base: BASE, jitter: JITTER, ordered: true });
        let mut kernel = Kernel::new(links, choices, Holds::default());
        let mut model = Relay::default();
        for &(from, to, entity) in &start {
            let token = Token { kind: 0, entity, hops: 3, nth_created: 0, due_between: Default::default() };
            model.send(NodeId(to), token, &mut kernel.context(NodeId(from)));
        }
        let mut original = Simulation { kernel, model };
        original.run(&Budget { occurrences: steps, ..Budget::default() });
        let mut fork = original.clone();
        prop_assert_eq!(original.run(&Budget::default()), fork.run(&Budget::default()));
        prop_assert_eq!(original.kernel.digest(), fork.kernel.digest());
        prop_assert_eq!(original.model.seen, fork.model.seen);
    }
}

/// The site at which links draw, as a run that is listened to names it.
fn jitter_site() -> jetlag::internals::kernel::Site {
    let link = Link { base: BASE, jitter: JITTER, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), seeded(0), Holds::default());
    kernel.choices_mut().listen();
    let token =
        Token { kind: 0, entity: 0, hops: 0, nth_created: 0, due_between: Default::default() };
    kernel.context(NodeId(0)).send(NodeId(0), token);
    kernel.choices().decisions()[0].key.site
}

/// Sets as many timers as it is told to at its first occurrence.
struct Flood {
    timers: u64,
    left: u64,
    halt: bool,
}

#[derive(Clone, Copy)]
struct Drop;

impl Payload for Drop {
    fn kind(&self) -> Kind {
        Kind(0)
    }

    fn entity(&self) -> Entity {
        Entity(0)
    }
}

impl Model for Flood {
    type Payload = Drop;

    fn handle(&mut self, _: Delivery<Drop>, context: &mut Context<'_, Drop>) {
        let timers = std::mem::take(&mut self.timers);
        (0..timers).for_each(|nth| context.timer(Span::from_micros(nth), Drop));
        self.left = self.left.saturating_sub(1);
    }

    fn idle(&self) -> bool {
        self.left == 0
    }

    fn stopped(&self) -> Option<Stop> {
        self.halt.then_some(Stop::Halted)
    }
}

fn flood(timers: u64, left: u64, halt: bool, budget: &Budget) -> (Stop, u64) {
    let link = Link { base: BASE, jitter: Span::ZERO, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), Choices::default(), Holds::default());
    kernel.context(NodeId(0)).send(NodeId(0), Drop);
    let mut simulation = Simulation { kernel, model: Flood { timers, left, halt } };
    (simulation.run(budget), simulation.kernel.pending())
}

#[test]
fn every_stop_has_its_reason() {
    let budget = Budget::default();
    assert_eq!(flood(10, 4, false, &budget), (Stop::AtRest, 7), "timers alone are no work");
    assert_eq!(flood(10, 100, false, &budget), (Stop::Stuck, 0));
    assert_eq!(flood(10, 4, true, &budget), (Stop::Halted, 1));
    let few = Budget { occurrences: 3, ..budget };
    assert_eq!(flood(10, 100, false, &few), (Stop::OutOfOccurrences, 8));
    let narrow = Budget { pending: 9, ..budget };
    assert_eq!(flood(10, 100, false, &narrow), (Stop::TooManyPending, 10));
    let brief = Budget { until: Instant::ZERO + BASE + Span::from_micros(4), ..budget };
    assert_eq!(flood(10, 100, false, &brief), (Stop::OutOfTime, 5));
}

/// Looks for work for ever; what there is to do is only done if looking finds it.
struct Poller {
    left: u64,
    finds: bool,
}

impl Model for Poller {
    type Payload = Drop;

    fn handle(&mut self, _: Delivery<Drop>, context: &mut Context<'_, Drop>) {
        self.left = self.left.saturating_sub(u64::from(self.finds));
        context.timer_idly(Span::from_micros(1), Drop);
    }

    fn idle(&self) -> bool {
        self.left == 0
    }

    fn found_by_polls(&self) -> bool {
        self.finds
    }
}

fn poll(left: u64, finds: bool) -> (Stop, u64) {
    let link = Link { base: BASE, jitter: Span::ZERO, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), Choices::default(), Holds::default());
    kernel.context(NodeId(0)).timer_idly(Span::from_micros(1), Drop);
    let mut simulation = Simulation { kernel, model: Poller { left, finds } };
    let budget = Budget { occurrences: 1_000, ..Budget::default() };
    (simulation.run(&budget), simulation.kernel.steps())
}

#[test]
fn polling_for_what_will_never_come_is_being_stuck() {
    assert_eq!(poll(0, false), (Stop::AtRest, 0));
    assert_eq!(poll(5, true), (Stop::AtRest, 5));
    assert_eq!(poll(5, false), (Stop::Stuck, 0));
}

#[test]
fn a_flood_past_what_the_queue_can_hold_stops_the_run() {
    let unlimited = Budget { pending: u64::MAX, ..Budget::default() };
    let capacity = jetlag::internals::kernel::MAX_PENDING as u64;
    let (stop, pending) = flood(capacity + 5, u64::MAX, false, &unlimited);
    assert_eq!((stop, pending), (Stop::TooManyPending, capacity));
}

#[test]
fn what_is_pending_can_be_listed_in_order_of_time() {
    for timers in [10, 1_000, 50_000] {
        let link = Link { base: BASE, jitter: Span::ZERO, ordered: false };
        let mut kernel = Kernel::new(Links::new(1, link), Choices::default(), Holds::default());
        kernel.context(NodeId(0)).send(NodeId(0), Drop);
        let mut simulation =
            Simulation { kernel, model: Flood { timers, left: u64::MAX, halt: false } };
        simulation.run(&Budget { occurrences: timers / 3, ..Budget::default() });
        let due =
            |awaited: &[Awaited<'_, Drop>]| awaited.iter().map(|it| it.due).collect::<Vec<_>>();
        let listed = due(&simulation.kernel.awaited());
        assert_eq!(listed.len() as u64, simulation.kernel.pending());
        assert!(listed.is_sorted(), "{timers} timers");
        let mut delivered = Vec::new();
        while simulation.step() {
            delivered.push(simulation.kernel.now());
        }
        assert_eq!(listed, delivered, "{timers} timers");
    }
}

/// Polls every second, and is woken at the end of each wait.
#[derive(Default)]
struct Sleeper {
    waits: Vec<Span>,
    awake: Vec<Instant>,
    polls: u64,
    finds: bool,
}

#[derive(Clone, Copy, Debug)]
enum Alarm {
    Poll,
    Wake,
}

impl Payload for Alarm {
    fn kind(&self) -> Kind {
        Kind(*self as u16)
    }

    fn entity(&self) -> Entity {
        Entity(0)
    }
}

impl Model for Sleeper {
    type Payload = Alarm;

    fn handle(&mut self, delivery: Delivery<Alarm>, context: &mut Context<'_, Alarm>) {
        match delivery.payload {
            Alarm::Poll => {
                self.polls += 1;
                context.timer_idly(Span::from_secs(1), Alarm::Poll);
            }
            Alarm::Wake => {
                self.awake.push(context.now());
                if let Some(wait) = self.waits.pop() {
                    context.timer(wait, Alarm::Wake);
                }
            }
        }
    }

    fn idle(&self) -> bool {
        self.waits.is_empty() && self.awake.len() > 1
    }

    fn found_by_polls(&self) -> bool {
        self.finds
    }
}

/// Waits for two spans, one after the other.
fn sleep(first: Span, second: Span, finds: bool, occurrences: u64) -> (Stop, Sleeper) {
    let link = Link { base: BASE, jitter: Span::ZERO, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), Choices::default(), Holds::default());
    kernel.context(NodeId(0)).timer_idly(Span::from_secs(1), Alarm::Poll);
    kernel.context(NodeId(0)).timer(first, Alarm::Wake);
    let model = Sleeper { waits: vec![second], finds, ..Sleeper::default() };
    let mut simulation = Simulation { kernel, model };
    let stop = simulation.run(&Budget { until: Instant::MAX, occurrences, ..Budget::default() });
    (stop, simulation.model)
}

#[test]
fn idle_polls_are_skipped_while_a_run_waits_for_a_far_timer() {
    let (hour, year) = (Span::from_secs(3_600), Span::from_secs(365 * 24 * 3_600));
    let (stop, sleeper) = sleep(hour, year, false, 1_000_000);
    assert_eq!(stop, Stop::AtRest);
    assert_eq!(sleeper.awake, [Instant::ZERO + hour, Instant::ZERO + hour + year]);
    assert!((3_600..30_000).contains(&sleeper.polls), "{} polls", sleeper.polls);
    let (stop, sleeper) = sleep(hour, hour, false, 1_000_000);
    assert_eq!((stop, sleeper.polls), (Stop::AtRest, 7_199), "a short wait is polled through");
    let (stop, _) = sleep(hour, year, true, 1_000_000);
    assert_eq!(stop, Stop::OutOfOccurrences, "polls that will find something are not skipped");
}
