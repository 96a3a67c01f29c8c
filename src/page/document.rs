//! The document: a run with all its records.

use std::borrow::Cow;

use serde::Serialize;

use super::layout::{
    CategoryDoc, FaultDoc, NodeDoc, QueueDoc, ServiceDoc, ViewDoc, categories, nodes, phases,
    queues, script, services, views,
};
use super::messages::MessagesDoc;
use super::records::{KeysDoc, LedgerDoc, RecordsDoc, RowsDoc, StockDoc, StreamsDoc};
use super::why::WhyDoc;
use crate::explain::Explained;
use crate::export::{Course, NotExported};
use crate::kernel::{Step, Stop};
use crate::picture::{Picture, Window};
use crate::report::{
    MissedDoc, ReproductionDoc, ScenarioDoc, StopDoc, ViolationDoc, hash, line, list, object,
    standing, unrest, verdict,
};
use crate::session::{Checked, Faults, RunOutcome, Violated};

/// The version of the format. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// A run that is to be shown as a page.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    course: &'a Course<'a>,
    picture: Cow<'a, Picture>,
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
        let picture = course.outcome.picture.as_ref().ok_or(NotExported::NoLog)?;
        Ok(Self { course, picture: Cow::Borrowed(picture), shown: None, why })
    }

    /// The same page with at most this many records: those around the first violation, otherwise around the first
    /// fault, otherwise from the start.
    #[must_use]
    pub fn with_at_most(&self, records: usize) -> Self {
        let Self { course, picture, why, .. } = self;
        if picture.entries.len() <= records {
            return self.clone();
        }
        let violated = course.outcome.violations.first();
        let violated = violated.map(|violated| last_record(picture, violated.step));
        let fault = || picture.entries.iter().position(|entry| entry.kind == "fault");
        let (around, rule) = match (violated, fault()) {
            (Some(record), _) => (record, "the records around the first violation"),
            (None, Some(record)) => (record, "the records around the first fault"),
            (None, None) => (0, "the first records"),
        };
        let Window { picture, prefix, from, to, of } = picture.window(records, around);
        let shown = Some(ShownDoc { from, to, of, prefix, rule });
        Self { course, picture: Cow::Owned(picture), shown, why: *why }
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
        &self.course.outcome.subject.name
    }

    /// What can be read before the records are.
    pub(super) fn head(&'a self) -> HeadDoc<'a> {
        let Self { course, picture, shown, why } = self;
        let (outcome, layout) = (course.outcome, &picture.layout);
        HeadDoc {
            format: "jetlag.page",
            version: VERSION,
            jetlag: env!("CARGO_PKG_VERSION"),
            run: RunDoc(self),
            shown: *shown,
            nodes: nodes(outcome, layout),
            views: views(layout),
            queues: queues(layout),
            services: services(layout),
            categories: categories(layout),
            why: why.map(|why| WhyDoc::of(why, course)),
        }
    }

    /// The records, and what goes with them.
    pub(super) fn body(&'a self) -> BodyDoc<'a> {
        let Self { course, picture, shown, .. } = self;
        let mut strings = picture.strings.clone();
        let first = shown.map_or(Step(0), |shown| picture.entries[shown.prefix].step);
        let last = picture.entries.last().map_or(Step(0), |entry| entry.step);
        let last = if shown.is_some() { last } else { Step(u64::MAX) };
        let messages = MessagesDoc::of(course, first..=last, &mut strings);
        BodyDoc {
            faults: picture.layout.faults.iter().map(|fault| FaultDoc(fault)).collect(),
            text: course.scenario.text(),
            streams: StreamsDoc::of(picture),
            keys: KeysDoc::of(picture),
            records: RecordsDoc::of(&picture.entries, 0, picture),
            rows: RowsDoc::of(&picture.rows),
            ledgers: list(&picture.ledgers, LedgerDoc::of),
            stocks: list(&picture.stocks, StockDoc::of),
            messages,
            strings: strings.all().to_vec(),
        }
    }
}

/// The whole document.
#[derive(Serialize)]
struct DocumentDoc<'a> {
    #[serde(flatten)]
    head: HeadDoc<'a>,
    #[serde(flatten)]
    body: BodyDoc<'a>,
}

/// What can be read before the records are.
#[derive(Serialize)]
pub(super) struct HeadDoc<'a> {
    format: &'static str,
    version: u32,
    jetlag: &'static str,
    run: RunDoc<'a>,
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
    records: RecordsDoc,
    rows: RowsDoc,
    ledgers: Vec<LedgerDoc<'a>>,
    stocks: Vec<StockDoc<'a>>,
    messages: MessagesDoc,
    strings: Vec<String>,
}

object!(RunDoc(page: Page<'a>) {
    scenario: ScenarioDoc(&page.course.outcome.subject),
    about: page.course.scenario.about(),
    domain: page.course.scenario.domain(),
    seed: page.course.outcome.request.seed.to_string(),
    fuzzed: page.course.outcome.request.faults == Faults::Fuzzed,
    policy: page.course.outcome.request.schedule.to_string(),
    digest: hash(page.course.outcome.digest),
    verdict: verdict(page.course.outcome.verdict()),
    stop: StopDoc(page.course.outcome),
    is_at_rest: page.course.outcome.stop == Stop::AtRest,
    occurrences: page.course.outcome.occurrences,
    events: page.course.outcome.events,
    checks: page.course.outcome.checks(),
    properties: list(&page.course.outcome.checks, |checked| property(page.course.outcome, checked)),
    violations: list(&page.course.outcome.violations, |violated| FoundDoc::of(violated, &page.picture)),
    missed: list(&page.course.outcome.missed, MissedDoc),
    phases: phases(&page.picture.layout, page.course.outcome.ended_at),
    script: script(&page.picture.layout, &page.course.scenario.lexicon().deeds()),
} {
    reproduction: page.course.outcome.reproduction.as_ref().map(ReproductionDoc),
    unrest: page.course.outcome.unrest.as_ref().map(unrest),
});

/// A property, and what became of it.
#[derive(Serialize)]
struct PropertyDoc {
    property: &'static str,
    says: &'static str,
    result: &'static str,
    checks: u64,
}

fn property(outcome: &RunOutcome, checked: &Checked) -> PropertyDoc {
    let Checked { property, says, checks } = *checked;
    let result = standing(outcome.standing(checked));
    PropertyDoc { property, says, result, checks }
}

/// A violation, with the last record up to its step.
#[derive(Serialize)]
struct FoundDoc<'a> {
    record: usize,
    #[serde(flatten)]
    violation: ViolationDoc<'a>,
}

impl<'a> FoundDoc<'a> {
    fn of(violated: &'a Violated, picture: &Picture) -> Self {
        let record = last_record(picture, violated.step);
        Self { record, violation: ViolationDoc(violated) }
    }
}
