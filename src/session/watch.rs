//! The listeners of a run: the checkers, the metrics and, on demand, the trace.

use std::sync::Arc;

use crate::check::{Checker, General, Property, Violations};
use crate::kernel::{Step, Stop};
use crate::metrics::Metrics;
use crate::model::{Record, Rest};
use crate::platform::Plan;
use crate::scenario::ScenarioDomain;
use crate::trace::Trace;
use crate::world::Listener;

/// All listeners of one run.
#[derive(Clone, Debug)]
pub(super) struct Watch<D: ScenarioDomain> {
    /// `None` once the run has ended.
    checkers: Option<Box<Checkers<D>>>,
    pub(super) metrics: Metrics<D::Outcome, D::Wait>,
    pub(super) trace: Option<Trace<D>>,
    /// The most records that may be kept.
    records_max: u64,
}

/// The checkers and the violations that they found.
#[derive(Clone, Debug)]
pub(super) struct Checkers<D: ScenarioDomain> {
    general: General<D>,
    own: D::Properties,
    pub(super) violations: Violations,
}

impl<D: ScenarioDomain> Watch<D> {
    pub(super) fn new(plan: &Plan<D>, metrics: Metrics<D::Outcome, D::Wait>, trace: bool) -> Self {
        let names = Arc::new(plan.names.clone());
        let checkers = Checkers {
            general: General::new(&plan.domain, &names),
            own: D::Properties::new(&plan.domain, &names),
            violations: Violations::default(),
        };
        let (checkers, trace) = (Some(Box::new(checkers)), trace.then(Trace::default));
        Self { checkers, metrics, trace, records_max: plan.budget.records }
    }

    /// Takes the checkers out when the run has ended, to judge the world that they listen to.
    pub(super) fn take_checkers(&mut self) -> Box<Checkers<D>> {
        self.checkers.take().expect("a run ends once")
    }
}

impl<D: ScenarioDomain> Checkers<D> {
    pub(super) fn at_rest(&mut self, rest: &Rest<'_, D>) {
        self.general.at_rest(rest, &mut self.violations);
        self.own.at_rest(rest, &mut self.violations);
    }

    pub(super) fn checks(&self) -> Vec<(&'static Property, u64)> {
        let tallies = self.general.tallies().into_iter().chain(self.own.tallies());
        tallies.map(|tally| (tally.property(), tally.checks())).collect()
    }
}

impl<D: ScenarioDomain> Listener<D> for Watch<D> {
    fn delivered(&mut self, step: Step, cause: Step) {
        if let Some(trace) = &mut self.trace {
            trace.causes.note(step, cause);
        }
    }

    fn hear(&mut self, domain: &D, record: &Record<D>) {
        if let Some(checkers) = &mut self.checkers {
            checkers.general.observe(domain, record, &mut checkers.violations);
            checkers.own.observe(domain, record, &mut checkers.violations);
        }
        self.metrics.observe(domain, record);
        if let Some(trace) = &mut self.trace {
            trace.records.push(record.clone());
        }
    }

    fn stopped(&self) -> Option<Stop> {
        let kept = self.trace.as_ref().map_or(0, |trace| trace.records.len() as u64);
        if self.checkers.as_ref().is_some_and(|checkers| !checkers.violations.list().is_empty()) {
            return Some(Stop::Halted);
        }
        (kept > self.records_max).then_some(Stop::TooManyRecords)
    }
}
