//! Which node is which: the layout of a platform as node numbers, names and links.

use crate::kernel::{Link, Links, NodeId};
use crate::model::{Domain, ServiceId, Services, ViewId};
use crate::platform::plan::Plan;
use crate::platform::topology::projected;

/// Declares [`Role`]: each role with the number of its first node, if it has one, and the name of its kind.
macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $(($number:ty = $first:expr))? as $kind:literal,)+) => {
        /// The role of a node.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[$doc])* $role $(($number))?),+
        }

        /// A role without its number: an index into [`Role::ONE_OF_EACH`].
        #[derive(Clone, Copy)]
        enum Kind {
            $($role),+
        }

        impl Role {
            /// A role of each kind, in the order of node numbers.
            pub(crate) const ONE_OF_EACH: [Self; KINDS] = [$(Self::$role $(($first))?),+];

            /// The name that all nodes with this role share.
            pub const fn kind(self) -> &'static str {
                match self {
                    $(Self::$role { .. } => $kind),+
                }
            }
        }

        const KINDS: usize = [$(Kind::$role),+].len();
    };
}

roles! {
    /// All customers, with their clients.
    Customers as "customers",
    /// A command API instance.
    CommandApi(u16 = 0) as "api",
    /// The event store.
    EventStore as "store",
    /// An outbox relay.
    Relay(u16 = 0) as "relay",
    /// The broker.
    Broker as "broker",
    /// An instance of the projector of a view.
    Projector(Instance = Instance { view: ViewId(0), nth: 0 }) as "projector",
    /// The database of the read models.
    ReadStore as "read-store",
    /// The cache.
    Cache as "cache",
    /// A query API instance.
    QueryApi(u16 = 0) as "query",
    /// An instance of the saga orchestrator.
    Orchestrator(u16 = 0) as "saga",
    /// The durable timers.
    Timers as "timers",
    /// The keys of the customers.
    KeyStore as "key-store",
    /// A system outside of the platform.
    Service(ServiceId = ServiceId(0)) as "service",
    /// The operator of the platform. Exists only if the scenario has operations.
    Operator as "operator",
}

/// One of the instances of a projector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The view to which they apply events.
    pub view: ViewId,
    /// Its number, from 0.
    pub nth: u16,
}

impl Role {
    /// Whether nodes with this role belong to the platform; only these crash.
    pub const fn is_ours(self) -> bool {
        !matches!(self, Self::Customers | Self::Service(_) | Self::Operator)
    }

    /// Whether nodes with this role share one connection with each node that they talk to; see
    /// [`Map::links`].
    pub(crate) const fn has_only_connections(self) -> bool {
        matches!(self, Self::Broker | Self::Cache)
    }
}

/// The layout of one platform.
#[derive(Clone, Debug)]
pub struct Map {
    roles: Vec<Role>,
    names: Vec<String>,
    /// The first node of each kind; at the end, the number of nodes.
    starts: [u16; KINDS + 1],
}

/// Accessors for kinds of which a platform has exactly one node.
macro_rules! single_nodes {
    ($($(#[$doc:meta])* $name:ident: $kind:ident,)+) => {
        $($(#[$doc])*
        pub fn $name(&self) -> NodeId {
            NodeId(self.starts[Kind::$kind as usize])
        })+
    };
}

impl Map {
    /// Lays out the platform of a plan.
    pub fn new<D: Domain>(plan: &Plan<D>) -> Self {
        let settings = &plan.settings;
        let instances = settings.projectors.instances;
        let projectors = projected::<D>().flat_map(|view| {
            (0..instances).map(move |nth| {
                let name = D::VIEWS[usize::from(view.0)].name.to_owned();
                (Role::Projector(Instance { view, nth }), name + &numbered(nth, instances))
            })
        });
        let services = D::Services::services(&plan.domain).iter().zip((0..).map(ServiceId));
        let services = services.map(|(service, id)| (Role::Service(id), service.id.clone()));
        let mut map = Self { roles: Vec::new(), names: Vec::new(), starts: [0; KINDS + 1] };
        for (role, kind) in Role::ONE_OF_EACH.into_iter().zip(1..) {
            match role {
                Role::CommandApi(_) => map.add_numbered(settings.command_apis, Role::CommandApi),
                Role::Relay(_) => map.add_numbered(settings.relay.instances, Role::Relay),
                Role::QueryApi(_) => map.add_numbered(settings.query_apis, Role::QueryApi),
                Role::Orchestrator(_) => {
                    map.add_numbered(settings.saga.instances, Role::Orchestrator);
                }
                Role::Projector(_) => map.add(projectors.clone()),
                Role::Service(_) => map.add(services.clone()),
                Role::Operator if plan.operations.is_empty() => {}
                single => map.add([(single, single.kind().to_owned())]),
            }
            let nodes = u16::try_from(map.roles.len());
            map.starts[kind] = nodes.expect("a platform has fewer than 65536 nodes");
        }
        map
    }

    fn add(&mut self, nodes: impl IntoIterator<Item = (Role, String)>) {
        for (role, name) in nodes {
            self.roles.push(role);
            self.names.push(name);
        }
    }

    /// Adds `count` nodes of a kind, whose names are numbered from 1 if there are several.
    fn add_numbered(&mut self, count: u16, role: fn(u16) -> Role) {
        let kind = role(0).kind();
        assert!(count > 0, "a plan has at least one {kind}");
        self.add((0..count).map(|nth| (role(nth), format!("{kind}{}", numbered(nth, count)))));
    }

    /// All links: as the plan says, and ordered where the real link is one connection.
    pub fn links(&self, network: Link) -> Links {
        let mut links = Links::new(self.roles.len(), network);
        let connection = Link { ordered: true, ..network };
        let mut connect = |a: NodeId, b: NodeId| {
            links.set(a, b, connection);
            links.set(b, a, connection);
        };
        self.relays().for_each(|relay| connect(relay, self.broker()));
        for projector in self.projectors() {
            connect(projector, self.broker());
            connect(projector, self.read_store());
            connect(projector, self.cache());
        }
        self.orchestrators().for_each(|orchestrator| connect(orchestrator, self.broker()));
        self.all(Kind::QueryApi).for_each(|query_api| connect(query_api, self.cache()));
        links
    }

    /// The role of each node, by number.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The role of a node.
    pub fn role(&self, node: NodeId) -> Role {
        self.roles[node.index()]
    }

    /// Whether a node belongs to the platform; see [`Role::is_ours`].
    pub fn is_ours(&self, node: NodeId) -> bool {
        self.role(node).is_ours()
    }

    /// The name of a node.
    pub fn name(&self, node: NodeId) -> &str {
        &self.names[node.index()]
    }

    /// The node with a name.
    pub fn named(&self, name: &str) -> Option<NodeId> {
        let index = self.names.iter().position(|known| known == name)?;
        u16::try_from(index).ok().map(NodeId)
    }

    /// The names of all nodes, by number.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    single_nodes! {
        /// The node of all customers.
        customers: Customers,
        /// The event store.
        store: EventStore,
        /// The broker.
        broker: Broker,
        /// The database of the read models.
        read_store: ReadStore,
        /// The cache.
        cache: Cache,
        /// The saga orchestrator, or the first instance of it.
        orchestrator: Orchestrator,
        /// The durable timers.
        timers: Timers,
        /// The keys of the customers.
        key_store: KeyStore,
    }

    /// All relays.
    pub fn relays(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.all(Kind::Relay)
    }

    /// All instances of all projectors, in the order of their views.
    pub fn projectors(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.all(Kind::Projector)
    }

    /// The first instance of the projector of a view, if it has one.
    pub fn projector(&self, view: ViewId) -> Option<NodeId> {
        let first = Role::Projector(Instance { view, nth: 0 });
        self.projectors().find(|node| self.role(*node) == first)
    }

    /// All instances of the saga orchestrator.
    pub fn orchestrators(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.all(Kind::Orchestrator)
    }

    /// An instance of the saga orchestrator. Numbers beyond the last instance start again at the first.
    pub fn orchestrator_instance(&self, nth: u32) -> NodeId {
        self.wrapped(Kind::Orchestrator, nth)
    }

    /// A command API instance. Numbers beyond the last instance start again at the first.
    pub fn command_api(&self, nth: u32) -> NodeId {
        self.wrapped(Kind::CommandApi, nth)
    }

    /// A query API instance. Numbers beyond the last instance start again at the first.
    pub fn query_api(&self, nth: u16) -> NodeId {
        self.wrapped(Kind::QueryApi, u32::from(nth))
    }

    /// The operator, if the scenario has operations.
    pub fn operator(&self) -> Option<NodeId> {
        self.all(Kind::Operator).next()
    }

    /// The node of a service.
    pub fn service(&self, service: ServiceId) -> NodeId {
        NodeId(self.starts[Kind::Service as usize] + u16::from(service.0))
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = NodeId> + use<> {
        (self.starts[kind as usize]..self.starts[kind as usize + 1]).map(NodeId)
    }

    fn wrapped(&self, kind: Kind, nth: u32) -> NodeId {
        let (start, end) = (self.starts[kind as usize], self.starts[kind as usize + 1]);
        NodeId(start + (nth % u32::from(end - start)) as u16)
    }
}

/// What distinguishes the names of several nodes of a kind.
fn numbered(nth: u16, count: u16) -> String {
    if count == 1 { String::new() } else { format!("-{}", nth + 1) }
}
