//! Capacity: how much a node does at once.
//!
//! A node with a limited capacity has workers. A message takes a worker for a while and is then handled; what comes
//! while all workers are busy waits, in order. At an instance that clients send requests to, a request keeps its
//! worker until it is answered, as in a server with a thread for each request, and the queue has an end: what comes
//! after it is shed, and the client is told when to come back. Other nodes handle the messages of one sender in
//! order, and their queues have no end: their senders have deadlines, and a limited number of requests under way.
//!
//! Jobs are volatile: a node that crashes forgets those in hand and those that wait. A consumer whose connection to the
//! broker is lost forgets what the broker has delivered: all of it is delivered again, under other tags.

mod breaker;
mod shed;
#[cfg(test)]
mod tests;

pub(crate) use breaker::Breakers;
pub(crate) use shed::is_overloaded;

use std::collections::VecDeque;

use crate::collections::SortedMap;
use crate::kernel::{Cause, Instant, NodeId, Payload, Site, Span};
use crate::model::{CommandId, Domain, Fact, RequestId};
use crate::platform::cx::Cx;
use crate::platform::defects::OLD_DELIVERIES_HANDLED;
use crate::platform::map::{Map, Role};
use crate::platform::message::Message;
use crate::platform::settings::{CapacitySettings, Settings};

/// How much longer than its service time a message takes, in microseconds.
pub(crate) const NODE_WORK: Site = Site::new(28, "node.work");

/// The gates of all nodes, by their numbers. Empty if no node has a limited capacity.
#[derive(Clone, Debug)]
pub(crate) struct Gates<D: Domain> {
    gates: Vec<Option<Gate<D>>>,
}

/// What stands before a node with a limited capacity.
#[derive(Clone, Debug)]
struct Gate<D: Domain> {
    capacity: Capacity,
    waiting: VecDeque<Job<D>>,
    /// What workers are busy with, by number; nothing for a job that is not to be handled any more.
    working: SortedMap<u64, Option<Job<D>>>,
    /// The number of jobs that were begun. It survives a crash: timers of the time before do not fire, but a
    /// number is never given twice.
    begun: u64,
    /// When the last message of each sender is done.
    done: SortedMap<NodeId, Instant>,
}

/// The capacity of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Capacity {
    workers: u32,
    service_time: Span,
    jitter: Span,
    /// The most requests of clients that wait, and after how long those are told to come back that do not fit;
    /// `None` for a node without clients.
    clients: Option<(u32, Span)>,
}

/// A message that waits for a worker, or that a worker is busy with.
#[derive(Clone, Debug)]
pub(crate) struct Job<D: Domain> {
    pub(crate) from: NodeId,
    pub(crate) message: Message<D>,
    /// What led to the message: it leads to what happens when the message is handled.
    pub(crate) cause: Cause,
    /// When the message arrived.
    pub(crate) since: Instant,
}

impl Capacity {
    /// The capacity of a node with this role; `None` if it is not limited.
    fn of(role: Role, settings: &CapacitySettings) -> Option<Self> {
        let server = match role {
            Role::CommandApi(_) => settings.command_apis.as_ref(),
            Role::QueryApi(_) => settings.query_apis.as_ref(),
            _ => None,
        };
        if let Some(server) = server {
            let clients = Some((server.queue, server.retry_after));
            let (workers, service_time, jitter) =
                (server.workers, server.service_time, server.jitter);
            return Some(Self { workers, service_time, jitter, clients });
        }
        let worker = match role {
            Role::EventStore => settings.store.as_ref(),
            Role::Broker => settings.broker.as_ref(),
            Role::Projector(_) => settings.projectors.as_ref(),
            Role::ReadStore => settings.read_store.as_ref(),
            Role::Cache => settings.cache.as_ref(),
            Role::Orchestrator(_) => settings.saga.as_ref(),
            Role::KeyStore => settings.key_store.as_ref(),
            Role::Customers
            | Role::CommandApi(_)
            | Role::QueryApi(_)
            | Role::Relay(_)
            | Role::Timers
            | Role::Service(_)
            | Role::Operator => None,
        };
        worker.map(|worker| {
            let (workers, service_time, jitter) =
                (worker.workers, worker.service_time, worker.jitter);
            Self { workers, service_time, jitter, clients: None }
        })
    }
}

/// The workers of one node, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Workers {
    /// How many there are.
    pub(crate) count: u32,
    /// The most requests that wait for one; `None` for a queue without an end.
    pub(crate) queue: Option<u32>,
}

impl Workers {
    /// Those of a node with this role; `None` if its capacity is not limited.
    pub(crate) fn of(role: Role, settings: &CapacitySettings) -> Option<Self> {
        let Capacity { workers: count, clients, .. } = Capacity::of(role, settings)?;
        Some(Self { count, queue: clients.map(|(queue, _)| queue) })
    }
}

impl Settings {
    /// The longest time that an instance is busy with one request before it handles it, if none waits.
    pub(crate) fn longest_service(&self) -> Span {
        let servers = [&self.capacity.command_apis, &self.capacity.query_apis];
        let longest = servers.into_iter().flatten().map(|one| one.service_time + one.jitter).max();
        longest.unwrap_or(Span::ZERO)
    }
}

impl<D: Domain> Gates<D> {
    pub(crate) fn new(settings: &CapacitySettings, map: &Map) -> Self {
        let capacities = map.roles().iter().map(|role| Capacity::of(*role, settings));
        let gates: Vec<_> = capacities.map(|capacity| capacity.map(Gate::new)).collect();
        let any = gates.iter().any(Option::is_some);
        Self { gates: if any { gates } else { Vec::new() } }
    }

    /// Whether a node has a limited capacity.
    #[inline]
    pub(crate) fn has(&self, node: NodeId) -> bool {
        !self.gates.is_empty() && self.gates[node.index()].is_some()
    }

    /// A message has arrived at a node with a limited capacity, which has `in_hand` requests. Returns what is to
    /// be handled now: the message itself if it takes no worker, or the one that a worker is done with.
    pub(crate) fn arrived(
        &mut self,
        from: NodeId,
        message: Message<D>,
        in_hand: usize,
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<Job<D>> {
        let node = cx.node();
        let gate = self.gates[node.index()].as_mut()?;
        if let Message::Worked { job, .. } = message {
            return gate.working.remove(&job).flatten();
        }
        let lost = match message {
            Message::Disconnected(peer) => Some(peer),
            Message::Cancelled { .. } => Some(from),
            _ => None,
        };
        if let Some(peer) = lost.filter(|_| !cx.has(&OLD_DELIVERIES_HANDLED)) {
            gate.forget_deliveries(peer);
        }
        let job = Job { from, message, cause: cx.cause(), since: cx.uptime() };
        if from == node || !gate.takes_worker(&job.message) {
            return Some(job);
        }
        gate.enqueue(job, in_hand, cx);
        None
    }

    /// Lets free workers begin with what waits at a node with `in_hand` requests.
    pub(crate) fn begin(&mut self, in_hand: usize, cx: &mut Cx<'_, '_, D>) {
        let Some(gate) = &mut self.gates[cx.node().index()] else { return };
        while gate.has_free_worker(in_hand) {
            let Some(job) = gate.waiting.pop_front() else { return };
            cx.because(job.cause, |cx| {
                cx.fact(Fact::Dequeued { waited: cx.uptime().since(job.since) });
                gate.begin(job, cx);
            });
        }
    }

    /// The node has crashed.
    pub(crate) fn crash(&mut self, node: NodeId) {
        if let Some(Some(gate)) = self.gates.get_mut(node.index()) {
            *gate = Gate { begun: gate.begun, ..Gate::new(gate.capacity) };
        }
    }

    /// The number of messages that wait at a node, and of those that its workers are busy with.
    pub(crate) fn pending(&self, node: NodeId) -> (u64, u64) {
        let gate = self.gates.get(node.index()).and_then(Option::as_ref);
        gate.map_or((0, 0), |gate| (gate.waiting.len() as u64, gate.working.len() as u64))
    }
}

impl<D: Domain> Gate<D> {
    fn new(capacity: Capacity) -> Self {
        let (waiting, working, done) = (VecDeque::new(), SortedMap::new(), SortedMap::new());
        Self { capacity, waiting, working, begun: 0, done }
    }

    /// Whether a message takes a worker. At an instance for clients, what other nodes answer belongs to a request
    /// that has one.
    fn takes_worker(&self, message: &Message<D>) -> bool {
        match message {
            Message::Disconnected(_)
            | Message::Cancelled { .. }
            | Message::Revoked { .. }
            | Message::Restarted => false,
            Message::Command { .. }
            | Message::PersonalCommand { .. }
            | Message::Erase { .. }
            | Message::Query { .. }
            | Message::Watch { .. } => true,
            _ => self.capacity.clients.is_none(),
        }
    }

    /// Forgets what a broker has delivered over a connection that is lost, or to a consumer that is cancelled.
    fn forget_deliveries(&mut self, peer: NodeId) {
        let is_of_it =
            |job: &Job<D>| job.from == peer && matches!(job.message, Message::Deliver { .. });
        self.waiting.retain(|job| !is_of_it(job));
        for (_, job) in self.working.iter_mut() {
            job.take_if(|job| is_of_it(job));
        }
    }

    fn has_free_worker(&self, in_hand: usize) -> bool {
        self.working.len() + in_hand < self.capacity.workers as usize
    }

    fn enqueue(&mut self, job: Job<D>, in_hand: usize, cx: &mut Cx<'_, '_, D>) {
        if self.waiting.is_empty() && self.has_free_worker(in_hand) {
            return self.begin(job, cx);
        }
        let behind = self.waiting.len() as u32;
        if let Some((most, retry_after)) = self.capacity.clients
            && behind >= most
            && let Some(request) = of_client(&job.message)
        {
            return shed::shed(request, job.from, retry_after, cx);
        }
        cx.fact(Fact::Queued { behind });
        self.waiting.push_back(job);
    }

    /// A worker begins with a job.
    fn begin(&mut self, job: Job<D>, cx: &mut Cx<'_, '_, D>) {
        let Capacity { service_time, jitter, clients, .. } = self.capacity;
        let about = job.message.entity();
        let takes = match jitter {
            Span::ZERO => service_time,
            jitter => cx.drawn_span(NODE_WORK, about, service_time, jitter),
        };
        let mut due = cx.uptime() + takes;
        if clients.is_none() {
            // A worker that is faster than another one waits for it, so that the order of one sender is kept.
            let last = self.done.entry(job.from).or_default();
            due = due.max(*last);
            *last = due;
        }
        self.begun += 1;
        self.working.insert(self.begun, Some(job));
        // The run waits for it: a node that has nothing else to do is not at rest.
        cx.timer_busily(due.since(cx.uptime()), Message::Worked { job: self.begun, about });
    }
}

/// The request of a client, if a message is one. What a saga sends is not shed: the orchestrator has a limited
/// number of requests under way, and sends them again.
fn of_client<D: Domain>(message: &Message<D>) -> Option<RequestId> {
    match message {
        Message::Command { id: CommandId::Request(request), .. }
        | Message::PersonalCommand { request, .. }
        | Message::Erase { request }
        | Message::Query { request, .. } => Some(*request),
        Message::Watch { connection, .. } => Some(connection.request),
        _ => None,
    }
}
