use std::sync::Arc;

use super::*;
use crate::model::{BreakerState, CustomerId, Owed, Position, ServiceId};
use crate::platform::faults::BREAKER_STUCK_OPEN;
use crate::platform::message::Health;
use crate::platform::settings::{BreakerSettings, ServerSettings, WorkerSettings};
use crate::testing::{Bench, Counting, Query, letter};

const SERVICE_TIME: Span = Span::from_millis(10);
const SERVICE: ServiceId = ServiceId(0);

/// A node with a limited capacity, and the time at which it handles each message.
struct Rig {
    bench: Bench,
    gates: Gates<Counting>,
    node: NodeId,
    /// What the node has in hand.
    in_hand: usize,
}

impl Rig {
    fn new(of: fn(&Map) -> NodeId, settings: CapacitySettings) -> Self {
        let bench = Bench::new();
        let gates = Gates::new(&settings, &bench.map);
        let node = of(&bench.map);
        assert!(gates.has(node));
        Self { bench, gates, node, in_hand: 0 }
    }

    /// A query API instance with this many workers and places in its queue.
    fn server(workers: u32, queue: u32) -> Self {
        let server = ServerSettings {
            workers,
            service_time: SERVICE_TIME,
            jitter: Span::ZERO,
            queue,
            retry_after: Span::from_secs(7),
        };
        let settings = CapacitySettings { query_apis: Some(server), ..Default::default() };
        Self::new(|map| map.query_api(0), settings)
    }

    /// An event store with this many workers.
    fn store(workers: u32, jitter: Span) -> Self {
        let worker = WorkerSettings { workers, service_time: SERVICE_TIME, jitter };
        let settings = CapacitySettings { store: Some(worker), ..Default::default() };
        Self::new(Map::store, settings)
    }

    /// A message arrives; returns what is handled at once, which may be in hand from then on.
    fn arrives_and(
        &mut self,
        keeps: bool,
        (from, message): (NodeId, Message<Counting>),
    ) -> Option<Job<Counting>> {
        let Self { bench, gates, node, in_hand } = self;
        let mut job = None;
        bench.tell(*node, |cx| {
            job = gates.arrived(from, message, *in_hand, cx);
            *in_hand += usize::from(keeps && job.is_some());
            gates.begin(*in_hand, cx);
        });
        job
    }

    fn arrives(&mut self, from: NodeId, message: Message<Counting>) -> Option<Job<Counting>> {
        self.arrives_and(false, (from, message))
    }

    fn asks(&mut self, nth: u32) -> Option<Job<Counting>> {
        let customers = self.bench.map.customers();
        self.arrives(customers, query(nth))
    }

    /// The requests that are handled until nothing is under way, each with the milliseconds that it took to get
    /// there. Each is in hand from then on if `keeps` says so.
    fn handled(&mut self, keeps: bool) -> Vec<(u32, u64)> {
        let mut handled = Vec::new();
        while let Some((from, to, message)) = self.bench.deliver() {
            if to != self.node {
                continue;
            }
            let Some(job) = self.arrives_and(keeps, (from, message)) else { continue };
            let Message::Query { request, .. } = job.message else { panic!("{job:?}") };
            handled.push((request.nth, self.bench.now().since(Instant::ZERO).as_micros() / 1000));
        }
        handled
    }
}

fn query(nth: u32) -> Message<Counting> {
    let request = RequestId { customer: CustomerId(0), nth };
    let (query, patience) = (Box::new(Query::Total(0)), Span::from_secs(5));
    Message::Query { request, owed: Owed::Nothing, seen: Vec::new(), query, patience }
}

#[test]
fn a_platform_without_limits_has_no_gates() {
    let bench = Bench::new();
    let gates = Gates::<Counting>::new(&CapacitySettings::default(), &bench.map);
    assert!((0..bench.map.roles().len() as u16).all(|node| !gates.has(NodeId(node))));
}

#[test]
fn workers_take_requests_in_order_and_each_takes_its_time() {
    let mut rig = Rig::server(2, 10);
    for nth in 1..=5 {
        assert!(rig.asks(nth).is_none());
    }
    let queued = |fact: &Fact<_>| matches!(fact, Fact::Queued { .. });
    assert_eq!(rig.bench.facts().iter().filter(|fact| queued(fact)).count(), 3);
    assert_eq!(rig.handled(false), [(1, 10), (2, 10), (3, 20), (4, 20), (5, 30)]);
    let waited: Vec<_> = rig
        .bench
        .facts()
        .into_iter()
        .filter_map(|fact| if let Fact::Dequeued { waited } = fact { Some(waited) } else { None })
        .collect();
    assert_eq!(waited, [10, 10, 20].map(Span::from_millis));
}

#[test]
fn a_request_in_hand_keeps_its_worker() {
    let mut rig = Rig::server(1, 10);
    (1..=2).for_each(|nth| assert!(rig.asks(nth).is_none()));
    assert_eq!(rig.handled(true), [(1, 10)], "the second one waits for the answer to the first");
    assert_eq!(rig.gates.pending(rig.node), (1, 0));
    rig.in_hand = 0;
    rig.bench.pass(Span::from_millis(90));
    let Rig { bench, gates, node, .. } = &mut rig;
    bench.tell(*node, |cx| gates.begin(0, cx));
    assert_eq!(rig.handled(false), [(2, 110)]);
}

#[test]
fn what_was_delivered_over_a_lost_connection_is_not_handled() {
    assert_forgets_deliveries(Message::Disconnected);
}

#[test]
fn what_was_delivered_to_a_cancelled_consumer_is_not_handled() {
    assert_forgets_deliveries(|_| Message::Cancelled { queue: 0 });
}

/// What was delivered before a message of the broker is forgotten, whether it waits or a worker is busy with it.
fn assert_forgets_deliveries(ends: impl FnOnce(NodeId) -> Message<Counting>) {
    let worker = WorkerSettings { workers: 1, service_time: SERVICE_TIME, jitter: Span::ZERO };
    let settings = CapacitySettings { projectors: Some(worker), ..Default::default() };
    let mut rig = Rig::new(|map| map.projectors().next().expect("there is one"), settings);
    let (broker, store) = (rig.bench.map.broker(), rig.bench.map.read_store());
    let deliver = |tag| Message::Deliver { tag, letter: letter(0, 1, 1) };
    let working = rig.arrives(broker, deliver(1));
    let waiting = [(broker, deliver(2)), (store, Message::Notify)]
        .map(|(from, message)| rig.arrives(from, message));
    assert!(working.is_none() && waiting.iter().all(Option::is_none));
    assert!(rig.arrives(broker, ends(broker)).is_some(), "handled at once");
    assert!(rig.arrives(broker, deliver(3)).is_none());
    let mut handled = Vec::new();
    while let Some((from, to, message)) = rig.bench.deliver() {
        let job = if to == rig.node { rig.arrives(from, message) } else { None };
        handled.extend(job.map(|job| job.message));
    }
    assert!(
        matches!(handled[..], [Message::Notify, Message::Deliver { tag: 3, .. }]),
        "{handled:?}"
    );
}

#[test]
fn a_request_that_finds_the_queue_full_is_shed() {
    let mut rig = Rig::server(1, 1);
    (1..=3).for_each(|nth| assert!(rig.asks(nth).is_none()));
    let request = RequestId { customer: CustomerId(0), nth: 3 };
    let retry_after = Span::from_secs(7);
    assert_eq!(
        rig.bench.facts(),
        [Fact::Queued { behind: 0 }, Fact::Shed { request, retry_after }]
    );
    let customers = rig.bench.map.customers();
    let Rig { bench, gates, node, .. } = &mut rig;
    let mut told = None;
    while let Some((from, to, message)) = bench.deliver() {
        if to == *node {
            bench.tell(*node, |cx| {
                gates.arrived(from, message, 0, cx);
                gates.begin(0, cx);
            });
        } else {
            told = Some((to, message));
        }
    }
    let told = told.expect("the client is told");
    assert_eq!(told.0, customers);
    assert!(
        matches!(told.1, Message::Overloaded { request: of, retry_after: after }
            if of == request && after == retry_after),
        "{told:?}"
    );
}

#[test]
fn answers_of_other_nodes_take_no_worker_of_an_instance() {
    let mut rig = Rig::server(1, 1);
    assert!(rig.asks(1).is_none());
    let store = rig.bench.map.read_store();
    let reply = Message::ReadReply {
        request: RequestId { customer: CustomerId(0), nth: 1 },
        nth: 1,
        copy: crate::platform::message::Copy::default(),
    };
    assert!(rig.arrives(store, reply).is_some());
}

#[test]
fn the_messages_of_one_sender_are_handled_in_order_by_workers_that_differ() {
    let mut rig = Rig::store(3, Span::ZERO);
    let relay = rig.bench.map.relays().next().expect("a relay");
    let marks = |upto| Message::<Counting>::Mark { fence: 1, upto: Position(upto) };
    rig.arrives(relay, marks(1));
    // A worker that needs less time is done no earlier.
    if let Some(gate) = &mut rig.gates.gates[rig.node.index()] {
        gate.capacity.service_time = Span::from_millis(1);
    }
    rig.arrives(relay, marks(2));
    let api = rig.bench.map.command_api(0);
    rig.arrives(api, marks(3));
    let mut order = Vec::new();
    while let Some((from, _, message)) = rig.bench.deliver() {
        if let Some(Job { message: Message::Mark { upto, .. }, .. }) = rig.arrives(from, message) {
            order.push(upto.0);
        }
    }
    assert_eq!(order, [3, 1, 2]);
}

#[test]
fn a_crash_forgets_what_waits_and_what_is_in_hand() {
    let mut rig = Rig::server(1, 10);
    (1..=3).for_each(|nth| assert!(rig.asks(nth).is_none()));
    rig.gates.crash(rig.node);
    assert_eq!(rig.gates.pending(rig.node), (0, 0));
    assert!(rig.asks(4).is_none());
    assert_eq!(rig.handled(false), [(4, 10)], "a timer of before the crash does nothing");
}

// ---- circuit breakers

struct Calls {
    bench: Bench,
    breakers: Breakers,
}

impl Calls {
    fn new(mut bench: Bench) -> Self {
        let breaker = BreakerSettings { failures: 2, open: Span::from_secs(10) };
        Arc::make_mut(&mut bench.plan).settings.breaker = Some(breaker);
        Self { bench, breakers: Breakers::default() }
    }

    fn allowed(&mut self) -> bool {
        let (node, mut allowed) = (self.bench.map.orchestrator(), false);
        let breakers = &mut self.breakers;
        let stuck = Some((&BREAKER_STUCK_OPEN, CustomerId(0).into()));
        self.bench.tell(node, |cx| allowed = breakers.allow(SERVICE, stuck, cx));
        allowed
    }

    fn called(&mut self, health: Health) {
        let (node, breakers) = (self.bench.map.orchestrator(), &mut self.breakers);
        self.bench.tell(node, |cx| breakers.called(SERVICE, health, cx));
    }

    fn states(&mut self) -> Vec<BreakerState> {
        let state = |fact| if let Fact::Breaker { state, .. } = fact { Some(state) } else { None };
        self.bench.facts().into_iter().filter_map(state).collect()
    }
}

#[test]
fn a_breaker_opens_after_failures_in_a_row_and_closes_when_a_probe_is_answered() {
    let mut calls = Calls::new(Bench::new());
    for health in [Health::Failed, Health::Good, Health::Failed] {
        calls.called(health);
        assert!(calls.allowed(), "not two in a row yet");
    }
    calls.called(Health::Failed);
    assert!(!calls.allowed());
    calls.bench.pass(Span::from_secs(10));
    assert!(calls.allowed(), "the probe");
    assert!(!calls.allowed(), "one probe at a time");
    calls.called(Health::Good);
    assert!(calls.allowed());
    let states = [BreakerState::Open, BreakerState::HalfOpen, BreakerState::Closed];
    assert_eq!(calls.states(), states);
}

#[test]
fn a_breaker_whose_probe_fails_opens_again() {
    let mut calls = Calls::new(Bench::new());
    (0..2).for_each(|_| calls.called(Health::Failed));
    calls.bench.pass(Span::from_secs(10));
    assert!(calls.allowed());
    calls.called(Health::Failed);
    assert!(!calls.allowed());
    let states = [BreakerState::Open, BreakerState::HalfOpen, BreakerState::Open];
    assert_eq!(calls.states(), states);
}

#[test]
fn a_probe_of_which_nothing_is_heard_is_followed_by_another() {
    let mut calls = Calls::new(Bench::new());
    (0..2).for_each(|_| calls.called(Health::Failed));
    calls.bench.pass(Span::from_secs(10));
    assert!(calls.allowed());
    calls.bench.pass(Span::from_secs(10));
    assert!(calls.allowed());
}

#[test]
fn a_fault_keeps_an_open_breaker_open() {
    let mut calls = Calls::new(Bench::with_fault(&BREAKER_STUCK_OPEN, 0));
    (0..2).for_each(|_| calls.called(Health::Failed));
    calls.bench.pass(Span::from_secs(10));
    assert!(!calls.allowed(), "stuck for 30 s");
    assert_eq!(calls.bench.faults(), (1, 1));
    calls.bench.pass(Span::from_secs(30));
    assert!(calls.allowed());
}

#[test]
fn without_settings_there_is_no_breaker() {
    let mut calls = Calls::new(Bench::new());
    Arc::make_mut(&mut calls.bench.plan).settings.breaker = None;
    (0..100).for_each(|_| calls.called(Health::Failed));
    assert!(calls.allowed());
    assert_eq!(calls.states(), []);
}
