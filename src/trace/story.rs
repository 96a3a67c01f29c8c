//! A run as lines, each with the line that led to it.

use std::collections::BTreeSet;

use super::correlation::correlated;
use super::page::{Page, Row};
use super::wording::{Narrator, Wording};
use super::{Causes, Detail, Importance, Line, Trace};
use crate::kernel::{CRASH_BETWEEN, Cause, NodeId, Step};
use crate::model::{Domain, Fact, Record};

/// The lines of a run at some level of detail.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::model::Vocabulary;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{RunRequest, execute};
/// use jetlag::trace::{Detail, Narrator, Story};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let request = RunRequest { detail: Some(Detail::Story), ..RunRequest::of_seed(1) };
/// let finished = execute(&scenario, &request);
/// let plan = &scenario.plan;
/// let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
/// let narrator = Narrator { vocabulary, nodes: &finished.nodes, roles: &finished.roles };
/// let story = Story::tell(narrator, &finished.trace.unwrap(), Detail::Story);
///
/// let rejected = story.lines().iter().find(|line| line.text.starts_with("rejected:")).unwrap();
/// assert_eq!(rejected.speaker.role, "customer");
/// let path = story.path_to(rejected.step);
/// assert!(story.at(path[0])[0].text.starts_with("sends HoldSeat"), "it began with a command");
/// println!("{}", story.path(rejected.step));
/// ```
#[derive(Clone, Debug)]
pub struct Story {
    lines: Vec<Line>,
    /// The cause of each part of a step, also of those without a line. A cause always has a line.
    causes: Causes,
}

impl Story {
    /// Tells a run at the given level of detail.
    pub fn tell<D: Domain>(narrator: Narrator<'_, D>, trace: &Trace<D>, detail: Detail) -> Self {
        let Trace { records, causes } = trace;
        let crashes: BTreeSet<(Step, NodeId)> = records.iter().filter_map(crash).collect();
        let mut lines: Vec<Line> = Vec::new();
        for (record, correlation) in records.iter().zip(correlated(records, causes)) {
            let importance = Importance::of(record);
            if !detail.shows(importance) {
                continue;
            }
            let Wording { speaker, about, mut text } = narrator.tell(record);
            if sends(&record.fact) && crashes.contains(&(record.step, record.node)) {
                text.push_str(", lost in the crash");
            }
            let Record { step, part, at, node, .. } = *record;
            let (cause, kind) = (None, record.fact.kind());
            let correlation = correlation.map(|id| narrator.vocabulary.command(id));
            lines.push(Line {
                step,
                part,
                at,
                node,
                speaker,
                about,
                cause,
                correlation,
                importance,
                kind,
                text,
            });
        }
        let with_line: BTreeSet<Cause> = lines.iter().map(place).collect();
        let causes = causes.among(|cause| with_line.contains(&cause));
        for line in &mut lines {
            let cause = Some(causes.of(place(line))).filter(|cause| *cause != Cause::START);
            line.cause = cause.map(Cause::step);
        }
        Self { lines, causes }
    }

    /// All lines, in the order of events.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The story with only the lines for which `keep` holds. Their causes are those of the whole story.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Line) -> bool) -> Self {
        let lines = self.lines.iter().filter(|line| keep(line)).cloned().collect();
        Self { lines, causes: self.causes.clone() }
    }

    /// The lines of one step.
    pub fn at(&self, step: Step) -> &[Line] {
        self.neighbourhood(step, 0)
    }

    /// The lines that led to a line directly.
    pub fn leads_to(&self, line: &Line) -> impl Iterator<Item = &Line> {
        self.lines_of(self.causes.of(place(line)))
    }

    /// The place of the first line of what led to a line, which is given by its own place; `None` if no line did.
    pub(crate) fn cause_of(&self, nth: usize) -> Option<usize> {
        let cause = self.causes.of(place(&self.lines[nth]));
        if cause == Cause::START {
            return None;
        }
        let from = self.lines.partition_point(|line| line.step < cause.step());
        let of_step = self.lines[from..].iter().take_while(|line| line.step == cause.step());
        of_step.into_iter().position(|line| place(line) == cause).map(|first| from + first)
    }

    /// The steps that led to `step`, from the first cause to `step` itself. Each has a line, except
    /// perhaps `step`.
    pub fn path_to(&self, step: Step) -> Vec<Step> {
        let mut path: Vec<Step> = self.ancestors(step).iter().map(|cause| cause.step()).collect();
        path.push(step);
        path.dedup();
        path
    }

    /// The lines that led to `step`, in the order of events: for each line of the step those that led to it,
    /// and those that led to them.
    pub fn led_to(&self, step: Step) -> impl Iterator<Item = &Line> {
        self.ancestors(step).into_iter().flat_map(|cause| self.lines_of(cause))
    }

    /// What led to the lines of a step, directly and indirectly.
    fn ancestors(&self, step: Step) -> BTreeSet<Cause> {
        let mut causes = BTreeSet::new();
        // A step without a line has causes too.
        let own =
            self.at(step).iter().map(place).chain(self.at(step).is_empty().then(|| step.into()));
        for what in own {
            let mut cause = self.causes.of(what);
            while cause != Cause::START && causes.insert(cause) {
                cause = self.causes.of(cause);
            }
        }
        causes
    }

    fn lines_of(&self, cause: Cause) -> impl Iterator<Item = &Line> {
        let is_of = move |line: &&Line| place(line) == cause && cause != Cause::START;
        self.at(cause.step()).iter().filter(is_of)
    }

    /// The whole story on one page.
    pub fn page(&self) -> Page<'_> {
        Page::new(self.lines.iter().map(Row::Line).collect())
    }

    /// The lines of `step`, and this number of lines before and after them.
    pub fn neighbourhood(&self, step: Step, lines: usize) -> &[Line] {
        let from = self.lines.partition_point(|line| line.step < step).saturating_sub(lines);
        let upto = self.lines.partition_point(|line| line.step <= step) + lines;
        &self.lines[from..upto.min(self.lines.len())]
    }

    /// The [`neighbourhood`](Self::neighbourhood) of a step, on one page.
    pub fn around(&self, step: Step, lines: usize) -> Page<'_> {
        Page::new(self.neighbourhood(step, lines).iter().map(Row::Line).collect())
    }

    /// The lines that led to `step`, and those of `step`, on one page.
    pub fn path(&self, step: Step) -> Page<'_> {
        Page::new(self.led_to(step).chain(self.at(step)).map(Row::Line).collect())
    }
}

/// The part of an occurrence that a line tells about.
const fn place(line: &Line) -> Cause {
    Cause::new(line.step, line.part)
}

/// The step and the node of a record, if the node crashes in that step before its messages are sent.
fn crash<D: Domain>(Record { step, node, fact, .. }: &Record<D>) -> Option<(Step, NodeId)> {
    let Fact::Fault(fired) = fact else { return None };
    (fired.fault.site == CRASH_BETWEEN.site).then_some((*step, *node))
}

/// Whether a fact says only that something is sent.
fn sends<D: Domain>(fact: &Fact<D>) -> bool {
    matches!(
        fact,
        Fact::Called { .. }
            | Fact::SagaCommanded { .. }
            | Fact::Answered { .. }
            | Fact::Published { .. }
            | Fact::Delivered { .. }
            | Fact::TimerFired { .. }
    )
}
