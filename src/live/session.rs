//! A session: the scenario as it is now, its run, and how far a person has seen it.

use std::collections::BTreeMap;

use super::press::Entry;
use super::{Case, Press};
use crate::export::logged;
use crate::harness::Harness;
use crate::kernel::{Instant, Step};
use crate::page::{Messages, Page, Told};
use crate::picture::Picture;
use crate::scenario::{with_entry, without_field, without_item};
use crate::session::{AnyScenario, RunOutcome, RunRequest, StopAt};

/// The most occurrences of a run, of which each takes a kilobyte and a half of memory with its records.
const STEPS_MAX: u64 = 1_000_000;

/// Why something was not done, in a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// Makes the scenarios of a session, and runs that end: one whose handler does not return is to be given up by
/// whoever serves the session.
#[derive(Debug)]
struct Maker {
    harness: Harness,
    /// The most occurrences of a run.
    steps_max: u64,
    watched: fn(Box<dyn AnyScenario>) -> Box<dyn AnyScenario>,
}

/// A session.
#[derive(Debug)]
pub struct Session {
    maker: Maker,
    pub(super) cases: Vec<Case>,
    pub(super) case: usize,
    /// What was pressed, with the step after which it was.
    presses: Vec<(Step, Vec<Entry>)>,
    pub(super) run: Ran,
    /// How many of the steps with records have been seen.
    seen: usize,
    /// What happened at the last press, for the person who pressed.
    pub(super) note: String,
}

/// A scenario with its run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) scenario: Box<dyn AnyScenario>,
    pub(super) outcome: RunOutcome,
    messages: Messages,
    /// The steps that have records, each with the place after its last one.
    steps: Vec<(Step, usize)>,
}

impl Ran {
    fn of(maker: &Maker, path: &str, text: &str) -> Result<Self, Refused> {
        let scenario = maker.harness.load(path, text.as_bytes()).map_err(|wrong| {
            let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            Refused(wrong.join("\n"))
        })?;
        let scenario = (maker.watched)(scenario);
        let stop_at = StopAt { step: Some(Step(maker.steps_max)), ..StopAt::default() };
        let request = RunRequest { picture: true, stop_at, ..logged(scenario.request()) };
        let mut outcome = scenario.run(&request);
        let messages = Messages::of(&*scenario, &mut outcome).map_err(|error| {
            // Of a run that was given up before anything is known of it there is nothing to show.
            let broken = outcome.broken.as_ref().map(|broken| broken.cause.to_string());
            Refused(broken.unwrap_or_else(|| error.to_string()))
        })?;
        let picture = outcome.picture.as_ref().expect("its messages have names in it");
        let mut steps: BTreeMap<Step, usize> = BTreeMap::new();
        for (nth, entry) in picture.entries.iter().enumerate() {
            steps.insert(entry.step, nth + 1);
        }
        let steps = steps.into_iter().collect();
        Ok(Self { scenario, outcome, messages, steps })
    }

    pub(super) fn picture(&self) -> &Picture {
        self.outcome.picture.as_ref().expect("a run of a session has its picture")
    }

    /// The page of the run.
    pub(super) fn page(&self) -> Page<'_> {
        let page = Page::of_prepared(&*self.scenario, &self.outcome, &self.messages);
        page.expect("a run of a session has its picture")
    }

    /// Whether another run says the same up to a step.
    fn has_same_past(&self, other: &Self, step: Step) -> bool {
        let [one, other] = [self, other].map(|ran| {
            let picture = ran.picture();
            let said = |number: u32| picture.sentences.text(number);
            let seen = picture.entries.iter().take_while(move |entry| entry.step <= step);
            seen.map(move |entry| (entry.step, entry.at, said(entry.who), said(entry.text)))
        });
        one.eq(other)
    }
}

impl Session {
    /// A session that begins with the first of these scenarios. All are run as `watched` returns them.
    ///
    /// # Errors
    ///
    /// If there is none, or the first is not valid.
    pub fn new(
        harness: Harness,
        cases: Vec<Case>,
        watched: fn(Box<dyn AnyScenario>) -> Box<dyn AnyScenario>,
    ) -> Result<Self, Refused> {
        Self::with_at_most(STEPS_MAX, harness, cases, watched)
    }

    /// The same with at most this many occurrences in a run.
    pub(super) fn with_at_most(
        steps_max: u64,
        harness: Harness,
        cases: Vec<Case>,
        watched: fn(Box<dyn AnyScenario>) -> Box<dyn AnyScenario>,
    ) -> Result<Self, Refused> {
        let first = cases.first().ok_or_else(|| Refused("there is no scenario".to_owned()))?;
        let maker = Maker { harness, steps_max, watched };
        let run = Ran::of(&maker, &first.path, &first.text)?;
        let (presses, note) = (Vec::new(), String::new());
        Ok(Self { maker, cases, case: 0, presses, run, seen: 1, note })
    }

    /// The text of the scenario, with what was pressed.
    pub fn text(&self) -> String {
        self.text_with(&self.presses)
    }

    fn text_with(&self, presses: &[(Step, Vec<Entry>)]) -> String {
        Self::with_presses(self.cases[self.case].text.clone(), presses)
    }

    /// The text of a file with what was pressed.
    fn with_presses(mut text: String, presses: &[(Step, Vec<Entry>)]) -> String {
        if presses.is_empty() {
            return text;
        }
        // What the file expects of its run cannot be expected of another one.
        for field in ["expect", "reaches", "fails"] {
            text = without_field(&text, field);
        }
        for (list, entry) in presses.iter().flat_map(|(_, entries)| entries) {
            text = with_entry(&text, list, entry).unwrap_or(text);
        }
        text
    }

    /// What was pressed, for a person: after which step, and the entries; of many that are alike, the first.
    pub(super) fn pressed(&self) -> Vec<serde_json::Value> {
        let one = |(step, entries): &(Step, Vec<Entry>)| {
            let (list, first) = entries.first()?;
            Some(
                serde_json::json!({ "step": step.0, "list": list, "entry": first, "count": entries.len() }),
            )
        };
        self.presses.iter().filter_map(one).collect()
    }

    /// Whether there is more to see.
    pub fn is_over(&self) -> bool {
        self.seen >= self.run.steps.len()
    }

    /// What a person has to know of the run that is shown; empty if there is nothing.
    pub(super) fn says(&self) -> String {
        let most = self.maker.steps_max;
        let is_cut = self.is_over() && self.run.outcome.occurrences >= most;
        match is_cut {
            true => format!(
                "The run goes on, but a session shows {most} occurrences at most, because it keeps all their records."
            ),
            false => self.note.clone(),
        }
    }

    /// The last step that was seen.
    pub fn step(&self) -> Step {
        let seen = self.seen.checked_sub(1).and_then(|last| self.run.steps.get(last));
        seen.map_or(Step(0), |(step, _)| *step)
    }

    /// The number of records that were seen.
    pub(super) fn records(&self) -> usize {
        let seen = self.seen.checked_sub(1).and_then(|last| self.run.steps.get(last));
        seen.map_or(0, |(_, records)| *records)
    }

    /// The virtual time of the last step that was seen.
    pub(super) fn now(&self) -> Instant {
        let last = self.records().checked_sub(1);
        last.map_or(Instant::ZERO, |last| self.run.picture().entries[last].at)
    }

    /// Goes on by some steps.
    pub fn advance(&mut self, steps: usize) {
        self.seen = self.run.steps.len().min(self.seen.saturating_add(steps));
    }

    /// Begins again, without what was pressed.
    ///
    /// # Errors
    ///
    /// If the scenario is not valid.
    pub fn reset(&mut self) -> Result<(), Refused> {
        self.choose(self.case)
    }

    /// Begins with another scenario, by its number from 0.
    ///
    /// # Errors
    ///
    /// If there is no such scenario, or it is not valid.
    pub fn choose(&mut self, case: usize) -> Result<(), Refused> {
        let Some(Case { path, text, .. }) = self.cases.get(case) else {
            return Err(Refused(format!("there is no case {}", case + 1)));
        };
        self.run = Ran::of(&self.maker, path, text)?;
        (self.case, self.seen) = (case, 1);
        self.presses.clear();
        self.note.clear();
        Ok(())
    }

    /// Presses a knob: adds an entry to the scenario, from the present moment on.
    ///
    /// # Errors
    ///
    /// If the scenario with the entry is not valid; the session is then unchanged.
    pub fn press(&mut self, press: &Press) -> Result<(), Refused> {
        let (picture, deeds) = (self.run.picture(), self.run.scenario.lexicon().deeds());
        let entries = press.entries(self.now(), picture, &deeds).map_err(Refused)?;
        let mut presses = self.presses.clone();
        presses.push((self.step(), entries));
        self.go_on_with(presses, self.step())
    }

    /// Goes back to a step. What was pressed after it is taken back.
    ///
    /// # Errors
    ///
    /// If the scenario is not valid without it.
    pub fn fork(&mut self, step: Step) -> Result<(), Refused> {
        let mut presses = self.presses.clone();
        presses.retain(|(after, _)| *after < step);
        self.go_on_with(presses, step)
    }

    /// Runs the scenario with other presses, up to a step that was seen, and says whether the past is the same.
    fn go_on_with(&mut self, presses: Vec<(Step, Vec<Entry>)>, step: Step) -> Result<(), Refused> {
        let text = self.text_with(&presses);
        let run = Ran::of(&self.maker, &self.cases[self.case].path, &text)?;
        let is_same = run.has_same_past(&self.run, step);
        self.note = match is_same {
            true => String::new(),
            false => "The scenario with this entry begins differently: what is shown is its run."
                .to_owned(),
        };
        self.seen = run.steps.partition_point(|(of, _)| *of <= step).max(1);
        (self.presses, self.run) = (presses, run);
        Ok(())
    }

    /// The scenario as a file that makes the same run. Entries that change nothing are left out if the run is the
    /// same without them: a fault that never fires would be reported. So are faults of the file whose opportunity a
    /// press has taken.
    pub fn save(&self) -> String {
        let mut own = self.cases[self.case].text.clone();
        let mut presses = self.presses.clone();
        // A run that broke off may take long to do so again.
        if presses.is_empty() || self.run.outcome.broken.is_some() {
            return Self::with_presses(own, &presses);
        }
        for nth in (0..presses.len()).rev() {
            let mut fewer = presses.clone();
            fewer.remove(nth);
            if self.is_same_run(&Self::with_presses(own.clone(), &fewer)) {
                presses = fewer;
            }
        }
        if presses.is_empty() {
            return own;
        }
        let mut nth = 0;
        while let Some(fewer) = without_item(&own, "faults", nth) {
            match self.is_same_run(&Self::with_presses(fewer.clone(), &presses)) {
                true => own = fewer,
                false => nth += 1,
            }
        }
        Self::with_presses(own, &presses)
    }

    /// Whether a text makes the run of the session.
    fn is_same_run(&self, text: &str) -> bool {
        let run = Ran::of(&self.maker, &self.cases[self.case].path, text);
        run.is_ok_and(|it| it.outcome.digest == self.run.outcome.digest)
    }

    /// What a reader has not been told yet, as a frame.
    pub(crate) fn more(&self, told: &mut Told, live: &serde_json::Value) -> String {
        super::frame::more(self, told, live)
    }

    /// Everything that was seen, as a frame, and what a reader of it has been told.
    pub(crate) fn open(&self, live: &serde_json::Value) -> (String, Told) {
        super::frame::open(self, live)
    }

    /// The digest of the whole run, of which the future is not shown.
    pub fn digest(&self) -> u64 {
        self.run.outcome.digest
    }
}
