//! All nodes: starts them, delivers messages to them, crashes and recovers them.

use std::fmt::Debug;

use crate::kernel::NodeId;
use crate::model::{Domain, Fact, ServiceId, Services};
use crate::outside::{Customers, Operator, ServiceNode};
use crate::platform::defects::{QUEUES_SURVIVE_RESTORE, TIMELINE_IGNORED};
use crate::platform::message::Message;
use crate::platform::topology::{projected, queue_of};
use crate::platform::{
    Broker, Cache, CommandApi, Cx, EventStore, Instance, KeyStore, Orchestrator, Plan, Projector,
    QueryApi, ReadStore, Relay, Role, Timers,
};

/// All nodes of a platform.
#[derive(Clone, Debug)]
pub(super) struct Nodes<D: Domain> {
    pub(super) customers: Customers<D>,
    pub(super) command_apis: Vec<CommandApi<D>>,
    pub(super) store: EventStore<D>,
    pub(super) relays: Vec<Relay<D>>,
    pub(super) broker: Broker<D>,
    /// All instances, in the order of their queues.
    pub(super) projectors: Vec<Projector<D>>,
    /// The number of instances of each projector.
    instances: usize,
    pub(super) read_store: ReadStore<D>,
    pub(super) cache: Cache<D>,
    pub(super) query_apis: Vec<QueryApi<D>>,
    pub(super) orchestrators: Vec<Orchestrator<D>>,
    pub(super) timers: Timers,
    pub(super) key_store: KeyStore,
    pub(super) services: Vec<ServiceNode<D>>,
    operator: Operator,
}

impl<D: Domain> Nodes<D> {
    pub(super) fn new(plan: &Plan<D>) -> Self {
        let Plan { domain, settings, .. } = plan;
        let ledgers = D::Services::open(domain).into_iter().zip((0..).map(ServiceId));
        Self {
            customers: Customers::new(),
            command_apis: (0..settings.command_apis).map(|_| CommandApi::new()).collect(),
            store: EventStore::new(),
            relays: (0..settings.relay.instances).map(|_| Relay::new()).collect(),
            broker: Broker::new(),
            projectors: projected::<D>()
                .flat_map(|view| {
                    let instances = settings.projectors.instances;
                    (0..instances).map(move |_| Projector::new(view))
                })
                .collect(),
            instances: usize::from(settings.projectors.instances),
            read_store: ReadStore::new(),
            cache: Cache::new(),
            query_apis: (0..settings.query_apis).map(|_| QueryApi::new()).collect(),
            orchestrators: (0..settings.saga.instances).map(|_| Orchestrator::new()).collect(),
            timers: Timers::default(),
            key_store: KeyStore::default(),
            services: ledgers.map(|(ledger, id)| ServiceNode::new(id, ledger)).collect(),
            operator: Operator::default(),
        }
    }

    /// Starts a node.
    pub(super) fn start(&mut self, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        match cx.map().role(node) {
            Role::Customers => self.customers.start(cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].start(cx),
            Role::Projector(instance) => {
                let nth = self.projector(instance);
                self.projectors[nth].start(cx);
            }
            Role::Orchestrator(nth) => self.orchestrators[usize::from(nth)].start(cx),
            Role::Service(service) => self.services[usize::from(service.0)].start(cx),
            Role::Operator => self.operator.start(cx),
            Role::EventStore => self.store.start(cx),
            _ => {}
        }
    }

    /// Delivers a message to a node.
    pub(super) fn handle(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: Message<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        match message {
            Message::Restarted => {
                cx.fact(Fact::Restarted);
                self.recover(to, cx);
                return;
            }
            Message::Opportunity => return,
            Message::Disconnected(peer) => cx.fact(Fact::Disconnected { peer }),
            _ => {}
        }
        match cx.map().role(to) {
            Role::Customers => self.customers.handle(from, message, cx),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].handle(from, message, cx),
            Role::EventStore => self.store.handle(from, message, cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].handle(message, cx),
            Role::Broker => self.broker.handle(from, message, cx),
            Role::Projector(instance) => {
                let nth = self.projector(instance);
                self.projectors[nth].handle(message, cx);
            }
            Role::ReadStore => self.read_store.handle(from, message, cx),
            Role::Cache => self.cache.handle(from, message, cx),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].handle(from, message, cx),
            Role::Orchestrator(nth) => {
                self.orchestrators[usize::from(nth)].handle(from, message, cx)
            }
            Role::Timers => self.timers.handle(from, message, cx),
            Role::KeyStore => self.key_store.handle(from, message, cx),
            Role::Service(id) => self.services[usize::from(id.0)].handle(from, message, cx),
            Role::Operator => self.operator.handle(message, cx),
        }
    }

    /// Crashes a node: it loses its volatile state.
    pub(super) fn crash(&mut self, role: Role) {
        match role {
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].crash(),
            Role::EventStore => self.store.crash(),
            Role::Relay(nth) => self.relays[usize::from(nth)].crash(),
            Role::Broker => self.broker.crash(),
            Role::Projector(instance) => {
                let nth = self.projector(instance);
                self.projectors[nth].crash();
            }
            Role::ReadStore => self.read_store.crash(),
            Role::Cache => self.cache.crash(),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].crash(),
            Role::Orchestrator(nth) => self.orchestrators[usize::from(nth)].crash(),
            Role::Timers => self.timers.crash(),
            Role::KeyStore => {} // durable as a whole
            Role::Customers | Role::Service(_) | Role::Operator => {
                unreachable!("only platform nodes crash")
            }
        }
    }

    /// The event store begins a new timeline: each node that keeps what came from the log compares the number of the
    /// timeline with the one that it knows, and drops what is of another. Clients do the same with their tokens.
    pub(super) fn begin_timeline(&mut self, plan: &Plan<D>, is_ours: impl Fn(NodeId) -> bool) {
        let timeline = self.store.timeline();
        let is_ignored = |by| plan.defects.has(by);
        if !is_ignored(&TIMELINE_IGNORED) {
            self.read_store.begin_timeline(timeline);
        }
        if !is_ignored(&QUEUES_SURVIVE_RESTORE) {
            self.broker = Broker::new();
        }
        // The sagas that are left set theirs again.
        self.timers = Timers::default();
        self.customers.begin_timeline(timeline);
        self.services.iter_mut().for_each(|service| service.hang_up(&is_ours));
    }

    /// Lets a restarted node continue from its durable state.
    fn recover(&mut self, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        match cx.map().role(node) {
            Role::EventStore => self.store.recover(cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].recover(cx),
            Role::Broker => self.broker.recover(cx),
            Role::Projector(instance) => {
                let nth = self.projector(instance);
                self.projectors[nth].recover(cx);
            }
            Role::ReadStore => self.read_store.recover(cx),
            Role::Cache => self.cache.recover(cx),
            Role::Orchestrator(nth) => self.orchestrators[usize::from(nth)].recover(cx),
            Role::Timers => self.timers.recover(cx),
            // Clients send unanswered requests again; keys are durable.
            Role::CommandApi(_) | Role::QueryApi(_) | Role::KeyStore => {}
            Role::Customers | Role::Service(_) | Role::Operator => {
                unreachable!("only platform nodes crash")
            }
        }
    }

    /// The index of an instance of a projector.
    fn projector(&self, Instance { view, nth }: Instance) -> usize {
        let queue = queue_of::<D>(view).expect("a projector has a queue");
        usize::from(queue) * self.instances + usize::from(nth)
    }

    /// The number of messages that the instances of each projector hold back, in the order of their queues.
    pub(super) fn buffered(&self) -> Vec<u64> {
        let of_view = |all: &[Projector<D>]| all.iter().map(Projector::buffered).sum();
        self.projectors.chunks(self.instances).map(of_view).collect()
    }

    /// The number of requests that keep a worker of an instance busy until they are answered.
    pub(super) fn in_hand(&self, role: Role) -> usize {
        match role {
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].in_hand(),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].in_hand(),
            _ => 0,
        }
    }

    /// A node with all its state, to be printed.
    pub(super) fn node(&self, role: Role) -> &dyn Debug {
        match role {
            Role::Customers => &self.customers,
            Role::CommandApi(nth) => &self.command_apis[usize::from(nth)],
            Role::EventStore => &self.store,
            Role::Relay(nth) => &self.relays[usize::from(nth)],
            Role::Broker => &self.broker,
            Role::Projector(instance) => &self.projectors[self.projector(instance)],
            Role::ReadStore => &self.read_store,
            Role::Cache => &self.cache,
            Role::QueryApi(nth) => &self.query_apis[usize::from(nth)],
            Role::Orchestrator(nth) => &self.orchestrators[usize::from(nth)],
            Role::Timers => &self.timers,
            Role::KeyStore => &self.key_store,
            Role::Service(service) => &self.services[usize::from(service.0)],
            Role::Operator => &self.operator,
        }
    }

    /// The pending work of a node, if any; `script` is the number of lines of the script.
    pub(super) fn busy(&self, role: Role, script: usize) -> Option<String> {
        match role {
            Role::Customers => self.customers.busy(script),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].busy(),
            Role::EventStore => self.store.busy(),
            Role::Relay(nth) => self.relays[usize::from(nth)].busy(),
            Role::Broker => self.broker.busy(),
            Role::Projector(instance) => self.projectors[self.projector(instance)].busy(),
            Role::ReadStore => self.read_store.busy(),
            Role::Cache | Role::KeyStore => None,
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].busy(),
            Role::Orchestrator(nth) => self.orchestrators[usize::from(nth)].busy(),
            Role::Timers => self.timers.busy(),
            Role::Service(service) => self.services[usize::from(service.0)].busy(),
            Role::Operator => self.operator.busy(),
        }
    }

    /// Whether a node has no pending work. Asked before each occurrence while no work is pending: it must not
    /// cost what a description costs.
    pub(super) fn is_idle(&self, role: Role, script: usize) -> bool {
        match role {
            Role::Customers => self.customers.is_idle(script),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].is_idle(),
            Role::EventStore => self.store.is_idle(),
            Role::Relay(nth) => self.relays[usize::from(nth)].is_idle(),
            Role::Broker => self.broker.is_idle(),
            Role::Projector(instance) => self.projectors[self.projector(instance)].is_idle(),
            Role::ReadStore => self.read_store.is_idle(),
            Role::Cache | Role::KeyStore => true,
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].is_idle(),
            Role::Orchestrator(nth) => self.orchestrators[usize::from(nth)].is_idle(),
            Role::Timers => self.timers.is_idle(),
            Role::Service(service) => self.services[usize::from(service.0)].is_idle(),
            Role::Operator => self.operator.is_idle(),
        }
    }
}
