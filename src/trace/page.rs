//! Lines in columns: the text that a person reads.

use std::fmt;

use super::{Line, counted};
use crate::kernel::{Instant, Step};

/// One row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// A line of the story.
    Line(&'a Line),
    /// More lines of the same kind as the one before, only counted, and the step of the last.
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

    /// The last step that it stands for.
    pub(super) fn step(&self) -> Step {
        match self {
            Self::Line(line) => line.step,
            Self::Same(_, last) | Self::Gap(_, last) => *last,
        }
    }
}

/// Lines laid out in columns.
///
/// Where lines are left out of the page, a cause among them is printed as `← …`.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    rows: Vec<Row<'a>>,
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
    speaker: usize,
}

/// A longer name pushes its own line to the right, and no other.
const SPEAKER_MAX: usize = 20;

impl<'a> Page<'a> {
    pub(super) fn new(rows: Vec<Row<'a>>) -> Self {
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
            widths.speaker = widths.speaker.max(line.speaker.name.chars().count());
        }
        widths.speaker = widths.speaker.min(SPEAKER_MAX);
        let abridged = rows.iter().any(|row| !matches!(row, Row::Line(_)));
        let told = abridged.then(|| lines().map(|line| line.step).collect());
        Self { rows, told, widths }
    }

    /// `← 12`, or nothing for what began by itself.
    fn because(&self, line: &Line) -> String {
        let is_told =
            |cause| self.told.as_ref().is_none_or(|told| told.binary_search(&cause).is_ok());
        match line.cause {
            None => String::new(),
            Some(cause) if is_told(cause) => format!("← {cause}"),
            Some(_) => "← …".to_owned(),
        }
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn write_line(&self, line: &Line, continued: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Widths { step, seconds, decimals, speaker } = self.widths;
        // The lines of one step share its number.
        if continued {
            write!(f, "{:step$}   {:step$}  {:seconds$}{:decimals$}", "", "", "", "")?;
        } else {
            let (whole, rest) = split(line.at);
            let because = self.because(line);
            let because_width = step + 2;
            write!(f, "{:>step$} {because:<because_width$}", line.step.0)?;
            write!(f, "  {whole:>seconds$}{rest:<decimals$}")?;
        }
        writeln!(f, "  {:<speaker$}  {}", line.speaker.name, line.text)
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
                    let width = self.widths.step;
                    writeln!(f, "{:>width$} {count} more like it, up to step {last}", "…")?;
                    previous = None;
                }
                Row::Gap(count, last) => {
                    let lines = counted(*count, "line");
                    writeln!(f, "{:>1$} {lines}, up to step {last} …", "…", self.widths.step)?;
                    previous = None;
                }
            }
        }
        Ok(())
    }
}

/// The part before the decimal point and the rest, so that the points can be aligned.
fn split(at: Instant) -> (String, String) {
    let text = at.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    (whole.to_owned(), format!(".{rest}"))
}
