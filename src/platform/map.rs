//! Which node is which: the layout of a platform as node numbers, names and links.

use crate::kernel::{Link, Links, NodeId};
use crate::model::{Domain, ServiceId, Services, ViewId};
use crate::platform::plan::Plan;
use crate::platform::topology::projected;

/// The part a node plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// All customers, with their clients.
    Customers,
    /// A command API instance.
    CommandApi(u16),
    /// The event store.
    EventStore,
    /// An outbox relay.
    Relay(u16),
    /// The broker.
    Broker,
    /// The projector of a view.
    Projector(ViewId),
    /// The database of the read models.
    ReadStore,
    /// The cache.
    Cache,
    /// A query API instance.
    QueryApi(u16),
    /// The saga orchestrator.
    Orchestrator,
    /// The durable timers.
    Timers,
    /// The customers' keys.
    KeyStore,
    /// A party outside.
    Service(ServiceId),
    /// Whoever runs the platform, if there is something for them to do.
    Operator,
}

impl Role {
    /// A role of each kind.
    pub(crate) const ONE_OF_EACH: [Self; 14] = [
        Self::Customers,
        Self::CommandApi(0),
        Self::EventStore,
        Self::Relay(0),
        Self::Broker,
        Self::Projector(ViewId(0)),
        Self::ReadStore,
        Self::Cache,
        Self::QueryApi(0),
        Self::Orchestrator,
        Self::Timers,
        Self::KeyStore,
        Self::Service(ServiceId(0)),
        Self::Operator,
    ];

    /// Whether nodes with this role are the platform's own, which can crash.
    pub const fn is_ours(self) -> bool {
        match self {
            Self::Customers | Self::Service(_) | Self::Operator => false,
            Self::CommandApi(_)
            | Self::EventStore
            | Self::Relay(_)
            | Self::Broker
            | Self::Projector(_)
            | Self::ReadStore
            | Self::Cache
            | Self::QueryApi(_)
            | Self::Orchestrator
            | Self::Timers
            | Self::KeyStore => true,
        }
    }

    /// What nodes that play this part are called together.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::CommandApi(_) => "api",
            Self::EventStore => "store",
            Self::Relay(_) => "relay",
            Self::Broker => "broker",
            Self::Projector(_) => "projector",
            Self::ReadStore => "read-store",
            Self::Cache => "cache",
            Self::QueryApi(_) => "query",
            Self::Orchestrator => "saga",
            Self::Timers => "timers",
            Self::KeyStore => "vault",
            Self::Operator => "operator",
            Self::Service(_) => "service",
        }
    }
}

/// The layout of one platform.
#[derive(Clone, Debug)]
pub struct Map {
    roles: Vec<Role>,
    names: Vec<String>,
    command_apis: (u16, u16),
    store: NodeId,
    relays: (u16, u16),
    broker: NodeId,
    projectors: (u16, u16),
    read_store: NodeId,
    cache: NodeId,
    query_apis: (u16, u16),
    orchestrator: NodeId,
    timers: NodeId,
    key_store: NodeId,
    services: (u16, u16),
    operator: Option<NodeId>,
}

impl Map {
    /// Lays out the platform of a plan.
    pub fn new<D: Domain>(plan: &Plan<D>) -> Self {
        let mut layout = Layout::default();
        let settings = &plan.settings;
        layout.one(Role::Customers, "customers");
        let command_apis = layout.many(settings.command_apis, "api", Role::CommandApi);
        let store = layout.one(Role::EventStore, "store");
        let relays = layout.many(settings.relay.instances, "relay", Role::Relay);
        let broker = layout.one(Role::Broker, "broker");
        let projectors_from = layout.next();
        for view in projected::<D>() {
            layout.one(Role::Projector(view), D::VIEWS[usize::from(view.0)].name);
        }
        let projectors = (projectors_from, layout.next() - projectors_from);
        let read_store = layout.one(Role::ReadStore, "read-store");
        let cache = layout.one(Role::Cache, "cache");
        let query_apis = layout.many(settings.query_apis, "query", Role::QueryApi);
        let orchestrator = layout.one(Role::Orchestrator, "saga");
        let timers = layout.one(Role::Timers, "timers");
        let key_store = layout.one(Role::KeyStore, "vault");
        let services_from = layout.next();
        for (service, nth) in D::Services::services(&plan.domain).iter().zip(0..) {
            layout.one(Role::Service(ServiceId(nth)), &service.id);
        }
        let services = (services_from, layout.next() - services_from);
        let operates = !plan.operations.is_empty();
        let operator = operates.then(|| layout.one(Role::Operator, "operator"));
        let Layout { roles, names } = layout;
        Self {
            roles,
            names,
            command_apis,
            store,
            relays,
            broker,
            projectors,
            read_store,
            cache,
            query_apis,
            orchestrator,
            timers,
            key_store,
            services,
            operator,
        }
    }

    /// All links: as the plan says, and in order where the real thing is one connection.
    pub fn links(&self, network: Link) -> Links {
        let mut links = Links::new(self.roles.len(), network);
        let connection = Link { ordered: true, ..network };
        let mut connect = |a: NodeId, b: NodeId| {
            links.set(a, b, connection);
            links.set(b, a, connection);
        };
        for relay in self.relays() {
            connect(relay, self.broker);
        }
        for projector in self.projectors() {
            connect(projector, self.broker);
            connect(projector, self.read_store);
            connect(projector, self.cache);
        }
        connect(self.orchestrator, self.broker);
        for query_api in (0..self.query_apis.1).map(|nth| self.query_api(nth)) {
            connect(query_api, self.cache);
        }
        links
    }

    /// What each node is, by number.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What a node is.
    pub fn role(&self, node: NodeId) -> Role {
        self.roles[node.index()]
    }

    /// Whether a node is one of the platform's own; see [`Role::is_ours`].
    pub fn is_ours(&self, node: NodeId) -> bool {
        self.role(node).is_ours()
    }

    /// What a node is called.
    pub fn name(&self, node: NodeId) -> &str {
        &self.names[node.index()]
    }

    /// The node of this name.
    pub fn named(&self, name: &str) -> Option<NodeId> {
        let index = self.names.iter().position(|known| known == name)?;
        u16::try_from(index).ok().map(NodeId)
    }

    /// The names of all nodes, by number.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The node of all customers.
    pub fn customers(&self) -> NodeId {
        NodeId(0)
    }

    /// A command API instance; numbers beyond the last begin again with the first.
    pub fn command_api(&self, nth: u32) -> NodeId {
        wrapped(self.command_apis, nth)
    }

    /// The event store.
    pub fn store(&self) -> NodeId {
        self.store
    }

    /// All relays.
    pub fn relays(&self) -> impl Iterator<Item = NodeId> + use<> {
        let (from, count) = self.relays;
        (from..from + count).map(NodeId)
    }

    /// The broker.
    pub fn broker(&self) -> NodeId {
        self.broker
    }

    /// All projectors, in the order of their views.
    pub fn projectors(&self) -> impl Iterator<Item = NodeId> + use<> {
        let (from, count) = self.projectors;
        (from..from + count).map(NodeId)
    }

    /// The projector of a view, if it has one.
    pub fn projector(&self, view: ViewId) -> Option<NodeId> {
        self.projectors().find(|node| self.role(*node) == Role::Projector(view))
    }

    /// The database of the read models.
    pub fn read_store(&self) -> NodeId {
        self.read_store
    }

    /// The cache.
    pub fn cache(&self) -> NodeId {
        self.cache
    }

    /// A query API instance; numbers beyond the last begin again with the first.
    pub fn query_api(&self, nth: u16) -> NodeId {
        wrapped(self.query_apis, u32::from(nth))
    }

    /// The saga orchestrator.
    pub fn orchestrator(&self) -> NodeId {
        self.orchestrator
    }

    /// The durable timers.
    pub fn timers(&self) -> NodeId {
        self.timers
    }

    /// The customers' keys.
    pub fn key_store(&self) -> NodeId {
        self.key_store
    }

    /// The operator, if the scenario has something for them to do.
    pub fn operator(&self) -> Option<NodeId> {
        self.operator
    }

    /// The node of a service.
    pub fn service(&self, service: ServiceId) -> NodeId {
        NodeId(self.services.0 + u16::from(service.0))
    }
}

fn wrapped((from, count): (u16, u16), nth: u32) -> NodeId {
    NodeId(from + (nth % u32::from(count)) as u16)
}

#[derive(Default)]
struct Layout {
    roles: Vec<Role>,
    names: Vec<String>,
}

impl Layout {
    fn next(&self) -> u16 {
        u16::try_from(self.roles.len()).expect("a platform has fewer than 65536 nodes")
    }

    fn one(&mut self, role: Role, name: &str) -> NodeId {
        let node = NodeId(self.next());
        self.roles.push(role);
        self.names.push(name.to_owned());
        node
    }

    /// `count` nodes of a kind, numbered from 1 if there are several: (first, count).
    fn many(&mut self, count: u16, name: &str, role: fn(u16) -> Role) -> (u16, u16) {
        assert!(count > 0, "a plan has at least one {name}");
        let from = self.next();
        for nth in 0..count {
            let numbered = format!("{name}-{}", nth + 1);
            self.one(role(nth), if count == 1 { name } else { &numbered });
        }
        (from, count)
    }
}
