//! A run as lines on a page: which step, because of which, when, who and what.

use std::fmt;

use super::wording::{Speaker, Wording};
use super::{Causes, Detail, Record, Trace};
use crate::kernel::{Instant, Step};
use crate::platform::{CustomerId, Domain, Fact, FactKind};

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
#[derive(Clone, Debug)]
pub struct Story {
    lines: Vec<Line>,
    causes: Causes,
}

impl Story {
    /// Tells a run at the given level of detail.
    pub fn tell<D: Domain>(speaker: Speaker<'_, D>, trace: &Trace<D>, detail: Detail) -> Self {
        let Trace { records, causes } = trace;
        let shown = records.iter().filter(|record| Detail::of(&record.fact) <= detail);
        let lines = shown.map(|record| {
            let Wording { who, what } = speaker.tell(record);
            Line { step: record.step, at: record.at, who, what, kind: record.fact.kind() }
        });
        Self { lines: lines.collect(), causes: of_their_own_accord(records, causes) }
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

    /// The steps that led to `step`, from the one that began it all to `step` itself; each has a line.
    pub fn path_to(&self, step: Step) -> Vec<Step> {
        let mut path = Vec::new();
        let mut step = step;
        while step != Step(0) {
            if !self.at(step).is_empty() {
                path.push(step);
            }
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

/// The causes without those that only kept the time: what a customer does without having been told or
/// having asked anything just before is where a story begins, whatever rang the bell.
fn of_their_own_accord<D: Domain>(records: &[Record<D>], causes: &Causes) -> Causes {
    let mut causes = causes.clone();
    for in_step in records.chunk_by(|a, b| a.step == b.step) {
        let Some(step) = in_step.first().map(|record| record.step) else { continue };
        let told = in_step.iter().any(|record| matches!(record.fact, Fact::Told { .. }));
        let Some(customer) = in_step.iter().find_map(|record| customer_of(&record.fact)) else {
            continue;
        };
        let cause = causes.of(step);
        let from = records.partition_point(|earlier| earlier.step < cause);
        let upto = records.partition_point(|earlier| earlier.step <= cause);
        let follows_up =
            records[from..upto].iter().any(|earlier| customer_of(&earlier.fact) == Some(customer));
        if !told && !follows_up {
            causes.note(step, Step(0));
        }
    }
    causes
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

/// Lines laid out in columns. A cause always names a step that has a line on the same page: where
/// the direct cause has none, the nearest ancestor that has.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    rows: Vec<Row<'a>>,
    causes: Causes,
    nearest: Causes,
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
    fn new(rows: Vec<Row<'a>>, causes: &Causes) -> Self {
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
        let steps: Vec<Step> = lines().map(|line| line.step).collect();
        let nearest = causes.nearest(|step| steps.binary_search(&step).is_ok());
        Self { rows, causes: causes.clone(), nearest, widths }
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn write_line(&self, line: &Line, continued: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Widths { step, seconds, decimals, who } = self.widths;
        let cause = self.nearest.of(self.causes.of(line.step));
        // An occurrence that states several facts is told in several lines, under one number.
        if continued {
            write!(f, "{:step$}   {:step$}  {:seconds$}{:decimals$}", "", "", "", "")?;
        } else {
            let (whole, rest) = split(line.at);
            let because = if cause == Step(0) { String::new() } else { format!("← {cause}") };
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
pub fn grouped(number: u64) -> String {
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
