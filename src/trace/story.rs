//! A run as lines on a page: which step, because of which, when, who and what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::wording::{Narrator, Wording};
use super::{Causes, Detail, Trace};
use crate::kernel::{CRASH_BETWEEN, Instant, NodeId, Step};
use crate::model::Record;
use crate::model::{
    AppendOutcome, CommandId, CustomerId, Domain, EffectId, Fact, FactKind, Position, StreamId,
};

/// One fact, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The occurrence in which it was stated.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// Who stated it, or did it.
    pub who: String,
    /// What happened.
    pub what: String,
    /// What sort of fact it is.
    pub kind: FactKind,
}

/// The lines of a run that are worth showing at some level of detail.
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
/// let narrator = Narrator { vocabulary, nodes: &finished.nodes };
/// let story = Story::tell(narrator, &finished.trace.unwrap(), Detail::Story);
///
/// let told = story.lines().iter().find(|line| line.what.starts_with("is told no")).unwrap();
/// let path = story.path_to(told.step);
/// assert!(story.at(path[0])[0].what.starts_with("sends HoldSeat"), "it began with a command");
/// println!("{}", story.path(told.step));
/// ```
#[derive(Clone, Debug)]
pub struct Story {
    lines: Vec<Line>,
    /// For each step that led to it; where that one has no line, the nearest ancestor that has.
    causes: Causes,
}

impl Story {
    /// Tells a run at the given level of detail.
    pub fn tell<D: Domain>(narrator: Narrator<'_, D>, trace: &Trace<D>, detail: Detail) -> Self {
        let Trace { records, causes } = trace;
        let dying = dying(records);
        let shown = records.iter().filter(|record| Detail::of(&record.fact) <= detail);
        let lines: Vec<Line> = shown
            .map(|record| {
                let Wording { who, mut what } = narrator.tell(record);
                if sends(&record.fact) && dying.contains(&(record.step, record.node)) {
                    what.push_str(", which never leaves");
                }
                Line { step: record.step, at: record.at, who, what, kind: record.fact.kind() }
            })
            .collect();
        let causes = as_told(records, causes);
        let steps: Vec<Step> = lines.iter().map(|line| line.step).collect();
        let nearest = causes.nearest(|step| steps.binary_search(&step).is_ok());
        Self { lines, causes: causes.followed_by(&nearest) }
    }

    /// All lines, in the order of events.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines of one step.
    pub fn at(&self, step: Step) -> &[Line] {
        let from = self.lines.partition_point(|line| line.step < step);
        let upto = self.lines.partition_point(|line| line.step <= step);
        &self.lines[from..upto]
    }

    /// The steps that led to `step`, from the one that began it all to `step` itself. Each has a
    /// line, except perhaps `step`.
    pub fn path_to(&self, step: Step) -> Vec<Step> {
        let mut path = Vec::new();
        let mut step = step;
        while step != Step(0) {
            path.push(step);
            step = self.causes.of(step);
        }
        path.reverse();
        path
    }

    /// Everything, on one page.
    pub fn page(&self) -> Page<'_> {
        self.page_of(self.lines.iter().map(Row::Line).collect())
    }

    /// The line or lines of `step`, and so many before and after them.
    pub fn around(&self, step: Step, lines: usize) -> Page<'_> {
        let from = self.lines.partition_point(|line| line.step < step).saturating_sub(lines);
        let upto = self.lines.partition_point(|line| line.step <= step) + lines;
        let upto = upto.min(self.lines.len());
        self.page_of(self.lines[from..upto].iter().map(Row::Line).collect())
    }

    /// The lines of all steps that led to `step`, and its own.
    pub fn path(&self, step: Step) -> Page<'_> {
        let steps = self.path_to(step);
        self.page_of(steps.iter().flat_map(|step| self.at(*step)).map(Row::Line).collect())
    }

    pub(super) fn page_of<'a>(&'a self, rows: Vec<Row<'a>>) -> Page<'a> {
        Page::new(rows, &self.causes)
    }
}

/// The causes as a person would name them, where the machine's are only bookkeeping.
///
/// A customer who acts without having been told anything just before begins a story, whatever rang the
/// bell. A view shows an event because it was stored, although its projector began to apply it when it
/// was done with another one. And what ends a wait is what began it, although one clock, wound for
/// something else, rings for all that a node waits for.
fn as_told<D: Domain>(records: &[Record<D>], causes: &Causes) -> Causes {
    let mut told = causes.clone();
    let mut beginnings = Beginnings::default();
    for in_step in records.chunk_by(|a, b| a.step == b.step) {
        for record in in_step {
            beginnings.note(record);
        }
        if let Some((step, cause)) = beginnings.of_step(in_step) {
            told.note(step, cause);
        }
        if let Some(step) = of_their_own_accord(in_step, records, causes) {
            told.note(step, Step(0));
        }
    }
    told
}

/// In which steps began what comes to its end later.
#[derive(Debug, Default)]
struct Beginnings {
    stored: BTreeMap<Position, Step>,
    called: BTreeMap<EffectId, Step>,
    timed: BTreeMap<(StreamId, u8), Step>,
    /// By who decided, too: several may.
    decided: BTreeMap<(NodeId, CommandId), Step>,
    /// By queue.
    requeued: BTreeMap<(u8, Position), Step>,
}

impl Beginnings {
    fn note<D: Domain>(&mut self, Record { step, node, fact, .. }: &Record<D>) {
        if let Fact::Stored(event) = fact {
            self.stored.insert(event.position, *step);
        } else if let Fact::OutcomeLabel { effect, .. } = fact {
            self.called.insert(*effect, *step);
        } else if let Fact::TimerSet { saga, timer, .. } = fact {
            self.timed.insert((*saga, *timer), *step);
        } else if let Fact::Decided { command, .. } | Fact::Refused { command, .. } = fact {
            self.decided.insert((*node, *command), *step);
        } else if let Fact::Requeued { queue, position } = fact {
            self.requeued.insert((*queue, *position), *step);
        }
    }

    /// A step, and the earlier one in which began what ends in it.
    fn of_step<D: Domain>(&self, in_step: &[Record<D>]) -> Option<(Step, Step)> {
        let step = in_step.first()?.step;
        // What comes second happens because of what comes first; but a view shows its event last.
        let applied = in_step.iter().find(|record| matches!(record.fact, Fact::Applied { .. }));
        let cause = self.of(applied.or(in_step.first())?)?;
        (cause < step).then_some((step, cause))
    }

    /// In which step began what ends in this record.
    fn of<D: Domain>(&self, Record { node, fact, .. }: &Record<D>) -> Option<Step> {
        let begun = if let Fact::Applied { event, .. } = fact {
            self.stored.get(&event.position)
        } else if let Fact::GaveUp { effect, .. } = fact {
            self.called.get(effect)
        } else if let Fact::TimerFired { saga, timer, .. } = fact {
            self.timed.get(&(*saga, *timer))
        } else if let Fact::Acknowledged { command, outcome: AppendOutcome::Unknown } = fact {
            self.decided.get(&(*node, *command))
        } else if let Fact::Delivered { queue, event, redelivered: true } = fact {
            self.requeued.get(&(*queue, event.position))
        } else {
            None
        };
        begun.copied()
    }
}

/// Who dies in which step with all that they were about to send.
fn dying<D: Domain>(records: &[Record<D>]) -> BTreeSet<(Step, NodeId)> {
    let mut dying = BTreeSet::new();
    for Record { step, node, fact, .. } in records {
        if let Fact::Fault(fired) = fact
            && fired.fault.site == CRASH_BETWEEN.site
        {
            dying.insert((*step, *node));
        }
    }
    dying
}

/// Whether a fact says only that something is sent.
fn sends<D: Domain>(fact: &Fact<D>) -> bool {
    matches!(
        fact,
        Fact::OutcomeLabel { .. }
            | Fact::SagaCommanded { .. }
            | Fact::Answered { .. }
            | Fact::Published { .. }
            | Fact::Delivered { .. }
            | Fact::TimerFired { .. }
    )
}

/// The step of these records, if in it a customer acts by themselves.
fn of_their_own_accord<D: Domain>(
    in_step: &[Record<D>],
    records: &[Record<D>],
    causes: &Causes,
) -> Option<Step> {
    let step = in_step.first()?.step;
    let customer = in_step.iter().find_map(|record| customer_of(&record.fact))?;
    let told = |record: &Record<D>| matches!(record.fact, Fact::Told { .. });
    let resent = |record: &Record<D>| {
        matches!(
            record.fact,
            Fact::Commanded { resend: true, .. } | Fact::Queried { resend: true, .. }
        )
    };
    if in_step.iter().any(|record| told(record) || resent(record)) {
        return None;
    }
    // They may have thought for a while about what they were told.
    let cause = causes.of(step);
    let from = records.partition_point(|earlier| earlier.step < cause);
    let upto = records.partition_point(|earlier| earlier.step <= cause);
    let thought_about =
        |earlier: &Record<D>| told(earlier) && customer_of(&earlier.fact) == Some(customer);
    (!records[from..upto].iter().any(thought_about)).then_some(step)
}

fn customer_of<D: Domain>(fact: &Fact<D>) -> Option<CustomerId> {
    if let Fact::Commanded { request, .. }
    | Fact::Queried { request, .. }
    | Fact::Told { request, .. } = fact
    {
        Some(request.customer)
    } else {
        None
    }
}

/// What stands in one row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// A line of the story.
    Line(&'a Line),
    /// Lines of the same sort as the one before that are only counted, and the step of the last.
    Same(u64, Step),
    /// Lines that are left out, and the step of the last.
    Gap(u64, Step),
}

impl Row<'_> {
    /// How many lines of the story it stands for.
    pub(super) fn lines(&self) -> u64 {
        match self {
            Self::Line(_) => 1,
            Self::Same(count, _) | Self::Gap(count, _) => *count,
        }
    }

    /// The last step it stands for.
    pub(super) fn step(&self) -> Step {
        match self {
            Self::Line(line) => line.step,
            Self::Same(_, last) | Self::Gap(_, last) => *last,
        }
    }
}

/// Lines laid out in columns.
///
/// A cause always names a step that has a line. Where lines were left out of the page, a cause among
/// them is told as `← …`.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    rows: Vec<Row<'a>>,
    causes: &'a Causes,
    /// The steps that have a line on this page, if lines were left out between them.
    told: Option<Vec<Step>>,
    widths: Widths,
}

/// How wide the columns have to be.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    step: usize,
    /// Of whole seconds.
    seconds: usize,
    /// Of the decimals and the unit.
    decimals: usize,
    who: usize,
}

/// A longer name pushes its own line to the right, and no other.
const WHO_MAX: usize = 20;

impl<'a> Page<'a> {
    fn new(rows: Vec<Row<'a>>, causes: &'a Causes) -> Self {
        let lines = || {
            rows.iter().filter_map(|row| match row {
                Row::Line(line) => Some(*line),
                Row::Same(..) | Row::Gap(..) => None,
            })
        };
        let mut widths = Widths::default();
        for line in lines() {
            let (seconds, decimals) = split(line.at);
            widths.step = widths.step.max(line.step.to_string().len());
            widths.seconds = widths.seconds.max(seconds.len());
            widths.decimals = widths.decimals.max(decimals.len());
            widths.who = widths.who.max(line.who.chars().count()).min(WHO_MAX);
        }
        let abridged = rows.iter().any(|row| !matches!(row, Row::Line(_)));
        let told = abridged.then(|| lines().map(|line| line.step).collect());
        Self { rows, causes, told, widths }
    }

    /// `← 12`, or nothing for what began by itself.
    fn because(&self, step: Step) -> String {
        let cause = self.causes.of(step);
        let told = self.told.as_ref().is_none_or(|told| told.binary_search(&cause).is_ok());
        match cause {
            Step(0) => String::new(),
            _ if told => format!("← {cause}"),
            _ => "← …".to_owned(),
        }
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn write_line(&self, line: &Line, continued: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Widths { step, seconds, decimals, who } = self.widths;
        // An occurrence that states several facts is told in several lines, under one number.
        if continued {
            write!(f, "{:step$}   {:step$}  {:seconds$}{:decimals$}", "", "", "", "")?;
        } else {
            let (whole, rest) = split(line.at);
            let because = self.because(line.step);
            let because_width = step + 2;
            write!(f, "{:>step$} {because:<because_width$}", line.step.0)?;
            write!(f, "  {whole:>seconds$}{rest:<decimals$}")?;
        }
        writeln!(f, "  {:<who$}  {}", line.who, line.what)
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = None;
        for row in &self.rows {
            match row {
                Row::Line(line) => {
                    self.write_line(line, previous == Some(line.step), f)?;
                    previous = Some(line.step);
                }
                Row::Same(count, last) => {
                    writeln!(
                        f,
                        "{:>1$} {count} more like it, up to step {last}",
                        "…", self.widths.step
                    )?;
                    previous = None;
                }
                Row::Gap(count, last) => {
                    let lines = if *count == 1 { "line" } else { "lines" };
                    let count = grouped(*count);
                    writeln!(
                        f,
                        "{:>1$} {count} {lines}, up to step {last} …",
                        "…", self.widths.step
                    )?;
                    previous = None;
                }
            }
        }
        Ok(())
    }
}

/// Before and from the decimal point on, so that points can stand below each other.
fn split(at: Instant) -> (String, String) {
    let text = at.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    (whole.to_owned(), format!(".{rest}"))
}

/// A number with a comma after every three digits: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
