//! Lines in columns: the text of a story.

use std::fmt;

use super::Line;
use crate::kernel::{Instant, Step};
use crate::model::{counted, grouped};

/// One row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// A line of the story.
    Line(&'a Line),
    /// The number of further lines like the one before, and the steps of the first and the last of them.
    Alike(u64, Step, Step),
    /// The number of omitted lines, and the step of the last.
    Gap(u64, Step),
}

impl<'a> Row<'a> {
    fn line(&self) -> Option<&'a Line> {
        if let Self::Line(line) = self { Some(line) } else { None }
    }

    /// How many lines of the story it stands for.
    pub(super) fn lines(&self) -> u64 {
        match self {
            Self::Line(_) => 1,
            Self::Alike(count, ..) | Self::Gap(count, _) => *count,
        }
    }

    /// The last step that it stands for.
    pub(super) fn step(&self) -> Step {
        match self {
            Self::Line(line) => line.step,
            Self::Alike(.., last) | Self::Gap(_, last) => *last,
        }
    }
}

/// Lines laid out in columns.
///
/// On a page with omissions, a cause that is omitted is printed as `← …`.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    rows: Vec<Row<'a>>,
    /// The steps that have a line on this page, if other lines are omitted between them.
    shown: Option<Vec<Step>>,
    widths: Widths,
}

/// The widths of the columns.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    step: usize,
    /// Of whole seconds.
    seconds: usize,
    /// Of the decimals and the unit.
    decimals: usize,
    speaker: usize,
    /// Of the correlation id, if it is shown.
    correlation: Option<usize>,
}

/// A longer name shifts its own line to the right, but no other.
const SPEAKER_MAX: usize = 20;

impl<'a> Page<'a> {
    pub(super) fn new(rows: Vec<Row<'a>>) -> Self {
        let mut widths = Widths::default();
        for line in rows.iter().filter_map(Row::line) {
            let (seconds, decimals) = split(line.at);
            widths.step = widths.step.max(line.step.to_string().len());
            widths.seconds = widths.seconds.max(seconds.len());
            widths.decimals = widths.decimals.max(decimals.len());
            widths.speaker = widths.speaker.max(line.speaker.name.chars().count());
        }
        widths.speaker = widths.speaker.min(SPEAKER_MAX);
        let shown: Vec<Step> = rows.iter().filter_map(Row::line).map(|line| line.step).collect();
        let shown = (shown.len() < rows.len()).then_some(shown);
        Self { rows, shown, widths }
    }

    /// The same page with a column for the correlation id of each line.
    #[must_use]
    pub fn with_correlation(mut self) -> Self {
        let ids = self.rows.iter().filter_map(Row::line).map(Line::correlation_id);
        self.widths.correlation = ids.map(|id| id.chars().count()).max();
        self
    }

    /// `← 12`, or nothing for a line without a cause.
    fn because(&self, line: &Line) -> String {
        let is_shown =
            |cause| self.shown.as_ref().is_none_or(|shown| shown.binary_search(&cause).is_ok());
        match line.cause {
            None => String::new(),
            Some(cause) if is_shown(cause) => format!("← {cause}"),
            Some(_) => "← …".to_owned(),
        }
    }

    /// Whether the page has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes a line. `above` is the line above it.
    fn write_line(
        &self,
        line: &Line,
        above: Option<&Line>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let Widths { step, seconds, decimals, speaker, correlation } = self.widths;
        // The lines of one step share its number, and most of them its cause.
        let above = above.filter(|above| above.step == line.step);
        let is_repeated = above.is_some_and(|above| above.cause == line.cause);
        let because = if is_repeated { String::new() } else { self.because(line) };
        let because_width = step + 2;
        if above.is_some() {
            write!(f, "{:step$} {because:<because_width$}", "")?;
            write!(f, "  {:seconds$}{:decimals$}", "", "")?;
        } else {
            let (whole, rest) = split(line.at);
            write!(f, "{:>step$} {because:<because_width$}", line.step.0)?;
            write!(f, "  {whole:>seconds$}{rest:<decimals$}")?;
        }
        if let Some(width) = correlation {
            write!(f, "  {:<width$}", line.correlation_id())?;
        }
        writeln!(f, "  {:<speaker$}  {}", line.speaker.name, line.text)
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.widths.step;
        let mut previous = None;
        for row in &self.rows {
            match row {
                Row::Line(line) => self.write_line(line, previous, f)?,
                Row::Alike(count, first, last) => {
                    let count = grouped(*count);
                    let steps = match first == last {
                        true => format!("in step {last}"),
                        false => format!("steps {first} to {last}"),
                    };
                    writeln!(f, "{:>width$} {count} more like it, {steps}", "…")?;
                }
                Row::Gap(count, last) => {
                    let lines = counted(*count, "line");
                    writeln!(f, "{:>width$} {lines}, up to step {last} …", "…")?;
                }
            }
            previous = row.line();
        }
        Ok(())
    }
}

/// The part before the decimal point, or before the unit, and the rest, for alignment at that place.
fn split(at: Instant) -> (String, String) {
    let text = at.to_string();
    let place = text.rfind('.').unwrap_or(text.len() - 1);
    let (whole, rest) = text.split_at(place);
    (whole.to_owned(), rest.to_owned())
}
