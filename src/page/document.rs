//! The document: a run with all its records.

use std::borrow::Cow;

use serde::Serialize;

use super::layout::{
    CategoryDoc, FaultDoc, NodeDoc, QueueDoc, ServiceDoc, ViewDoc, categories, nodes, phases,
    queues, script, services, views,
};
#[cfg(feature = "serve")]
use super::messages::Messages;
use super::messages::{Message, messages};
use super::part::{PartDoc, Told};
use super::records::{KeysDoc, StreamsDoc};
use super::why::WhyDoc;
use crate::explain::Explained;
use crate::export::{Course, NotExported};
use crate::kernel::{Step, Stop};
use crate::picture::{Picture, Window};
use crate::report::{
    MissedDoc, ReproductionDoc, ScenarioDoc, StopDoc, ViolationDoc, hash, line, list, object,
    standing, unrest, verdict,
};
use crate::session::{AnyScenario, Checked, Faults, RunOutcome, Violated};

/// The version of the format. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// The most records with which a page also has the messages under way.
const MESSAGES_RECORDS_MAX: usize = 15_000;

/// A run that is to be shown as a page.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    pub(super) scenario: &'a dyn AnyScenario,
    pub(super) outcome: &'a RunOutcome,
    pub(super) picture: Cow<'a, Picture>,
    pub(super) messages: Cow<'a, [Message]>,
    shown: Option<ShownDoc>,
    why: Option<&'a Explained>,
}

/// Which records are shown, if not all are.
#[derive(Clone, Copy, Debug, Serialize)]
struct ShownDoc {
    from: usize,
    to: usize,
    of: usize,
    prefix: usize,
    rule: &'static str,
}

impl<'a> Page<'a> {
    /// The page of a run that was made with its picture; `why` explains it, if it failed.
    ///
    /// # Errors
    ///
    /// When the outcome has no picture.
    pub fn of(course: &'a Course<'a>, why: Option<&'a Explained>) -> Result<Self, NotExported> {
        let Course { scenario, outcome, .. } = *course;
        let mut picture = outcome.picture.clone().ok_or(NotExported::NoLog)?;
        let messages = match picture.entries.len() {
            ..=MESSAGES_RECORDS_MAX => Cow::Owned(messages(course, &mut picture.strings)),
            _ => Cow::Borrowed(&[][..]),
        };
        Ok(Self { scenario, outcome, picture: Cow::Owned(picture), messages, shown: None, why })
    }

    /// The page of a run whose messages are known.
    ///
    /// # Errors
    ///
    /// When the outcome has no picture.
    #[cfg(feature = "serve")]
    pub(crate) fn of_prepared(
        scenario: &'a dyn AnyScenario,
        outcome: &'a RunOutcome,
        Messages(messages): &'a Messages,
    ) -> Result<Self, NotExported> {
        let picture = outcome.picture.as_ref().ok_or(NotExported::NoLog)?;
        let (picture, messages) = (Cow::Borrowed(picture), Cow::Borrowed(&messages[..]));
        Ok(Self { scenario, outcome, picture, messages, shown: None, why: None })
    }

    /// The same page with at most this many records: those around the first violation, otherwise around the first
    /// fault, otherwise from the start.
    #[must_use]
    pub fn with_at_most(&self, records: usize) -> Self {
        let Self { outcome, picture, .. } = self;
        if picture.entries.len() <= records {
            return self.clone();
        }
        let violated = outcome.violations.first();
        let violated = violated.map(|violated| last_record(picture, violated.step));
        let fault = || picture.entries.iter().position(|entry| entry.kind == "fault");
        let (around, rule) = match (violated, fault()) {
            (Some(record), _) => (record, "the records around the first violation"),
            (None, Some(record)) => (record, "the records around the first fault"),
            (None, None) => (0, "the first records"),
        };
        let Window { picture, prefix, from, to, of } = picture.window(records, around);
        let shown = Some(ShownDoc { from, to, of, prefix, rule });
        let step = |nth: usize| self.picture.entries[nth].step;
        let steps = step(from)..=step(to - 1);
        let messages = self.messages.iter().filter(|message| steps.contains(&message.step));
        let messages = Cow::Owned(messages.copied().collect());
        Self { picture: Cow::Owned(picture), messages, shown, ..self.clone() }
    }

    /// The number of records.
    pub(super) fn records(&self) -> usize {
        self.picture.entries.len()
    }
}

/// The place of the last record up to a step.
fn last_record(picture: &Picture, step: Step) -> usize {
    picture.entries.partition_point(|entry| entry.step <= step).saturating_sub(1)
}

/// The data of a page as JSON, with a line feed at the end.
pub fn data(page: &Page<'_>) -> String {
    line(&DocumentDoc { head: page.head(), body: page.body() })
}

impl<'a> Page<'a> {
    /// The name of the scenario.
    pub(super) fn name(&self) -> &'a str {
        &self.outcome.subject.name
    }

    /// What can be read before the records are.
    pub(super) fn head(&'a self) -> HeadDoc<'a, RunDoc<'a>> {
        self.head_of(RunDoc(self))
    }

    /// The same with another description of the run.
    pub(super) fn head_of<R>(&'a self, run: R) -> HeadDoc<'a, R> {
        let layout = &self.picture.layout;
        HeadDoc {
            format: "jetlag.page",
            version: VERSION,
            jetlag: env!("CARGO_PKG_VERSION"),
            run,
            shown: self.shown,
            nodes: nodes(self.outcome, layout),
            views: views(layout),
            queues: queues(layout),
            services: services(layout),
            categories: categories(layout),
            why: self.why.map(|why| WhyDoc::of(why, self.scenario, self.outcome.digest)),
        }
    }

    /// The records, and what goes with them.
    pub(super) fn body(&'a self) -> BodyDoc<'a> {
        self.body_of(Told::default().part(self, self.records()))
    }

    /// The same with only a part of the records.
    pub(super) fn body_of(&'a self, part: PartDoc<'a>) -> BodyDoc<'a> {
        let picture = &self.picture;
        BodyDoc {
            faults: picture.layout.faults.iter().map(|fault| FaultDoc(fault)).collect(),
            text: self.scenario.text(),
            streams: StreamsDoc::of(picture),
            keys: KeysDoc::of(picture),
            strings: picture.strings.all(),
            part,
        }
    }
}

/// The whole document.
#[derive(Serialize)]
struct DocumentDoc<'a> {
    #[serde(flatten)]
    head: HeadDoc<'a, RunDoc<'a>>,
    #[serde(flatten)]
    body: BodyDoc<'a>,
}

/// What can be read before the records are.
#[derive(Serialize)]
pub(super) struct HeadDoc<'a, R> {
    format: &'static str,
    version: u32,
    jetlag: &'static str,
    run: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<ShownDoc>,
    nodes: Vec<NodeDoc<'a>>,
    views: Vec<ViewDoc>,
    queues: Vec<QueueDoc>,
    services: Vec<ServiceDoc<'a>>,
    categories: Vec<CategoryDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<WhyDoc<'a>>,
}

/// The records, and what goes with them.
#[derive(Serialize)]
pub(super) struct BodyDoc<'a> {
    faults: Vec<FaultDoc<'a>>,
    text: &'a str,
    streams: StreamsDoc,
    keys: KeysDoc,
    strings: &'a [String],
    #[serde(flatten)]
    part: PartDoc<'a>,
}

object!(pub(super) RunDoc(page: Page<'a>) {
    scenario: ScenarioDoc(&page.outcome.subject),
    about: page.scenario.about(),
    domain: page.scenario.domain(),
    seed: page.outcome.request.seed.to_string(),
    fuzzed: page.outcome.request.faults == Faults::Fuzzed,
    policy: page.outcome.request.schedule.to_string(),
    digest: hash(page.outcome.digest),
    verdict: verdict(page.outcome.verdict()),
    stop: StopDoc(page.outcome),
    is_at_rest: page.outcome.stop == Stop::AtRest,
    occurrences: page.outcome.occurrences,
    events: page.outcome.events,
    checks: page.outcome.checks(),
    properties: list(&page.outcome.checks, |checked| property(page.outcome, checked)),
    violations: list(&page.outcome.violations, |violated| FoundDoc::of(violated, &page.picture)),
    missed: list(&page.outcome.missed, MissedDoc),
    phases: phases(&page.picture.layout, page.outcome.ended_at),
    script: script(&page.picture.layout, &page.scenario.lexicon().deeds()),
} {
    reproduction: page.outcome.reproduction.as_ref().map(ReproductionDoc),
    unrest: page.outcome.unrest.as_ref().map(unrest),
});

/// A property, and what became of it.
#[derive(Serialize)]
pub(super) struct PropertyDoc {
    property: &'static str,
    says: &'static str,
    result: &'static str,
    checks: u64,
}

pub(super) fn property(outcome: &RunOutcome, checked: &Checked) -> PropertyDoc {
    let Checked { property, says, checks, undecided: _ } = *checked;
    let result = standing(outcome.standing(checked));
    PropertyDoc { property, says, result, checks }
}

/// A violation, with the last record up to its step.
#[derive(Serialize)]
pub(super) struct FoundDoc<'a> {
    record: usize,
    #[serde(flatten)]
    violation: ViolationDoc<'a>,
}

impl<'a> FoundDoc<'a> {
    /// A violation, among the records of a picture.
    pub(super) fn of(violated: &'a Violated, picture: &Picture) -> Self {
        let record = last_record(picture, violated.step);
        Self { record, violation: ViolationDoc(violated) }
    }
}
