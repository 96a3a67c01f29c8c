//! The listeners of a run: the checkers, the metrics and, on demand, the trace.

use crate::check::{Checker, Checks, Findings, General, Property, Violation};
use crate::kernel::{Step, Stop};
use crate::metrics::Metrics;
use crate::model::{Names, Record, Rest, Vocabulary};
use crate::platform::Plan;
use crate::scenario::ScenarioDomain;
use crate::trace::Trace;
use crate::world::Listener;

/// Everything that listens to one run.
#[derive(Clone, Debug)]
pub(super) struct Watch<D: ScenarioDomain> {
    /// Away while it checks the end of the run.
    checkers: Option<Box<Checkers<D>>>,
    pub(super) metrics: Metrics<D::Outcome, D::Wait>,
    pub(super) trace: Option<Trace<D>>,
    /// How many records may be kept.
    records_max: u64,
}

/// The checkers and what they found.
#[derive(Clone, Debug)]
pub(super) struct Checkers<D: ScenarioDomain> {
    general: General<D>,
    own: D::Properties,
    names: Names,
    findings: Findings,
}

impl<D: ScenarioDomain> Watch<D> {
    pub(super) fn new(plan: &Plan<D>, metrics: Metrics<D::Outcome, D::Wait>, trace: bool) -> Self {
        let checkers = Checkers {
            general: General::default(),
            own: D::Properties::default(),
            names: plan.names.clone(),
            findings: Findings::default(),
        };
        let trace = trace.then(Trace::default);
        Self {
            checkers: Some(Box::new(checkers)),
            metrics,
            trace,
            records_max: plan.budget.records,
        }
    }

    pub(super) fn checkers(&self) -> &Checkers<D> {
        self.checkers.as_ref().expect("the checkers are here while the run goes on")
    }

    /// Hands the checkers out, to check the state of the world they listen to.
    pub(super) fn finish(&mut self) -> Box<Checkers<D>> {
        self.checkers.take().expect("the checkers finish once")
    }

    /// Takes the checkers back.
    pub(super) fn resume(&mut self, checkers: Box<Checkers<D>>) {
        self.checkers = Some(checkers);
    }
}

impl<D: ScenarioDomain> Checkers<D> {
    fn observe(&mut self, domain: &D, record: &Record<D>) {
        let Self { general, own, names, findings } = self;
        let words = Vocabulary { domain, names };
        let (mut checks, mut first) = (Checks::new(words, record.at, record.step, findings), 0);
        general.observe(record, &mut checks.part::<General<D>>(&mut first));
        own.observe(record, &mut checks.part::<D::Properties>(&mut first));
    }

    pub(super) fn at_rest(&mut self, rest: &Rest<'_, D>) {
        let Self { general, own, names, findings } = self;
        let words = Vocabulary { domain: rest.domain, names };
        let (mut checks, mut first) = (Checks::new(words, rest.at, rest.step, findings), 0);
        general.at_rest(rest, &mut checks.part::<General<D>>(&mut first));
        own.at_rest(rest, &mut checks.part::<D::Properties>(&mut first));
    }

    pub(super) fn checks(&self) -> Vec<(&'static Property, u64)> {
        let listed = General::<D>::PROPERTIES.iter().chain(D::Properties::PROPERTIES);
        listed.map(|property| (property, self.findings.checks(property))).collect()
    }

    pub(super) fn violations(&self) -> &[Violation] {
        self.findings.violations()
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
            checkers.observe(domain, record);
        }
        self.metrics.observe(domain, record);
        if let Some(trace) = &mut self.trace {
            trace.records.push(record.clone());
        }
    }

    fn stopped(&self) -> Option<Stop> {
        let kept = self.trace.as_ref().map_or(0, |trace| trace.records.len() as u64);
        if !self.checkers().violations().is_empty() {
            Some(Stop::Halted)
        } else if kept > self.records_max {
            Some(Stop::TooManyRecords)
        } else {
            None
        }
    }
}
