//! All nodes of a platform, and the only place that knows them all: it starts them, hands each what came
//! for it, takes from them what a crash takes, and asks who is busy.

use std::fmt::Debug;

use crate::kernel::NodeId;
use crate::model::{Domain, Fact, ServiceId, Services, ViewId};
use crate::outside::{Customers, Operator, ServiceNode};
use crate::platform::message::Message;
use crate::platform::topology::{projected, queue_of};
use crate::platform::{
    Broker, Cache, CommandApi, Cx, EventStore, KeyStore, Orchestrator, Plan, Projector, QueryApi,
    ReadStore, Relay, Role, Timers,
};

/// All nodes of a platform.
#[derive(Clone, Debug)]
pub(super) struct Nodes<D: Domain> {
    pub(super) customers: Customers<D>,
    pub(super) command_apis: Vec<CommandApi<D>>,
    pub(super) store: EventStore<D>,
    pub(super) relays: Vec<Relay<D>>,
    pub(super) broker: Broker<D>,
    pub(super) projectors: Vec<Projector<D>>,
    pub(super) read_store: ReadStore<D>,
    pub(super) cache: Cache<D>,
    pub(super) query_apis: Vec<QueryApi<D>>,
    pub(super) orchestrator: Orchestrator<D>,
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
            projectors: projected::<D>().map(Projector::new).collect(),
            read_store: ReadStore::new(),
            cache: Cache::new(),
            query_apis: (0..settings.query_apis).map(|_| QueryApi::new()).collect(),
            orchestrator: Orchestrator::new(),
            timers: Timers::default(),
            key_store: KeyStore::default(),
            services: ledgers.map(|(ledger, id)| ServiceNode::new(id, ledger)).collect(),
            operator: Operator::default(),
        }
    }

    /// Lets a node begin.
    pub(super) fn start(&mut self, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        match cx.map().role(node) {
            Role::Customers => self.customers.start(cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].start(cx),
            Role::Projector(view) => self.projectors[projector::<D>(view)].start(cx),
            Role::Orchestrator => self.orchestrator.start(cx),
            Role::Service(service) => self.services[usize::from(service.0)].start(cx),
            Role::Operator => self.operator.start(cx),
            Role::CommandApi(_)
            | Role::EventStore
            | Role::Broker
            | Role::ReadStore
            | Role::Cache
            | Role::QueryApi(_)
            | Role::Timers
            | Role::KeyStore => {}
        }
    }

    /// Lets a node handle what came for it.
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
            Role::Projector(view) => self.projectors[projector::<D>(view)].handle(message, cx),
            Role::ReadStore => self.read_store.handle(from, message, cx),
            Role::Cache => self.cache.handle(from, message, cx),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].handle(from, message, cx),
            Role::Orchestrator => self.orchestrator.handle(from, message, cx),
            Role::Timers => self.timers.handle(from, message, cx),
            Role::KeyStore => self.key_store.handle(from, message, cx),
            Role::Service(id) => self.services[usize::from(id.0)].handle(from, message, cx),
            Role::Operator => self.operator.handle(message, cx),
        }
    }

    /// Takes from a node what a crash takes.
    pub(super) fn crash(&mut self, role: Role) {
        match role {
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].crash(),
            Role::EventStore => self.store.crash(),
            Role::Relay(nth) => self.relays[usize::from(nth)].crash(),
            Role::Broker => self.broker.crash(),
            Role::Projector(view) => self.projectors[projector::<D>(view)].crash(),
            Role::ReadStore => {} // durable as a whole
            Role::Cache => self.cache.crash(),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].crash(),
            Role::Orchestrator => self.orchestrator.crash(),
            Role::Timers => self.timers.crash(),
            Role::KeyStore => self.key_store.crash(),
            Role::Customers | Role::Service(_) | Role::Operator => {
                unreachable!("only our own nodes crash")
            }
        }
    }

    /// Lets a node that is back pick up its work from what it keeps durably.
    fn recover(&mut self, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        match cx.map().role(node) {
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].recover(cx),
            Role::EventStore => self.store.recover(cx),
            Role::Relay(nth) => self.relays[usize::from(nth)].recover(cx),
            Role::Broker => self.broker.recover(cx),
            Role::Projector(view) => self.projectors[projector::<D>(view)].recover(cx),
            Role::ReadStore => {} // durable as a whole
            Role::Cache => self.cache.recover(cx),
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].recover(cx),
            Role::Orchestrator => self.orchestrator.recover(cx),
            Role::Timers => self.timers.recover(cx),
            Role::KeyStore => self.key_store.recover(cx),
            Role::Customers | Role::Service(_) | Role::Operator => {
                unreachable!("only our own nodes crash")
            }
        }
    }

    /// All that a node holds, to be printed.
    pub(super) fn node(&self, role: Role) -> &dyn Debug {
        match role {
            Role::Customers => &self.customers,
            Role::CommandApi(nth) => &self.command_apis[usize::from(nth)],
            Role::EventStore => &self.store,
            Role::Relay(nth) => &self.relays[usize::from(nth)],
            Role::Broker => &self.broker,
            Role::Projector(view) => &self.projectors[projector::<D>(view)],
            Role::ReadStore => &self.read_store,
            Role::Cache => &self.cache,
            Role::QueryApi(nth) => &self.query_apis[usize::from(nth)],
            Role::Orchestrator => &self.orchestrator,
            Role::Timers => &self.timers,
            Role::KeyStore => &self.key_store,
            Role::Service(service) => &self.services[usize::from(service.0)],
            Role::Operator => &self.operator,
        }
    }

    /// What a node still has to do, if anything; `script` is how many lines its customers have.
    pub(super) fn busy(&self, role: Role, script: usize) -> Option<String> {
        match role {
            Role::Customers => self.customers.busy(script),
            Role::CommandApi(nth) => self.command_apis[usize::from(nth)].busy(),
            Role::EventStore => self.store.busy(),
            Role::Relay(nth) => self.relays[usize::from(nth)].busy(),
            Role::Broker => self.broker.busy(),
            Role::Projector(view) => self.projectors[projector::<D>(view)].busy(),
            Role::ReadStore | Role::Cache | Role::KeyStore => None,
            Role::QueryApi(nth) => self.query_apis[usize::from(nth)].busy(),
            Role::Orchestrator => self.orchestrator.busy(),
            Role::Timers => self.timers.busy(),
            Role::Service(service) => self.services[usize::from(service.0)].busy(),
            Role::Operator => self.operator.busy(),
        }
    }
}

/// Where the projector of a view is among all projectors.
fn projector<D: Domain>(view: ViewId) -> usize {
    usize::from(queue_of::<D>(view).expect("only views with a projector have the role of one"))
}
