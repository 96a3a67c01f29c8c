//! Why a run stops, and what is pending then.

use jetlag::internals::kernel::{
    Awaited, Budget, Choices, Context, Delivery, Entity, Holds, Instant, Kernel, Kind, Link, Links,
    Model, NodeId, Payload, Simulation, Span, Stop,
};

use super::relay::BASE;

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
    /// How long it can take until looking finds something.
    hopes: Span,
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

    fn found_by_polls(&self, in_vain: Span) -> bool {
        self.finds || in_vain < self.hopes
    }
}

fn poll(left: u64, finds: bool, hopes: Span) -> (Stop, u64) {
    let link = Link { base: BASE, jitter: Span::ZERO, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), Choices::default(), Holds::default());
    kernel.context(NodeId(0)).timer_idly(Span::from_micros(1), Drop);
    let mut simulation = Simulation { kernel, model: Poller { left, finds, hopes } };
    let budget = Budget { occurrences: 1_000, ..Budget::default() };
    (simulation.run(&budget), simulation.kernel.steps())
}

#[test]
fn polling_for_what_will_never_come_is_being_stuck() {
    assert_eq!(poll(0, false, Span::ZERO), (Stop::AtRest, 0));
    assert_eq!(poll(5, true, Span::ZERO), (Stop::AtRest, 5));
    assert_eq!(poll(5, false, Span::ZERO), (Stop::Stuck, 0));
    let (stop, polls) = poll(5, false, Span::from_micros(50));
    assert_eq!(stop, Stop::Stuck, "looking has found nothing for as long as it may take");
    assert!((50..55).contains(&polls), "{polls} polls");
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

    fn found_by_polls(&self, _: Span) -> bool {
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
