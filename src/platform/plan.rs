//! The plan of a run: the contents of a scenario file, checked and resolved.

use crate::kernel::{Budget, FaultPlan, Instant, Link, Span};
use crate::model::{CustomerId, Defect, Defects, Domain, Names, Privacy, ViewId};
use crate::platform::defects::PLATFORM_DEFECTS;
use crate::platform::settings::{Replication, Settings};
use crate::platform::workload::Workload;

/// A scenario in the form that the engine runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<D: Domain> {
    /// The domain, set up.
    pub domain: D,
    /// The names of customers; the scripted ones come first.
    pub names: Names,
    /// The settings of the platform.
    pub settings: Settings,
    /// All links, unless the platform requires otherwise.
    pub network: Link,
    /// The actions of scripted customers, in order of time.
    pub script: Vec<Cue<D>>,
    /// The operations of the operator, in order of time.
    pub operations: Vec<Operation>,
    /// Customers besides those of the script. They are numbered after these, workload by workload.
    pub workloads: Vec<Workload<D>>,
    /// The faults, and when recovery starts.
    pub faults: FaultPlan,
    /// What a seed may vary besides faults.
    pub varies: Varies,
    /// How long the platform may take to come to rest, from the start of the quiet phase.
    pub quiet: Span,
    /// The limits of a run.
    pub budget: Budget,
    /// The mistakes that are put into the platform. None by default. Those of the domain are in the domain.
    pub defects: Defects,
}

impl<D: Domain> Plan<D> {
    /// The mistake of this name that can be put into the platform or the domain.
    pub fn defect_named(id: &str) -> Option<&'static Defect> {
        Self::all_defects().find(|defect| defect.id == id)
    }

    /// All mistakes that can be put into the platform and the domain.
    pub fn all_defects() -> impl Iterator<Item = &'static Defect> {
        PLATFORM_DEFECTS.iter().chain(D::DEFECTS).copied()
    }

    /// Puts one of these mistakes in.
    pub fn plant(&mut self, defect: &'static Defect) {
        if PLATFORM_DEFECTS.contains(&defect) {
            self.defects = self.defects.with(defect);
        } else {
            self.domain.plant(defect);
        }
    }

    /// The longest time that one message, or one request that does not wait for a worker, takes without a fault.
    pub(crate) fn slowest(&self) -> Span {
        self.network.slowest().max(self.settings.longest_service())
    }

    /// When the platform must be at rest.
    pub fn rest_by(&self) -> Instant {
        self.quiet_from() + self.quiet
    }

    /// When the quiet phase begins: no fault fires any more, and the last action has begun.
    pub fn quiet_from(&self) -> Instant {
        self.faults.recovery_from.max(self.ends_at())
    }

    /// When the last action or operation begins.
    pub fn ends_at(&self) -> Instant {
        let script = self.script.last().map_or(Instant::ZERO, |cue| cue.at);
        let script = self.operations.last().map_or(script, |operation| script.max(operation.at));
        self.workloads.iter().fold(script, |end, workload| end.max(workload.until))
    }

    /// The moments to which the event store is restored.
    pub(crate) fn restores(&self) -> impl Iterator<Item = Instant> {
        self.operations.iter().filter_map(|operation| match operation.what {
            Operate::Rebuild { .. } | Operate::SwitchBack(_) | Operate::SendAgain { .. } => None,
            Operate::RestoreStore { to } => Some(to),
        })
    }

    /// Whether the event store can lose what it has committed.
    pub(crate) fn may_lose_commits(&self) -> bool {
        self.settings.store.replication != Replication::Synchronous
            || self.restores().next().is_some()
    }

    /// Whether a customer may ask for erasure.
    pub(crate) fn erases(&self) -> bool {
        self.actions().any(|action| D::Privacy::erases(&self.domain, action))
    }

    /// All actions of the script and of the workloads.
    pub fn actions(&self) -> impl Iterator<Item = &D::Action> {
        let mix = self.workloads.iter().flat_map(|workload| &workload.mix);
        self.script.iter().map(|cue| &cue.action).chain(mix.map(|(_, action)| action))
    }
}

/// What a seed may vary in a run besides faults. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Varies {
    /// Settings that have their default, which it may make small.
    pub settings: bool,
    /// The customers of the workloads.
    pub workload: bool,
}

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue<D: Domain> {
    /// When it starts.
    pub at: Instant,
    /// The customer.
    pub who: CustomerId,
    /// What the customer does.
    pub action: D::Action,
}

/// An operation of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When it starts.
    pub at: Instant,
    /// What is done.
    pub what: Operate,
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operate {
    /// A view is rebuilt from position 0 during live traffic.
    Rebuild {
        /// The view.
        view: ViewId,
        /// Whether the table before is kept and fed, so that readers can be switched back to it.
        keeps: bool,
    },
    /// Readers of a view are switched back to the table that was kept.
    SwitchBack(ViewId),
    /// The event store is restored to an earlier moment.
    RestoreStore {
        /// The moment.
        to: Instant,
    },
    /// Rows of the outbox that are kept are sent again.
    SendAgain {
        /// Those of events that were recorded at this moment or later.
        since: Instant,
    },
}
