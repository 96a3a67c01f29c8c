//! The whole platform as one model under the kernel.

use std::sync::Arc;

use super::broker::Broker;
use super::cache::Cache;
use super::command_api::CommandApi;
use super::cx::Cx;
use super::domain::Domain;
use super::event_store::EventStore;
use super::ids::{ServiceId, ViewId};
use super::map::{Map, Role};
use super::message::Message;
use super::orchestrator::Orchestrator;
use super::plan::Plan;
use super::projector::Projector;
use super::query_api::QueryApi;
use super::read_store::ReadStore;
use super::relay::Relay;
use super::timers::Timers;
use crate::check::Rest;
use crate::kernel::{
    Choices, Context, Delivery, Holds, Kernel, Model, NodeId, Simulation, Step, Stop,
};
use crate::outside::{Customers, ServiceNode};
use crate::trace::Record;

/// Somebody who hears every fact of a run, in order.
pub trait Listener<D: Domain> {
    /// Takes note that an occurrence is delivered, and of the one that led to it; its facts follow.
    fn delivered(&mut self, _step: Step, _cause: Step) {}
    /// Takes note of a fact.
    fn hear(&mut self, domain: &D, record: &Record<D>);
    /// Why the run should stop here, if it should.
    fn stopped(&self) -> Option<Stop> {
        None
    }
}

/// Nobody: for measuring what the platform costs by itself.
impl<D: Domain> Listener<D> for () {
    fn hear(&mut self, _: &D, _: &Record<D>) {}
}

/// All nodes of a platform, and who listens to what they state.
#[derive(Clone, Debug)]
pub struct World<D: Domain, L> {
    pub(super) plan: Arc<Plan<D>>,
    pub(super) map: Arc<Map>,
    customers: Customers<D>,
    command_apis: Vec<CommandApi<D>>,
    pub(super) store: EventStore<D>,
    relays: Vec<Relay<D>>,
    pub(super) broker: Broker<D>,
    projectors: Vec<Projector<D>>,
    pub(super) read_store: ReadStore<D>,
    pub(super) cache: Cache<D>,
    query_apis: Vec<QueryApi<D>>,
    pub(super) orchestrator: Orchestrator<D>,
    pub(super) timers: Timers,
    pub(super) services: Vec<ServiceNode<D>>,
    /// What the occurrence being handled has stated; kept to be used again.
    records: Vec<Record<D>>,
    listener: L,
}

/// Builds a platform and starts every node.
///
/// Start-up is no occurrence: what nodes send then has no cause but the beginning itself.
///
/// Most callers want [`session::run`](crate::session::run), which listens with all checkers. This is
/// the platform by itself:
///
/// ```
/// use std::sync::Arc;
/// use jetlag::domains::{self, AnyScenario};
/// use jetlag::kernel::{Choices, Holds, Overrides, Policy, Stop};
/// use jetlag::platform::simulation;
///
/// let text = jetlag::scenario::template("last seat");
/// let Ok(AnyScenario::Flights(scenario)) = domains::load("last_seat.ron", text.as_bytes()) else {
///     panic!("the template is a scenario of flights");
/// };
/// let plan = Arc::new(scenario.plan);
/// let choices = Choices::new(Policy::seeded(1), Overrides::default());
/// let mut world = simulation(&plan, choices, Holds::default(), ());
/// assert_eq!(world.run(&plan.budget), Stop::AtRest);
/// assert!(world.model.events() > 0);
/// assert_eq!(world.model.busy(), Vec::<String>::new());
/// ```
pub fn simulation<D: Domain, L: Listener<D>>(
    plan: &Arc<Plan<D>>,
    choices: Choices,
    holds: Holds,
    listener: L,
) -> Simulation<World<D, L>> {
    let map = Arc::new(Map::new(plan));
    let mut kernel = Kernel::new(map.links(plan.network), choices, holds);
    let mut model = World::new(Arc::clone(plan), map, listener);
    model.start(&mut kernel);
    Simulation { kernel, model }
}

impl<D: Domain, L: Listener<D>> World<D, L> {
    fn new(plan: Arc<Plan<D>>, map: Arc<Map>, listener: L) -> Self {
        let domain = &plan.domain;
        let settings = &plan.settings;
        let views = (0..D::VIEWS.len() as u8).map(ViewId);
        let services = (0..domain.services().len() as u8).map(ServiceId);
        Self {
            customers: Customers::new(),
            command_apis: (0..settings.command_apis).map(|_| CommandApi::new()).collect(),
            store: EventStore::new(),
            relays: (0..settings.relay.instances).map(|_| Relay::new()).collect(),
            broker: Broker::new(),
            projectors: views.map(Projector::new).collect(),
            read_store: ReadStore::new(),
            cache: Cache::new(),
            query_apis: (0..settings.query_apis).map(|_| QueryApi::new()).collect(),
            orchestrator: Orchestrator::new(),
            timers: Timers::default(),
            services: services.map(|id| ServiceNode::new(id, domain)).collect(),
            records: Vec::new(),
            listener,
            plan,
            map,
        }
    }

    fn start(&mut self, kernel: &mut Kernel<Message<D>>) {
        for index in 0..self.map.roles().len() {
            let node = NodeId(index as u16);
            let context = &mut kernel.context(node);
            let mut records = std::mem::take(&mut self.records);
            let cx = &mut Cx::new(context, &self.plan, &self.map, Step(0), &mut records);
            match self.map.role(node) {
                Role::Customers => self.customers.start(cx),
                Role::Relay(nth) => self.relays[usize::from(nth)].start(cx),
                Role::Projector(view) => self.projectors[usize::from(view.0)].start(cx),
                Role::Orchestrator => self.orchestrator.start(cx),
                Role::Service(service) => self.services[usize::from(service.0)].start(cx),
                Role::CommandApi(_)
                | Role::EventStore
                | Role::Broker
                | Role::ReadStore
                | Role::Cache
                | Role::QueryApi(_)
                | Role::Timers => {}
            }
            self.publish(records);
        }
    }

    /// Hands what was stated to the listener.
    fn publish(&mut self, mut records: Vec<Record<D>>) {
        for record in &records {
            self.listener.hear(&self.plan.domain, record);
        }
        records.clear();
        self.records = records;
    }
}

impl<D: Domain, L> World<D, L> {
    /// Who listens.
    pub fn listener(&self) -> &L {
        &self.listener
    }

    /// Who listens, to ask them something at the end.
    pub fn listener_mut(&mut self) -> &mut L {
        &mut self.listener
    }

    /// Which node is which.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// How many events the store holds that can be read.
    pub fn events(&self) -> u64 {
        self.store.events().count() as u64
    }

    /// What every node still has to do, if anything.
    pub fn busy(&self) -> Vec<String> {
        (0..self.map.roles().len())
            .filter_map(|index| {
                let node = NodeId(index as u16);
                Some(format!("{}: {}", self.map.name(node), self.busy_node(node)?))
            })
            .collect()
    }

    pub(super) fn busy_node(&self, node: NodeId) -> Option<String> {
        match self.map.role(node) {
            Role::Customers => self.customers.busy(self.plan.script.len()),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].busy(),
            Role::EventStore => self.store.busy(),
            Role::Relay(nth) => self.relays[usize::from(nth)].busy(),
            Role::Broker => self.broker.busy(),
            Role::Projector(view) => self.projectors[usize::from(view.0)].busy(),
            Role::ReadStore | Role::Cache => None,
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].busy(),
            Role::Orchestrator => self.orchestrator.busy(),
            Role::Timers => self.timers.busy(),
            Role::Service(service) => self.services[usize::from(service.0)].busy(),
        }
    }

    /// The final state, as plain data.
    pub fn rest(&self, kernel: &Kernel<Message<D>>) -> Rest<'_, D> {
        Rest {
            domain: &self.plan.domain,
            names: &self.plan.names,
            at: kernel.now(),
            step: Step(kernel.steps()),
            events: self.store.events().cloned().collect(),
            rows: self.read_store.rows(),
            checkpoints: self.read_store.checkpoints(),
            unsent: self.store.unsent(),
            queued: self.broker.queued(),
            buffered: self.projectors.iter().map(Projector::buffered).collect(),
            dead_letters: self.broker.dead_letters(),
            ledgers: self.services.iter().map(ServiceNode::ledger).collect(),
            busy: self.busy(),
        }
    }
}

impl<D: Domain, L: Listener<D>> Model for World<D, L> {
    type Payload = Message<D>;

    fn handle(&mut self, delivery: Delivery<Message<D>>, context: &mut Context<'_, Message<D>>) {
        let Delivery { step, cause, from, to, nth: _, payload } = delivery;
        self.listener.delivered(step, cause);
        let mut records = std::mem::take(&mut self.records);
        let cx = &mut Cx::new(context, &self.plan, &self.map, cause, &mut records);
        match self.map.role(to) {
            Role::Customers => self.customers.handle(from, payload, cx),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].handle(from, payload, cx),
            Role::EventStore => self.store.handle(from, payload, cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].handle(payload, cx),
            Role::Broker => self.broker.handle(from, payload, cx),
            Role::Projector(view) => self.projectors[usize::from(view.0)].handle(payload, cx),
            Role::ReadStore => self.read_store.handle(from, payload, cx),
            Role::Cache => self.cache.handle(from, payload, cx),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].handle(from, payload, cx),
            Role::Orchestrator => self.orchestrator.handle(from, payload, cx),
            Role::Timers => self.timers.handle(from, payload, cx),
            Role::Service(id) => self.services[usize::from(id.0)].handle(from, payload, cx),
        }
        self.publish(records);
    }

    fn idle(&self) -> bool {
        (0..self.map.roles().len()).all(|index| self.busy_node(NodeId(index as u16)).is_none())
    }

    /// Relays look for rows that nobody told them about.
    fn found_by_polls(&self) -> bool {
        self.store.unsent() > 0
    }

    fn stopped(&self) -> Option<Stop> {
        self.listener.stopped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Digest, Instant, Overrides, Policy, Span};
    use crate::platform::Fact;
    use crate::platform::testing::{Add, Counting, plan};
    use crate::platform::{Cue, CustomerId, Workload};

    #[derive(Clone, Debug, Default)]
    struct Facts(Vec<Fact<Counting>>);

    impl Listener<Counting> for Facts {
        fn hear(&mut self, _: &Counting, record: &Record<Counting>) {
            self.0.push(record.fact.clone());
        }
    }

    fn run(plan: Plan<Counting>, policy: Policy) -> (Stop, Digest, Vec<Fact<Counting>>) {
        let budget = plan.budget;
        let choices = Choices::new(policy, Overrides::default());
        let mut simulation =
            simulation(&Arc::new(plan), choices, Holds::default(), Facts::default());
        let stop = simulation.run(&budget);
        let facts = simulation.model.listener().0.clone();
        (stop, simulation.kernel.digest(), facts)
    }

    fn busy_plan() -> Plan<Counting> {
        let mut plan = Arc::unwrap_or_clone(plan());
        plan.network.jitter = Span::from_millis(4);
        let cue = |nth: u32| Cue {
            at: Instant::ZERO + Span::from_millis(u64::from(nth)),
            who: CustomerId(nth % 7),
            action: Add { counter: nth % 5, amount: 3 - i64::from(nth % 5) },
        };
        plan.script = (0..60).map(cue).collect();
        plan.names.customers = (0..7).map(|nth| format!("customer {nth}")).collect();
        plan.workload = Some(Workload {
            customers: 20,
            every: Span::from_millis(10),
            from: Instant::ZERO,
            until: Instant::ZERO + Span::from_secs(1),
            mix: vec![(3, Add { counter: 1, amount: 2 }), (1, Add { counter: 9, amount: -1 })],
        });
        plan
    }

    #[test]
    fn a_platform_without_customers_comes_to_rest_at_once() {
        let (stop, _, facts) = run(Arc::unwrap_or_clone(plan()), Policy::Benign);
        assert_eq!(stop, Stop::AtRest);
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::Stored(_))));
    }

    #[test]
    fn every_stored_event_is_applied_and_every_customer_is_answered_under_any_jitter() {
        for seed in 0..20 {
            let (stop, _, facts) = run(busy_plan(), Policy::seeded(seed));
            assert_eq!(stop, Stop::AtRest, "seed {seed}");
            let count =
                |wanted: fn(&Fact<Counting>) -> bool| facts.iter().filter(|f| wanted(f)).count();
            let stored =
                count(|fact| matches!(fact, Fact::Stored(event) if event.stream.category.0 == 0));
            assert!(stored > 50, "seed {seed} stored only {stored}");
            assert_eq!(stored, count(|fact| matches!(fact, Fact::Applied { .. })), "seed {seed}");
            let asked = count(|fact| matches!(fact, Fact::Commanded { resend: false, .. }));
            assert_eq!((asked, 160), (count(|fact| matches!(fact, Fact::Told { .. })), asked));
        }
    }

    #[test]
    fn a_run_repeats_to_the_bit_and_another_seed_is_another_run() {
        let digest = |seed| run(busy_plan(), Policy::seeded(seed)).1;
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
    }

    #[test]
    fn a_world_that_was_cloned_half_way_goes_on_as_the_original() {
        let plan = Arc::new(busy_plan());
        let choices = Choices::new(Policy::seeded(5), Overrides::default());
        let mut original = simulation(&plan, choices, Holds::default(), Facts::default());
        for _ in 0..500 {
            assert!(original.step());
        }
        let mut copy = original.clone();
        let ends = [&mut original, &mut copy].map(|simulation| {
            let stop = simulation.run(&plan.budget);
            (stop, simulation.kernel.digest(), simulation.kernel.steps())
        });
        assert_eq!(ends[0], ends[1]);
    }
}
