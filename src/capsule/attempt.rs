//! One encoding of a run, and the run that it gives.

use super::choices::{Entries, Lateness, entries};
use super::content_hash;
use super::file::{Expected, File, Hex, HoldChoice, Source};
use super::names::Names;
use super::resolve::resolve;
use crate::kernel::{Decision, Delivered, Hold, Unused};
use crate::model::printable;
use crate::scenario::Complaints;
use crate::session::{AnyScenario, Identity, RunOutcome, RunRequest};

/// The most arrivals that are listed. More are too many to be left out one by one.
const LISTED_MAX: usize = 1_000;
/// The number of marks on the course of a run.
const MARKS: u64 = 16;

/// A run with its log, which is to be encoded.
#[derive(Clone, Copy)]
pub(super) struct Original<'a> {
    pub(super) scenario: &'a dyn AnyScenario,
    pub(super) logged: &'a RunOutcome,
    /// The decisions that are encoded. Those after them are benign in the run of the capsule.
    decisions: &'a [Decision],
}

impl<'a> Original<'a> {
    pub(super) fn new(scenario: &'a dyn AnyScenario, logged: &'a RunOutcome) -> Self {
        let decisions = logged.decisions.as_deref().unwrap_or_default();
        Self { scenario, logged, decisions }
    }

    /// The same with what was decided before so many deliveries.
    pub(super) fn begun(self, deliveries: usize) -> Self {
        let until = self.logged.deliveries.get(deliveries).map(|delivered| delivered.drawn);
        let until = until.unwrap_or(self.decisions.len());
        Self { decisions: &self.decisions[..until], ..self }
    }

    /// The capsule of an encoding, before it is known what it gives, without what is known to have no effect.
    pub(super) fn encoded(&self, lateness: &Lateness, holds: &[Hold], unused: &Unused) -> File {
        let lexicon = self.scenario.lexicon();
        let names = Names::of(lexicon);
        let decisions = self.decisions.iter().filter(|drawn| !unused.choices.contains(&drawn.key));
        let Entries { script, arrivals, faults, delays, draws } =
            entries(decisions, lateness, (&names, lexicon));
        let holds = holds.iter().filter(|hold| !unused.holds.contains(hold));
        let holds = holds.map(|hold| HoldChoice {
            hold: names.occurrence(hold.delivery),
            until: names.occurrence(hold.until),
        });
        File {
            jetlag: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: source(self.scenario),
            seed: self.logged.request.seed,
            expect: Self::ends(self.logged),
            script: (!lexicon.lines().is_empty()).then_some(script),
            arrivals: arrivals.filter(|arrivals| arrivals.len() <= LISTED_MAX),
            faults,
            holds: holds.collect(),
            delays,
            draws,
            digest: Hex(self.logged.digest),
            occurrences: self.logged.occurrences,
            course: course(&self.logged.deliveries),
        }
    }

    /// The run of a capsule, and the capsule with what that run gives.
    pub(super) fn replayed(&self, mut file: File) -> (File, RunOutcome) {
        let mut complaints = Complaints::default();
        let resolved = resolve(&file, self.scenario.lexicon(), &mut complaints);
        let pulse = self.logged.request.pulse.clone();
        let request = RunRequest { decisions: true, pulse, ..resolved.request };
        let outcome = self.scenario.run(&request);
        file.expect = Self::ends(&outcome);
        (file.digest, file.occurrences) = (Hex(outcome.digest), outcome.occurrences);
        file.course = course(&outcome.deliveries);
        (file, outcome)
    }

    fn ends(outcome: &RunOutcome) -> Expected {
        let Some(Identity { property, roles }) = Identity::of(outcome) else {
            return Expected::Holds;
        };
        let violated = outcome.violations.first().map(|violated| violated.says.clone());
        let broken = || outcome.broken.as_ref().map(|broken| broken.cause.to_string());
        let unrest = || outcome.unrest.as_ref().map(|unrest| unrest.says.clone());
        let says = violated.or_else(broken).or_else(unrest).unwrap_or_default();
        let (roles, says) = (printable(&roles).into_owned(), printable(&says).into_owned());
        Expected::Fails { property, roles, says }
    }
}

/// The file of a scenario; its text if faults were added to it.
fn source(scenario: &dyn AnyScenario) -> Source {
    let subject = scenario.subject();
    if !subject.is_as_written() {
        return Source::Inline(scenario.show());
    }
    if subject.is_embedded {
        return Source::Inline(scenario.text().to_owned());
    }
    // The separator of paths is the same in files of all systems.
    Source::File(subject.file.replace('\\', "/"), content_hash(scenario.text()))
}

/// The digest after some of the deliveries of a run.
fn course(deliveries: &[Delivered]) -> Vec<(u64, Hex)> {
    let all = deliveries.len() as u64;
    let step = all.div_ceil(MARKS).max(1) as usize;
    let marks = deliveries.iter().enumerate().skip(step - 1).step_by(step);
    marks.map(|(nth, delivered)| (nth as u64 + 1, Hex(delivered.digest.value()))).collect()
}
