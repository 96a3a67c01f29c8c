//! The listeners of a run: the checkers, the metrics and, on demand, coverage and the trace.

use super::{Pulse, RunRequest};
use crate::check::{Archive, Checker, Checks, Findings, General, Judged, Violation, remaining};
use crate::kernel::{Cause, Delivered, Step, Stop};
use crate::metrics::{Coverage, Metrics};
use crate::model::{
    Fact, Filing, Ledger, Names, Record, Rest, ServiceId, Services, Term, Vocabulary,
};
use crate::picture::Ledgers;
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
    is_measured: bool,
    pub(super) trace: Option<Trace<D>>,
    pub(super) coverage: Option<Box<Coverage>>,
    /// `None` if nobody asks for them.
    pub(super) deliveries: Option<Vec<Delivered>>,
    /// `None` if no picture is asked for.
    pub(super) ledgers: Option<Ledgers>,
    pulse: Pulse,
    /// The most records that may be kept.
    records_max: u64,
}

/// The checkers and the violations that they found.
#[derive(Clone, Debug)]
pub(super) struct Checkers<D: ScenarioDomain> {
    general: General<D>,
    own: D::Properties,
    archive: Archive<D>,
    names: Names,
    findings: Findings,
    /// All records that count; `None` if the store cannot lose anything.
    past: Option<Vec<Record<D>>>,
}

impl<D: ScenarioDomain> Watch<D> {
    pub(super) fn new(
        plan: &Plan<D>,
        metrics: Metrics<D::Outcome, D::Wait>,
        request: &RunRequest,
    ) -> Self {
        let checkers = Checkers {
            general: General::default(),
            own: D::Properties::default(),
            archive: Archive::default(),
            names: plan.names.clone(),
            findings: Findings::default(),
            past: plan.may_lose_commits().then(Vec::new),
        };
        let keeps_records = request.detail.is_some() || request.picture || request.history;
        let (checkers, trace) = (Some(Box::new(checkers)), keeps_records.then(Trace::default));
        let ledgers = request.picture.then(Ledgers::default);
        let coverage = request.reached.then(|| Box::new(Coverage::new::<D>()));
        let pulse = request.pulse.clone();
        let (deliveries, records_max) = (request.decisions.then(Vec::new), plan.budget.records);
        let is_measured = request.is_measured();
        Self {
            checkers,
            metrics,
            is_measured,
            trace,
            coverage,
            deliveries,
            ledgers,
            pulse,
            records_max,
        }
    }

    /// Takes the checkers out when the run has ended, to judge the world that they listen to.
    pub(super) fn take_checkers(&mut self) -> Box<Checkers<D>> {
        self.metrics.rest();
        self.checkers.take().expect("a run ends once")
    }
}

impl<D: ScenarioDomain> Checkers<D> {
    fn observe(&mut self, domain: &D, record: &Record<D>) {
        self.check(domain, record);
        let Some(past) = &mut self.past else { return };
        past.push(record.clone());
        if let Fact::Rewound { last, lost, .. } = &record.fact {
            let remaining = remaining(past, *last, lost);
            self.begin_again(domain, remaining);
        }
    }

    /// The store has gone back: the checkers follow, and are told what is left.
    fn begin_again(&mut self, domain: &D, remaining: Vec<Record<D>>) {
        // What was true of these records was judged when they were made.
        let findings = std::mem::take(&mut self.findings);
        (self.general, self.own) = (General::default(), D::Properties::default());
        self.archive = Archive::default();
        remaining.iter().for_each(|record| self.check(domain, record));
        (self.findings, self.past) = (findings, Some(remaining));
    }

    fn check(&mut self, domain: &D, record: &Record<D>) {
        let Self { general, own, archive, names, findings, .. } = self;
        archive.note(record);
        let words = Vocabulary { domain, names };
        let mut checks = Checks::new(words, archive, record.at, record.step, findings);
        let mut first = 0;
        general.observe(record, &mut checks.part::<General<D>>(&mut first));
        own.observe(record, &mut checks.part::<D::Properties>(&mut first));
    }

    pub(super) fn at_rest(&mut self, rest: &Rest<'_, D>) {
        let Self { general, own, archive, names, findings, .. } = self;
        let words = Vocabulary { domain: rest.domain, names };
        let mut checks = Checks::new(words, archive, rest.at, rest.step, findings);
        let mut first = 0;
        general.at_rest(rest, &mut checks.part::<General<D>>(&mut first));
        own.at_rest(rest, &mut checks.part::<D::Properties>(&mut first));
    }

    pub(super) fn checks(&self) -> Vec<Judged> {
        let listed = General::<D>::PROPERTIES.iter().chain(D::Properties::PROPERTIES);
        listed.map(|property| self.findings.judged(property)).collect()
    }

    pub(super) fn violations(&self) -> &[Violation] {
        self.findings.violations()
    }
}

impl<D: ScenarioDomain> Listener<D> for Watch<D> {
    fn caused(&mut self, what: Cause, cause: Cause) {
        if let Some(trace) = &mut self.trace {
            trace.causes.note(what, cause);
        }
    }

    fn wants_deliveries(&self) -> bool {
        self.deliveries.is_some()
    }

    fn delivered(&mut self, delivered: Delivered) {
        if let Some(deliveries) = &mut self.deliveries {
            deliveries.push(delivered);
        }
    }

    fn hear(&mut self, domain: &D, record: &Record<D>) {
        if let Some(checkers) = &mut self.checkers {
            checkers.observe(domain, record);
        }
        if self.is_measured {
            self.metrics.observe(domain, record);
        } else {
            self.metrics.count(record);
        }
        if let Some(coverage) = &mut self.coverage {
            coverage.observe(domain, record);
        }
        if let Some(trace) = &mut self.trace {
            trace.records.push(record.clone());
        }
    }

    fn filed(&mut self, filing: &Filing<D::Event>) {
        if let Some(checkers) = &mut self.checkers {
            checkers.archive.take_over(filing);
        }
    }

    fn follows_ledgers(&self) -> bool {
        self.ledgers.is_some()
    }

    fn ledger(&mut self, domain: &D, step: Step, service: ServiceId, ledger: &Ledger<D>) {
        if let (Some(ledgers), Some(checkers)) = (&mut self.ledgers, &self.checkers) {
            let words = Vocabulary { domain, names: &checkers.names };
            let say = || words.term(Term::Ledger(service, ledger)).to_string();
            ledgers.note(step, service, say);
            ledgers.note_stock(step, service, D::Services::stock(domain, service, ledger));
        }
    }

    fn keeps_story(&self) -> bool {
        self.trace.is_some()
    }

    fn stopped(&self) -> Option<Stop> {
        // This is asked before each occurrence.
        self.pulse.beat();
        let kept = self.trace.as_ref().map_or(0, |trace| trace.records.len() as u64);
        if self.checkers.as_ref().is_some_and(|checkers| !checkers.violations().is_empty()) {
            return Some(Stop::Halted);
        }
        (kept > self.records_max).then_some(Stop::TooManyRecords)
    }
}
