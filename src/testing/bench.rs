//! A bench for single nodes: what a node sends for what it is sent.

use std::sync::Arc;

use super::counting::{Counting, counting};
use crate::kernel::{
    Budget, Cause, Choices, Fault, FaultPlan, Holds, Instant, Kernel, Link, NodeId, Overrides,
    Policy, ScriptedFault, Span, Step,
};
use crate::model::{Defects, Fact, Names};
use crate::platform::message::Message;
use crate::platform::{Cx, Map, Plan, Settings, Stated, Varies};

/// A plan for the toy domain without customers.
pub(crate) fn plan() -> Arc<Plan<Counting>> {
    Arc::new(Plan {
        domain: counting(),
        names: Names::default(),
        settings: Settings::default(),
        network: Link { base: Span::from_millis(1), jitter: Span::ZERO, ordered: false },
        script: Vec::new(),
        operations: Vec::new(),
        workloads: Vec::new(),
        faults: FaultPlan::default(),
        varies: Varies::default(),
        quiet: Span::from_secs(3600),
        budget: Budget::default(),
        defects: Defects::default(),
    })
}

/// One node under test. The test plays the rest of the platform.
pub(crate) struct Bench {
    pub(crate) plan: Arc<Plan<Counting>>,
    pub(crate) map: Map,
    kernel: Kernel<Message<Counting>>,
    stated: Stated<Counting>,
    /// The step in which a node acted last.
    acted: u64,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of(plan())
    }

    /// A bench of a platform with other settings.
    pub(crate) fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        let mut plan = plan();
        change(&mut Arc::make_mut(&mut plan).settings);
        Self::of(plan)
    }

    fn of(plan: Arc<Plan<Counting>>) -> Self {
        let map = Map::new(&*plan);
        let choices = Choices::new(Policy::Benign, Overrides::default());
        let kernel = Kernel::new(map.links(plan.network), choices, Holds::default());
        Self { plan, map, kernel, stated: Stated::default(), acted: 0 }
    }

    /// A bench at which a fault happens at its first opportunity after `skip` others, and not again.
    pub(crate) fn with_fault(fault: &'static Fault, skip: u64) -> Self {
        Self::new().and_fault(fault, skip)
    }

    /// The same, at which a fault happens at its first opportunity after `skip` others, and not again.
    pub(crate) fn and_fault(mut self, fault: &'static Fault, skip: u64) -> Self {
        let scripted = ScriptedFault { skip, times: 1, ..ScriptedFault::always(fault) };
        let faults = FaultPlan { scripted: vec![scripted], ..FaultPlan::default() };
        self.kernel = self.kernel.with_faults(&faults);
        self
    }

    /// Makes a fault happen at its next opportunity, and not again. No other fault happens from then on.
    #[cfg(feature = "internals")]
    pub(crate) fn arm(&mut self, fault: &'static Fault, size: Option<u64>) {
        let scripted = ScriptedFault { times: 1, size, ..ScriptedFault::always(fault) };
        let faults = FaultPlan { scripted: vec![scripted], ..FaultPlan::default() };
        self.kernel = self.kernel.clone().with_faults(&faults);
    }

    /// How often faults fired, and how often their effect was observed.
    pub(crate) fn faults(&self) -> (u64, u64) {
        let fired = self.kernel.ledger().fired;
        fired.iter().fold((0, 0), |(fired, seen), at| (fired + at.fired, seen + at.seen))
    }

    /// Lets `node` act. Several acts can be in one step, so parts of steps are kept.
    pub(crate) fn tell(&mut self, node: NodeId, act: impl FnOnce(&mut Cx<'_, '_, Counting>)) {
        let steps = self.kernel.steps();
        if std::mem::replace(&mut self.acted, steps) != steps {
            self.stated.causes.clear();
        }
        let context = &mut self.kernel.context(node);
        act(&mut Cx::new(context, &self.plan, &self.map, Cause::START, &mut self.stated));
    }

    /// The next message or timer that arrives at any node, and the node.
    pub(crate) fn next(&mut self) -> Option<(NodeId, Message<Counting>)> {
        self.deliver().map(|(_, to, message)| (to, message))
    }

    /// The same, with the sender.
    pub(crate) fn deliver(&mut self) -> Option<(NodeId, NodeId, Message<Counting>)> {
        self.kernel.next().map(|delivery| (delivery.from, delivery.to, delivery.payload))
    }

    /// Lets time pass in which nothing happens.
    pub(crate) fn pass(&mut self, span: Span) {
        let node = self.map.customers();
        self.tell(node, |cx| cx.timer(span, Message::Opportunity));
        let next = self.next();
        assert!(
            matches!(next, Some((_, Message::Opportunity))),
            "something else is pending: {next:?}"
        );
    }

    /// What led to the next message or timer that arrives.
    pub(crate) fn next_cause(&mut self) -> Option<Cause> {
        self.kernel.next().map(|delivery| delivery.cause)
    }

    /// The part and the cause of each fact, since facts were last asked for.
    pub(crate) fn causes(&self) -> Vec<(u32, Step)> {
        self.stated.records.iter().map(|record| (record.part, record.cause)).collect()
    }

    /// The virtual time.
    pub(crate) fn now(&self) -> Instant {
        self.kernel.now()
    }

    /// Everything that `node` is sent by others until nothing is under way.
    pub(crate) fn sent_to(&mut self, node: NodeId) -> Vec<Message<Counting>> {
        std::iter::from_fn(|| self.next())
            .filter(|(to, _)| *to == node)
            .map(|(_, message)| message)
            .collect()
    }

    /// When facts of a kind were stated, since facts were last asked for.
    pub(crate) fn times(&self, wanted: fn(&Fact<Counting>) -> bool) -> Vec<Instant> {
        self.stated
            .records
            .iter()
            .filter(|record| wanted(&record.fact))
            .map(|record| record.at)
            .collect()
    }

    /// What was stated since the last time this was asked.
    pub(crate) fn facts(&mut self) -> Vec<Fact<Counting>> {
        std::mem::take(&mut self.stated.records).into_iter().map(|record| record.fact).collect()
    }
}
