//! The whole platform as one model under the kernel.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use super::nodes::Nodes;
use super::search::Search;
use crate::kernel::{
    Cause, Choices, Context, Delivered, Delivery, Holds, Kernel, Model, Moment, NodeId, Payload,
    Scope, Simulation, Span, Step, Stop,
};
use crate::model::{
    Domain, Fact, Filing, Ledger, Personal, Privacy, Recalled, Record, Rest, Searched, ServiceId,
    Strategy, ViewId, Vocabulary, counted_or_no,
};
use crate::platform::capacity::Gates;
use crate::platform::faults::STORE_FAILOVER;
use crate::platform::message::Message;
use crate::platform::{Cx, Map, Plan, Role, Settings, Stated};
use crate::trace::Narrator;

/// How long it takes until the platform runs again after the event store has gone back to an earlier state.
const PROMOTION: Span = Span::from_secs(1);

/// Receives every fact of a run, in order.
pub trait Listener<D: Domain> {
    /// `cause` led to `what`: an occurrence that is delivered, or a part of one. Its facts follow. Called only if
    /// it [keeps a story](Self::keeps_story).
    fn caused(&mut self, _what: Cause, _cause: Cause) {}
    /// An occurrence is delivered. Called only if [`wants_deliveries`](Self::wants_deliveries).
    fn delivered(&mut self, _delivered: Delivered) {}
    /// Whether it is told of deliveries.
    fn wants_deliveries(&self) -> bool {
        false
    }
    /// A node has stated a fact.
    fn hear(&mut self, domain: &D, record: &Record<D>);
    /// The event store keeps old events in another form, which a listener that has them can share.
    fn filed(&mut self, _filing: &Filing<D::Event>) {}
    /// The reason to stop the run here, if there is one.
    fn stopped(&self) -> Option<Stop> {
        None
    }
    /// A service may have changed its ledger in this step. Called only if it
    /// [follows ledgers](Self::follows_ledgers).
    fn ledger(&mut self, _domain: &D, _step: Step, _service: ServiceId, _ledger: &Ledger<D>) {}
    /// Whether it is told of ledgers.
    fn follows_ledgers(&self) -> bool {
        false
    }
    /// Whether it keeps the records for a story.
    fn keeps_story(&self) -> bool {
        false
    }
}

/// Ignores all facts: for measuring the cost of the platform alone.
impl<D: Domain> Listener<D> for () {
    fn hear(&mut self, _: &D, _: &Record<D>) {}
}

/// All nodes of a platform, and the listener to their facts.
#[derive(Clone, Debug)]
pub struct World<D: Domain, L> {
    pub(super) plan: Arc<Plan<D>>,
    pub(super) map: Arc<Map>,
    pub(super) nodes: Nodes<D>,
    pub(super) gates: Gates<D>,
    /// The facts of the current occurrence. Empty between occurrences, to reuse the allocations.
    stated: Stated<D>,
    /// The search for personal data, in a world in which a customer may ask for erasure.
    search: Option<Box<Search>>,
    /// The last occurrence in which an event was stored.
    pub(super) stored_at: Step,
    /// The node that had work when it was last asked whether any has: most likely it still has.
    busy: Cell<NodeId>,
    listener: L,
}

/// Builds a platform and starts every node.
///
/// Start-up is not an occurrence: messages sent then have step 0 as their cause.
///
/// Most callers want [`session::execute`](crate::session::execute), which listens with all checkers.
pub fn simulation<D: Domain, L: Listener<D>>(
    plan: &Arc<Plan<D>>,
    mut choices: Choices,
    holds: Holds,
    listener: L,
) -> Simulation<World<D, L>> {
    let plan = plan.with_settings(&mut choices);
    let map = Arc::new(Map::new(&*plan));
    let links = map.links(plan.network);
    let mut kernel = Kernel::new(links, choices, holds).with_faults(&plan.faults);
    let mut model = World::new(plan, map, listener);
    model.start(&mut kernel);
    model.opportunities(&mut kernel);
    Simulation { kernel, model }
}

impl<D: Domain, L: Listener<D>> World<D, L> {
    fn new(plan: Arc<Plan<D>>, map: Arc<Map>, listener: L) -> Self {
        let nodes = Nodes::new(&plan);
        let gates = Gates::new(&plan.settings.capacity, &map);
        let search = plan.erases().then(|| Box::new(Search::new()));
        let (stated, stored_at) = (Stated::default(), Step(0));
        let busy = Cell::new(NodeId(0));
        Self { nodes, gates, stated, search, stored_at, busy, listener, plan, map }
    }

    fn start(&mut self, kernel: &mut Kernel<Message<D>>) {
        for node in self.node_ids() {
            let context = &mut kernel.context(node);
            let mut stated = std::mem::take(&mut self.stated);
            let cx = &mut Cx::new(context, &self.plan, &self.map, Cause::START, &mut stated);
            self.nodes.start(node, cx);
            cx.state_faults();
            self.publish(Step(0), stated);
            self.follow_ledger(Step(0), node);
        }
    }

    /// Shows the ledger of a node, if it is a service, to a listener that follows ledgers.
    fn follow_ledger(&mut self, step: Step, node: NodeId) {
        if let Role::Service(service) = self.map.role(node)
            && self.listener.follows_ledgers()
        {
            let ledger = self.nodes.services[usize::from(service.0)].ledger();
            self.listener.ledger(&self.plan.domain, step, service, ledger);
        }
    }

    /// Sets a timer for each scripted fault of a node that is not tied to a message.
    fn opportunities(&self, kernel: &mut Kernel<Message<D>>) {
        for scripted in &self.plan.faults.scripted {
            let untied = scripted.fault.scope == Scope::AnyNode && scripted.kind.is_none();
            if let Some(node) = scripted.node.filter(|_| untied) {
                let delay = scripted.from.since(kernel.now());
                kernel.context(node).timer_busily(delay, Message::Opportunity);
            }
        }
    }

    /// The event store has gone back: whoever promotes a replica or restores a backup stops the platform, empties what
    /// is ahead of the store, and starts the platform again.
    fn begin_timeline(&mut self, by_fault: bool, context: &mut Context<'_, Message<D>>) {
        let ours: Vec<NodeId> = self.node_ids().filter(|node| self.map.is_ours(*node)).collect();
        for &node in &ours {
            self.nodes.crash(self.map.role(node));
            self.gates.crash(node);
        }
        self.nodes.begin_timeline(&self.plan, |node| self.map.is_ours(node));
        let fault = by_fault.then_some(&STORE_FAILOVER);
        context.crash_together(&ours, fault, PROMOTION, &Message::Restarted);
    }

    /// Passes the facts of an occurrence to the search and to the listener.
    fn publish(&mut self, step: Step, mut stated: Stated<D>) {
        let is_told = self.listener.keeps_story();
        if is_told {
            for (part, cause) in (0..).zip(&stated.causes) {
                self.listener.caused(Cause::new(step, part), *cause);
            }
        }
        if let Some(search) = &mut self.search {
            let vocabulary = Vocabulary { domain: &self.plan.domain, names: &self.plan.names };
            let (nodes, roles) = (self.map.names(), self.map.roles());
            let narrator = Narrator { vocabulary, nodes, roles };
            for record in &stated.records {
                search.record(record);
                if is_told {
                    search.sentence(record, narrator);
                }
            }
        }
        let mut has_grown = false;
        for record in &stated.records {
            if let Fact::Stored(_) = record.fact {
                self.stored_at = record.step;
                has_grown = true;
            }
            self.listener.hear(&self.plan.domain, record);
        }
        if has_grown {
            self.nodes.store.filings().for_each(|filing| self.listener.filed(&filing));
        }
        stated.records.clear();
        stated.causes.clear();
        self.stated = stated;
    }
}

/// A message has arrived at a node with a limited capacity.
fn handle_at_gate<D: Domain>(
    nodes: &mut Nodes<D>,
    gates: &mut Gates<D>,
    from: NodeId,
    message: Message<D>,
    cx: &mut Cx<'_, '_, D>,
) {
    let node = cx.node();
    let role = cx.map().role(node);
    if let Some(job) = gates.arrived(from, message, nodes.in_hand(role), cx) {
        cx.since_arrival = cx.uptime().since(job.since);
        cx.because(job.cause, |cx| nodes.handle(job.from, node, job.message, cx));
    }
    gates.begin(nodes.in_hand(role), cx);
}

impl<D: Domain, L> World<D, L> {
    /// The listener.
    pub fn listener(&self) -> &L {
        &self.listener
    }

    /// The listener, to be finished at the end.
    pub fn listener_mut(&mut self) -> &mut L {
        &mut self.listener
    }

    /// The layout of the platform.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The number of visible events.
    pub fn events(&self) -> u64 {
        self.nodes.store.events().len() as u64
    }

    /// The pending work of all nodes.
    pub fn busy(&self) -> Vec<String> {
        let line = |node| Some(format!("{}: {}", self.map.name(node), self.busy_node(node)?));
        self.node_ids().filter_map(line).collect()
    }

    pub(super) fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<D, L> {
        (0..self.map.roles().len() as u16).map(NodeId)
    }

    pub(super) fn busy_node(&self, node: NodeId) -> Option<String> {
        let own = self.nodes.busy(self.map.role(node), self.plan.script.len());
        let (waiting, working) = self.gates.pending(node);
        if waiting + working == 0 {
            return own;
        }
        let own = own.map_or_else(String::new, |own| format!("{own}, "));
        let waiting = counted_or_no(waiting, "message");
        Some(format!("{own}{working} being worked on, {waiting} waiting for a worker"))
    }

    /// The final state, as plain data.
    pub fn rest(&self, kernel: &Kernel<Message<D>>) -> Rest<'_, D> {
        Rest {
            domain: &self.plan.domain,
            names: &self.plan.names,
            at: kernel.now(),
            step: Step(kernel.steps()),
            events: Cow::Borrowed(self.nodes.store.events()),
            snapshots: self.nodes.store.snapshots().collect(),
            rows: self.rows(),
            partial: self.nodes.read_store.partial(),
            recalled: self.recalled(),
            checkpoints: self.nodes.read_store.checkpoints(),
            unsent: self.nodes.store.unsent(),
            queued: self.nodes.broker.queued(),
            buffered: self.nodes.buffered(),
            dead_letters: self.nodes.broker.dead_letters(),
            ledgers: self.nodes.services.iter().map(|service| service.ledger()).collect(),
            searched: self.searched(kernel),
            busy: self.busy(),
        }
    }

    /// The rows of each view that is kept.
    fn rows(&self) -> Vec<Vec<Option<Arc<D::Row>>>> {
        let mut rows = self.nodes.read_store.rows();
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
            if view.strategy == Strategy::Synchronous {
                rows[usize::from(id.0)] = self.nodes.store.rows(id);
            }
        }
        rows
    }

    /// The views on demand in the memory of each query API instance.
    fn recalled(&self) -> Vec<Recalled<D>> {
        let instances = self.nodes.query_apis.iter().zip(0..);
        let tables = instances.flat_map(|(api, nth)| {
            let node = self.map.name(self.map.query_api(nth));
            api.tables().map(move |(view, upto, rows)| Recalled {
                node: node.to_owned(),
                view,
                checkpoint: upto.0,
                rows,
            })
        });
        tables.collect()
    }

    /// Searches what the keys that are left open of the rows of views. What is said about one person must not be sealed
    /// under the key of another.
    fn search_what_keys_open(&self, search: &mut Search, step: Step) {
        for (view, rows) in D::VIEWS.iter().zip(self.rows()) {
            for row in rows.into_iter().flatten() {
                let mut row = Arc::unwrap_or_clone(row);
                for person in D::Privacy::persons(&self.plan.domain, &mut row) {
                    let Personal::Sealed(sealed) = person else { continue };
                    let Some(plain) = self.nodes.key_store.opens(sealed) else { continue };
                    let place = format!("{} with a key that is left", view.name);
                    search.through(&place, step, format_args!("{plain:+?}"));
                }
            }
        }
    }

    /// Searches every node, its state in words, and all pending messages. Customers are not searched: they
    /// may hold their own data.
    fn searched(&self, kernel: &Kernel<Message<D>>) -> Option<Searched> {
        let mut search = self.search.as_deref()?.clone();
        let step = Step(kernel.steps());
        search.through("pending messages", step, format_args!("{kernel:+?}"));
        for (&role, name) in self.map.roles().iter().zip(self.map.names()) {
            if role != Role::Customers {
                let node = self.nodes.node(role);
                search.through(name, step, format_args!("{node:+?}"));
            }
            if let Some(words) = self.describe_state(name) {
                search.through(&format!("{name} in words"), step, format_args!("{words}"));
            }
        }
        self.search_what_keys_open(&mut search, step);
        Some(search.finish())
    }
}

impl<D: Domain, L: Listener<D>> Model for World<D, L> {
    type Payload = Message<D>;

    fn handle(&mut self, delivery: Delivery<Message<D>>, context: &mut Context<'_, Message<D>>) {
        if self.listener.wants_deliveries() {
            self.listener.delivered(context.delivered(&delivery));
        }
        let Delivery { step, cause, from, to, nth: _, payload } = delivery;
        if let (Some(search), Message::PersonalCommand { said, .. }) = (&mut self.search, &payload)
        {
            said.iter().for_each(|(whose, plain)| search.look_for(*whose, plain));
        }
        let may_crash = context.may_disturb_nodes() && self.map.is_ours(to);
        let crash = if may_crash { context.fate(from, payload.entity()) } else { None };
        let mut stated = std::mem::take(&mut self.stated);
        let cx = &mut Cx::new(context, &self.plan, &self.map, cause, &mut stated);
        cx.state_faults();
        if crash.is_none_or(|crash| crash.moment != Moment::Before) {
            if self.gates.has(to) {
                handle_at_gate(&mut self.nodes, &mut self.gates, from, payload, cx);
            } else {
                self.nodes.handle(from, to, payload, cx);
            }
        }
        cx.state_faults();
        if to == self.map.store()
            && let Some(by_fault) = self.nodes.store.take_gone_back()
        {
            // The store is among those that restart: a crash in the same occurrence adds nothing.
            self.begin_timeline(by_fault, context);
        } else if let Some(crash) = crash {
            self.nodes.crash(self.map.role(to));
            self.gates.crash(to);
            context.crash(crash, Message::Restarted);
        }
        self.publish(step, stated);
        self.follow_ledger(step, to);
    }

    fn idle(&self) -> bool {
        let script = self.plan.script.len();
        let is_busy = |node: NodeId| !self.nodes.is_idle(self.map.role(node), script);
        if is_busy(self.busy.get()) {
            return false;
        }
        let busy = self.node_ids().find(|node| is_busy(*node));
        busy.inspect(|node| self.busy.set(*node)).is_none()
    }

    /// Relays poll for rows of which they were not notified. One that has another's lease to wait for finds them
    /// when the lease has expired, at its next poll. Orchestrators poll for the lease of the sagas: one that was
    /// given it and not told, or that waits for its end, leads after one of its next polls.
    fn found_by_polls(&self, in_vain: Span) -> bool {
        let Settings { relay, saga, .. } = &self.plan.settings;
        let is_unsent = self.nodes.store.unsent() > 0;
        is_unsent && in_vain <= relay.lease.times(2) + relay.poll_max.times(2)
            || saga.instances > 1 && in_vain <= saga.lease.times(4)
    }

    /// Events, transactions, customers and their requests: all else that grows with a run grows with
    /// these.
    fn kept(&self) -> u64 {
        self.nodes.store.kept() + self.nodes.customers.kept()
    }

    fn stopped(&self) -> Option<Stop> {
        self.listener.stopped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Digest, Frequency, Instant, Overrides, Policy, Span};
    use crate::model::CustomerId;
    use crate::platform::{Cue, Intensity, Loop, Spacing, Workload};
    use crate::testing::{Add, Counting, plan};

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
        plan.workloads = vec![Workload {
            first: CustomerId(7),
            customers: 20,
            turns: Loop::Open {
                intensity: Intensity::Steady(Frequency::new(1, Span::from_millis(10))),
                spacing: Spacing::Groups(1),
                returning: true,
            },
            from: Instant::ZERO,
            until: Instant::ZERO + Span::from_secs(1),
            mix: vec![(3, Add { counter: 1, amount: 2 }), (1, Add { counter: 9, amount: -1 })],
        }];
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
    fn a_run_repeats_exactly_and_another_seed_gives_another_run() {
        let digest = |seed| run(busy_plan(), Policy::seeded(seed)).1;
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
    }

    #[test]
    fn a_clone_of_a_running_world_continues_as_the_original() {
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
