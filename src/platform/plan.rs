//! Everything a run is made from, checked and resolved: what a scenario file says, for the engine.

use crate::kernel::{Budget, FaultPlan, Instant, Link, Span};
use crate::model::{CustomerId, Domain, Names, Privacy, ViewId};
use crate::platform::settings::Settings;

/// A scenario as the engine takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<D: Domain> {
    /// The domain, set up.
    pub domain: D,
    /// What customers are called; the scripted ones come first.
    pub names: Names,
    /// The platform.
    pub settings: Settings,
    /// Every link that is not said to differ.
    pub network: Link,
    /// What happens at which time, in order of time.
    pub script: Vec<Cue<D>>,
    /// What whoever runs the platform does, in order of time.
    pub operations: Vec<Operation>,
    /// What happens besides, drawn.
    pub workload: Option<Workload<D>>,
    /// What may go wrong, and until when.
    pub faults: FaultPlan,
    /// How long the platform may take to come to rest, once nothing goes wrong any more.
    pub quiet: Span,
    /// What a run may cost.
    pub budget: Budget,
}

impl<D: Domain> Plan<D> {
    /// When the platform must be at rest, if anything can go wrong before.
    pub fn rest_by(&self) -> Option<Instant> {
        let fair = self.faults.scripted.is_empty() && self.faults.fuzz.faults.is_empty();
        (!fair).then(|| self.faults.recovery_from + self.quiet)
    }

    /// When the last thing that is scripted or drawn begins.
    pub fn ends_at(&self) -> Instant {
        let script = self.script.last().map_or(Instant::ZERO, |cue| cue.at);
        let script = self.operations.last().map_or(script, |operation| script.max(operation.at));
        self.workload.as_ref().map_or(script, |workload| script.max(workload.until))
    }

    /// Whether anybody may ask to be forgotten.
    pub(crate) fn erases(&self) -> bool {
        let scripted = self.script.iter().map(|cue| &cue.action);
        let mix = self.workload.iter().flat_map(|workload| &workload.mix);
        scripted
            .chain(mix.map(|(_, action)| action))
            .any(|action| D::Privacy::erases(&self.domain, action))
    }
}

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue<D: Domain> {
    /// When.
    pub at: Instant,
    /// Who.
    pub who: CustomerId,
    /// What.
    pub action: D::Action,
}

/// Something that whoever runs the platform does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When.
    pub at: Instant,
    /// The view that is rebuilt from position 0, beside live traffic.
    pub rebuild: ViewId,
}

/// Customers who arrive by themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload<D: Domain> {
    /// How many different customers there are; they are numbered after the scripted ones.
    pub customers: u32,
    /// The time between two arrivals.
    pub every: Span,
    /// The first arrival.
    pub from: Instant,
    /// No arrival at or after this.
    pub until: Instant,
    /// What they do, with weights.
    pub mix: Vec<(u32, D::Action)>,
}
